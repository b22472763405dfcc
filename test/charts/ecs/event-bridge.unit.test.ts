import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { eventBridgeReader } from '../../../charts/ecs/readers/event-bridge.js';
import { documentOf, readWith } from './read-one.js';

const CLUSTER = 'arn:aws:ecs:eu-west-1:111122223333:cluster/prod';
const TASK = 'arn:aws:ecs:eu-west-1:111122223333:task-definition/report:4';
const rule = { Name: 'nightly', ScheduleExpression: 'cron(0 3 * * ? *)', State: 'ENABLED' };
const target = { Id: 'report', Arn: CLUSTER, EcsParameters: { TaskDefinitionArn: TASK, TaskCount: 2 } };
const lambda = { Id: 'mail', Arn: 'arn:aws:lambda:eu-west-1:111122223333:function:mail' };
const schedule = {
  Name: 'hourly',
  ScheduleExpression: 'rate(1 hour)',
  FlexibleTimeWindow: { Mode: 'OFF' },
  Target: {
    Arn: CLUSTER,
    RoleArn: 'arn:aws:iam::111122223333:role/scheduler',
    EcsParameters: { TaskDefinitionArn: TASK },
  },
};

const recognizes = (content: unknown): boolean => eventBridgeReader.recognizes(documentOf('rule.json', content));
/** Without what begins a template expression. */
const textOf = (value: unknown): string => JSON.stringify(value).replaceAll('{{', '--');
const read = (contents: Readonly<Record<string, unknown>>) => readWith(eventBridgeReader, contents);

