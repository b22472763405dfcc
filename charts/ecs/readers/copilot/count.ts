import type { SourceNode } from '../../source/source-node.js';
import { at, implied, list, made, membersOf, numberOf, object, textOf } from '../derived/nodes.js';
import type { Manifest } from './manifest.js';

/** What `count` becomes: the desired count, where tasks run, and how their number follows a metric. */
export interface Count {
  readonly desiredCount: SourceNode;
  readonly capacityProviderStrategy?: SourceNode | undefined;
  /** In `RegisterScalableTarget` form. */
  readonly target?: SourceNode;
  /** In `PutScalingPolicy` form. */
  readonly policies: readonly SourceNode[];
}

/** Seconds between two scaling steps when the manifest does not say. Source: `autoscaling.yml` of aws/copilot-cli. */
const SCALE_IN_COOLDOWN = 120;
const SCALE_OUT_COOLDOWN = 60;

const NAMESPACE = 'ecs';
const DIMENSION = 'ecs:service:DesiredCount';

/** Reads `count`: a number, `spot`, or a range with the metrics that it follows. */
export function countOf(manifest: Manifest): Count {
  const count = manifest.get('count');
  if (count === undefined) return { desiredCount: implied(1, manifest.root), policies: [] };
  if (count.kind === 'scalar') return { desiredCount: count, policies: [] };
  const spot = at(count, 'spot');
  const range = at(count, 'range');
  if (spot !== undefined) {
    const strategy = list(spot, [
      object(spot, [
        ['capacityProvider', implied('FARGATE_SPOT', spot)],
        ['weight', implied(1, spot)],
      ]),
    ]);
    for (const { key, value } of membersOf(count))
      if (key !== 'spot') manifest.coverage.none(value, 'Copilot does not scale a service with a fixed spot count');
    return { desiredCount: spot, capacityProviderStrategy: strategy, policies: [] };
  }
  const bounds = boundsOf(manifest, range);
  if (range === undefined || bounds === undefined) {
    manifest.say('warning', 'missing-field', count, 'count names no range to scale in; one task is assumed', 'count');
    for (const { value } of membersOf(count)) manifest.coverage.none(value, 'scaling needs a range such as 1-10');
    return { desiredCount: implied(1, count), policies: [] };
  }
  manifest.coverage.none(at(count, 'cooldown'), 'no metric of this manifest uses it');
  return {
    desiredCount: implied(numberOf(bounds.minimum) ?? 1, range),
    capacityProviderStrategy: spotFrom(range, numberOf(bounds.minimum) ?? 0),
    target: scalingItem(manifest, range, [
      ['MinCapacity', bounds.minimum],
      ['MaxCapacity', bounds.maximum],
    ]),
    policies: policiesOf(manifest, count),
  };
}

function boundsOf(
  manifest: Manifest,
  range: SourceNode | undefined,
): { readonly minimum: SourceNode; readonly maximum: SourceNode } | undefined {
  if (range === undefined) return undefined;
  if (range.kind === 'scalar') {
    const match = /^\s*(\d{1,9})\s*-\s*(\d{1,9})\s*$/.exec(textOf(range) ?? '');
    if (match !== null) return { minimum: made(Number(match[1]), range), maximum: made(Number(match[2]), range) };
    manifest.reject(range, 'a range has the form MIN-MAX, such as 1-10');
    return undefined;
  }
  const minimum = at(range, 'min');
  const maximum = at(range, 'max');
  return minimum === undefined || maximum === undefined ? undefined : { minimum, maximum };
}

/** On-demand Fargate up to the task before `spot_from`, Fargate Spot from there on. */
function spotFrom(range: SourceNode, minimum: number): SourceNode | undefined {
  const from = at(range, 'spot_from');
  const number = numberOf(from);
  if (from === undefined || number === undefined) return undefined;
  const spot = object(from, [
    ['capacityProvider', made('FARGATE_SPOT', from)],
    ['weight', implied(1, from)],
  ]);
  if (number < minimum) return list(from, [spot]);
  const onDemand = object(from, [
    ['capacityProvider', implied('FARGATE', from)],
    ['weight', implied(0, from)],
    ['base', made(Math.max(0, number - 1), from)],
  ]);
  return list(from, [spot, onDemand]);
}

function policiesOf(manifest: Manifest, count: SourceNode): readonly SourceNode[] {
  const policies: (SourceNode | undefined)[] = [
    targetTracking(manifest, count, 'cpu_percentage', predefined('ECSServiceAverageCPUUtilization')),
    targetTracking(manifest, count, 'memory_percentage', predefined('ECSServiceAverageMemoryUtilization')),
    targetTracking(manifest, count, 'requests', loadBalancerMetric(manifest, 'RequestCountPerTarget', 'Sum')),
    targetTracking(manifest, count, 'response_time', loadBalancerMetric(manifest, 'TargetResponseTime', 'Average')),
    queueDelay(manifest, at(count, 'queue_delay'), count),
  ];
  return policies.filter((derived) => derived !== undefined);
}

type Metric = (where: SourceNode) => readonly [string, SourceNode];

