import type { IContainer } from 'kubernetes-models/v1';
import type { Cached } from '../runtime/cached.js';
import type { KubernetesObject } from '../runtime/resource.js';
import { templateOf } from './container-config.js';
import type { Interning } from './interning.js';
import type { TemplateContainer } from './observation.js';

/**
 * A Deployment, ReplicaSet, StatefulSet or DaemonSet as the healer sees it; `observe` makes workloads of them.
 */
export interface ObservedOwner extends Cached {
  readonly namespace: string;
  readonly kind: 'Deployment' | 'ReplicaSet' | 'StatefulSet' | 'DaemonSet';
  /** The Deployment of a ReplicaSet. */
  readonly parent?: { readonly kind: string; readonly name: string; readonly uid: string };
  readonly desired: number;
  /**
   * What its pods carry: `pod-template-hash` of a ReplicaSet, `status.updateRevision` of a StatefulSet; empty for a
   * Deployment (its newest ReplicaSet has it) and a DaemonSet (its newest pod has it).
   */
  readonly revision: string;
  /** Annotation `deployment.kubernetes.io/revision` of a Deployment and its ReplicaSets; 0 where there is none. */
  readonly revisionNumber: number;
  readonly rolling: boolean;
  /** Empty for a ReplicaSet of a Deployment. */
  readonly template: ReadonlyMap<string, TemplateContainer>;
}

/** Fields that the four kinds have; each has some of them. Source: `apps/v1`. */
export interface RawOwner extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: {
      readonly spec?: { readonly containers?: readonly IContainer[]; readonly initContainers?: readonly IContainer[] };
    };
    readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly updateRevision?: string;
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
  };
}

const NO_TEMPLATE: ReadonlyMap<string, TemplateContainer> = new Map();
const REVISION_ANNOTATION = 'deployment.kubernetes.io/revision';

/**
 * Projects one of the four kinds. A rollout is under way while pods of an earlier template are left which the workload's
 * controller is to replace; that new pods are not available does not make a rollout, since failing pods would.
 *
 * @param kind the kind of the cache: objects of a list do not carry it
 */
export function projectOwner(kind: ObservedOwner['kind'], object: RawOwner, interning: Interning): ObservedOwner {
  const { metadata, spec, status } = object;
  const parent = metadata.ownerReferences?.find(({ controller }) => controller === true);
  const labels = metadata.labels ?? {};
  const annotations = metadata.annotations ?? {};
  const number = Object.hasOwn(annotations, REVISION_ANNOTATION) ? Number(annotations[REVISION_ANNOTATION]) : 0;
  const hash = Object.hasOwn(labels, 'pod-template-hash') ? labels['pod-template-hash'] : undefined;
  return {
    kind,
    namespace: interning.text(metadata.namespace ?? ''),
    name: metadata.name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    desired: kind === 'DaemonSet' ? (status?.desiredNumberScheduled ?? 0) : (spec?.replicas ?? 1),
    revision: (kind === 'ReplicaSet' ? hash : kind === 'StatefulSet' ? status?.updateRevision : undefined) ?? '',
    revisionNumber: Number.isSafeInteger(number) ? number : 0,
    rolling: isRolling(kind, object),
    template: parent?.kind === 'Deployment' ? NO_TEMPLATE : templateOf(spec?.template?.spec, interning),
    ...(parent === undefined ? {} : { parent: { kind: parent.kind, name: parent.name, uid: parent.uid } }),
  };
}

function isRolling(kind: ObservedOwner['kind'], { metadata, spec, status }: RawOwner): boolean {
  if (kind === 'ReplicaSet') return false;
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) return true;
  const updated = status?.updatedReplicas ?? 0;
  if (kind === 'Deployment') return (status?.replicas ?? 0) > updated;
  // With OnDelete the controller replaces nothing by itself.
  if (spec?.updateStrategy?.type === 'OnDelete') return false;
  if (kind === 'DaemonSet') return (status?.updatedNumberScheduled ?? 0) < (status?.desiredNumberScheduled ?? 0);
  const partition = spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  return updated < (status?.replicas ?? 0) - partition;
}
