import type { Detector } from '../scene.js';
import { duration } from '../words.js';

/**
 * The pod's node is not Ready. A DaemonSet's pod stays: it belongs to that node. A node that is not in the observation says
 * nothing: it may be new, or gone, and then Kubernetes removes its pods itself.
 */
export const unhealthyNode: Detector = (pod, { now, settings, observation }) => {
  const node = pod.node === undefined ? undefined : observation.nodes.get(pod.node);
  if (settings.unhealthyNode === undefined || node === undefined || node.ready || pod.owner?.kind === 'DaemonSet')
    return undefined;
  const zone = node.zone === undefined ? '' : ` in zone ${node.zone}`;
  return {
    cause: 'UnhealthyNode',
    evidence: `node ${node.name}${zone} is not Ready for ${duration(now - node.readySince)}`,
    signalAt: node.readySince,
    dueAt: node.readySince + settings.unhealthyNode.after,
  };
};
