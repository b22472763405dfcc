import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { ScalingInput } from '../../../charts/ecs/input.js';
import { applicationAutoScalingReader } from '../../../charts/ecs/readers/application-auto-scaling.js';
import { applyScaling } from '../../../charts/port/scaling.js';
import { createManifestValidator } from '../../../charts/validation/validate.js';
import { readWith } from '../ecs/read-one.js';
import { anyStructure, everyField, jsonOf } from './any-structure.js';
import { entryOf, taskOf, testContext, workloadOf } from './context.js';

const web = { ServiceNamespace: 'ecs', ResourceId: 'service/prod/web', ScalableDimension: 'ecs:service:DesiredCount' };
const target = (partial: object = {}) => ({ ...web, MinCapacity: 2, MaxCapacity: 10, ...partial });
const tracking = (PolicyName: string, configuration: object) => ({
  ...web,
  PolicyName,
  PolicyType: 'TargetTrackingScaling',
  TargetTrackingScalingPolicyConfiguration: { TargetValue: 60, ...configuration },
});
const predefined = (PredefinedMetricType: string, partial: object = {}) => ({
  PredefinedMetricSpecification: { PredefinedMetricType },
  ...partial,
});
const cpu = (partial: object = {}) => tracking('cpu', predefined('ECSServiceAverageCPUUtilization', partial));
const memory = (partial: object = {}) => tracking('memory', predefined('ECSServiceAverageMemoryUtilization', partial));
const queue = (partial: object = {}) =>
  tracking('queue', {
    CustomizedMetricSpecification: {
      Namespace: 'Shop',
      MetricName: 'BacklogPerTask',
      Statistic: 'Average',
      Unit: 'Count',
      Dimensions: [{ Name: 'Queue', Value: 'orders' }],
    },
    ...partial,
  });
const action = (ScheduledActionName: string, Schedule: string, ScalableTargetAction: object, partial: object = {}) => ({
  ...web,
  ScheduledActionName,
  Schedule,
  ScalableTargetAction,
  ...partial,
});

const LABEL = 'app/shop/0123456789abcdef/targetgroup/web/fedcba9876543210';
const requests = tracking('requests', {
  TargetValue: 500.5,
  PredefinedMetricSpecification: { PredefinedMetricType: 'ALBRequestCountPerTarget', ResourceLabel: LABEL },
});
const validator = createManifestValidator('1.33');

function scale(contents: readonly (object | string)[], kind = 'Deployment') {
  const documents = Object.fromEntries(contents.map((content, index) => [`${index}.json`, content]));
  const { scaling, ledger } = readWith(applicationAutoScalingReader, documents);
  return { ...apply(scaling, kind, 'eu-west-1', ledger), scaling };
}

function apply(scaling: readonly ScalingInput[], kind: string, region: string | undefined, ledger = taskOf({}).ledger) {
  const { definition } = taskOf({ family: 'web', containerDefinitions: [] }, ledger);
  const context = testContext({ workload: workloadOf(definition, { scaling }), region });
  const { autoscaled } = applyScaling(context, { apiVersion: 'apps/v1', kind, name: 'web' });
  const specOf = (wanted: string) => context.manifests.find((manifest) => manifest.kind === wanted)?.['spec'];
  return {
    autoscaled,
    context,
    manifests: context.manifests,
    kinds: context.manifests.map((manifest) => manifest.kind),
    hpa: specOf('HorizontalPodAutoscaler'),
    scaledObject: specOf('ScaledObject'),
    triggers: (specOf('ScaledObject') as { triggers?: readonly object[] } | undefined)?.triggers ?? [],
    prerequisites: context.findings.prerequisites.map(({ id }) => id),
    entries: ledger.entries(),
    entry: (document: number, path: string) => entryOf(ledger, path, `${document}.json`),
  };
}

