import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { ScheduleInput } from '../../../charts/ecs/input.js';
import { eventBridgeReader } from '../../../charts/ecs/readers/event-bridge.js';
import { scheduledRunTask } from '../../../charts/ecs/scheduled-call.js';
import { draftPod } from '../../../charts/port/containers.js';
import { overriddenDefinition } from '../../../charts/port/overrides.js';
import { applyPlacement } from '../../../charts/port/placement.js';
import { scheduleOverrides, scheduleToCronJobs } from '../../../charts/port/schedules.js';
import { startingDeadline } from '../../../charts/port/schedules/deadline.js';
import { createManifestValidator } from '../../../charts/validation/validate.js';
import { readWith } from '../ecs/read-one.js';
import { anyStructure, everyField, jsonOf } from './any-structure.js';
import { entryOf, taskOf, testContext, workloadOf } from './context.js';

const CLUSTER = 'arn:aws:ecs:eu-west-1:111122223333:cluster/prod';
const TEMPLATE = { spec: { containers: [{ name: 'main', image: 'example/report:1' }] } };
const validator = createManifestValidator('1.33');

const rule = (partial: object = {}, target: object = {}) => ({
  Name: 'report',
  ScheduleExpression: 'cron(0 3 * * ? *)',
  ...partial,
  Targets: [{ Id: 'one', Arn: CLUSTER, EcsParameters: { TaskDefinitionArn: 'report' }, ...target }],
});
const schedule = (partial: object = {}, target: object = {}) => ({
  Name: 'report',
  ScheduleExpression: 'cron(0 3 * * ? *)',
  FlexibleTimeWindow: { Mode: 'OFF' },
  Target: { Arn: CLUSTER, RoleArn: 'scheduler', EcsParameters: { TaskDefinitionArn: 'report' }, ...target },
  ...partial,
});

function firstOf(schedules: readonly ScheduleInput[]): ScheduleInput {
  const [first] = schedules;
  if (first === undefined) throw new Error('no schedule');
  return first;
}

function run(content: object | string, name = 'report') {
  const input = readWith(eventBridgeReader, { 'rule.json': content });
  const first = firstOf(input.schedules);
  const { definition } = taskOf({ family: 'report', containerDefinitions: [] }, input.ledger);
  const workload = workloadOf(definition, { kind: 'schedule', name: 'report', cluster: 'prod', schedule: first });
  const context = testContext({
    workload,
    name,
    title: `CronJob shop/${name}`,
    selector: { 'app.kubernetes.io/name': name },
  });
  scheduleToCronJobs(context, TEMPLATE);
  const jobs = context.manifests.filter(({ kind }) => kind === 'CronJob');
  return {
    jobs,
    spec: jobs[0]?.['spec'],
    metadata: jobs[0]?.metadata,
    context,
    entries: input.ledger.entries(),
    entry: (path: string) => entryOf(input.ledger, path, 'rule.json'),
  };
}

