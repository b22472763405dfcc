import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { applicationAutoScalingReader } from '../../../charts/ecs/readers/application-auto-scaling.js';
import { documentOf, readWith } from './read-one.js';

const web = { ServiceNamespace: 'ecs', ResourceId: 'service/prod/web', ScalableDimension: 'ecs:service:DesiredCount' };
const target = { ...web, MinCapacity: 1, MaxCapacity: 10 };
const policy = {
  ...web,
  PolicyName: 'cpu',
  PolicyType: 'TargetTrackingScaling',
  TargetTrackingScalingPolicyConfiguration: {
    TargetValue: 50,
    PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
  },
};
const action = {
  ...web,
  ScheduledActionName: 'morning',
  Schedule: 'cron(0 8 * * ? *)',
  ScalableTargetAction: { MinCapacity: 5 },
};

const read = (contents: Readonly<Record<string, unknown>>) => readWith(applicationAutoScalingReader, contents);
const recognizes = (content: unknown): boolean =>
  applicationAutoScalingReader.recognizes(documentOf('scaling.json', content));

describe('the reader of Application Auto Scaling', () => {
  it.each([
    ['a scalable target', target, 'target'],
    [
      'a scalable target that only suspends scaling',
      { ...web, SuspendedState: { DynamicScalingInSuspended: true } },
      'target',
    ],
    ['a policy', policy, 'policy'],
    ['a scheduled action', action, 'scheduled-action'],
    ['described targets', { ScalableTargets: [{ ...target, RoleARN: 'role', CreationTime: 1 }] }, 'target'],
    [
      'described policies',
      { ScalingPolicies: [{ ...policy, PolicyARN: 'arn', Alarms: [], CreationTime: 1 }] },
      'policy',
    ],
    [
      'described actions',
      { ScheduledActions: [{ ...action, ScheduledActionARN: 'arn' }], NextToken: null },
      'scheduled-action',
    ],
  ])('reads %s', (_what, content, kind) => {
    const { scaling } = read({ 'scaling.json': content });
    expect(scaling).toMatchObject([{ kind, service: 'web', cluster: 'prod' }]);
    expect(scaling[0]?.diagnostics.filter(({ severity }) => severity === 'refused')).toEqual([]);
  });

  it('reads several answers in one object and lists of single calls', () => {
    const { scaling } = read({
      'all.json': {
        ScalableTargets: [target],
        ScalingPolicies: [policy],
        ScheduledActions: [action],
        NextToken: 'abc',
      },
      'list.json': [target, policy],
    });
    expect(scaling.map(({ kind }) => kind)).toEqual(['target', 'policy', 'scheduled-action', 'target', 'policy']);
  });

  it.each([
    ['policies of EC2 Auto Scaling', { ScalingPolicies: [{ AutoScalingGroupName: 'workers', PolicyName: 'cpu' }] }],
    ['an empty answer', { ScalableTargets: [] }],
    ['a service', { serviceName: 'web', desiredCount: 2 }],
    ['a list with something else in it', [target, { family: 'web' }]],
  ])('does not take %s for scaling', (_what, content) => {
    expect(recognizes(content)).toBe(false);
  });

  it('sets aside what scales something else than an ECS service', () => {
    const table = {
      ...target,
      ServiceNamespace: 'dynamodb',
      ResourceId: 'table/orders',
      ScalableDimension: 'dynamodb:table:ReadCapacityUnits',
    };
    const { scaling, ledger } = read({ 'targets.json': { ScalableTargets: [table, target] } });
    expect(scaling).toHaveLength(1);
    const entry = ledger.entries().find(({ path }) => path === 'ScalableTargets[0].MaxCapacity');
    expect(entry).toMatchObject({
      fidelity: 'same',
      lost: expect.stringContaining('scales dynamodb, not an ECS service'),
    });
  });

  it('says of facts about the past that they are nothing to run', () => {
    const described = {
      ...policy,
      PolicyARN: 'arn:aws:autoscaling:…',
      Alarms: [{ AlarmName: 'high', AlarmARN: 'arn' }],
      CreationTime: 1,
    };
    const { ledger } = read({ 'policies.json': { ScalingPolicies: [described], NextToken: 'abc' } });
    const open = ledger.entries().filter(({ untouched }) => untouched !== true);
    expect(open.map(({ path }) => path)).toEqual([
      'ScalingPolicies[0].PolicyARN',
      'ScalingPolicies[0].Alarms[0].AlarmName',
      'ScalingPolicies[0].Alarms[0].AlarmARN',
      'ScalingPolicies[0].CreationTime',
      'NextToken',
    ]);
  });

  it('keeps the ARN and the resource as what others may call it', () => {
    const { scaling } = read({ 'target.json': { ...target, ScalableTargetARN: 'arn:aws:application-autoscaling:…' } });
    expect(scaling[0]?.ids).toEqual(['arn:aws:application-autoscaling:…', 'service/prod/web']);
  });

  it.each([
    [
      'a resource that is no service',
      { ...target, ResourceId: 'service/web' },
      'ResourceId',
      'write service/CLUSTER/SERVICE',
    ],
    [
      'a range from high to low',
      { ...target, MinCapacity: 9, MaxCapacity: 3 },
      'MinCapacity',
      'exchange the two, or raise MaxCapacity',
    ],
    ['a schedule of five fields', { ...action, Schedule: 'cron(0 8 * * ?)' }, 'Schedule', undefined],
    ['a time zone that does not exist', { ...action, Timezone: 'Mars/Phobos' }, 'Timezone', undefined],
  ])('refuses %s, with the place', (_what, content, path, fix) => {
    const { scaling } = read({ 'scaling.json': content });
    expect(scaling[0]?.diagnostics).toMatchObject([
      { severity: 'refused', path, ...(fix === undefined ? {} : { fix }) },
    ]);
    expect(scaling[0]?.diagnostics[0]?.position.file).toBe('scaling.json');
  });

  it('does not judge what is not known yet', () => {
    const text = JSON.stringify({ ...target, ResourceId: '@' })
      .replace('"@"', '${service}')
      .replace('"MinCapacity":1', '"MinCapacity":${min}');
    const { scaling } = read({ 'target.json': text });
    expect(scaling[0]?.diagnostics.filter(({ severity }) => severity === 'refused')).toEqual([]);
  });

  it('reads anything under its keys without failing', () => {
    const keys = fc.constantFrom(...Object.keys({ ...target, ...policy, ...action }), 'ScalableTargets', '__proto__');
    fc.assert(
      fc.property(fc.dictionary(keys, fc.jsonValue({ maxDepth: 3 })), (value) => {
        const input = read({ 'any.json': JSON.stringify({ ...web, ...value }).replaceAll('{{', '--') });
        expect(input.scaling.every(({ service }) => typeof service === 'string')).toBe(true);
      }),
    );
  });
});
