import { CAUSES, type Cause } from '../healing-policy.js';
import type { ObservedPod } from '../observation.js';
import type { Detector, Scene, Signal } from '../scene.js';
import { cannotBeConfigured } from './cannot-be-configured.js';
import { crashLoop } from './crash-loop.js';
import { drift } from './drift.js';
import { essentialContainerExited } from './essential-container-exited.js';
import { exec } from './exec.js';
import { imageCannotBePulled } from './image-cannot-be-pulled.js';
import { agesAt, maximumAge } from './maximum-age.js';
import { outOfMemory } from './out-of-memory.js';
import { unhealthy } from './unhealthy.js';
import { unhealthyNode } from './unhealthy-node.js';

const DETECTORS: Readonly<Record<Cause, Detector>> = {
  UnhealthyNode: unhealthyNode,
  OutOfMemory: outOfMemory,
  EssentialContainerExited: essentialContainerExited,
  CrashLoop: crashLoop,
  ImageCannotBePulled: imageCannotBePulled,
  CannotBeConfigured: cannotBeConfigured,
  Unhealthy: unhealthy,
  Drift: drift,
  Exec: exec,
  MaximumAge: maximumAge,
};

/** Causes that are no failure: the pod works, and is replaced for what was done to it or for its age. */
const UPKEEP: ReadonlySet<Cause> = new Set(['Drift', 'Exec', 'MaximumAge']);

/** Whether a pod with this cause has failed; otherwise it works and is merely not what it should be. */
export function isFailure(cause: Cause): boolean {
  return !UPKEEP.has(cause);
}

/** What is wrong with a pod, and when there will be something else to see (milliseconds). */
export interface Finding {
  readonly signal?: Signal;
  readonly nextAt?: number;
}

/**
 * The cause for which a pod is to be replaced: the first in the order of `CAUSES` that holds. Where none holds yet, the
 * first that is on its way. A terminal cause comes before all but drift: no replacement would do better.
 */
export function findingOf(pod: ObservedPod, scene: Scene): Finding {
  const signals = CAUSES.flatMap((cause) => DETECTORS[cause](pod, scene) ?? []);
  const times = [agesAt(pod, scene), ...signals.flatMap(({ dueAt, hold }) => [dueAt, hold?.retryAt])];
  const next = times.filter((time) => time !== undefined && time > scene.now && Number.isFinite(time));
  const signal = firstOf(signals, scene.now);
  return {
    ...(signal === undefined ? {} : { signal }),
    ...(next.length === 0 ? {} : { nextAt: Math.min(...next.map(Number)) }),
  };
}

function firstOf(signals: readonly Signal[], now: number): Signal | undefined {
  const isDue = (signal: Signal): boolean => signal.hold === undefined && signal.dueAt <= now;
  const terminal = signals.find(({ hold }) => hold?.reason === 'Terminal');
  if (terminal !== undefined) return signals.find((signal) => signal.cause === 'Drift' && isDue(signal)) ?? terminal;
  return signals.find(isDue) ?? signals[0];
}