describe('the CronJob of a scheduled task', () => {
  it('starts at the times of the rule, in UTC, whether or not the last run is still busy', () => {
    const { jobs, metadata, spec } = run(rule());
    expect(jobs).toHaveLength(1);
    expect(metadata).toEqual({
      name: 'report',
      namespace: 'shop',
      labels: { 'app.kubernetes.io/name': 'report', 'app.kubernetes.io/managed-by': 'tranship' },
    });
    expect(spec).toEqual({
      schedule: '0 3 * * *',
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Allow',
      startingDeadlineSeconds: 86_400,
      jobTemplate: {
        metadata: { labels: { 'app.kubernetes.io/name': 'report', 'app.kubernetes.io/managed-by': 'tranship' } },
        spec: {
          parallelism: 1,
          completions: 1,
          backoffLimit: 0,
          ttlSecondsAfterFinished: 3600,
          template: { metadata: { labels: {} }, spec: { ...TEMPLATE.spec, restartPolicy: 'Never' } },
        },
      },
    });
  });

  it('keeps the time zone of a schedule', () => {
    const { spec, entry } = run(
      schedule({ ScheduleExpressionTimezone: 'Europe/Berlin', ScheduleExpression: 'cron(0 12 * * ? *)' }),
    );
    expect(spec).toMatchObject({ timeZone: 'Europe/Berlin', schedule: '0 12 * * *' });
    expect(entry('ScheduleExpressionTimezone').fidelity).toBe('same');
  });

  it('becomes several CronJobs with names of their own where one cron line is not enough', () => {
    const { jobs, entry } = run(rule({ ScheduleExpression: 'rate(90 minutes)' }), 'a'.repeat(52));
    const names = jobs.map(({ metadata }) => metadata.name);
    expect(jobs.length).toBeGreaterThan(1);
    expect(new Set(names).size).toBe(jobs.length);
    expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(52);
    expect(entry('ScheduleExpression').lost).toContain(`${jobs.length} CronJobs share the schedule`);
  });

  it('is suspended while the rule is disabled', () => {
    expect(run(rule({ State: 'DISABLED' })).spec).toMatchObject({ suspend: true });
    expect(run(rule({ State: 'ENABLED' })).spec).not.toHaveProperty('suspend');
  });

  it('stands suspended on the date of a schedule that runs once, for someone to run by hand', () => {
    const { spec, entry } = run(schedule({ ScheduleExpression: 'at(2030-01-31T06:30:00)' }));
    expect(spec).toMatchObject({ schedule: '30 6 31 1 *', suspend: true });
    expect(entry('ScheduleExpression')).toMatchObject({
      fidelity: 'none',
      todo: expect.stringContaining('kubectl create job --from=cronjob/report'),
    });
  });

  it('stands suspended where no cron line keeps the schedule', () => {
    const { spec, entry } = run(rule({ ScheduleExpression: 'cron(0 3 ? * 6L *)' }));
    expect(spec).toMatchObject({ suspend: true });
    expect(entry('ScheduleExpression')).toMatchObject({ fidelity: 'needs-addon', lost: expect.stringContaining('6L') });
  });

  it('stands suspended where the schedule is not known', () => {
    const { spec, entry } = run(JSON.stringify(rule({ ScheduleExpression: '@' })).replace('"@"', '${when}'));
    expect(spec).toMatchObject({ suspend: true });
    expect(entry('ScheduleExpression')).toMatchObject({ fidelity: 'none', lost: expect.stringContaining('${when}') });
  });

  it('may start as late as EventBridge delivers', () => {
    const retry = { RetryPolicy: { MaximumEventAgeInSeconds: 600, MaximumRetryAttempts: 3 } };
    expect(run(rule({}, retry)).spec).toMatchObject({ startingDeadlineSeconds: 600 });
    expect(run(schedule({}, retry)).spec).toMatchObject({ startingDeadlineSeconds: 600 });
  });

  it('shortens the deadline of a frequent schedule, and says so', () => {
    const { spec, entry } = run(
      rule({ ScheduleExpression: 'rate(1 minute)' }, { RetryPolicy: { MaximumEventAgeInSeconds: 86_400 } }),
    );
    expect(spec).toMatchObject({ startingDeadlineSeconds: 5940 });
    expect(entry('Targets[0].RetryPolicy.MaximumEventAgeInSeconds').lost).toContain('shortened to 5940 s');
  });

  it('runs as many pods as the target starts tasks', () => {
    const target = { EcsParameters: { TaskDefinitionArn: 'report', TaskCount: 4 } };
    expect(run(rule({}, target)).spec).toHaveProperty('jobTemplate.spec.parallelism', 4);
    expect(run(schedule({}, target)).spec).toHaveProperty('jobTemplate.spec.completions', 4);
  });

  it('keeps description, tags, ARN and ECS name as annotations', () => {
    const described = {
      Description: 'Nightly report',
      Arn: 'arn:aws:events:eu-west-1:1:rule/report',
      Tags: [{ Key: 'team', Value: 'data' }],
    };
    expect(run(rule(described), 'report-1').metadata?.annotations).toEqual({
      'kubernetes.io/description': 'Nightly report',
      'tags.tranship.dev/team': 'data',
      'tranship.dev/ecs-arn': 'arn:aws:events:eu-west-1:1:rule/report',
      'tranship.dev/ecs-name': 'report',
    });
  });

  it('says what a CronJob has nothing for', () => {
    const { entry } = run(
      schedule(
        {
          StartDate: '2026-01-01T00:00:00Z',
          EndDate: '2027-01-01T00:00:00Z',
          FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
          ActionAfterCompletion: 'DELETE',
        },
        { DeadLetterConfig: { Arn: 'arn:aws:sqs:eu-west-1:1:dead' } },
      ),
    );
    const paths = [
      'StartDate',
      'EndDate',
      'FlexibleTimeWindow.Mode',
      'ActionAfterCompletion',
      'Target.DeadLetterConfig.Arn',
    ];
    expect(paths.map((path) => [path, entry(path).fidelity])).toEqual(paths.map((path) => [path, 'none']));
    expect(entry('FlexibleTimeWindow.MaximumWindowInMinutes').lost).toBe(
      'runs start at the exact time, not spread over 15 minutes',
    );
  });

  it('says that a rule which also listens to events is only half carried', () => {
    const { entry } = run(rule({ EventPattern: '{"source": ["aws.s3"]}' }));
    expect(entry('EventPattern').fidelity).toBe('none');
    expect(entry('ScheduleExpression').fidelity).toBe('same');
  });
});

