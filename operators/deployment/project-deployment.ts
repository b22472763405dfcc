import { createHash } from 'node:crypto';
import { ANNOTATION } from '../../charts/port/annotations.js';
import type { Cached } from '../runtime/cached.js';
import type { KubernetesObject } from '../runtime/resource.js';
import { DEPLOYMENT } from './names.js';

/** A Deployment as the circuit breaker sees it. */
export interface ObservedDeployment extends Cached {
  readonly namespace: string;
  /** Text of `tranship.dev/deployment-configuration`. @default - the Deployment is none of ours */
  readonly configuration?: string;
  /** Text of `tranship.dev/deployment-state`. */
  readonly state?: string;
  readonly desired: number;
  readonly paused: boolean;
  readonly deleting: boolean;
  readonly minReadySeconds: number;
  /** Digest of the pod template. */
  readonly template: string;
  /** The status is of this spec, and says that all wanted pods are of this template and available, and no others are left. */
  readonly complete: boolean;
  /** Condition Progressing is False for want of progress in time, of this spec. */
  readonly deadlineExceeded: boolean;
}

/** A ReplicaSet of a Deployment. */
export interface ObservedReplicaSet extends Cached {
  readonly namespace: string;
  /** Uid of the Deployment; empty for a ReplicaSet of its own. */
  readonly deployment: string;
  /** Digest of the pod template without the label that the Deployment's controller adds. */
  readonly template: string;
}

/** The fields that are read. Source: `apps/v1` Deployment, ReplicaSet. */
export interface RawWorkload extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly paused?: boolean;
    readonly minReadySeconds?: number;
    readonly template?: PodTemplate;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
  };
}

export interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } & Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** Source: `apps/v1` DefaultDeploymentUniqueLabelKey. */
const HASH_LABEL = 'pod-template-hash';

export function projectDeployment({ metadata, spec, status }: RawWorkload): ObservedDeployment {
  const annotations = metadata.annotations ?? {};
  const desired = spec?.replicas ?? 1;
  const isCurrent = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const updated = status?.updatedReplicas ?? 0;
  const progressing = status?.conditions?.find(({ type }) => type === 'Progressing');
  const ours = own(annotations, ANNOTATION.deployment);
  const state = own(annotations, DEPLOYMENT.stateAnnotation);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    desired,
    paused: spec?.paused === true,
    deleting: metadata.deletionTimestamp !== undefined,
    minReadySeconds: spec?.minReadySeconds ?? 0,
    // Of others nothing more is ever asked.
    template: ours === undefined ? '' : digestOf(spec?.template),
    complete:
      isCurrent &&
      updated === desired &&
      (status?.replicas ?? 0) === desired &&
      (status?.availableReplicas ?? 0) >= desired,
    deadlineExceeded: isCurrent && progressing?.status === 'False' && progressing.reason === 'ProgressDeadlineExceeded',
    ...(ours === undefined ? {} : { configuration: ours }),
    ...(state === undefined ? {} : { state }),
  };
}

export function projectReplicaSet({ metadata, spec }: RawWorkload): ObservedReplicaSet {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    deployment: owner?.kind === 'Deployment' ? owner.uid : '',
    template: digestOf(templateOf(spec?.template)),
  };
}

/** The template that a ReplicaSet was made from: without the label that tells its pods from those of others. */
export function templateOf(template: PodTemplate | undefined): PodTemplate {
  const { labels = {}, ...metadata } = template?.metadata ?? {};
  const rest = Object.fromEntries(Object.entries(labels).filter(([name]) => name !== HASH_LABEL));
  return { ...template, metadata: { ...metadata, labels: rest } };
}

/** Equal templates have equal digests, in whatever order their fields come. */
export function digestOf(template: PodTemplate | undefined): string {
  return createHash('sha256')
    .update(JSON.stringify(templateOf(template), sorted))
    .digest('hex')
    .slice(0, 16);
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function own(record: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
