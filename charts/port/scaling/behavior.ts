import type { IHorizontalPodAutoscalerBehavior } from 'kubernetes-models/autoscaling/v2';
import type { Tracking } from './target-tracking.js';

/** Kubernetes takes no longer ones. Source: `HPAScalingPolicy.periodSeconds`, `HPAScalingRules.stabilizationWindowSeconds`. */
const LONGEST_PERIOD_SECONDS = 1800;
const LONGEST_WINDOW_SECONDS = 3600;

/** What the autoscaler may not do at all. */
export interface Suspended {
  readonly in: boolean;
  readonly out: boolean;
}

/**
 * How fast the autoscaler may act. It is one for all policies: any of them may scale out, so the shortest cooldown for
 * scaling out counts; all of them must agree to scale in, so the longest for scaling in.
 *
 * Scaling out is limited by nothing but the range, as with target tracking, where Kubernetes would add at most 4 pods or
 * double them every 15 seconds.
 *
 * @param policies those whose metric is carried; none when only the clock scales
 */
export function behaviorOf(
  policies: readonly Tracking[],
  range: { readonly minimum: number; readonly maximum: number },
  suspended: Suspended,
): IHorizontalPodAutoscalerBehavior | undefined {
  if (policies.length === 0 && !suspended.in && !suspended.out) return undefined;
  const scalingIn = policies.filter((policy) => !policy.disableScaleIn);
  const never = suspended.in || (policies.length > 0 && scalingIn.length === 0);
  const outSeconds = Math.min(...policies.map((policy) => policy.scaleOutCooldown));
  const inSeconds = scaleInSeconds(policies);
  const disabled = { selectPolicy: 'Disabled' };
  const pods = Math.max(1, range.maximum - range.minimum);
  return {
    ...(suspended.out
      ? { scaleUp: disabled }
      : policies.length === 0
        ? {}
        : {
            scaleUp: {
              stabilizationWindowSeconds: 0,
              policies: [{ type: 'Pods', value: pods, periodSeconds: period(outSeconds) }],
            },
          }),
    ...(never
      ? { scaleDown: disabled }
      : policies.length === 0
        ? {}
        : {
            scaleDown: {
              stabilizationWindowSeconds: Math.min(LONGEST_WINDOW_SECONDS, Math.max(0, inSeconds)),
              policies: [{ type: 'Percent', value: 100, periodSeconds: period(inSeconds) }],
            },
          }),
  };
}

/** The longest cooldown of the policies that scale in; 0 when none does. */
export function scaleInSeconds(policies: readonly Tracking[]): number {
  return Math.max(0, ...policies.filter((policy) => !policy.disableScaleIn).map((policy) => policy.scaleInCooldown));
}

function period(seconds: number): number {
  return Math.min(LONGEST_PERIOD_SECONDS, Math.max(1, seconds));
}