describe('scaling by CPU and memory', () => {
  it('is a HorizontalPodAutoscaler with the same percentages', () => {
    const { autoscaled, manifests, hpa, prerequisites } = scale([target(), cpu(), memory({ TargetValue: 75 })]);
    expect(autoscaled).toBe(true);
    expect(manifests.map(({ kind, metadata }) => [kind, metadata.name, metadata.namespace])).toEqual([
      ['HorizontalPodAutoscaler', 'web', 'shop'],
    ]);
    expect(hpa).toMatchObject({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } },
        { type: 'Resource', resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 75 } } },
      ],
    });
    expect(prerequisites).toEqual(['metrics-server']);
  });

  it('takes high-resolution metrics and the CloudWatch metrics of the service for the same', () => {
    const own = {
      CustomizedMetricSpecification: {
        Namespace: 'AWS/ECS',
        MetricName: 'MemoryUtilization',
        Statistic: 'Average',
        Dimensions: [{ Name: 'ServiceName', Value: 'web' }],
      },
    };
    const { hpa } = scale([
      target(),
      tracking('a', predefined('ECSServiceAverageCPUUtilizationHighResolution')),
      tracking('b', own),
    ]);
    expect(hpa).toMatchObject({ metrics: [{ resource: { name: 'cpu' } }, { resource: { name: 'memory' } }] });
  });

  it('takes the lower of two targets for one resource, since that one decides', () => {
    const { hpa } = scale([target(), cpu({ TargetValue: 80 }), { ...cpu({ TargetValue: 55.4 }), PolicyName: 'lower' }]);
    expect(hpa).toMatchObject({ metrics: [{ resource: { target: { averageUtilization: 55 } } }] });
  });

  it('says that the percentage needs requests', () => {
    const { entry } = scale([target(), cpu()]);
    const path = 'TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.PredefinedMetricType';
    expect(entry(1, path)).toMatchObject({
      fidelity: 'needs-addon',
      lost: expect.stringContaining('while a container has no cpu request'),
    });
  });

  it('waits as long as ECS does when no cooldown is given, and out of the range of one step', () => {
    expect(scale([target(), cpu()]).hpa).toMatchObject({
      behavior: {
        scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 8, periodSeconds: 300 }] },
        scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: 'Percent', value: 100, periodSeconds: 300 }] },
      },
    });
  });

  it('takes the shortest cooldown of several for scaling out and the longest for scaling in', () => {
    const { hpa } = scale([
      target(),
      cpu({ ScaleOutCooldown: 30, ScaleInCooldown: 60 }),
      memory({ ScaleOutCooldown: 90, ScaleInCooldown: 600 }),
    ]);
    expect(hpa).toHaveProperty('behavior.scaleUp.policies.0.periodSeconds', 30);
    expect(hpa).toHaveProperty('behavior.scaleDown.stabilizationWindowSeconds', 600);
  });

  it('keeps to what Kubernetes takes as periods', () => {
    const { hpa } = scale([target(), cpu({ ScaleOutCooldown: 0, ScaleInCooldown: 7200 })]);
    expect(hpa).toHaveProperty('behavior.scaleUp.policies.0.periodSeconds', 1);
    expect(hpa).toHaveProperty('behavior.scaleDown', {
      stabilizationWindowSeconds: 3600,
      policies: [{ type: 'Percent', value: 100, periodSeconds: 1800 }],
    });
  });

  it('never scales in when no policy does, and leaves it to the others when one does', () => {
    const alone = scale([target(), cpu({ DisableScaleIn: true })]);
    expect(alone.hpa).toHaveProperty('behavior.scaleDown', { selectPolicy: 'Disabled' });
    const both = scale([
      target(),
      cpu({ DisableScaleIn: true, ScaleInCooldown: 900 }),
      memory({ ScaleInCooldown: 60 }),
    ]);
    expect(both.hpa).toHaveProperty('behavior.scaleDown.stabilizationWindowSeconds', 60);
    expect(both.entry(1, 'TargetTrackingScalingPolicyConfiguration.DisableScaleIn').fidelity).toBe('near');
  });

  it('is held back as the scalable target is', () => {
    const suspended = { SuspendedState: { DynamicScalingInSuspended: true, DynamicScalingOutSuspended: true } };
    expect(scale([target(suspended), cpu()]).hpa).toHaveProperty('behavior', {
      scaleUp: { selectPolicy: 'Disabled' },
      scaleDown: { selectPolicy: 'Disabled' },
    });
  });

  it('keeps one pod where ECS would go to none, since nothing could measure the first', () => {
    const { hpa, entry } = scale([target({ MinCapacity: 0 }), cpu()]);
    expect(hpa).toMatchObject({ minReplicas: 1 });
    expect(entry(0, 'MinCapacity')).toMatchObject({
      fidelity: 'near',
      lost: expect.stringContaining('the first one stays'),
    });
  });

  it('carries the tags of the scalable target', () => {
    expect(scale([target({ Tags: { team: 'shop' } }), cpu()]).manifests[0]?.metadata.annotations).toEqual({
      'tags.tranship.dev/team': 'shop',
    });
  });
});

