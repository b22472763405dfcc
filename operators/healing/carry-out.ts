import type { KubernetesApi } from '../runtime/api.js';
import type { Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import { NAME } from '../runtime/names.js';
import { keyOf } from '../runtime/resource.js';
import { act } from './act.js';
import type { Hold, Replace } from './decision.js';
import type { HealingPolicyStatus } from './healing-policy.js';
import type { HealingMetrics } from './metrics.js';
import { keepRecordsIf, markActed, type PolicyMemory } from './policy-memory.js';

/** Between two requests for a pod that the server keeps, milliseconds. */
const REFUSED_MS = 30_000;

export interface CarryOutContext {
  readonly api: KubernetesApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: HealingMetrics;
  /** Gets what was done, and loses the records of what was not. */
  readonly memory: PolicyMemory;
  /** The status before these replacements were decided. */
  readonly before: HealingPolicyStatus | undefined;
  /** Of the decision. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/** What came of it beside what was done. */
export interface CarriedOut {
  /** Pods that the server keeps. */
  readonly holds: readonly Hold[];
  /** Whether a pod was not as it was when this was decided. */
  readonly again: boolean;
}

/**
 * Asks for replacements one after the other. It stops where the world is not as it was when they were decided, or where it is
 * not known what the server did: the rest would be decided on what does not hold.
 *
 * @throws ApiError the server may have done something or not, or does nothing now; the next look begins with finding out
 */
export async function carryOut(actions: readonly Replace[], context: CarryOutContext): Promise<CarriedOut> {
  const { api, clock, log, metrics, memory, before, now, signal } = context;
  const holds: Hold[] = [];
  const undone = new Set<Replace>(actions);
  let again = false;
  try {
    for (const action of actions) {
      const { pod, cause, evidence } = action;
      const outcome = await act(api, action, now, signal);
      log.info(NAME.log.acted, { pod: keyOf(pod), cause, action: action.action, evidence, outcome: outcome.type });
      if (outcome.type === 'stale') {
        again = true;
        break;
      }
      if (outcome.type === 'refused') {
        const { reason, message, retryAfterMs = 0 } = outcome;
        const until = now + Math.max(REFUSED_MS, retryAfterMs);
        memory.refused.set(pod.uid, { until, reason, message });
        holds.push({ type: 'Hold', pod, cause, evidence, signalAt: action.signalAt, reason, message, retryAt: until });
        continue;
      }
      undone.delete(action);
      memory.inFlight.set(pod.uid, { at: now, as: outcome.type === 'done' ? outcome.as : 'deleting' });
      if (outcome.type === 'unknown') {
        memory.uncertain.set(pod.uid, { namespace: pod.namespace, name: pod.name });
        throw outcome.error;
      }
      memory.refused.delete(pod.uid);
      const record = markActed(memory, pod.uid);
      if (record !== undefined) metrics.requested(record, clock.now());
    }
  } finally {
    forget(undone, actions, memory, before);
  }
  return { holds, again };
}

/** Takes out of the status what was not done after all. */
function forget(
  undone: ReadonlySet<Replace>,
  actions: readonly Replace[],
  memory: PolicyMemory,
  before: HealingPolicyStatus | undefined,
): void {
  if (undone.size === 0) return;
  const uids = new Set([...undone].map(({ pod }) => pod.uid));
  keepRecordsIf(memory, (record) => !uids.has(record.uid) || record.actedAt !== undefined);
  const done = new Set(actions.filter((action) => !undone.has(action)).map(({ workload }) => workload));
  const dropped = new Set([...undone].map(({ workload }) => workload).filter((workload) => !done.has(workload)));
  const { status } = memory;
  if (status !== undefined) memory.status = { ...status, workloads: restored(status.workloads ?? [], before, dropped) };
}

/** Workloads with what was remembered of some of them before. */
export function restored(
  workloads: NonNullable<HealingPolicyStatus['workloads']>,
  before: HealingPolicyStatus | undefined,
  names: ReadonlySet<string>,
): NonNullable<HealingPolicyStatus['workloads']> {
  return [
    ...workloads.filter(({ workload }) => !names.has(workload)),
    ...(before?.workloads ?? []).filter(({ workload }) => names.has(workload)),
  ].toSorted((a, b) => (a.workload < b.workload ? -1 : 1));
}
