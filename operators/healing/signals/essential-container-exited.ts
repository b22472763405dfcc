import type { Cause } from '../healing-policy.js';
import { describeExit, endedByProbe, type EssentialExit, essentialExits, neverRan } from '../restart-policy.js';
import { type Detector, type Signal, workloadOf } from '../scene.js';
import { driftOf } from './drift.js';

/**
 * An essential container ended: ECS then ends the whole task. Ends that other causes explain better are left to them: no
 * memory, the liveness probe, an edited image, a command that could not be started.
 */
export const essentialContainerExited: Detector = (pod, scene) => {
  const { settings } = scene;
  if (!settings.essentialContainerExit) return undefined;
  const workload = workloadOf(pod, scene);
  const found = essentialExits(pod, scene).find(
    ({ container, exit }) =>
      !(settings.cannotStart !== undefined && neverRan(exit)) &&
      !(settings.unhealthy !== undefined && endedByProbe(pod, container, exit)) &&
      !driftOf(pod, container, workload, scene),
  );
  return found && fromExit('EssentialContainerExited', describeExit(found.container, found.exit), found);
};

/** A signal of an end: at once, or held while ECS's restart policy allows the restart in place. */
export function fromExit(cause: Cause, evidence: string, { exit, allowed, retryAt }: EssentialExit): Signal {
  const signal = { cause, evidence, signalAt: exit.finishedAt, dueAt: exit.finishedAt };
  if (allowed === undefined) return signal;
  const when = retryAt === undefined ? {} : { retryAt };
  return { ...signal, hold: { reason: 'RestartPolicyAllows', message: allowed, ...when } };
}