describe('the overrides of a scheduled task', () => {
  const overriding = (content: object) => {
    const input = readWith(eventBridgeReader, { 'rule.json': content });
    return { input, overrides: scheduleOverrides(firstOf(input.schedules)) };
  };

  it('come from the constant input of the target', () => {
    const Input = JSON.stringify({ containerOverrides: [{ name: 'main', command: ['report', '--yesterday'] }] });
    const { input, overrides } = overriding(rule({}, { Input }));
    const { definition } = taskOf(
      { family: 'report', containerDefinitions: [{ name: 'main', image: 'r' }] },
      input.ledger,
    );
    if (overrides === undefined) throw new Error('no overrides');
    const applied = overriddenDefinition(input.ledger, definition, overrides);
    expect(applied.diagnostics).toEqual([]);
    expect(applied.definition.get('containerDefinitions').items()[0]?.get('command').value).toEqual([
      'report',
      '--yesterday',
    ]);
  });

  it('are accounted for at the input as a whole, by the worst that became of them', () => {
    const Input = JSON.stringify({ cpu: 512, taskRoleArn: 'report' });
    const { input, overrides } = overriding(schedule({}, { Input }));
    overrides?.get('cpu').same('PodSpec.resources');
    overrides?.get('taskRoleArn').none('lost');
    expect(entryOf(input.ledger, 'Target.Input')).toMatchObject({ fidelity: 'none', lost: 'lost' });
  });

  it('are refused at the target when they name a container that is not there', () => {
    const { input, overrides } = overriding(
      rule({}, { Input: '{"containerOverrides": [{"name": "other", "cpu": 1}]}' }),
    );
    const { definition } = taskOf(
      { family: 'report', containerDefinitions: [{ name: 'main', image: 'r' }] },
      input.ledger,
    );
    if (overrides === undefined) throw new Error('no overrides');
    expect(overriddenDefinition(input.ledger, definition, overrides).diagnostics).toMatchObject([
      { severity: 'refused', code: 'unknown-container', position: { file: 'rule.json' } },
    ]);
  });

  it('come from the call of a universal target too', () => {
    const call = { Cluster: 'prod', TaskDefinition: 'report', Overrides: { Cpu: '512' }, Count: 2 };
    const content = schedule(
      {},
      { Arn: 'arn:aws:scheduler:::aws-sdk:ecs:runTask', EcsParameters: undefined, Input: JSON.stringify(call) },
    );
    expect(overriding(content).overrides?.get('cpu').value).toBe('512');
    expect(run(content).spec).toHaveProperty('jobTemplate.spec.parallelism', 2);
  });

  it('are none when the target has no input', () => {
    expect(overriding(rule()).overrides).toBeUndefined();
  });
});

describe('placement of a scheduled task', () => {
  const placed = {
    EcsParameters: {
      TaskDefinitionArn: 'report',
      LaunchType: 'EC2',
      PlacementConstraints: [{ type: 'memberOf', expression: 'attribute:ecs.os-type == linux' }],
      CapacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
    },
  };

  it('is applied to the pod when the workload holds the call that the schedule makes', () => {
    const input = readWith(eventBridgeReader, { 'rule.json': rule({}, placed) });
    const first = firstOf(input.schedules);
    const { definition } = taskOf({ family: 'report', containerDefinitions: [] }, input.ledger);
    const runTask = scheduledRunTask(first);
    const context = testContext({
      workload: workloadOf(definition, { kind: 'schedule', name: 'report', schedule: first, runTask }),
    });
    const pod = draftPod(definition);
    applyPlacement(definition, pod, context);
    scheduleToCronJobs(context, TEMPLATE);
    expect(pod.spec.affinity?.nodeAffinity).toBeDefined();
    expect(pod.spec.nodeSelector).toMatchObject({ 'karpenter.sh/capacity-type': 'spot' });
    expect(entryOf(input.ledger, 'Targets[0].EcsParameters.PlacementConstraints[0].type').fidelity).toBe('same');
    expect(
      input.ledger.entries().filter(({ untouched, document }) => untouched === true && document === 'rule.json'),
    ).toEqual([]);
  });

  it('is said to be lost otherwise', () => {
    const { entry } = run(rule({}, placed));
    expect(entry('Targets[0].EcsParameters.PlacementConstraints[0].expression').fidelity).toBe('none');
  });
});

