import type { ObservedPod } from '../healing/observation.js';
import { describeExit, essentialExits } from '../healing/restart-policy.js';
import { CONFIGURATION_REASONS } from '../healing/signals/cannot-be-configured.js';
import { IMAGE_REASONS } from '../healing/signals/image-cannot-be-pulled.js';
import { duration, quoted } from '../healing/words.js';

/** ECS would start another task instead of one that cannot start; here the same pod tries on, and each of these counts. */
const ATTEMPT_MS = 60_000;
/** A task that nothing checks is healthy so long after it runs. Source: ECS developer guide, rolling updates. */
const STEADY_MS = 40_000;
/** A pod's first condition and its start have the same time, in whole seconds. */
const ROUNDING_MS = 1000;

/** How often a pod failed, in ECS's reckoning, where each failure is a task of its own. */
export interface TaskFailures {
  readonly count: number;
  /** One sentence about the newest one. */
  readonly evidence?: string;
  /** When the newest one was. Milliseconds. */
  readonly at?: number;
  /** When there may be one more to count, though nothing changes. Milliseconds. */
  readonly nextAt?: number;
}

/**
 * Failures of a pod. Stage 1: it cannot come to run. Stage 2: it ran, and an essential container ended, however soon, or
 * its checks fail. Ends that ECS's restart policy answers with a restart in place are none.
 *
 * A pod that is not scheduled has not failed: ECS counts no placement failures either. One that terminates fails no more.
 *
 * Source: ECS deployment circuit breaker, stages 1 and 2; aws/containers-roadmap#1206 for ends just after RUNNING.
 */
export function taskFailures(pod: ObservedPod, now: number): TaskFailures {
  const exits = essentialExits(pod, { now, since: 0 }).filter(({ allowed }) => allowed === undefined);
  const ends = exits.map(({ container }) => container.restartCount + (container.state === 'running' ? 0 : 1));
  const ended = Math.max(0, ...ends, pod.phase === 'Failed' ? 1 : 0);
  const newest = exits.toSorted((a, b) => b.exit.finishedAt - a.exit.finishedAt)[0];
  const evidence = newest && describeExit(newest.container, newest.exit);
  const at = newest?.exit.finishedAt ?? now;
  if (pod.deletingSince !== undefined)
    // What ends now may end for that; one that waits had ended before.
    return {
      count: Math.max(
        0,
        ...exits.map((each) => each.container.restartCount + (each.container.state === 'waiting' ? 1 : 0)),
      ),
      at,
    };
  const stuck = stuckOf(pod, now);
  if (stuck !== undefined) return { ...stuck, count: stuck.count + ended };
  if (ended > 0)
    return { count: ended, at, evidence: evidence ?? `the pod failed (${quoted(pod.reason ?? 'no reason given')})` };
  return unreadyOf(pod, now);
}

/** When a pod became, or will become, a healthy task, if nothing happens to it: it never failed and is Ready for a while. */
export function healthyAt(pod: ObservedPod, minReadySeconds: number): number | undefined {
  const restarted = pod.containers.some(({ name, restartCount }) => restartCount > 0 && pod.essential.includes(name));
  if (!pod.ready || restarted || pod.deletingSince !== undefined || pod.readySince === undefined) return undefined;
  return pod.readySince + Math.max(STEADY_MS, minReadySeconds * 1000);
}

function stuckOf(pod: ObservedPod, now: number): TaskFailures | undefined {
  const container = pod.containers.find(
    ({ name, waitingReason, lastExit }) =>
      pod.essential.includes(name) &&
      lastExit === undefined &&
      waitingReason !== undefined &&
      (IMAGE_REASONS.has(waitingReason) || CONFIGURATION_REASONS.has(waitingReason)),
  );
  if (container === undefined) return undefined;
  const since = pod.startedAt ?? pod.createdAt;
  const count = 1 + Math.max(0, Math.floor((now - since) / ATTEMPT_MS));
  const words = container.waitingMessage === undefined ? '' : `: ${quoted(container.waitingMessage)}`;
  return {
    count,
    evidence: `container ${container.name} cannot start (${container.waitingReason ?? ''})${words}`,
    // The newest attempt goes on: it is none of an earlier deployment's, though it began before this one was seen to.
    at: now,
    nextAt: since + count * ATTEMPT_MS,
  };
}

function unreadyOf(pod: ObservedPod, now: number): TaskFailures {
  if (pod.ready || pod.readySince === undefined || pod.startedAt === undefined) return { count: 0 };
  if (pod.readySince <= pod.startedAt + ROUNDING_MS) return { count: 0 };
  const dueAt = pod.readySince + ATTEMPT_MS;
  if (now < dueAt) return { count: 0, nextAt: dueAt };
  return { count: 1, at: dueAt, evidence: `the pod was Ready and is not since ${duration(now - pod.readySince)}` };
}
