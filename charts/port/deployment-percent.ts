/** A count or a percentage, as Kubernetes takes them: `2` or `'50%'`. */
export type CountOrPercent = number | string;

/** Replicas and bounds are 32-bit integers in Kubernetes. */
const INT32 = 2 ** 31 - 1;
/** No update surges a thousandfold; more than this is no percentage that anyone meant. */
const LARGEST_PERCENT = 100_000;

/** The two bounds of a rolling update as Kubernetes has them. */
export interface RollingUpdate {
  readonly maxSurge: CountOrPercent;
  readonly maxUnavailable: CountOrPercent;
  /** True when ECS's own bounds leave no room to replace a task; one pod at a time is then taken down nevertheless. */
  readonly stuck: boolean;
}

/** The most tasks that ECS runs during a deployment: it rounds down. Source: ECS API `maximumPercent`. */
export function upperBound(desired: number, maximumPercent: number): number {
  return Math.floor((desired * maximumPercent) / 100);
}

/** The fewest healthy tasks that ECS keeps during a deployment: it rounds up. Source: ECS API `minimumHealthyPercent`. */
export function lowerBound(desired: number, minimumHealthyPercent: number): number {
  return Math.ceil((desired * minimumHealthyPercent) / 100);
}

/**
 * The rolling update of a Deployment. With a fixed count the bounds are absolute, because Kubernetes rounds a surge
 * percentage up where ECS rounds down. Without one, or with none to count from, they are percentages.
 *
 * Kubernetes refuses an object whose bounds are both zero. ECS takes such a service and its deployments never proceed;
 * here one pod may then be unavailable.
 *
 * @param desired tasks wanted; undefined when autoscaling decides
 * @param minimumHealthyPercent 0 to 100
 * @param maximumPercent 100 or more
 * @example rollingUpdate(3, 50, 150) // { maxSurge: 1, maxUnavailable: 1, stuck: false }
 * @example rollingUpdate(undefined, 100, 200) // { maxSurge: '100%', maxUnavailable: '0%', stuck: false }
 */
export function rollingUpdate(
  desired: number | undefined,
  minimumHealthyPercent: number,
  maximumPercent: number,
): RollingUpdate {
  if (desired === undefined || desired === 0) {
    const surge = Math.min(LARGEST_PERCENT, Math.max(0, maximumPercent - 100));
    const unavailable = percentBelow(minimumHealthyPercent);
    if (surge === 0 && unavailable === 0) return { maxSurge: 0, maxUnavailable: 1, stuck: true };
    return { maxSurge: `${surge}%`, maxUnavailable: `${unavailable}%`, stuck: false };
  }
  const maxSurge = Math.min(INT32, Math.max(0, upperBound(desired, maximumPercent) - desired));
  const maxUnavailable = Math.min(desired, Math.max(0, desired - lowerBound(desired, minimumHealthyPercent)));
  if (maxSurge === 0 && maxUnavailable === 0) return { maxSurge: 0, maxUnavailable: 1, stuck: true };
  return { maxSurge, maxUnavailable, stuck: false };
}

/**
 * The rolling update of a DaemonSet. ECS starts no second task of a daemon on an instance, so only the lower bound counts,
 * and a DaemonSet may not have both bounds. A percentage, since the number of nodes is not known.
 *
 * @example daemonUpdate(0) // { maxUnavailable: '100%', stuck: false }
 */
export function daemonUpdate(minimumHealthyPercent: number): Pick<RollingUpdate, 'maxUnavailable' | 'stuck'> {
  const unavailable = percentBelow(minimumHealthyPercent);
  return unavailable === 0 ? { maxUnavailable: 1, stuck: true } : { maxUnavailable: `${unavailable}%`, stuck: false };
}

/** How many rounds a deployment takes when each replaces as many tasks as the bounds allow at once. */
export function rounds(desired: number, minimumHealthyPercent: number, maximumPercent: number): number {
  if (desired === 0) return 1;
  const { maxSurge, maxUnavailable } = rollingUpdate(desired, minimumHealthyPercent, maximumPercent);
  return Math.ceil(desired / Math.max(1, Number(maxSurge) + Number(maxUnavailable)));
}

/**
 * The disruption budget that keeps `minimumHealthyPercent` of the pods while nodes are drained; a percentage, of which
 * Kubernetes rounds up the pods to keep, as ECS does. Where it would keep every pod, no node could ever be drained: ECS
 * starts the replacement first, the eviction API cannot. One pod at a time may then go.
 *
 * @param desired tasks wanted; undefined when autoscaling decides
 * @returns undefined when no pod need be kept
 */
export function disruptionBudget(
  desired: number | undefined,
  minimumHealthyPercent: number,
): { readonly minAvailable: string } | { readonly maxUnavailable: 1 } | undefined {
  if (minimumHealthyPercent <= 0) return undefined;
  const keepsAll = desired !== undefined && desired > 0 && lowerBound(desired, minimumHealthyPercent) >= desired;
  if (keepsAll || minimumHealthyPercent >= 100) return { maxUnavailable: 1 };
  return { minAvailable: `${minimumHealthyPercent}%` };
}

function percentBelow(minimumHealthyPercent: number): number {
  return Math.min(100, Math.max(0, 100 - minimumHealthyPercent));
}