describe('scaling by CloudWatch metrics', () => {
  it('is a KEDA ScaledObject that asks for the requests of the target group', () => {
    const { autoscaled, kinds, triggers, prerequisites, context } = scale([target(), requests]);
    expect(autoscaled).toBe(true);
    expect(kinds).toEqual(['TriggerAuthentication', 'ScaledObject']);
    expect(triggers).toEqual([
      {
        type: 'aws-cloudwatch',
        name: 'requests',
        metricType: 'Value',
        metadata: {
          namespace: 'AWS/ApplicationELB',
          metricName: 'RequestCountPerTarget',
          dimensionName: 'LoadBalancer;TargetGroup',
          dimensionValue: 'app/shop/0123456789abcdef;targetgroup/web/fedcba9876543210',
          metricStat: 'Sum',
          targetMetricValue: '500.5',
          minMetricValue: '0',
          ignoreNullValues: 'false',
          metricStatPeriod: '60',
          metricCollectionTime: '300',
          awsRegion: 'eu-west-1',
        },
        authenticationRef: { name: 'keda-aws' },
      },
    ]);
    expect(prerequisites).toEqual(['keda']);
    expect(context.findings.trustChanges).toMatchObject([
      { change: expect.stringContaining('cloudwatch:GetMetricData') },
    ]);
  });

  it('asks for a customized metric with its unit and dimensions', () => {
    expect(scale([target(), queue()]).triggers).toMatchObject([
      {
        metadata: {
          namespace: 'Shop',
          metricName: 'BacklogPerTask',
          dimensionName: 'Queue',
          dimensionValue: 'orders',
          metricStat: 'Average',
          metricUnit: 'Count',
        },
      },
    ]);
  });

  it('never has two autoscalers for one Deployment: CPU becomes a trigger beside the others', () => {
    const { kinds, triggers, scaledObject, prerequisites } = scale([
      target(),
      cpu({ ScaleInCooldown: 60 }),
      queue({ ScaleInCooldown: 120 }),
    ]);
    expect(kinds).toEqual(['TriggerAuthentication', 'ScaledObject']);
    expect(triggers).toMatchObject([
      { type: 'cpu', metricType: 'Utilization', metadata: { value: '60' } },
      { type: 'aws-cloudwatch', name: 'queue' },
    ]);
    expect(scaledObject).toHaveProperty(
      'advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.stabilizationWindowSeconds',
      120,
    );
    expect(prerequisites).toEqual(['keda', 'metrics-server']);
  });

  it('goes to zero where the range does, after the cooldown', () => {
    expect(scale([target({ MinCapacity: 0 }), queue({ ScaleInCooldown: 120 })]).scaledObject).toMatchObject({
      minReplicaCount: 0,
      maxReplicaCount: 10,
      cooldownPeriod: 120,
    });
    expect(scale([target({ MinCapacity: 0 }), queue({ DisableScaleIn: true })]).scaledObject).toMatchObject({
      minReplicaCount: 1,
    });
  });

  it('finds a metric without dimensions by a search, since a trigger must name some', () => {
    const metric = { CustomizedMetricSpecification: { Namespace: 'My Shop', MetricName: 'Orders', Statistic: 'Sum' } };
    expect(scale([target(), tracking('orders', metric)]).triggers).toMatchObject([
      { metadata: { expression: `SUM(SEARCH('{"My Shop"} MetricName="Orders"', 'Sum', 60))` } },
    ]);
  });

  it('names the region as a thing to fill in when the input does not say it', () => {
    const { triggers, context } = apply(scale([target(), queue()]).scaling, 'Deployment', undefined);
    expect(triggers).toMatchObject([{ metadata: { awsRegion: 'REGION' } }]);
    expect(context.findings.assumptions).toEqual([
      'Deployment shop/web: the input names no AWS region; put it in the place of REGION, or give --region',
    ]);
  });

  it.each([
    ['a load balancer that is not named', predefined('ALBRequestCountPerTarget'), 'app/NAME/ID/targetgroup/NAME/ID'],
    ['a metric of another service', predefined('RDSReaderAverageCPUUtilization'), 'by hand'],
    [
      'a metric that ends with the ECS service',
      { CustomizedMetricSpecification: { Namespace: 'ECS/ContainerInsights', MetricName: 'RunningTaskCount' } },
      'CloudWatch Observability',
    ],
    ['a metric without a name', { CustomizedMetricSpecification: { Namespace: 'Shop' } }, 'a metric of its own'],
    ['nothing', {}, 'by hand'],
  ])('has no autoscaler for %s, and says what to do', (_what, configuration, todo) => {
    const { autoscaled, manifests, entry } = scale([target(), tracking('odd', configuration)]);
    expect(autoscaled).toBe(false);
    expect(manifests).toEqual([]);
    expect(entry(1, 'TargetTrackingScalingPolicyConfiguration.TargetValue')).toMatchObject({
      fidelity: 'none',
      todo: expect.stringContaining(todo),
    });
  });
});

