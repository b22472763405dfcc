import type { ReplacementRecord } from './healing-policy.js';
import { scaled } from './int-or-percent.js';
import type { ObservedPod, ObservedWorkload } from './observation.js';
import { isActive, MAXIMUM_RECORDS, underWay } from './replacements.js';
import { type Scene, workloadOf } from './scene.js';

/** How much may be done at a time, and how much of it is spent. */
export interface Budget {
  readonly maxUnavailable: number;
  readonly maxReplacements: number;
  /** Pods that are wanted and not Ready, those that were taken down included. */
  readonly unavailable: number;
  /** Replacements under way. */
  readonly replacing: number;
  /** Uids of the pods that these wait for. One of them takes over its predecessor's place in the budget when it fails too. */
  readonly awaited: ReadonlySet<string>;
}

/**
 * The one budget for all causes.
 *
 * A pod that was acted upon is no longer available, even if the cache still shows it Ready. Terminating pods that no record
 * tells of count as replacements under way too, while their workload misses pods: an operator may have died between
 * the call and the record of it. Those on a node that is down do not: nobody can tell when they end.
 */
export function budgetOf(pods: readonly ObservedPod[], records: readonly ReplacementRecord[], scene: Scene): Budget {
  const { observation, settings } = scene;
  const acted = new Set(records.flatMap(({ uid, actedAt }) => (actedAt === undefined ? [] : [uid])));
  const ready = new Map<string, number>();
  const workloads = new Map<string, ObservedWorkload>();
  for (const pod of pods) {
    const workload = workloadOf(pod, scene);
    if (workload === undefined) continue;
    workloads.set(workload.id, workload);
    if (pod.ready && isActive(pod) && !acted.has(pod.uid)) ready.set(workload.id, (ready.get(workload.id) ?? 0) + 1);
  }
  const missingOf = (workload: ObservedWorkload): number =>
    Math.max(0, workload.desired - (ready.get(workload.id) ?? 0));
  const desired = sum([...workloads.values()].map((workload) => workload.desired));
  const unrecorded = pods.filter((pod) => {
    const workload = workloadOf(pod, scene);
    const node = pod.node === undefined ? undefined : observation.nodes.get(pod.node);
    if (pod.deletingSince === undefined || acted.has(pod.uid) || workload === undefined) return false;
    return !workload.rolling && missingOf(workload) > 0 && node?.ready !== false;
  });
  const open = underWay(records, scene);
  const awaited = pods.filter((pod) =>
    open.some(({ replacement, workload, uid }) => {
      return replacement === pod.name && uid !== pod.uid && workloadOf(pod, scene)?.id === workload;
    }),
  );
  return {
    maxUnavailable: Math.max(1, scaled(settings.maxUnavailable, desired, 'down') ?? 0),
    maxReplacements: Math.min(MAXIMUM_RECORDS, scaled(settings.maxReplacements, desired, 'up') ?? 0),
    unavailable: sum([...workloads.values()].map(missingOf)),
    replacing: open.length + unrecorded.length,
    awaited: new Set(awaited.map(({ uid }) => uid)),
  };
}

/** Why a pod may not be replaced now; undefined when it may. A pod that is down already costs no availability. */
export function refusal(budget: Budget, pod: ObservedPod): string | undefined {
  const place = placeOf(budget, pod);
  if (place > 0 && budget.replacing + place > budget.maxReplacements)
    return `${budget.replacing} replacements are under way, of at most ${budget.maxReplacements} (budget.maxReplacements)`;
  if (pod.ready && budget.unavailable + 1 > budget.maxUnavailable)
    return `${budget.unavailable} pods are unavailable, and with this one it would be more than ${budget.maxUnavailable} (budget.maxUnavailable)`;
  return undefined;
}

/** The budget once a pod is taken down. */
export function spend(budget: Budget, pod: ObservedPod): Budget {
  return {
    ...budget,
    replacing: budget.replacing + placeOf(budget, pod),
    unavailable: budget.unavailable + (pod.ready ? 1 : 0),
  };
}

function placeOf(budget: Budget, pod: ObservedPod): number {
  return budget.awaited.has(pod.uid) ? 0 : 1;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
