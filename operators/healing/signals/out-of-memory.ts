import { describeExit, essentialExits } from '../restart-policy.js';
import { type Detector, workloadOf } from '../scene.js';
import { driftOf } from './drift.js';
import { fromExit } from './essential-container-exited.js';

/** An essential container was killed for memory. Source: `ContainerStateTerminated.reason` OOMKilled. */
export const outOfMemory: Detector = (pod, scene) => {
  if (!scene.settings.outOfMemory) return undefined;
  const workload = workloadOf(pod, scene);
  const found = essentialExits(pod, scene).find(
    ({ container, exit }) => exit.reason === 'OOMKilled' && !driftOf(pod, container, workload, scene),
  );
  return found && fromExit('OutOfMemory', describeExit(found.container, found.exit), found);
};
