import type {
  PutScalingPolicyCommandInput,
  RegisterScalableTargetCommandInput,
} from '@aws-sdk/client-application-auto-scaling';
import type { Field } from '../../ecs/field.js';
import type { ScalingInput } from '../../ecs/input.js';
import { ANNOTATION } from '../annotations.js';
import { keyName } from '../names.js';
import { defaulted, unread } from '../not-known.js';
import type { PortContext } from '../pod-draft.js';
import type { Suspended } from './behavior.js';
import { PATHS, type Scaler } from './scaler.js';
import { markStepScaling } from './step.js';

type Target = Field<RegisterScalableTargetCommandInput>;

/** What the scalable target holds back. */
export interface Suspension extends Suspended {
  readonly scheduled: boolean;
}

export function suspensionOf(target: Target): Suspension {
  const state = target.get('SuspendedState');
  return {
    in: state.get('DynamicScalingInSuspended').value === true,
    out: state.get('DynamicScalingOutSuspended').value === true,
    scheduled: state.get('ScheduledScalingSuspended').value === true,
  };
}

/** Says of all of a service's scaling that it is not carried. */
export function markAll(scaling: readonly ScalingInput[], lost: string, todo?: string): void {
  for (const { definition } of scaling) definition.none(lost, todo);
}

/** Marks the name and type of a policy, and its steps or forecasts. */
export function markPolicy(policy: Field<PutScalingPolicyCommandInput>, tracked: boolean, context: PortContext): void {
  policy.get('PolicyName').same('ScaledObject.spec.triggers[].name', 'only names the policy');
  policy
    .get('PredictiveScalingPolicyConfiguration')
    .none('nothing in Kubernetes scales by a forecast', 'raise the minimum by the clock, with KEDA cron triggers');
  const type = policy.get('PolicyType');
  const other = `the policy is of type ${type.value ?? 'TargetTrackingScaling'}, which does not use it`;
  const step = policy.get('StepScalingPolicyConfiguration');
  if (tracked || (type.value !== undefined && type.value !== 'StepScaling')) step.same([], other);
  else if (!unread(step) && step.exists) markStepScaling(policy, context);
  if (!tracked) policy.get('TargetTrackingScalingPolicyConfiguration').same([], other);
  if (tracked) type.same('HorizontalPodAutoscaler.spec.metrics');
  else type.near([], 'the configuration of the policy says what becomes of it');
}

/**
 * Marks the scalable target.
 *
 * @returns annotations for the autoscaler: the target's tags
 */
export function markTarget(
  target: Target,
  scaler: Scaler | undefined,
  range: { readonly lowest: number; readonly highest: number },
): Record<string, string> {
  target
    .get('RoleARN')
    .same([], 'Application Auto Scaling acts by it; autoscalers of Kubernetes have permissions of their own');
  const low = target.get('MinCapacity');
  const high = target.get('MaxCapacity');
  if (scaler === undefined) {
    const lost =
      'no policy or action that Kubernetes can carry scales the Deployment, so nothing holds it to the range';
    for (const field of [low, high]) field.near([], lost, 'scale by hand, or write an autoscaler');
  } else {
    markBound(low, range.lowest, PATHS[scaler].minimum);
    markBound(high, range.highest, PATHS[scaler].maximum);
  }
  markSuspension(target, scaler);
  const annotations: Record<string, string> = {};
  const tags = target.get('Tags');
  if (unread(tags)) return annotations;
  for (const [key, value] of tags.entries()) {
    const annotation = `${ANNOTATION.tagPrefix}${keyName(key)}`;
    if (scaler === undefined) value.none('there is no autoscaler to carry the tag');
    else {
      annotations[annotation] = value.value ?? '';
      value.near(`metadata.annotations["${annotation}"]`, 'an annotation; AWS cost allocation does not read it');
    }
  }
  return annotations;
}

function markBound(field: Field<number>, carried: number, path: string): void {
  if (defaulted(field, `${carried} is taken`)) return;
  if (field.value === carried) field.same(path);
  else if (field.value === 0)
    field.near(path, `${carried}: without a pod nothing measures the load, so the first one stays`);
  else field.near(path, `${carried}, as the scheduled actions have it`);
}

function markSuspension(target: Target, scaler: Scaler | undefined): void {
  const state = target.get('SuspendedState');
  if (unread(state)) return;
  const behavior = scaler === undefined ? [] : PATHS[scaler].behavior;
  const directions = [
    ['DynamicScalingInSuspended', 'scaleDown'],
    ['DynamicScalingOutSuspended', 'scaleUp'],
  ] as const;
  for (const [key, direction] of directions) {
    const field = state.get(key);
    if (defaulted(field, 'nothing is suspended')) continue;
    const suspended = scaler === undefined ? behavior : `${PATHS[scaler].behavior}.${direction}.selectPolicy`;
    if (field.value === true)
      field.near(suspended, 'the autoscaler still keeps to its range, and scheduled floors are held back too');
    else field.same(suspended, 'not suspended');
  }
  const scheduled = state.get('ScheduledScalingSuspended');
  if (defaulted(scheduled, 'nothing is suspended')) return;
  scheduled.same([], scheduled.value === true ? 'there are no cron triggers' : 'not suspended');
}