function predefined(type: string): Metric {
  return (where) => ['PredefinedMetricSpecification', object(where, [['PredefinedMetricType', implied(type, where)]])];
}

function loadBalancerMetric(manifest: Manifest, metric: string, statistic: string): Metric {
  return (where) => [
    'CustomizedMetricSpecification',
    object(where, [
      ['Namespace', implied('AWS/ApplicationELB', where)],
      ['MetricName', implied(metric, where)],
      ['Statistic', implied(statistic, where)],
      [
        'Dimensions',
        list(where, [
          dimension(
            where,
            'LoadBalancer',
            manifest.parameter(`loadBalancer.${manifest.name}`, `\${load balancer of ${manifest.name}}`, where),
          ),
          dimension(where, 'TargetGroup', targetGroupDimension(manifest, where)),
        ]),
      ],
    ]),
  ];
}

/** CloudWatch names a target group by the last part of its ARN. */
function targetGroupDimension(manifest: Manifest, where: SourceNode): SourceNode {
  const arn = manifest.options.parameters.get(`targetGroup.${manifest.name}`);
  const resource = arn?.slice(arn.lastIndexOf(':') + 1);
  if (resource?.startsWith('targetgroup/') === true) return implied(resource, where);
  return manifest.parameter(`targetGroup.${manifest.name}`, `\${target group of ${manifest.name}}`, where);
}

function dimension(where: SourceNode, name: string, value: SourceNode): SourceNode {
  return object(where, [
    ['Name', implied(name, where)],
    ['Value', value],
  ]);
}

function targetTracking(manifest: Manifest, count: SourceNode, key: string, metric: Metric): SourceNode | undefined {
  const section = at(count, key);
  const value = section?.kind === 'object' ? at(section, 'value') : section;
  const target = key === 'response_time' ? manifest.seconds(value, false) : value;
  if (section === undefined || target === undefined) return undefined;
  return policy(manifest, section, key, target, metric(section), [at(section, 'cooldown'), at(count, 'cooldown')]);
}

/** Messages a task may have waiting: how long one may wait by how long one takes. */
function queueDelay(manifest: Manifest, section: SourceNode | undefined, count: SourceNode): SourceNode | undefined {
  const latencyNode = at(section, 'acceptable_latency');
  const processingNode = at(section, 'msg_processing_time');
  const latency = numberOf(manifest.seconds(latencyNode, false));
  const processing = numberOf(manifest.seconds(processingNode, false));
  if (section === undefined || latencyNode === undefined || processingNode === undefined) return undefined;
  if (latency === undefined || processing === undefined || processing <= 0) return undefined;
  manifest.say(
    'note',
    'queue-delay-metric',
    section,
    "BacklogPerTask is published by a function of Copilot's stack and ends with it",
    'count.queue_delay',
    "keep that function, or scale by KEDA's aws-sqs-queue scaler",
  );
  const backlog = made(Math.ceil(latency / processing), latencyNode, processingNode);
  const metric: readonly [string, SourceNode] = [
    'CustomizedMetricSpecification',
    object(section, [
      ['Namespace', manifest.named(manifest.resourceName, section)],
      ['MetricName', implied('BacklogPerTask', section)],
      ['Statistic', implied('Average', section)],
      ['Unit', implied('Count', section)],
      [
        'Dimensions',
        list(section, [
          dimension(
            section,
            'QueueName',
            manifest.parameter(`queue.${manifest.name}`, `\${queue of ${manifest.name}}`, section),
          ),
        ]),
      ],
    ]),
  ];
  return policy(manifest, section, 'queue_delay', backlog, metric, [at(section, 'cooldown'), at(count, 'cooldown')]);
}

function policy(
  manifest: Manifest,
  section: SourceNode,
  name: string,
  target: SourceNode,
  metric: readonly [string, SourceNode],
  cooldowns: readonly (SourceNode | undefined)[],
): SourceNode {
  const cooldown = (key: string, otherwise: number): SourceNode => {
    const given = cooldowns.map((candidate) => at(candidate, key)).find((node) => node !== undefined);
    return manifest.seconds(given) ?? implied(otherwise, section);
  };
  return scalingItem(manifest, section, [
    ['PolicyName', implied(`${manifest.name}-${name.replaceAll('_', '-')}`, section)],
    ['PolicyType', implied('TargetTrackingScaling', section)],
    [
      'TargetTrackingScalingPolicyConfiguration',
      object(section, [
        metric,
        ['TargetValue', target],
        ['ScaleInCooldown', cooldown('in', SCALE_IN_COOLDOWN)],
        ['ScaleOutCooldown', cooldown('out', SCALE_OUT_COOLDOWN)],
      ]),
    ],
  ]);
}

function scalingItem(
  manifest: Manifest,
  where: SourceNode,
  members: readonly (readonly [string, SourceNode | undefined])[],
): SourceNode {
  return object(where, [
    ['ServiceNamespace', implied(NAMESPACE, where)],
    ['ResourceId', implied(`service/${manifest.cluster ?? 'default'}/${manifest.name}`, where)],
    ['ScalableDimension', implied(DIMENSION, where)],
    ...members,
  ]);
}
