import type {
  CustomizedMetricSpecification,
  PredefinedMetricSpecification,
  PutScalingPolicyCommandInput,
  TargetTrackingScalingPolicyConfiguration,
} from '@aws-sdk/client-application-auto-scaling';
import type { Field } from '../../ecs/field.js';
import { defaulted, unread } from '../not-known.js';
import type { PortContext } from '../pod-draft.js';
import { type CloudWatchQuery, cloudWatchTrigger, type Metric, type NoMetric } from './metric.js';
import { MetricMathError, metricMath, searchFor } from './metric-math.js';
import { PATHS, type Scaler } from './scaler.js';

/**
 * Seconds between two scaling activities when the policy does not say.
 * Source: Application Auto Scaling user guide, "define cooldown periods": 300 for ECS services, both ways.
 */
export const DEFAULT_COOLDOWN_SECONDS = 300;

/** A target tracking policy, read but not marked yet: what becomes of it depends on the other policies too. */
export interface Tracking {
  readonly policy: Field<PutScalingPolicyCommandInput>;
  readonly metric: Metric | NoMetric;
  readonly scaleOutCooldown: number;
  readonly scaleInCooldown: number;
  readonly disableScaleIn: boolean;
}

const CPU = /^ECSServiceAverageCPUUtilization(?:HighResolution)?$/;
const MEMORY = /^ECSServiceAverageMemoryUtilization(?:HighResolution)?$/;
const SUPPLY = 'give the value with --parameter NAME=VALUE, and port again';

/** Reads what a policy watches and how fast it may act. */
export function readTracking(policy: Field<PutScalingPolicyCommandInput>, context: PortContext): Tracking {
  const configuration = policy.get('TargetTrackingScalingPolicyConfiguration');
  return {
    policy,
    metric: metricOf(configuration, context),
    scaleOutCooldown: configuration.get('ScaleOutCooldown').value ?? DEFAULT_COOLDOWN_SECONDS,
    scaleInCooldown: configuration.get('ScaleInCooldown').value ?? DEFAULT_COOLDOWN_SECONDS,
    disableScaleIn: configuration.get('DisableScaleIn').value === true,
  };
}

function metricOf(
  configuration: Field<TargetTrackingScalingPolicyConfiguration>,
  context: PortContext,
): Metric | NoMetric {
  const target = configuration.get('TargetValue').value;
  if (target === undefined) return none('the target value is not known', SUPPLY);
  const customized = configuration.get('CustomizedMetricSpecification');
  if (customized.exists) return customizedMetric(customized, target, context);
  return predefinedMetric(configuration.get('PredefinedMetricSpecification'), target, context);
}

function predefinedMetric(
  metric: Field<PredefinedMetricSpecification>,
  target: number,
  context: PortContext,
): Metric | NoMetric {
  const type = metric.get('PredefinedMetricType').value ?? '';
  if (CPU.test(type)) return resource('cpu', target);
  if (MEMORY.test(type)) return resource('memory', target);
  if (type !== 'ALBRequestCountPerTarget') {
    return none(
      type === '' ? 'the metric is not known' : `${type} is no metric of an ECS service`,
      'write a ScaledObject by hand',
    );
  }
  const label = metric.get('ResourceLabel').value ?? '';
  const [, balancer, group] = /^(app\/[^/]+\/[^/]+)\/(targetgroup\/[^/]+\/[^/]+)$/.exec(label) ?? [];
  if (balancer === undefined || group === undefined) {
    return none('the resource label names no load balancer and target group', 'write app/NAME/ID/targetgroup/NAME/ID');
  }
  const dimensions = [
    { name: 'LoadBalancer', value: balancer },
    { name: 'TargetGroup', value: group },
  ];
  return cloudWatch(
    { namespace: 'AWS/ApplicationELB', metricName: 'RequestCountPerTarget', dimensions, statistic: 'Sum' },
    target,
    context,
  );
}

function customizedMetric(
  metric: Field<CustomizedMetricSpecification>,
  target: number,
  context: PortContext,
): Metric | NoMetric {
  try {
    const math = metric.get('Metrics').items();
    const query = math.length > 0 ? metricMath(math) : simpleQuery(metric);
    if ('expression' in query) return endsWithEcs(query.expression) ?? cloudWatch(query, target, context);
    const own = ownUtilization(query);
    if (own !== undefined) return resource(own, target);
    return endsWithEcs(query.namespace) ?? cloudWatch(query, target, context);
  } catch (error) {
    if (!(error instanceof MetricMathError)) throw error;
    return none(
      `KEDA cannot ask for this metric: ${error.message}`,
      'publish the result as a metric of its own, and scale by that',
    );
  }
}

function simpleQuery(metric: Field<CustomizedMetricSpecification>): CloudWatchQuery {
  const namespace = metric.get('Namespace').value;
  const metricName = metric.get('MetricName').value;
  if (namespace === undefined || metricName === undefined) throw new MetricMathError('it has no name or namespace');
  const dimensions = metric.get('Dimensions').items();
  const unit = metric.get('Unit').value;
  return {
    namespace,
    metricName,
    dimensions: dimensions.map((item) => ({
      name: item.get('Name').value ?? '',
      value: item.get('Value').value ?? '',
    })),
    statistic: metric.get('Statistic').value ?? 'Average',
    ...(unit === undefined ? {} : { unit }),
  };
}

