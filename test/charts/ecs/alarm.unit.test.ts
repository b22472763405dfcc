import { describe, expect, it } from '@jest/globals';
import { alarmReader } from '../../../charts/ecs/readers/alarm.js';
import { unreadReader } from '../../../charts/ecs/readers/unread.js';
import { documentOf, readWith } from './read-one.js';

const errors = {
  AlarmName: 'errors',
  AlarmArn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:errors',
  Namespace: 'Shop',
  MetricName: 'Errors',
  Threshold: 5,
  StateValue: 'OK',
};
const memory = {
  AlarmName: 'memory',
  Namespace: 'AWS/ECS',
  MetricName: 'MemoryUtilization',
  Dimensions: [{ Name: 'ServiceName', Value: 'web' }],
  Threshold: 80,
};
const tracking = { ...memory, AlarmName: 'TargetTracking-service/shop/web-AlarmHigh-1' };
const math = {
  AlarmName: 'ratio',
  Metrics: [
    {
      Id: 'm',
      MetricStat: {
        Metric: { Namespace: 'ECS/ContainerInsights', MetricName: 'RunningTaskCount' },
        Period: 60,
        Stat: 'Average',
      },
    },
  ],
};
const composite = { AlarmName: 'any', AlarmRule: 'ALARM(errors) OR ALARM(memory)' };

const entriesOf = (content: unknown) =>
  new Map(
    readWith(alarmReader, { 'alarms.json': content })
      .ledger.entries()
      .map((entry) => [entry.path, entry]),
  );

describe('the reader of CloudWatch alarms', () => {
  it.each([
    ['the answer of describe-alarms', { MetricAlarms: [errors], CompositeAlarms: [composite], NextToken: 'more' }],
    ['an answer without alarms', { MetricAlarms: [], CompositeAlarms: [] }],
    ['the input of put-metric-alarm', memory],
    ['a list of alarms', [errors, math, composite]],
  ])('knows %s and accounts for all of it', (_what, content) => {
    const document = documentOf('alarms.json', content);
    expect(alarmReader.recognizes(document)).toBe(true);
    expect([...entriesOf(content).values()].filter(({ untouched }) => untouched === true)).toEqual([]);
  });

  it.each([
    ['alarms that a deployment names', { alarmNames: ['errors'], enable: true, rollback: true }],
    ['alarms that a scaling policy names', [{ AlarmName: 'errors' }]],
    ['a list with something else in it', { MetricAlarms: [errors, { Name: 'x' }] }],
  ])('does not take %s for one', (_what, content) => {
    expect(alarmReader.recognizes(documentOf('alarms.json', content))).toBe(false);
  });

  it('says that an alarm stays, and that one on a metric of ECS gets no data after the move', () => {
    const entries = entriesOf({ MetricAlarms: [errors, memory, math] });
    expect(entries.get('MetricAlarms[0].MetricName')).toMatchObject({
      fidelity: 'same',
      lost: 'the alarm stays in CloudWatch as it is',
    });
    expect(entries.get('MetricAlarms[0].StateValue')).toMatchObject({ lost: expect.stringContaining('read-only') });
    for (const path of ['[1].Namespace', '[1].Dimensions[0].Value', '[2].Metrics[0].MetricStat.Metric.MetricName']) {
      expect(entries.get(`MetricAlarms${path}`)).toMatchObject({
        fidelity: 'none',
        todo: expect.stringContaining('Container Insights'),
      });
    }
    expect(entries.get('MetricAlarms[1].Threshold')).toMatchObject({ fidelity: 'same' });
  });

  it('says that the alarms of a target tracking policy go with the policy', () => {
    expect([...entriesOf({ MetricAlarms: [tracking] }).values()].map(({ fidelity }) => fidelity)).toEqual(
      Array.from({ length: 6 }, () => 'same'),
    );
  });
});

describe('the reader of what a live account did not show', () => {
  const denied = {
    call: 'scheduler:ListSchedules',
    of: [],
    why: 'it is not allowed',
    lost: 'no schedules',
    todo: 'allow it',
  };
  const draining = { call: 'ecs:DescribeServices', of: ['a', 'b'], why: 'being deleted', lost: 'not ported' };
  const { diagnostics, ledger } = readWith(unreadReader, { 'aws:ecs/shop/unread': { unread: [denied, draining] } });

  it('makes a finding of each part', () => {
    expect(diagnostics).toMatchObject([
      { severity: 'warning', code: 'not-read', message: 'it is not allowed: no schedules', fix: 'allow it' },
      { severity: 'note', code: 'left-out', message: 'a, b: being deleted: not ported' },
    ]);
  });

  it('makes an entry of each part: a loss when something may be missing, none when it was left out on purpose', () => {
    expect(ledger.entries().map(({ path, fidelity }) => [path, fidelity])).toEqual([
      ['unread[0]', 'none'],
      ['unread[1]', 'same'],
    ]);
  });

  it('is for live accounts only', () => {
    expect(unreadReader.recognizes(documentOf('unread.json', { unread: [denied] }))).toBe(false);
  });
});