describe('metric math', () => {
  const stat = (Namespace: string, MetricName: string, name: string, Value: string, Stat = 'Average') => ({
    Metric: { Namespace, MetricName, Dimensions: [{ Name: name, Value }] },
    Stat,
  });
  const visible = {
    Id: 'm1',
    MetricStat: stat('AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', 'orders', 'Sum'),
    ReturnData: false,
  };
  const busy = { Id: 'm2', MetricStat: stat('Shop', 'Workers', 'Pool Name', 'a'), ReturnData: false };
  const math = (...Metrics: object[]) =>
    scale([target(), tracking('math', { CustomizedMetricSpecification: { Metrics } })]);

  it('becomes one expression, each id replaced by a search for just its metric', () => {
    const { triggers } = math(visible, busy, {
      Id: 'e1',
      Expression: 'FILL(m1, 0) / (m2 + 1)',
      Label: 'm1 per worker',
      ReturnData: true,
    });
    const first = `SUM(SEARCH('{AWS/SQS,QueueName} MetricName="ApproximateNumberOfMessagesVisible" QueueName="orders"', 'Sum', 60))`;
    const second = `SUM(SEARCH('{Shop,"Pool Name"} MetricName="Workers" "Pool Name"="a"', 'Average', 60))`;
    expect(triggers).toMatchObject([{ metadata: { expression: `FILL(${first}, 0) / (${second} + 1)` } }]);
  });

  it('puts expressions that refer to each other together', () => {
    const { triggers } = math(
      visible,
      { Id: 'e1', Expression: 'm1 * 2', ReturnData: false },
      { Id: 'e2', Expression: 'e1 + 1' },
    );
    expect(triggers).toMatchObject([
      { metadata: { expression: expect.stringMatching(/^\(SUM\(SEARCH\(.*\)\) \* 2\) \+ 1$/) } },
    ]);
  });

  it('is a plain metric when there is nothing to compute', () => {
    const { triggers } = math({ ...visible, ReturnData: true });
    expect(triggers).toMatchObject([
      { metadata: { namespace: 'AWS/SQS', dimensionValue: 'orders', metricStat: 'Sum' } },
    ]);
  });

  it.each([
    [
      'refers to itself',
      [
        { Id: 'e1', Expression: 'e2', ReturnData: true },
        { Id: 'e2', Expression: 'e1', ReturnData: false },
      ],
      'refers to itself',
    ],
    ['means all queries', [visible, { Id: 'e1', Expression: 'SUM(METRICS())' }], 'METRICS()'],
    ['returns nothing', [visible], 'no query returns data'],
    [
      'cannot be quoted',
      [
        { ...visible, ReturnData: false, MetricStat: stat('Shop', 'a"b', 'Queue', 'x') },
        { Id: 'e1', Expression: 'm1' },
      ],
      'cannot quote',
    ],
  ])('is not carried when it %s', (_what, metrics, why) => {
    const { autoscaled, entry } = math(...metrics);
    expect(autoscaled).toBe(false);
    expect(entry(1, 'TargetTrackingScalingPolicyConfiguration.TargetValue').lost).toContain(why);
  });

  it('is given up before it explodes', () => {
    const doubling = Array.from({ length: 40 }, (_, index) => ({
      Id: `e${index + 1}`,
      Expression: index === 0 ? '1' : `e${index} + e${index}`,
      ReturnData: index === 39,
    }));
    const { entry } = math(...doubling);
    expect(entry(1, 'TargetTrackingScalingPolicyConfiguration.TargetValue').lost).toContain(
      'longer than CloudWatch takes',
    );
  });
});

