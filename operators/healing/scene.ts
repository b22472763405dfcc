import type { Cause, HoldReason } from './healing-policy.js';
import type { Observation, ObservedPod, ObservedWorkload } from './observation.js';
import type { Settings } from './settings.js';

/** What a decision looks at, gathered once. */
export interface Scene {
  readonly now: number;
  readonly settings: Settings;
  readonly observation: Observation;
  /** Creation of the policy, milliseconds: what ended and started again before is nobody's business. */
  readonly since: number;
}

/** Something wrong with a pod, found in its observation alone. */
export interface Signal {
  readonly cause: Cause;
  readonly evidence: string;
  /** When it was to be seen first, milliseconds. */
  readonly signalAt: number;
  /** From when on it may be acted upon: the end of its tolerance. Infinity while that cannot be said. */
  readonly dueAt: number;
  /** Why it is not acted upon at all as things are. */
  readonly hold?: {
    readonly reason: Extract<HoldReason, 'Terminal' | 'RestartPolicyAllows'>;
    readonly message: string;
    readonly retryAt?: number;
  };
}

/** Looks for one cause. */
export type Detector = (pod: ObservedPod, scene: Scene) => Signal | undefined;

/** The workload that a pod belongs to and that would start another one in its place. */
export function workloadOf(pod: ObservedPod, { observation }: Scene): ObservedWorkload | undefined {
  const id = pod.owner === undefined ? undefined : observation.workloadOfOwner.get(pod.owner.uid);
  return id === undefined ? undefined : observation.workloads.get(id);
}

/** Whether a pod has run to its end. Source: Kubernetes `PodStatus.phase`. */
export function hasEnded(pod: ObservedPod): boolean {
  return pod.phase === 'Failed' || pod.phase === 'Succeeded';
}

/** The key of a pod. @example `shop/web-6d4cf56db6-x2x9z` */
export function keyOfPod(pod: ObservedPod): string {
  return `${pod.namespace}/${pod.name}`;
}
