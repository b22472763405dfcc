import type { Preconditions } from '../runtime/api.js';
import type { Resource } from '../runtime/resource.js';
import { field, number, text, withField, withFields } from './json.js';
import type { JsonObject } from './json.js';
import { finalizersOf, metadataOf, timestamp } from './object-meta.js';
import { conflict } from './refusals.js';

/** What a deletion does: the object goes, or it is marked and waits for its kubelet or its finalizers, or nothing changes. */
export type Deletion =
  | { readonly type: 'Remove' }
  | { readonly type: 'Mark'; readonly object: JsonObject }
  | { readonly type: 'Nothing' };

/**
 * Source: apiserver/pkg/registry/rest/delete.go, and the pod strategy's CheckGracefulDelete: a pod that has no node or has
 * ended goes at once.
 * @param graceSeconds what the caller asked for
 * @param now milliseconds since 1970
 */
export function judgeDeletion(
  resource: Resource,
  object: JsonObject,
  graceSeconds: number | undefined,
  now: number,
): Deletion {
  const grace = resource.plural === 'pods' ? graceOfPod(object, graceSeconds) : 0;
  const marked = number(object, 'metadata', 'deletionGracePeriodSeconds');
  if (finalizersOf(object).length === 0 && grace === 0) return { type: 'Remove' };
  if (marked !== undefined && marked <= grace) return { type: 'Nothing' };
  const generation = number(object, 'metadata', 'generation');
  const began =
    marked === undefined ? now : Date.parse(text(object, 'metadata', 'deletionTimestamp') ?? '') - marked * 1000;
  const metadata = withFields(metadataOf(object), {
    deletionTimestamp: timestamp(began + grace * 1000),
    deletionGracePeriodSeconds: grace,
    generation: generation === undefined || marked !== undefined ? generation : generation + 1,
  });
  return { type: 'Mark', object: withField(object, 'metadata', metadata) };
}

/** Whether nothing holds a marked object any more. */
export function isReleased(object: JsonObject): boolean {
  return (
    text(object, 'metadata', 'deletionTimestamp') !== undefined &&
    finalizersOf(object).length === 0 &&
    (number(object, 'metadata', 'deletionGracePeriodSeconds') ?? 0) === 0
  );
}

function graceOfPod(pod: JsonObject, asked: number | undefined): number {
  const phase = text(pod, 'status', 'phase');
  if ((text(pod, 'spec', 'nodeName') ?? '') === '' || phase === 'Failed' || phase === 'Succeeded') return 0;
  return asked ?? number(field(pod, 'spec'), 'terminationGracePeriodSeconds') ?? 30;
}

/** @throws ApiError `Conflict`: the object is another one, or has changed */
export function checkPreconditions(resource: Resource, object: JsonObject, wanted: Preconditions): void {
  const name = text(object, 'metadata', 'name') ?? '';
  const { uid, resourceVersion } = wanted;
  if (uid !== text(object, 'metadata', 'uid')) {
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${text(object, 'metadata', 'uid')}`,
    );
  }
  const version = text(object, 'metadata', 'resourceVersion');
  if (resourceVersion !== version) {
    throw conflict(
      resource,
      name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${version}`,
    );
  }
}