describe('step and predictive scaling', () => {
  const step = (StepScalingPolicyConfiguration: object) => ({
    ...web,
    PolicyName: 'steps',
    PolicyType: 'StepScaling',
    StepScalingPolicyConfiguration,
  });

  it('gives the steps as a formula, since the alarm that they count from is not in the policy', () => {
    const policy = step({
      AdjustmentType: 'PercentChangeInCapacity',
      MinAdjustmentMagnitude: 2,
      StepAdjustments: [
        { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 20, ScalingAdjustment: 25 },
        { MetricIntervalLowerBound: 20, ScalingAdjustment: 50 },
      ],
    });
    const described = {
      ScalingPolicies: [
        { ...policy, Alarms: [{ AlarmName: 'high', AlarmARN: 'arn' }], PolicyARN: 'arn', CreationTime: 1 },
      ],
    };
    const { autoscaled, entry, prerequisites } = scale([target(), described]);
    expect(autoscaled).toBe(false);
    const { fidelity, todo } = entry(1, 'ScalingPolicies[0].StepScalingPolicyConfiguration.AdjustmentType');
    expect(fidelity).toBe('needs-addon');
    expect(todo).toContain('alarm high');
    expect(todo).toContain(
      'metric >= T && metric < T + 20 ? pods + max(2, floor(pods * 25 / 100)) : metric >= T + 20 ? pods + max(2, floor(pods * 50 / 100)) : pods',
    );
    expect(prerequisites).toEqual(['keda']);
  });

  it.each([
    ['ChangeInCapacity', { MetricIntervalUpperBound: 0, ScalingAdjustment: -1 }, 'metric <= T ? pods - 1 : pods'],
    ['ExactCapacity', { MetricIntervalLowerBound: 5.5, ScalingAdjustment: 4 }, 'metric >= T + 5.5 ? 4 : pods'],
    [
      'ChangeInCapacity',
      { MetricIntervalLowerBound: -20, MetricIntervalUpperBound: -10, ScalingAdjustment: -2 },
      'metric > T - 20 && metric <= T - 10 ? pods - 2 : pods',
    ],
  ])('writes %s as a formula', (AdjustmentType, adjustment, formula) => {
    const { entry } = scale([target(), step({ AdjustmentType, StepAdjustments: [adjustment] })]);
    expect(entry(1, 'StepScalingPolicyConfiguration.AdjustmentType').todo).toContain(formula);
  });

  it('has nothing for forecasts', () => {
    const policy = {
      ...web,
      PolicyName: 'forecast',
      PolicyType: 'PredictiveScaling',
      PredictiveScalingPolicyConfiguration: { MetricSpecifications: [{ TargetValue: 40 }] },
    };
    const { autoscaled, entry } = scale([target(), policy]);
    expect(autoscaled).toBe(false);
    expect(entry(1, 'PredictiveScalingPolicyConfiguration.MetricSpecifications[0].TargetValue').fidelity).toBe('none');
  });
});

