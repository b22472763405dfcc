import { describeExit, endedByProbe, essentialExits } from '../restart-policy.js';
import { type Detector, workloadOf } from '../scene.js';
import { duration } from '../words.js';
import { driftOf } from './drift.js';
import { fromExit } from './essential-container-exited.js';

/** A pod's first condition and its start have the same time, in whole seconds. */
const ROUNDING_MS = 1000;

/**
 * The pod is not Ready any more, or a container was started again for its liveness probe. A pod that was never Ready is
 * starting, and is nobody's failure yet.
 *
 * Source: ECS replaces tasks whose health check fails; Kubernetes pod condition Ready.
 */
export const unhealthy: Detector = (pod, scene) => {
  const { now, settings } = scene;
  if (settings.unhealthy === undefined) return undefined;
  const workload = workloadOf(pod, scene);
  const probed = essentialExits(pod, scene).find(
    ({ container, exit }) => endedByProbe(pod, container, exit) && !driftOf(pod, container, workload, scene),
  );
  if (probed !== undefined) {
    const evidence = `${describeExit(probed.container, probed.exit)}, probably for its liveness probe`;
    return fromExit('Unhealthy', evidence, probed);
  }
  if (pod.ready || pod.readySince === undefined || pod.startedAt === undefined) return undefined;
  if (pod.readySince <= pod.startedAt + ROUNDING_MS) return undefined;
  return {
    cause: 'Unhealthy',
    evidence: `the pod was Ready and is not since ${duration(now - pod.readySince)}`,
    signalAt: pod.readySince,
    dueAt: pod.readySince + settings.unhealthy.after,
  };
};
