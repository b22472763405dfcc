import type {
  PutScalingPolicyCommandInput,
  StepAdjustment,
  StepScalingPolicyConfiguration,
} from '@aws-sdk/client-application-auto-scaling';
import type { Field } from '../../ecs/field.js';
import { memberOf, stringOf } from '../../ecs/source/source-node.js';
import type { PortContext } from '../pod-draft.js';

/**
 * Marks a step scaling policy. Its steps can be written as a KEDA formula, but the metric and the threshold that they
 * count from stand in a CloudWatch alarm and not in the policy, so the reader gets the formula and is told the rest.
 *
 * Source: Application Auto Scaling API `StepScalingPolicyConfiguration`; KEDA `scalingModifiers`.
 */
export function markStepScaling(policy: Field<PutScalingPolicyCommandInput>, context: PortContext): void {
  const configuration = policy.get('StepScalingPolicyConfiguration');
  const alarms = memberOf(policy.node, 'Alarms');
  const names = (alarms?.kind === 'array' ? alarms.items : []).flatMap(
    (alarm) => stringOf(memberOf(alarm, 'AlarmName')) ?? [],
  );
  const alarm = names.length === 0 ? 'the alarm that runs the policy' : `alarm ${names.join(', ')}`;
  const selector = Object.entries(context.selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const formula = stepFormula(configuration);
  const todo =
    `in a ScaledObject, name an aws-cloudwatch trigger for the metric of ${alarm} "metric" and a kubernetes-workload trigger with podSelector ${selector} "pods", ` +
    `and set scalingModifiers target 1 and formula: ${formula}; T is the alarm's threshold`;
  configuration.needsAddon(
    [],
    'Kubernetes has no steps, and the alarm that says what is measured is not part of the policy',
    todo,
  );
  context.findings.require('keda', `${context.title}: step scaling, to be written by hand`);
}

/**
 * The desired number of pods by a policy's steps, in KEDA's expression language, from `metric`, the alarm's threshold `T`
 * and the number of `pods`. Percentages are rounded as Application Auto Scaling rounds them: towards zero, but to at
 * least one task or the policy's minimum.
 *
 * @example stepFormula(policy) // 'metric >= T && metric < T + 20 ? pods + 1 : metric >= T + 20 ? pods + 3 : pods'
 */
export function stepFormula(configuration: Field<StepScalingPolicyConfiguration>): string {
  const type = configuration.get('AdjustmentType').value ?? 'ChangeInCapacity';
  const least = Math.max(1, configuration.get('MinAdjustmentMagnitude').value ?? 1);
  const steps = configuration
    .get('StepAdjustments')
    .items()
    .map((step) => {
      const condition = conditionOf(step);
      return `${condition} ? ${capacity(type, step.get('ScalingAdjustment').value ?? 0, least)} : `;
    });
  return `${steps.join('')}pods`;
}

function conditionOf(step: Field<StepAdjustment>): string {
  const lower = step.get('MetricIntervalLowerBound').value;
  const upper = step.get('MetricIntervalUpperBound').value;
  // Below the threshold the upper bound belongs to the step, above it the lower one.
  const below = (upper ?? 1) <= 0;
  const parts = [
    ...(lower === undefined ? [] : [`metric ${below ? '>' : '>='} ${threshold(lower)}`]),
    ...(upper === undefined ? [] : [`metric ${below ? '<=' : '<'} ${threshold(upper)}`]),
  ];
  return parts.length === 0 ? 'true' : parts.join(' && ');
}

function threshold(offset: number): string {
  if (offset === 0) return 'T';
  return offset > 0 ? `T + ${offset}` : `T - ${-offset}`;
}

function capacity(type: string, adjustment: number, least: number): string {
  if (type === 'ExactCapacity') return String(adjustment);
  const sign = adjustment < 0 ? '-' : '+';
  const size = Math.abs(adjustment);
  if (type === 'ChangeInCapacity') return `pods ${sign} ${size}`;
  return `pods ${sign} max(${least}, floor(pods * ${size} / 100))`;
}