describe('scheduled actions', () => {
  const day = action(
    'day',
    'cron(0 8 ? * MON-FRI *)',
    { MinCapacity: 6, MaxCapacity: 20 },
    { Timezone: 'Europe/Berlin' },
  );
  const night = action(
    'night',
    'cron(0 20 ? * MON-FRI *)',
    { MinCapacity: 1, MaxCapacity: 5 },
    { Timezone: 'Europe/Berlin' },
  );

  it('raise the floor from one action to the next, over the lowest minimum and under the highest maximum', () => {
    const { scaledObject, triggers, entry } = scale([target(), day, night]);
    expect(scaledObject).toMatchObject({ minReplicaCount: 1, maxReplicaCount: 20 });
    expect(triggers).toEqual([
      {
        type: 'cron',
        name: 'day',
        metadata: { timezone: 'Europe/Berlin', start: '0 8 * * 1-5', end: '0 20 * * 1-5', desiredReplicas: '6' },
      },
    ]);
    expect(entry(1, 'Schedule').fidelity).toBe('needs-addon');
    expect(entry(2, 'ScalableTargetAction.MinCapacity')).toMatchObject({
      fidelity: 'near',
      kubernetes: ['ScaledObject.spec.minReplicaCount'],
    });
    expect(entry(2, 'ScalableTargetAction.MaxCapacity')).toMatchObject({
      fidelity: 'none',
      lost: expect.stringContaining('always the highest, 20'),
    });
  });

  it('stand in one ScaledObject with the CPU policy', () => {
    const { kinds, triggers } = scale([target(), cpu(), day, night]);
    expect(kinds).toEqual(['ScaledObject']);
    expect(triggers).toMatchObject([{ type: 'cpu' }, { type: 'cron' }]);
  });

  it('bring a service to zero at night', () => {
    const { scaledObject } = scale([
      target(),
      cpu(),
      day,
      action('night', 'cron(0 20 ? * MON-FRI *)', { MinCapacity: 0, MaxCapacity: 0 }, { Timezone: 'Europe/Berlin' }),
    ]);
    expect(scaledObject).toMatchObject({ minReplicaCount: 0, maxReplicaCount: 20 });
  });

  it('follow each other through the day when there are more than two', () => {
    const at = (name: string, hour: number, MinCapacity: number) =>
      action(name, `cron(30 ${hour} * * ? *)`, { MinCapacity });
    const { triggers } = scale([target(), cpu(), at('evening', 17, 3), at('night', 22, 1), at('morning', 7, 8)]);
    expect(triggers).toMatchObject([
      { type: 'cpu' },
      { name: 'morning', metadata: { start: '30 7 * * *', end: '30 17 * * *', desiredReplicas: '8' } },
      { name: 'evening', metadata: { start: '30 17 * * *', end: '30 22 * * *', desiredReplicas: '3' } },
    ]);
  });

  it('keep the highest minimum when no order can be told', () => {
    const { hpa, entry } = scale([
      target(),
      cpu(),
      day,
      action('other', 'cron(0 20 * * ? *)', { MinCapacity: 3 }, { Timezone: 'Asia/Tokyo' }),
    ]);
    expect(hpa).toMatchObject({ minReplicas: 6, maxReplicas: 20 });
    expect(entry(2, 'Schedule')).toMatchObject({ fidelity: 'none', todo: expect.stringContaining('by hand') });
  });

  it('always hold when there is only one', () => {
    const { hpa, entry } = scale([target(), cpu(), action('up', 'cron(0 8 * * ? *)', { MinCapacity: 4 })]);
    expect(hpa).toMatchObject({ minReplicas: 4 });
    expect(entry(0, 'MinCapacity')).toMatchObject({ fidelity: 'near', lost: '4, as the scheduled actions have it' });
  });

  it('make no autoscaler of one action alone', () => {
    const { autoscaled, entry } = scale([target(), action('up', 'cron(0 8 * * ? *)', { MinCapacity: 4 })]);
    expect(autoscaled).toBe(false);
    expect(entry(1, 'Schedule').fidelity).toBe('none');
  });

  it('are not carried when they run once or have a first or last day', () => {
    const { entry } = scale([
      target(),
      cpu(),
      action('sale', 'at(2030-11-29T00:00:00)', { MinCapacity: 9 }, { StartTime: '2030-01-01T00:00:00Z' }),
    ]);
    expect(entry(2, 'Schedule')).toMatchObject({ fidelity: 'none', lost: expect.stringContaining('runs once') });
    expect(entry(2, 'StartTime').fidelity).toBe('none');
  });

  it('change nothing while scheduled scaling is suspended', () => {
    const { hpa } = scale([target({ SuspendedState: { ScheduledScalingSuspended: true } }), cpu(), day, night]);
    expect(hpa).toMatchObject({ minReplicas: 2, maxReplicas: 10 });
  });
});

describe('a service without an autoscaler', () => {
  it.each([
    ['no scaling at all', []],
    ['a range without a policy', [target()]],
    ['a policy without a range', [cpu()]],
    ['a range that allows no task', [target({ MinCapacity: 0, MaxCapacity: 0 }), cpu()]],
    [
      'a maximum that is not known',
      [JSON.stringify(target()).replace('"MaxCapacity":10', '"MaxCapacity":${max}'), cpu()],
    ],
  ])('is one with %s', (_what, contents) => {
    const { autoscaled, manifests, entries } = scale(contents);
    expect(autoscaled).toBe(false);
    expect(manifests).toEqual([]);
    expect(entries.filter(({ untouched, document }) => untouched === true && document !== 'task.json')).toEqual([]);
  });

  it('is a daemon, whatever scales it', () => {
    const { autoscaled, entry } = scale([target(), cpu()], 'DaemonSet');
    expect(autoscaled).toBe(false);
    expect(entry(1, 'PolicyName')).toMatchObject({
      fidelity: 'none',
      lost: expect.stringContaining('one pod on each node'),
    });
  });
});