/** The service's own utilization, asked for by its CloudWatch name. */
function ownUtilization({
  namespace,
  metricName,
  statistic,
}: Exclude<CloudWatchQuery, { expression: string }>): 'cpu' | 'memory' | undefined {
  if (namespace !== 'AWS/ECS' || statistic !== 'Average') return undefined;
  if (metricName === 'CPUUtilization') return 'cpu';
  return metricName === 'MemoryUtilization' ? 'memory' : undefined;
}

function endsWithEcs(text: string): NoMetric | undefined {
  if (!/\bAWS\/ECS\b|\bECS\/ContainerInsights\b/.test(text)) return undefined;
  return none(
    'nothing publishes the metric once the ECS service is gone',
    'scale by the same figure of the Kubernetes pods, for example from the CloudWatch Observability add-on',
  );
}

function cloudWatch(query: CloudWatchQuery, target: number, context: PortContext): Metric | NoMetric {
  const listable =
    'expression' in query ||
    (query.dimensions.length > 0 && query.dimensions.every(({ name, value }) => !/[;]/.test(name + value)));
  // The trigger's list of dimensions can be neither empty nor hold its own separator; a search can.
  const asked = listable ? query : { expression: searchFor(query) };
  return { kind: 'cloudwatch', trigger: cloudWatchTrigger(asked, target, context) };
}

function resource(name: 'cpu' | 'memory', target: number): Metric {
  return { kind: 'resource', resource: name, utilization: Math.max(1, Math.round(target)) };
}

function none(lost: string, todo: string): NoMetric {
  return { kind: 'none', lost, todo };
}

/**
 * Says what became of a policy's fields.
 *
 * @param neverScalesIn whether the autoscaler scales in for no policy at all
 */
export function markTracking({ policy, metric }: Tracking, scaler: Scaler, neverScalesIn: boolean): void {
  const configuration = policy.get('TargetTrackingScalingPolicyConfiguration');
  if (unread(configuration)) return;
  if (metric.kind === 'none') {
    configuration.none(metric.lost, metric.todo);
    return;
  }
  markMetric(configuration, metric, PATHS[scaler].metrics);
  markCooldowns(configuration, PATHS[scaler].behavior, neverScalesIn);
}

function markMetric(
  configuration: Field<TargetTrackingScalingPolicyConfiguration>,
  metric: Metric,
  path: string,
): void {
  const target = configuration.get('TargetValue');
  const asked = [
    configuration.get('PredefinedMetricSpecification'),
    configuration.get('CustomizedMetricSpecification'),
  ] as const;
  if (metric.kind === 'resource') {
    const rounded = metric.utilization === target.value ? '' : `; rounded to ${metric.utilization}`;
    target.near(
      `${path}[].resource.target.averageUtilization`,
      `the autoscaler acts when the value is off by 10 %, ECS as soon as it is above the target${rounded}`,
    );
    const lost = `the share of the pods' ${metric.resource} requests, as ECS takes it of the reservation; it cannot be computed while a container has no ${metric.resource} request`;
    for (const field of asked)
      field.needsAddon(
        `${path}[].resource`,
        lost,
        'install the Kubernetes Metrics Server; give every container a request',
      );
    return;
  }
  target.near(
    `${path}[].metadata.targetMetricValue`,
    'the autoscaler acts when the value is off by 10 %, ECS as soon as it is above the target',
  );
  const todo = 'install KEDA, and allow its operator to read CloudWatch';
  asked[0].needsAddon(
    `${path}[].metadata`,
    'the metric of the target group stays only while the pods are targets of this very group',
    todo,
  );
  asked[1].needsAddon(`${path}[].metadata`, 'the metric must go on being published, and fall as pods are added', todo);
}

function markCooldowns(
  configuration: Field<TargetTrackingScalingPolicyConfiguration>,
  behavior: string,
  neverScalesIn: boolean,
): void {
  const out = configuration.get('ScaleOutCooldown');
  if (!defaulted(out, `${DEFAULT_COOLDOWN_SECONDS} s are taken`)) {
    out.near(
      `${behavior}.scaleUp.policies[].periodSeconds`,
      'there is no wait for the new pods to take effect: pods that are not ready count as idle instead',
    );
  }
  const back = configuration.get('ScaleInCooldown');
  if (!defaulted(back, `${DEFAULT_COOLDOWN_SECONDS} s are taken`)) {
    const lost =
      'the value must be low for this long before pods are removed; ECS wants it low for 15 minutes, and waits between two steps';
    back.near(
      [`${behavior}.scaleDown.stabilizationWindowSeconds`, `${behavior}.scaleDown.policies[].periodSeconds`],
      lost,
    );
  }
  const disabled = configuration.get('DisableScaleIn');
  if (defaulted(disabled, 'the autoscaler scales in')) return;
  if (disabled.value !== true || neverScalesIn) disabled.same(`${behavior}.scaleDown.selectPolicy`);
  else
    disabled.near(
      `${behavior}.scaleDown`,
      'the other policies may scale in, but only while this metric is below its target too',
    );
}
