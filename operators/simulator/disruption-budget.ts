import { field, isArray, isObject, number, text, withField, withFields } from './json.js';
import type { Json, JsonObject } from './json.js';
import { labelSelectorObject } from './selectors.js';

/** The Eviction API's answer to an eviction, but for the deletion itself. */
export type EvictionVerdict =
  | { readonly type: 'Evict'; readonly budget?: JsonObject }
  | { readonly type: 'Refuse'; readonly message: string }
  | { readonly type: 'TwoBudgets' };

/**
 * Whether a pod may be evicted, with the budget's next status where one is spent.
 *
 * Source: pkg/registry/core/pod/storage/eviction.go and pkg/controller/disruption, whose status is computed here at the
 * moment of the question, as if that controller took no time.
 * @param budgets PodDisruptionBudgets of the pod's namespace
 * @param pods pods of the namespace
 * @param expected how many pods their owners want: from `spec.replicas` of an owner
 * @param now RFC 3339
 */
export function judgeEviction(
  pod: JsonObject,
  budgets: readonly JsonObject[],
  pods: readonly JsonObject[],
  expected: (pods: readonly JsonObject[]) => number,
  now: string,
): EvictionVerdict {
  const phase = text(pod, 'status', 'phase');
  const over = phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending';
  if (over || text(pod, 'metadata', 'deletionTimestamp') !== undefined) return { type: 'Evict' };
  const matching = budgets.filter((budget) => labelSelectorObject(field(budget, 'spec', 'selector'))(pod));
  const [found, second] = matching;
  if (found === undefined) return { type: 'Evict' };
  if (second !== undefined) return { type: 'TwoBudgets' };
  const budget = withBudgetStatus(found, pods, expected);
  const healthy = number(budget, 'status', 'currentHealthy') ?? 0;
  const desired = number(budget, 'status', 'desiredHealthy') ?? 0;
  if (!isReady(pod)) {
    const always = text(budget, 'spec', 'unhealthyPodEvictionPolicy') === 'AlwaysAllow';
    if (always || (desired > 0 && healthy >= desired)) return { type: 'Evict' };
  }
  const allowed = number(budget, 'status', 'disruptionsAllowed') ?? 0;
  if (allowed <= 0) {
    const name = text(budget, 'metadata', 'name') ?? '';
    return {
      type: 'Refuse',
      message: `The disruption budget ${name} needs ${desired} healthy pods and has ${healthy} currently`,
    };
  }
  const status = asObject(field(budget, 'status'));
  const disrupted = withField(asObject(field(status, 'disruptedPods')), text(pod, 'metadata', 'name') ?? '', now);
  const spent = withFields(status, { disruptionsAllowed: allowed - 1, disruptedPods: disrupted });
  return { type: 'Evict', budget: withField(budget, 'status', spent) };
}

/** The budget with the status that the disruption controller would give it now. */
function withBudgetStatus(
  budget: JsonObject,
  pods: readonly JsonObject[],
  expectedOf: (pods: readonly JsonObject[]) => number,
): JsonObject {
  const selected = pods.filter(labelSelectorObject(field(budget, 'spec', 'selector')));
  const present = new Set(
    selected
      .filter((pod) => text(pod, 'metadata', 'deletionTimestamp') === undefined)
      .map((pod) => text(pod, 'metadata', 'name') ?? ''),
  );
  const recorded = Object.entries(asObject(field(budget, 'status', 'disruptedPods')));
  const disrupted = Object.fromEntries(recorded.filter(([name]) => present.has(name)));
  const healthy = selected.filter(
    (pod) =>
      present.has(text(pod, 'metadata', 'name') ?? '') &&
      !Object.hasOwn(disrupted, text(pod, 'metadata', 'name') ?? '') &&
      isReady(pod),
  ).length;
  const minAvailable = field(budget, 'spec', 'minAvailable');
  const maxUnavailable = field(budget, 'spec', 'maxUnavailable');
  const expected = typeof minAvailable === 'number' ? selected.length : expectedOf(selected);
  const desired =
    minAvailable !== undefined
      ? share(minAvailable, expected)
      : Math.max(0, expected - share(maxUnavailable ?? 0, expected));
  return withField(budget, 'status', {
    observedGeneration: number(budget, 'metadata', 'generation') ?? 1,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    disruptionsAllowed: expected > 0 ? Math.max(0, healthy - desired) : 0,
    ...(Object.keys(disrupted).length === 0 ? {} : { disruptedPods: disrupted }),
  });
}

/** A number of pods, or a percentage of them, rounded up. */
function share(value: Json, of: number): number {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(typeof value === 'string' ? value : '');
  return percent === null ? 0 : Math.ceil((Number(percent[1]) * of) / 100);
}

function isReady(pod: JsonObject): boolean {
  const conditions = field(pod, 'status', 'conditions');
  return (
    isArray(conditions) &&
    conditions.some((condition) => text(condition, 'type') === 'Ready' && text(condition, 'status') === 'True')
  );
}

function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** The pod with the condition that the Eviction API sets before it deletes. Source: Kubernetes, "Pod disruption conditions". */
export function withDisruptionTarget(pod: JsonObject, now: string): JsonObject {
  const status = asObject(field(pod, 'status'));
  const conditions = field(status, 'conditions');
  const others = (isArray(conditions) ? conditions : []).filter(
    (condition) => text(condition, 'type') !== 'DisruptionTarget',
  );
  const target = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastTransitionTime: now,
  };
  return withField(pod, 'status', withField(status, 'conditions', [...others, target]));
}

/** What the owners of pods want together, by `spec.replicas` of ReplicaSets; the pods themselves where no owner is known. */
export function expectedPods(pods: readonly JsonObject[], replicaSets: readonly JsonObject[]): number {
  const replicasOf = new Map(
    replicaSets.map((owner) => [text(owner, 'metadata', 'uid'), number(owner, 'spec', 'replicas')]),
  );
  const counts = new Map<string, number>();
  for (const pod of pods) {
    const references = field(pod, 'metadata', 'ownerReferences');
    const owner = (isArray(references) ? references : []).find((reference) => field(reference, 'controller') === true);
    const uid = text(owner, 'uid') ?? text(pod, 'metadata', 'uid') ?? '';
    counts.set(uid, replicasOf.get(uid) ?? (counts.get(uid) ?? 0) + 1);
  }
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
