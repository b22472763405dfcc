import type {
  PutScalingPolicyCommandInput,
  PutScheduledActionCommandInput,
  RegisterScalableTargetCommandInput,
} from '@aws-sdk/client-application-auto-scaling';
import type { Field } from '../ecs/field.js';
import type { ScalingInput } from '../ecs/input.js';
import type { PortContext } from './pod-draft.js';
import { behaviorOf, scaleInSeconds } from './scaling/behavior.js';
import { markAll, markPolicy, markTarget, suspensionOf } from './scaling/marks.js';
import type { Trigger } from './scaling/metric.js';
import { horizontalPodAutoscaler, type ScaleTarget, scaledObject } from './scaling/scaled-object.js';
import { scheduledRange } from './scaling/scheduled-actions.js';
import type { Scaler } from './scaling/scaler.js';
import { markTracking, readTracking, type Tracking } from './scaling/target-tracking.js';

/** What scaling means for the Deployment. */
export interface ScalingResult {
  /** Whether an autoscaler sets the replicas; the Deployment must not say a number then. */
  readonly autoscaled: boolean;
}

type Target = Field<RegisterScalableTargetCommandInput>;
type Policy = Field<PutScalingPolicyCommandInput>;
type Action = Field<PutScheduledActionCommandInput>;

const NOT_SCALED: ScalingResult = { autoscaled: false };

/**
 * Service Auto Scaling as one autoscaler: a HorizontalPodAutoscaler where CPU and memory are all that is watched, and a
 * KEDA ScaledObject as soon as anything else is (CloudWatch metrics, scheduled actions). A service without a policy or
 * action that can be carried has no autoscaler, and the Deployment keeps its number of replicas.
 *
 * ECS's percentages are of the reservation, Kubernetes' of the request: the same where the request is the reservation.
 *
 * Source: Application Auto Scaling API; `autoscaling/v2`; KEDA 2 ScaledObject specification.
 *
 * @param target the workload's object, in the context's namespace
 * @example applyScaling(context, { apiVersion: 'apps/v1', kind: 'Deployment', name: context.name }).autoscaled
 */
export function applyScaling(context: PortContext, target: ScaleTarget): ScalingResult {
  const { scaling } = context.workload;
  if (scaling.length === 0) return NOT_SCALED;
  if (target.kind === 'DaemonSet') {
    markAll(scaling, 'a DaemonSet has one pod on each node; ECS does not scale DAEMON services either');
    return NOT_SCALED;
  }
  const { targets, policies, actions } = latest(scaling);
  const scalable = targets.at(-1);
  const maximum = scalable?.get('MaxCapacity').value;
  if (scalable === undefined || maximum === undefined) {
    const lost =
      scalable === undefined ? 'no scalable target of the input says the range' : 'the maximum capacity is not known';
    markAll(
      scaling,
      lost,
      'add the output of: aws application-autoscaling describe-scalable-targets --service-namespace ecs',
    );
    return NOT_SCALED;
  }
  const minimum = scalable.get('MinCapacity').value ?? 1;
  const suspended = suspensionOf(scalable);
  const trackings = policies.filter(isTracking).map((policy) => readTracking(policy, context));
  const carried = trackings.filter(({ metric }) => metric.kind !== 'none');
  const watched = carried.flatMap(cloudWatchTrigger);
  const byPolicies =
    carried.length === 0 ? undefined : watched.length === 0 ? 'HorizontalPodAutoscaler' : 'ScaledObject';
  const range = scheduledRange(actions, { minimum, maximum }, { suspended: suspended.scheduled, byPolicies });
  if (range.maximum < 1) {
    markAll(
      scaling,
      'the service may have no tasks at all, and an autoscaler needs one',
      'scale the Deployment to 0 by hand',
    );
    return NOT_SCALED;
  }
  const triggers = [...range.triggers, ...watched];
  const scaler: Scaler | undefined = triggers.length > 0 ? 'ScaledObject' : byPolicies;
  const neverScalesIn = suspended.in || (carried.length > 0 && carried.every(({ disableScaleIn }) => disableScaleIn));
  for (const tracking of trackings) markTracking(tracking, scaler ?? 'HorizontalPodAutoscaler', neverScalesIn);
  for (const policy of policies) markPolicy(policy, isTracking(policy), context);
  // Only KEDA wakes a first pod, and only by what can be measured without any; it would also put it to sleep again.
  const lowest = scaler === 'ScaledObject' && !neverScalesIn ? range.minimum : Math.max(1, range.minimum);
  const highest = Math.max(lowest, range.maximum);
  const annotations = markTarget(scalable, scaler, { lowest, highest });
  if (scaler === undefined) return NOT_SCALED;
  const draft = {
    target,
    minimum: lowest,
    maximum: highest,
    behavior: behaviorOf(carried, { minimum: lowest, maximum: highest }, suspended),
    annotations,
    resources: resourcesOf(carried),
  };
  const autoscaler =
    scaler === 'ScaledObject'
      ? scaledObject(draft, triggers, scaleInSeconds(carried), context)
      : horizontalPodAutoscaler(draft, context);
  context.add(autoscaler);
  return { autoscaled: true };
}