describe('accounting for schedules', () => {
  const given = new Map<string, unknown>([
    ['ScheduleExpression', 'rate(1 hour)'],
    ['ScheduleExpressionTimezone', 'Asia/Tokyo'],
    ['Input', '{}'],
    ['Arn', CLUSTER],
  ]);

  it.each([
    [
      'rule',
      { ...everyField('eventbridge.PutRuleRequest', given), Targets: [everyField('eventbridge.Target', given)] },
    ],
    ['schedule', everyField('scheduler.CreateScheduleInput', given)],
    ['described schedule', everyField('scheduler.GetScheduleOutput', given)],
  ])('leaves no field of a %s out', (_what, content) => {
    const { entries, context } = run(content);
    expect(entries.filter(({ untouched, document }) => untouched === true && document === 'rule.json')).toEqual([]);
    expect(context.manifests.flatMap((manifest) => validator.validate(manifest))).toEqual([]);
  });

  const expressions = fc.constantFrom(
    'rate(7 minutes)',
    'rate(5 minutes)',
    'cron(0 3 * * ? *)',
    'cron(0 0 L * ? *)',
    'at(2030-01-31T06:30:00)',
    'soon',
  );
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York');
  const sensible = new Map<string, fc.Arbitrary<unknown>>([
    ['ScheduleExpression', expressions],
    ['ScheduleExpressionTimezone', zones],
    ['Arn', fc.constant(CLUSTER)],
    ['Input', fc.constantFrom('', '{}', '{"cpu": 256}', '{"containerOverrides": [{"name": "a"}], "Cpus": 1}', '[]')],
    ['MaximumEventAgeInSeconds', fc.integer({ min: 60, max: 86_400 })],
  ]);

  it('leaves no field of any schedule out, and makes valid CronJobs of it', () => {
    const any = anyStructure('scheduler.CreateScheduleInput', sensible);
    const target = anyStructure('scheduler.Target', sensible);
    fc.assert(
      fc.property(any, target, (content, Target) => {
        const whole = {
          ScheduleExpression: 'rate(1 day)',
          ...content,
          Target: { ...Target, EcsParameters: Target['EcsParameters'] ?? {} },
        };
        const { entries, context } = run(jsonOf(whole));
        // The overrides in the text are for the concerns of the pod to mark.
        const untouched = entries.filter((entry) => entry.untouched === true && entry.document === 'rule.json');
        expect(untouched.map(({ path }) => path)).toEqual([]);
        expect(context.manifests.flatMap((manifest) => validator.validate(manifest))).toEqual([]);
      }),
    );
  });

  it('lets at most 100 runs of any schedule fit into the starting deadline', () => {
    const step = fc.integer({ min: 1, max: 59 });
    const minutes = fc.oneof(
      fc.constant('*'),
      step.map(String),
      step.map((n) => `*/${n}`),
      fc.tuple(step, step).map(([a, b]) => `${Math.min(a, b)},${Math.max(a, b)}`),
    );
    const hours = fc.oneof(
      fc.constant('*'),
      fc.constant('8-17'),
      fc.constant('0-22/2'),
      fc.integer({ min: 0, max: 23 }).map(String),
    );
    fc.assert(
      fc.property(minutes, hours, fc.integer({ min: 60, max: 86_400 }), (minute, hour, age) => {
        const seconds = startingDeadline([`${minute} ${hour} * * *`], age);
        expect(seconds).toBeLessThanOrEqual(age);
        expect(mostRuns(minute, hour, seconds)).toBeLessThanOrEqual(100);
      }),
    );
  });
});

/** The most runs of a schedule in any window of so many seconds, counted one by one over three days. */
function mostRuns(minute: string, hour: string, seconds: number): number {
  const fits = (field: string, value: number): boolean =>
    field.split(',').some((item) => {
      const [range = '*', step = '1'] = item.split('/');
      const [from = 0, to = from] = range === '*' ? [0, 59] : range.split('-').map(Number);
      return value >= from && value <= to && (value - from) % Number(step) === 0;
    });
  const runs: number[] = [];
  for (let time = 0; time < 3 * 1440; time++) {
    if (fits(minute, time % 60) && fits(hour, Math.floor(time / 60) % 24)) runs.push(time * 60);
  }
  let most = 0;
  for (let first = 0, next = 0; first < runs.length; first++) {
    while (next < runs.length && (runs[next] ?? 0) <= (runs[first] ?? 0) + seconds) next++;
    most = Math.max(most, next - first);
  }
  return most;
}
