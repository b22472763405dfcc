import { describeExit, essentialExits, neverRan } from '../restart-policy.js';
import { type Detector, workloadOf } from '../scene.js';
import { driftOf } from './drift.js';
import { fromExit } from './essential-container-exited.js';

/** The kubelet delays the restarts of an essential container. Only seen where single exits are not acted upon. */
export const crashLoop: Detector = (pod, scene) => {
  if (scene.settings.crashLoop === undefined) return undefined;
  const workload = workloadOf(pod, scene);
  const found = essentialExits(pod, scene).find(
    ({ container, exit }) =>
      container.waitingReason === 'CrashLoopBackOff' &&
      !(scene.settings.cannotStart !== undefined && neverRan(exit)) &&
      !driftOf(pod, container, workload, scene),
  );
  if (found === undefined) return undefined;
  const { container, exit } = found;
  return fromExit('CrashLoop', `${describeExit(container, exit)} after ${container.restartCount} restarts`, found);
};