/** Targets, policies and actions, without those that a later one of the same name replaces; marks who they are for. */
function latest(scaling: readonly ScalingInput[]): {
  readonly targets: readonly Target[];
  readonly policies: readonly Policy[];
  readonly actions: readonly Action[];
} {
  const last = new Map<string, ScalingInput>();
  for (const [index, input] of scaling.entries()) {
    const key = `${input.kind} ${nameOf(input) ?? (input.kind === 'target' ? '' : `#${index}`)}`;
    last.get(key)?.definition.same([], 'given again later in the input, and that counts');
    last.delete(key);
    last.set(key, input);
  }
  const kept = [...last.values()];
  for (const input of kept) markIdentity(input);
  return {
    targets: kept.flatMap((input) => (input.kind === 'target' ? [input.definition] : [])),
    policies: kept.flatMap((input) => (input.kind === 'policy' ? [input.definition] : [])),
    actions: kept.flatMap((input) => (input.kind === 'scheduled-action' ? [input.definition] : [])),
  };
}

function markIdentity(input: ScalingInput): void {
  const identity = input.definition as Field<
    Pick<RegisterScalableTargetCommandInput, 'ResourceId' | 'ScalableDimension' | 'ServiceNamespace'>
  >;
  identity.get('ResourceId').same('spec.scaleTargetRef.name');
  identity.get('ScalableDimension').same('spec.scaleTargetRef');
  identity.get('ServiceNamespace').same('spec.scaleTargetRef');
}

function nameOf(input: ScalingInput): string | undefined {
  if (input.kind === 'policy') return input.definition.get('PolicyName').value;
  return input.kind === 'scheduled-action' ? input.definition.get('ScheduledActionName').value : undefined;
}

function isTracking(policy: Policy): boolean {
  const type = policy.get('PolicyType').value;
  return (
    type === 'TargetTrackingScaling' ||
    (type === undefined && policy.get('TargetTrackingScalingPolicyConfiguration').exists)
  );
}

function cloudWatchTrigger({ metric, policy }: Tracking): readonly Trigger[] {
  if (metric.kind !== 'cloudwatch') return [];
  const name = policy.get('PolicyName').value;
  const { type, ...rest } = metric.trigger;
  return [{ type, ...(name === undefined ? {} : { name }), ...rest }];
}

function resourcesOf(trackings: readonly Tracking[]): ReadonlyMap<'cpu' | 'memory', number> {
  const lowest = new Map<'cpu' | 'memory', number>();
  for (const { metric } of trackings) {
    if (metric.kind !== 'resource') continue;
    lowest.set(metric.resource, Math.min(metric.utilization, lowest.get(metric.resource) ?? metric.utilization));
  }
  return lowest;
}