describe('accounting for scaling', () => {
  it('counts the last of what is given twice', () => {
    const { hpa, entry } = scale([
      target(),
      cpu({ TargetValue: 40 }),
      target({ MaxCapacity: 30 }),
      cpu({ TargetValue: 70 }),
    ]);
    expect(hpa).toMatchObject({ maxReplicas: 30, metrics: [{ resource: { target: { averageUtilization: 70 } } }] });
    expect(entry(1, 'PolicyName').lost).toBe('given again later in the input, and that counts');
  });

  it.each([
    [
      'RegisterScalableTargetRequest',
      new Map<string, unknown>([
        ['MinCapacity', 1],
        ['MaxCapacity', 5],
      ]),
    ],
    [
      'PutScalingPolicyRequest',
      new Map<string, unknown>([['PredefinedMetricType', 'ECSServiceAverageCPUUtilization']]),
    ],
    [
      'PutScheduledActionRequest',
      new Map<string, unknown>([
        ['Schedule', 'cron(0 8 * * ? *)'],
        ['Timezone', 'UTC'],
      ]),
    ],
  ])('leaves no field of a %s out', (structure, given) => {
    const content = { ...everyField(`application-auto-scaling.${structure}`, given), ...web };
    const { entries } = scale([target(), cpu(), content]);
    expect(entries.filter(({ untouched, document }) => untouched === true && document !== 'task.json')).toEqual([]);
  });

  const crons = fc.constantFrom(
    'cron(0 8 * * ? *)',
    'cron(0 20 * * ? *)',
    'cron(15 12 ? * MON-FRI *)',
    'rate(1 hour)',
    'at(2030-01-01T00:00:00)',
    'never',
  );
  const given = new Map<string, fc.Arbitrary<unknown>>([
    ['MinCapacity', fc.integer({ min: 0, max: 5 })],
    ['MaxCapacity', fc.integer({ min: 0, max: 50 })],
    ['TargetValue', fc.constantFrom(1, 50, 70.5, 1000)],
    [
      'PredefinedMetricType',
      fc.constantFrom(
        'ECSServiceAverageCPUUtilization',
        'ECSServiceAverageMemoryUtilization',
        'ALBRequestCountPerTarget',
        'KafkaBrokerStorageUtilization',
      ),
    ],
    ['ResourceLabel', fc.constantFrom(LABEL, 'app/x')],
    ['Schedule', crons],
    ['Timezone', fc.constantFrom('UTC', 'Europe/Berlin')],
    ['ResourceId', fc.constant(web.ResourceId)],
    ['ServiceNamespace', fc.constant('ecs')],
    ['ScalableDimension', fc.constant(web.ScalableDimension)],
  ]);
  const any = (structure: string) => anyStructure(`application-auto-scaling.${structure}`, given);

  it('leaves no field of any scaling out, and makes at most one valid autoscaler of it', () => {
    const content = fc.tuple(
      any('RegisterScalableTargetRequest'),
      fc.array(any('PutScalingPolicyRequest'), { maxLength: 3 }),
      fc.array(any('PutScheduledActionRequest'), { maxLength: 3 }),
    );
    fc.assert(
      fc.property(content, ([scalable, policies, actions]) => {
        const contents = [
          { MaxCapacity: 10, ...scalable, ...web },
          ...policies.map((policy) => ({ PolicyType: 'TargetTrackingScaling', ...policy, ...web })),
          ...actions.map((each) => ({ ScheduledActionName: 'a', ...each, ...web })),
        ].map(jsonOf);
        const { autoscaled, manifests, kinds, entries } = scale(contents);
        const untouched = entries.filter((entry) => entry.untouched === true && entry.document !== 'task.json');
        expect(untouched.map(({ path }) => path)).toEqual([]);
        expect(kinds.filter((kind) => kind !== 'TriggerAuthentication')).toHaveLength(autoscaled ? 1 : 0);
        expect(manifests.flatMap((manifest) => validator.validate(manifest))).toEqual([]);
      }),
    );
  });
});
