import type { Resource } from '../runtime/resource.js';
import { equal, field, isArray, isObject, number, text, withField, withFields } from './json.js';
import type { Json, JsonObject } from './json.js';
import { badRequest, conflict, invalid, MODIFIED } from './refusals.js';

/** Resources without a `status` of their own that is written apart. Others, and those of extensions, have one. */
const WITHOUT_STATUS = new Set(['configmaps', 'secrets', 'events', 'leases']);
/** Resources whose `metadata.generation` the server does not keep. */
const WITHOUT_GENERATION = new Set([...WITHOUT_STATUS, 'nodes', 'namespaces']);
/** Metadata that a write cannot change. */
const KEPT = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
];

export function metadataOf(object: JsonObject): JsonObject {
  const metadata = field(object, 'metadata');
  return isObject(metadata) ? metadata : {};
}

/** Metadata as the server writes it: what is empty is left out. */
export function tidy(metadata: JsonObject): JsonObject {
  const empty = (value: Json): boolean =>
    value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => !empty(value)));
}

/** `namespace/name`, as `keyOf`. */
export function keyOfObject(object: JsonObject): string {
  const name = text(object, 'metadata', 'name') ?? '';
  const namespace = text(object, 'metadata', 'namespace');
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** RFC 3339 to the second, as the server writes it. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** What a `create` stores, but for the version. @throws ApiError `Invalid` */
export function prepareCreate(resource: Resource, sent: JsonObject, uid: string, now: number): JsonObject {
  const metadata = metadataOf(sent);
  const name = text(metadata, 'name') ?? '';
  if (name === '') throw invalid(`${resource.kind} "" is invalid: metadata.name: Required value: name is required`);
  if (resource.namespaced !== (text(metadata, 'namespace') !== undefined)) {
    throw badRequest(
      `${resource.kind} ${JSON.stringify(name)}: namespace is ${resource.namespaced ? 'required' : 'not allowed'}`,
    );
  }
  if ((text(metadata, 'resourceVersion') ?? '') !== '') {
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  const stored = withFields(tidy(metadata), {
    uid,
    creationTimestamp: timestamp(now),
    generation: WITHOUT_GENERATION.has(resource.plural) ? undefined : 1,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    managedFields: undefined,
  });
  const status = resource.plural === 'pods' ? { phase: 'Pending' } : undefined;
  const typed = withFields(sent, { ...typeMeta(resource), metadata: stored });
  // Nodes alone are created with their status: the kubelet registers them so.
  return WITHOUT_STATUS.has(resource.plural) || resource.plural === 'nodes'
    ? typed
    : withField(typed, 'status', status);
}

/** `apiVersion` and `kind`. */
export function typeMeta(resource: Resource): { readonly apiVersion: string; readonly kind: string } {
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  return { apiVersion, kind: resource.kind };
}

/**
 * What an update stores, but for the version: the status only through its subresource, nothing else through it, the
 * generation one higher where the wish changed.
 *
 * @throws ApiError `Conflict` or `Invalid`
 */
export function prepareUpdate(
  resource: Resource,
  before: JsonObject,
  sent: JsonObject,
  subresource: 'status' | undefined,
): JsonObject {
  const name = text(before, 'metadata', 'name') ?? '';
  const metadata = metadataOf(sent);
  const version = text(metadata, 'resourceVersion') ?? '';
  if (version !== '' && version !== text(before, 'metadata', 'resourceVersion'))
    throw conflict(resource, name, MODIFIED);
  if (text(metadata, 'name') !== name || text(metadata, 'namespace') !== text(before, 'metadata', 'namespace')) {
    throw badRequest(
      `the name of the object (${keyOfObject(sent)}) does not match the name on the URL (${keyOfObject(before)})`,
    );
  }
  // A write of the status keeps all metadata, so that even another uid is let through here.
  if (subresource === 'status') return withField(before, 'status', field(sent, 'status'));
  const uid = text(metadata, 'uid') ?? text(before, 'metadata', 'uid');
  if (uid !== text(before, 'metadata', 'uid')) {
    throw invalid(
      `${resource.kind} ${JSON.stringify(name)} is invalid: metadata.uid: Invalid value: ${JSON.stringify(uid)}: field is immutable`,
    );
  }
  const kept = Object.fromEntries([...KEPT, 'resourceVersion'].map((key) => [key, field(before, 'metadata', key)]));
  const stored = withFields(tidy(metadata), { ...kept, managedFields: undefined });
  const typed = withFields(sent, { ...typeMeta(resource), metadata: stored });
  const after = WITHOUT_STATUS.has(resource.plural) ? typed : withField(typed, 'status', field(before, 'status'));
  forbidNewFinalizers(resource, before, after);
  const generation = number(before, 'metadata', 'generation');
  if (generation === undefined || equal(wish(before), wish(after))) return after;
  return withField(after, 'metadata', withField(stored, 'generation', generation + 1));
}

export function finalizersOf(object: JsonObject): readonly Json[] {
  const finalizers = field(object, 'metadata', 'finalizers');
  return isArray(finalizers) ? finalizers : [];
}

function wish(object: JsonObject): JsonObject {
  return withFields(object, { metadata: undefined, status: undefined });
}

function forbidNewFinalizers(resource: Resource, before: JsonObject, after: JsonObject): void {
  if (text(before, 'metadata', 'deletionTimestamp') === undefined) return;
  const added = finalizersOf(after).filter((finalizer) => !finalizersOf(before).includes(finalizer));
  if (added.length === 0) return;
  throw invalid(
    `${resource.kind} ${JSON.stringify(text(before, 'metadata', 'name'))} is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`,
  );
}
