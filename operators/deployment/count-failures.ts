import type { ObservedPod } from '../healing/observation.js';
import { milliseconds, timestamp } from '../healing/words.js';
import type { CircuitBreaker } from './configuration.js';
import type { DeploymentObservation } from './decide-deployment.js';
import type { DeploymentState } from './deployment-state.js';
import { healthyAt, type TaskFailures, taskFailures } from './task-failures.js';

/** A state with the failures that were seen, and when there may be more to count. */
export interface Counted {
  readonly state: DeploymentState;
  /** About the newest failure. */
  readonly evidence: string | undefined;
  readonly nextAt: readonly (number | undefined)[];
}

/** Adds failures that were not counted yet; each pod's are remembered by number, so none is counted twice. */
export function countFailures(
  { deployment, pods, now }: DeploymentObservation,
  breaker: CircuitBreaker,
  state: DeploymentState,
): Counted {
  const healthy = pods.map((pod) => healthyAt(pod, deployment.minReadySeconds));
  const newest = Math.max(0, ...healthy.filter((time) => time !== undefined).filter((time) => time <= now));
  const since = milliseconds(state.since) ?? 0;
  const forgiven = breaker.resetOnHealthyTask && newest > (milliseconds(state.healthyAt) ?? since);
  const failures = new Map(Object.entries(state.failures));
  let added = 0;
  let evidence: string | undefined;
  const nextAt: (number | undefined)[] = [...healthy];
  for (const pod of [...pods].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const seen = taskFailures(pod, now);
    const key = pod.name.slice(pod.name.lastIndexOf('-') + 1);
    const before = failures.get(key) ?? earlierThan(since, pod, seen);
    nextAt.push(seen.nextAt);
    if (seen.count <= before) continue;
    added += seen.count - before;
    failures.set(key, seen.count);
    if (seen.evidence !== undefined) evidence = `pod ${pod.name}: ${seen.evidence}`;
  }
  if (added === 0 && !forgiven) return { state, evidence, nextAt };
  const next = {
    ...state,
    failureCount: (forgiven ? 0 : state.failureCount) + added,
    failures: Object.fromEntries(failures),
    ...(forgiven ? { healthyAt: timestamp(newest) } : {}),
  };
  return { state: next, evidence, nextAt };
}

/** Failures that a pod had before this deployment began, as one that a rollback finds still there; all but the newest may be. */
function earlierThan(since: number, pod: ObservedPod, { at, count: failures }: TaskFailures): number {
  if (pod.createdAt >= since) return 0;
  return Math.max(0, failures - (at !== undefined && at >= since ? 1 : 0));
}
