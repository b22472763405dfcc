import type { INodeSpec, INodeStatus } from 'kubernetes-models/v1';
import type { KubernetesObject } from '../runtime/resource.js';
import { readTime } from './names.js';
import type { ObservedNode } from './observation.js';

/** A node as the API server sends it. */
export interface RawNode extends KubernetesObject {
  readonly spec?: INodeSpec;
  readonly status?: INodeStatus;
}

const ZONE = 'topology.kubernetes.io/zone';

/** A node as the healer sees it. Condition Ready absent or Unknown is not ready. */
export function projectNode({ metadata, spec, status }: RawNode): ObservedNode {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const labels = metadata.labels ?? {};
  const zone = Object.hasOwn(labels, ZONE) ? labels[ZONE] : undefined;
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    ready: ready?.status === 'True',
    readySince: readTime(ready?.lastTransitionTime) ?? readTime(metadata.creationTimestamp) ?? 0,
    unschedulable: spec?.unschedulable === true,
    ...(zone === undefined ? {} : { zone }),
  };
}

/** Whether a change of a node can change a decision: the kubelet also reports what it measured every few minutes. */
export function nodeChanged(before: ObservedNode, after: ObservedNode): boolean {
  return before.ready !== after.ready || before.unschedulable !== after.unschedulable || before.zone !== after.zone;
}
