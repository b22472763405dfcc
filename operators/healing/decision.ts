import type { Cause, HealingPolicyStatus, HoldReason } from './healing-policy.js';
import type { ObservedPod } from './observation.js';

/** One thing to do about one pod, or why it is not done. */
export type Decision = Replace | Hold | Clean;

interface About {
  readonly pod: ObservedPod;
  /** One plain sentence with the values seen. @example `container app exited with 137 (OOMKilled) after 42 s` */
  readonly evidence: string;
  /** When the failure was to be seen first, milliseconds. */
  readonly signalAt: number;
}

/**
 * Replace the pod: `Evict` asks the Eviction API; `DeleteFailed` removes a pod that has ended already; `Quarantine` takes
 * it out of its Service and its owner, so that the owner starts another one first.
 */
export interface Replace extends About {
  readonly type: 'Replace';
  readonly cause: Cause;
  readonly action: 'Evict' | 'DeleteFailed' | 'Quarantine';
  readonly workload: string;
}

export interface Hold extends About {
  readonly type: 'Hold';
  readonly cause: Cause;
  readonly reason: HoldReason;
  readonly message: string;
  /** Milliseconds; when it is worth another look. @default - when something changes */
  readonly retryAt?: number;
}

/** Remove a pod that nobody needs: a Failed one beyond those kept, or one whose quarantine is over. */
export interface Clean extends About {
  readonly type: 'Clean';
  readonly why: 'FailedPod' | 'QuarantineOver';
}

/** What `decide` yields: what to do now, what to remember, and when to look again. */
export interface Verdict {
  readonly decisions: readonly Decision[];
  /** The next status but for its conditions' times and the records of actions, which the controller adds after acting. */
  readonly memory: Pick<HealingPolicyStatus, 'workloads' | 'pods' | 'replacements'>;
  /** Milliseconds since 1970. @default - when something changes */
  readonly nextLookAt?: number;
}