describe('the reader of EventBridge schedules', () => {
  it.each([
    ['a rule', rule],
    [
      'a described rule',
      { ...rule, Arn: 'arn:aws:events:eu-west-1:111122223333:rule/nightly', CreatedBy: '111122223333' },
    ],
    ['a list of rules', { Rules: [rule], NextToken: 'abc' }],
    ['a rule of events', { Name: 'uploads', EventPattern: '{"source": ["aws.s3"]}' }],
    ['targets', { Rule: 'nightly', Targets: [target] }],
    ['the answer of list-targets-by-rule', { Targets: [target] }],
    ['a rule with its targets', { ...rule, Targets: [target] }],
    ['a rule beside its targets', { Rule: rule, Targets: [target] }],
    ['a schedule', schedule],
    ['several of these', [{ Rule: rule, Targets: [target] }, schedule]],
  ])('knows %s', (_what, content) => {
    expect(recognizes(content)).toBe(true);
  });

  it.each([
    [
      'targets of a load balancer',
      { TargetGroupArn: 'arn:aws:elasticloadbalancing:…', Targets: [{ Id: 'i-1', Port: 80 }] },
    ],
    ['a summary of schedules', { Schedules: [{ Name: 'hourly', Target: { Arn: CLUSTER } }] }],
    ['a scheduled action', { ScheduledActionName: 'up', Schedule: 'cron(0 8 * * ? *)', ResourceId: 'service/a/b' }],
    ['a task definition', { family: 'web', containerDefinitions: [] }],
    ['a list with something else in it', [rule, { family: 'web' }]],
  ])('does not take %s for a schedule', (_what, content) => {
    expect(recognizes(content)).toBe(false);
  });

  it('makes a scheduled task of each ECS target of a rule and leaves the other targets alone', () => {
    const { schedules, ledger } = read({ 'rule.json': { ...rule, Targets: [target, lambda] } });
    expect(schedules).toMatchObject([
      { kind: 'rule', name: 'nightly', cluster: 'prod', taskDefinition: TASK, diagnostics: [] },
    ]);
    const entry = ledger.entries().find(({ path }) => path === 'Targets[1].Arn');
    expect(entry).toMatchObject({ fidelity: 'same', lost: 'runs no ECS task: it stays in EventBridge as it is' });
  });

  it('tells several ECS targets of one rule apart by their ids', () => {
    const { schedules } = read({ 'rule.json': { Rule: rule, Targets: [target, { ...target, Id: 'audit' }] } });
    expect(schedules.map(({ name }) => name)).toEqual(['nightly-report', 'nightly-audit']);
  });

  it('joins a rule and its targets from two documents by the name of the rule', () => {
    const other = { ...rule, Name: 'weekly' };
    const { schedules, diagnostics } = read({
      'rules.json': { Rules: [other, rule] },
      'a.json': { Rule: 'nightly', Targets: [target] },
      'b.json': { Rule: 'weekly', Targets: [target] },
    });
    expect(schedules.map(({ name, document }) => [name, document])).toEqual([
      ['nightly', 'a.json'],
      ['weekly', 'b.json'],
    ]);
    expect(diagnostics).toEqual([]);
  });

  it('joins the answer of list-targets-by-rule, which names no rule, by the name of its file', () => {
    const { schedules } = read({
      'rules.json': { Rules: [{ ...rule, Name: 'night' }, rule, { ...rule, Name: 'weekly' }] },
      'nightly-targets.json': { Targets: [target] },
    });
    expect(schedules.map(({ name }) => name)).toEqual(['nightly']);
  });

  it('joins the only rule and the only targets of a run, whatever their files are called', () => {
    const described = { ...rule, CreatedBy: '111122223333' };
    const { schedules, diagnostics } = read({ 'one.json': described, 'two.json': { Targets: [target] } });
    expect(schedules.map(({ name }) => name)).toEqual(['nightly']);
    expect(diagnostics).toEqual([]);
  });

  it('says what is missing when a rule has no targets in the run, or targets no rule', () => {
    const alone = read({ 'rule.json': rule });
    expect(alone.diagnostics).toMatchObject([
      { code: 'rule-without-target', fix: 'add the output of: aws events list-targets-by-rule --rule nightly' },
    ]);
    const orphans = read({ 'targets.json': { Rule: 'gone', Targets: [target] } });
    expect(orphans.diagnostics).toMatchObject([
      { code: 'target-without-rule', fix: 'add the output of: aws events describe-rule --name gone' },
    ]);
    for (const { ledger } of [alone, orphans]) {
      expect(ledger.entries().filter(({ untouched }) => untouched === true)).toEqual([]);
    }
  });

  it('takes a rule of events for no schedule, and says what to do instead', () => {
    const { schedules, ledger } = read({
      'rule.json': { Name: 'uploads', EventPattern: '{"source": ["aws.s3"]}', Targets: [target] },
    });
    expect(schedules).toEqual([]);
    const entries = ledger.entries();
    expect(entries.map(({ fidelity }) => fidelity)).toEqual(entries.map(() => 'none'));
    expect(entries[0]?.todo).toContain('KEDA ScaledJob');
  });

  it('reads a schedule of EventBridge Scheduler', () => {
    const { schedules } = read({ 'schedule.json': { ...schedule, CreationDate: '2026-01-01T00:00:00Z' } });
    expect(schedules).toMatchObject([
      { kind: 'schedule', name: 'hourly', cluster: 'prod', taskDefinition: TASK, diagnostics: [] },
    ]);
  });

  it('reads the call of a universal target from its input', () => {
    const call = { Cluster: 'batch', TaskDefinition: 'report', Overrides: { ContainerOverrides: [] } };
    const universal = { Arn: 'arn:aws:scheduler:::aws-sdk:ecs:runTask', RoleArn: 'role', Input: JSON.stringify(call) };
    const { schedules } = read({ 'schedule.json': { ...schedule, Target: universal } });
    expect(schedules).toMatchObject([{ cluster: 'batch', taskDefinition: 'report', diagnostics: [] }]);
  });

  it('leaves a schedule alone that runs no ECS task', () => {
    const { schedules, ledger } = read({ 'schedule.json': { ...schedule, Target: lambda } });
    expect(schedules).toEqual([]);
    expect(ledger.entries().every(({ fidelity }) => fidelity === 'same')).toBe(true);
  });

  it('refuses what EventBridge refuses, with the column inside the expression', () => {
    const text =
      '{"Name": "n", "ScheduleExpression": "cron(0 25 * * ? *)", "Targets": [{"Id": "t", "Arn": "arn:aws:ecs:r:1:cluster/c"}]}';
    const { schedules } = read({ 'rule.json': text });
    expect(schedules[0]?.diagnostics).toMatchObject([
      { severity: 'refused', code: 'missing-field', message: 'the ECS target names no task definition' },
      { severity: 'refused', code: 'schedule-bad-field', position: { line: 1, column: text.indexOf('25 *') + 1 } },
    ]);
  });

  it('refuses a time zone that does not exist', () => {
    const { schedules } = read({ 'schedule.json': { ...schedule, ScheduleExpressionTimezone: 'Europe/Atlantis' } });
    expect(schedules[0]?.diagnostics).toMatchObject([{ code: 'invalid-value', path: 'ScheduleExpressionTimezone' }]);
  });

  it.each([
    ['no JSON', 'run it', 'not JSON'],
    ['no object', '"report"', 'no object'],
  ])('refuses a constant input that is %s', (_what, Input, words) => {
    const { schedules } = read({ 'rule.json': { ...rule, Targets: [{ ...target, Input }] } });
    expect(schedules[0]?.diagnostics).toMatchObject([{ severity: 'refused', code: 'invalid-input', path: 'Input' }]);
    expect(schedules[0]?.diagnostics[0]?.message).toContain(words);
  });

  it('reads anything under its keys without failing', () => {
    const keys = fc.constantFrom(
      'Name',
      'Rule',
      'Rules',
      'Targets',
      'Target',
      'ScheduleExpression',
      'EventPattern',
      'Arn',
      'Input',
      '__proto__',
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.string(),
        fc.constant(CLUSTER),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(keys, tie('tree')),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(keys, tree), fc.dictionary(keys, tree), (first, second) => {
        const input = read({ 'first.json': textOf(first), 'second.json': textOf(second) });
        expect(input.schedules.every(({ name }) => typeof name === 'string')).toBe(true);
      }),
    );
  });
});
