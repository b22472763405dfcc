import type { KubernetesApi } from '../runtime/api.js';
import { isApiError } from '../runtime/api-error.js';
import { type KubernetesObject, type ObjectName, RESOURCE } from '../runtime/resource.js';
import type { CacheReader } from '../runtime/cached.js';
import type { HealingPolicy, HealingPolicyStatus, ReplacementRecord } from './healing-policy.js';
import { HEALING } from './names.js';
import type { ObservedPod, ServerRefusal } from './observation.js';

/** What was done to a pod and the cache may not show yet. */
export interface Done {
  readonly at: number;
  readonly as: 'deleting' | 'quarantined';
}

/** What the reconciler knows of one policy beyond the caches, for as long as it leads. */
export interface PolicyMemory {
  readonly uid: string;
  /** As this process last computed it; ahead of the server by what is not worth a write yet. */
  status: HealingPolicyStatus | undefined;
  /** As the server has it. */
  stored: HealingPolicyStatus | undefined;
  /** The version of the policy that this process read or wrote last; caches older than this are not decided on. */
  seen: { readonly uid: string; readonly resourceVersion: string };
  writtenAt: number;
  /** By uid of the pod. */
  readonly inFlight: Map<string, Done>;
  /** Pods whose action may have been done or not, by uid. */
  readonly uncertain: Map<string, ObjectName>;
  /** Pods that the server keeps, by uid, and when to ask again. */
  readonly refused: Map<string, ServerRefusal>;
  /** Names of Events that are written. */
  readonly told: Set<string>;
}

/**
 * Begins with what the server has, not with what the cache shows: another process may have written just before this one
 * leads. Actions that were decided and perhaps done are looked up.
 *
 * @returns undefined if there is no such policy
 * @throws ApiError
 */
export async function recall(
  api: KubernetesApi,
  name: ObjectName,
  signal: AbortSignal,
): Promise<PolicyMemory | undefined> {
  const policy = await find<HealingPolicy>(api, 'healingPolicy', name, signal);
  if (policy === undefined) return undefined;
  const { uid = '', resourceVersion = '' } = policy.metadata;
  const memory: PolicyMemory = {
    uid,
    status: policy.status,
    stored: policy.status,
    seen: { uid, resourceVersion },
    writtenAt: Number.NEGATIVE_INFINITY,
    inFlight: new Map(),
    uncertain: new Map(),
    refused: new Map(),
    told: new Set(),
  };
  for (const record of policy.status?.replacements ?? []) {
    if (record.actedAt !== undefined) continue;
    memory.uncertain.set(record.uid, {
      ...(name.namespace === undefined ? {} : { namespace: name.namespace }),
      name: record.pod,
    });
  }
  return memory;
}

/**
 * Looks up pods of which it is not known whether the action was done. What was done counts from when it was decided; the
 * record of what was not done goes.
 *
 * @throws ApiError
 */
export async function resolveUncertain(
  api: KubernetesApi,
  memory: PolicyMemory,
  now: number,
  signal: AbortSignal,
): Promise<void> {
  for (const [uid, name] of memory.uncertain) {
    const pod = await find<KubernetesObject>(api, 'pod', name, signal);
    const there = pod?.metadata.uid === uid;
    const quarantined = there && Object.hasOwn(pod.metadata.labels ?? {}, HEALING.quarantinedLabel);
    if (there && pod.metadata.deletionTimestamp === undefined && !quarantined) {
      memory.inFlight.delete(uid);
      keepRecordsIf(memory, (record) => record.uid !== uid || record.actedAt !== undefined);
    } else {
      memory.inFlight.set(uid, { at: now, as: quarantined ? 'quarantined' : 'deleting' });
      markActed(memory, uid);
    }
    memory.uncertain.delete(uid);
  }
}

/** Notes in the record of a pod that the action was done: at the time of its decision, by which the memory counts it. */
export function markActed(memory: PolicyMemory, uid: string): ReplacementRecord | undefined {
  let marked: ReplacementRecord | undefined;
  changeRecords(memory, (records) =>
    records.map((record) => {
      if (record.uid !== uid || record.actedAt !== undefined) return record;
      marked = { ...record, actedAt: record.decidedAt };
      return marked;
    }),
  );
  return marked;
}

export function keepRecordsIf(memory: PolicyMemory, keep: (record: ReplacementRecord) => boolean): void {
  changeRecords(memory, (records) => records.filter(keep));
}

function changeRecords(
  memory: PolicyMemory,
  change: (records: readonly ReplacementRecord[]) => readonly ReplacementRecord[],
): void {
  if (memory.status === undefined) return;
  memory.status = { ...memory.status, replacements: change(memory.status.replacements ?? []) };
}

/** Forgets what the cache shows by now: the pod is gone, leaving or in quarantine. */
export function forgetSeen(memory: PolicyMemory, namespace: string, pods: CacheReader<ObservedPod>): void {
  if (memory.inFlight.size === 0) return;
  const held = new Map(pods.byIndex('namespace', namespace).map((pod) => [pod.uid, pod]));
  for (const uid of memory.inFlight.keys()) {
    const pod = held.get(uid);
    if (pod !== undefined && pod.deletingSince === undefined && pod.quarantinedAt === undefined) continue;
    memory.inFlight.delete(uid);
    memory.refused.delete(uid);
  }
  for (const uid of memory.refused.keys()) if (!held.has(uid)) memory.refused.delete(uid);
}

async function find<T extends KubernetesObject>(
  api: KubernetesApi,
  resource: 'healingPolicy' | 'pod',
  name: ObjectName,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return await api.get<T>(RESOURCE[resource], name, { signal });
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}
