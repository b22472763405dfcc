import type { JsonPatchOperation, KubernetesApi } from '../runtime/api.js';
import { type ApiError, isApiError } from '../runtime/api-error.js';
import { type KubernetesObject, type ObjectName, RESOURCE } from '../runtime/resource.js';
import type { Clean, Replace } from './decision.js';
import { HEALING, labelTime } from './names.js';
import type { ObservedPod } from './observation.js';

/** What became of an action. */
export type Outcome =
  /** The server did it. */
  | { readonly type: 'done'; readonly as: 'deleting' | 'quarantined' }
  /** A PodDisruptionBudget forbids it now, or the server refuses this call whenever it is made. */
  | {
      readonly type: 'refused';
      readonly reason: 'DisruptionBudget' | 'Refused';
      readonly message: string;
      readonly retryAfterMs?: number;
    }
  /** The pod is not as it was when this was decided; nothing was done. */
  | { readonly type: 'stale' }
  /** The server may have done it or not. */
  | { readonly type: 'unknown'; readonly error: ApiError };

/**
 * Does what was decided about one pod, if the pod still is as it was then: every call carries uid and resourceVersion.
 *
 * @throws ApiError nothing was done, and nothing else would be (`NotLeader`, `Unauthorized`, `TooManyRequests`)
 */
export async function act(
  api: KubernetesApi,
  decision: Replace | Clean,
  now: number,
  signal?: AbortSignal,
): Promise<Outcome> {
  const { pod } = decision;
  const name: ObjectName = { namespace: pod.namespace, name: pod.name };
  const options = {
    preconditions: { uid: pod.uid, resourceVersion: pod.resourceVersion },
    ...(signal === undefined ? {} : { signal }),
  };
  try {
    if (decision.type === 'Clean' || decision.action === 'DeleteFailed') await api.delete(RESOURCE.pod, name, options);
    else if (decision.action === 'Quarantine' && canBeQuarantined(pod)) {
      return await quarantine(api, pod, name, now, signal);
    } else await api.evict(name, options);
    return { type: 'done', as: 'deleting' };
  } catch (error) {
    if (!isApiError(error)) throw error;
    switch (error.code) {
      case 'NotFound':
      case 'Conflict':
      case 'Gone':
        return { type: 'stale' };
      case 'DisruptionBudget': {
        const seconds = error.details.retryAfterSeconds;
        return {
          type: 'refused',
          reason: 'DisruptionBudget',
          message: error.message,
          ...(seconds === undefined ? {} : { retryAfterMs: seconds * 1000 }),
        };
      }
      case 'Forbidden':
      case 'Invalid':
        return { type: 'refused', reason: 'Refused', message: error.message };
      case 'Unavailable':
        // The eviction API's answer where two budgets select the pod: a 500 that stays.
        if (error.message.includes('PodDisruptionBudget')) {
          return { type: 'refused', reason: 'DisruptionBudget', message: error.message };
        }
        return { type: 'unknown', error };
      case 'Timeout':
      case 'ConnectionLost':
      case 'Aborted':
        return { type: 'unknown', error };
      default:
        throw error;
    }
  }
}

/**
 * Whether another pod starts at once while this one stays: a StatefulSet's cannot, since the new one needs its name. It is
 * evicted instead.
 */
export function canBeQuarantined({ owner }: ObservedPod): boolean {
  return owner?.kind === 'ReplicaSet';
}

/**
 * Takes every label from the pod but the one that marks it, so that no Service, owner, budget or policy selects it by them,
 * and keeps a copy in an annotation. Which labels Services use is not asked: any could be one.
 */
async function quarantine(
  api: KubernetesApi,
  pod: ObservedPod,
  name: ObjectName,
  now: number,
  signal?: AbortSignal,
): Promise<Outcome> {
  const call = signal === undefined ? {} : { signal };
  const { metadata } = await api.get<KubernetesObject>(RESOURCE.pod, name, call);
  if (metadata.uid !== pod.uid || metadata.resourceVersion !== pod.resourceVersion) return { type: 'stale' };
  const former = JSON.stringify(metadata.labels ?? {});
  const operations: JsonPatchOperation[] = [
    { op: 'test', path: '/metadata/uid', value: pod.uid },
    { op: 'test', path: '/metadata/resourceVersion', value: pod.resourceVersion },
    { op: 'add', path: '/metadata/labels', value: { [HEALING.quarantinedLabel]: labelTime(now) } },
    metadata.annotations === undefined
      ? { op: 'add', path: '/metadata/annotations', value: { [HEALING.formerLabelsAnnotation]: former } }
      : { op: 'add', path: `/metadata/annotations/${pointer(HEALING.formerLabelsAnnotation)}`, value: former },
  ];
  await api.patch(RESOURCE.pod, name, operations, { fieldManager: HEALING.fieldManager, ...call });
  return { type: 'done', as: 'quarantined' };
}

/** A name as a part of a JSON pointer. Source: RFC 6901. */
function pointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
