import type { ApplyOptions, DeleteOptions, JsonPatchOperation, PatchOptions, WriteOptions } from '../runtime/api.js';
import { ApiError } from '../runtime/api-error.js';
import type { Clock } from '../runtime/clock.js';
import { keyOf, RESOURCE } from '../runtime/resource.js';
import type { KubernetesObject, ObjectName, Resource } from '../runtime/resource.js';
import { checkPreconditions, isReleased, judgeDeletion } from './deletion.js';
import { expectedPods, judgeEviction, withDisruptionTarget } from './disruption-budget.js';
import { applyFields, FieldConflict, sameOwners, updateOwners } from './field-ownership.js';
import type { Owner, Owners } from './field-ownership.js';
import { equal, field, isObject, number, text, withField, withFields, wireCopy } from './json.js';
import type { Json, JsonObject } from './json.js';
import { applyJsonPatch, JsonPatchError } from './json-patch.js';
import { mergePatch } from './merge-patch.js';
import { keyOfObject, metadataOf, prepareCreate, prepareUpdate, tidy, timestamp } from './object-meta.js';
import { PagedLists } from './paged-lists.js';
import type { Page } from './paged-lists.js';
import { ObjectStore } from './object-store.js';
import type { Stored } from './object-store.js';
import { alreadyExists, badRequest, conflict, disruptionBudget, invalid, notFound } from './refusals.js';
import type { Selector } from './selectors.js';
import type { WatchHistory } from './watch-history.js';

/** The verbs of the API server on its store, each done at once and as a whole. Every refusal is an ApiError in the server's words. */
export class ApiStorage {
  readonly #clock: Clock;
  readonly #store: ObjectStore;
  readonly #lists = new PagedLists();
  #uids = 0;

  constructor(clock: Clock, historyWindow: number) {
    this.#clock = clock;
    this.#store = new ObjectStore(historyWindow);
  }

  get version(): number {
    return this.#store.version;
  }

  history(resource: Resource): WatchHistory {
    return this.#store.history(resource);
  }

  onChange(listener: (history: WatchHistory) => void): void {
    this.#store.subscribe(listener);
  }

  all(resource: Resource): readonly JsonObject[] {
    return this.#store.all(resource);
  }

  find(resource: Resource, name: ObjectName): JsonObject | undefined {
    return this.#store.get(resource, keyOf(name))?.object;
  }

  compact(): void {
    this.#store.compact();
    this.#lists.clear();
  }

  get(resource: Resource, name: ObjectName): JsonObject {
    return this.#stored(resource, name).object;
  }

  page(resource: Resource, selects: Selector, limit: number, token: string | undefined): Page {
    if (token !== undefined) return this.#lists.next(token, limit);
    return this.#lists.first(this.#store.all(resource).filter(selects), this.#store.version, limit);
  }

  create(resource: Resource, object: KubernetesObject, options: WriteOptions): JsonObject {
    const sent = copy(object);
    if (this.find(resource, object.metadata) !== undefined) throw alreadyExists(resource, object.metadata.name);
    const created = prepareCreate(resource, sent, this.#nextUid(options.dryRun), this.#clock.now());
    return this.#commit(
      resource,
      created,
      updateOwners(undefined, created, new Map(), ownerOf(options, 'Update')),
      options,
    );
  }

  apply(resource: Resource, object: KubernetesObject, options: ApplyOptions): JsonObject {
    const sent = copy(object);
    const stored = this.#store.get(resource, keyOf(object.metadata));
    const owner = ownerOf(options, 'Apply');
    const force = options.force === true;
    if (stored === undefined) {
      if (options.subresource !== undefined) throw notFound(resource, object.metadata.name);
      const { uid, name } = object.metadata;
      if (uid !== undefined) {
        const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
        throw conflict(resource, name, why);
      }
      // A version is no precondition here: the real server creates the object anew as well.
      const fresh = withField(sent, 'metadata', withField(metadataOf(sent), 'resourceVersion', undefined));
      const created = prepareCreate(resource, fresh, this.#nextUid(options.dryRun), this.#clock.now());
      return this.#commit(resource, created, applyFields(created, new Map(), created, owner, force).owners, options);
    }
    const part = options.subresource === undefined ? withField(sent, 'status', undefined) : onlyStatus(sent);
    try {
      const applied = applyFields(stored.object, stored.owners, part, owner, force);
      const identity = { ...metadataOf(applied.object), ...named(metadataOf(sent)) };
      const next = withField(applied.object, 'metadata', identity);
      const after = prepareUpdate(resource, stored.object, next, options.subresource);
      return this.#commit(resource, after, applied.owners, options);
    } catch (error) {
      throw error instanceof FieldConflict ? new ApiError('Conflict', error.message, { status: 409 }) : error;
    }
  }

  patch(
    resource: Resource,
    name: ObjectName,
    operations: readonly JsonPatchOperation[],
    options: PatchOptions,
  ): JsonObject {
    const { object, owners } = this.#stored(resource, name);
    let patched: Json;
    try {
      patched = applyJsonPatch(object, operations);
    } catch (error) {
      throw error instanceof JsonPatchError ? new ApiError('Conflict', error.message, { status: 422 }) : error;
    }
    if (!isObject(patched)) throw invalid('the patched object is not an object');
    const after = prepareUpdate(resource, object, patched, options.subresource);
    return this.#commit(resource, after, updateOwners(object, after, owners, ownerOf(options, 'Update')), options);
  }

  delete(resource: Resource, name: ObjectName, options: DeleteOptions): void {
    const { object, owners } = this.#stored(resource, name);
    checkPreconditions(resource, object, options.preconditions);
    if (options.dryRun === true) return;
    this.#delete(resource, object, owners, options.gracePeriodSeconds);
  }

  evict(name: ObjectName, options: DeleteOptions): void {
    const { object, owners } = this.#stored(RESOURCE.pod, name);
    checkPreconditions(RESOURCE.pod, object, options.preconditions);
    const here = (other: JsonObject): boolean => text(other, 'metadata', 'namespace') === name.namespace;
    const verdict = judgeEviction(
      object,
      this.all(RESOURCE.podDisruptionBudget).filter(here),
      this.all(RESOURCE.pod).filter(here),
      (pods) => expectedPods(pods, this.all(RESOURCE.replicaSet)),
      timestamp(this.#clock.now()),
    );
    if (verdict.type === 'TwoBudgets') {
      throw new ApiError(
        'Unavailable',
        'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
        { status: 500 },
      );
    }
    if (verdict.type === 'Refuse') throw disruptionBudget(verdict.message);
    if (options.dryRun === true) return;
    if (verdict.budget !== undefined) {
      const budget = this.#store.get(RESOURCE.podDisruptionBudget, keyOfObject(verdict.budget));
      this.#store.put(RESOURCE.podDisruptionBudget, verdict.budget, budget?.owners ?? new Map());
    }
    const marked = this.#store.put(RESOURCE.pod, withDisruptionTarget(object, timestamp(this.#clock.now())), owners);
    this.#delete(RESOURCE.pod, marked, owners, options.gracePeriodSeconds);
  }

  put(resource: Resource, object: KubernetesObject): JsonObject {
    const sent = copy(object);
    const metadata = metadataOf(sent);
    const known = this.#store.get(resource, keyOfObject(sent));
    if (known !== undefined && (text(metadata, 'uid') ?? uidOf(known.object)) !== uidOf(known.object)) {
      this.#store.remove(resource, keyOfObject(sent));
      return this.put(resource, object);
    }
    const deleting = text(metadata, 'deletionTimestamp') !== undefined;
    const grace = number(metadata, 'deletionGracePeriodSeconds') ?? (deleting ? 30 : undefined);
    const base = withFields(metadata, { resourceVersion: undefined, deletionGracePeriodSeconds: grace });
    const clean = withField(sent, 'metadata', base);
    const before = known?.object;
    const prepared =
      before === undefined
        ? prepareCreate(resource, clean, this.#nextUid(false), this.#clock.now())
        : prepareUpdate(resource, before, clean, undefined);
    const full = withField(prepared, 'metadata', tidy({ ...metadataOf(prepared), ...base }));
    const status =
      field(sent, 'status') ?? (before === undefined ? field(prepared, 'status') : field(before, 'status'));
    return this.#commit(resource, withField(full, 'status', status), known?.owners ?? new Map(), {});
  }

  merge(resource: Resource, name: ObjectName, merge: object): JsonObject {
    const { object } = this.#stored(resource, name);
    const merged = mergePatch(object, wireCopy(merge)) as JsonObject;
    const metadata = withField(metadataOf(merged), 'generation', undefined);
    return this.put(resource, withField(merged, 'metadata', metadata) as unknown as KubernetesObject);
  }

  remove(resource: Resource, name: ObjectName): void {
    this.#store.remove(resource, keyOf(name));
  }

  #stored(resource: Resource, name: ObjectName): Stored {
    const stored = this.#store.get(resource, keyOf(name));
    if (stored === undefined) throw notFound(resource, name.name);
    return stored;
  }

  /** Stores what differs, in fields or in their owners. A write that changes neither has no version and no event. */
  #commit(resource: Resource, object: JsonObject, owners: Owners, options: { readonly dryRun?: boolean }): JsonObject {
    const stored = this.#store.get(resource, keyOfObject(object));
    if (options.dryRun === true) return object;
    if (isReleased(object) && stored !== undefined) {
      this.#store.remove(resource, keyOfObject(object));
      return object;
    }
    if (stored !== undefined && equal(stored.object, object) && sameOwners(stored.owners, owners)) return stored.object;
    return this.#store.put(resource, object, owners);
  }

  #delete(resource: Resource, object: JsonObject, owners: Owners, grace: number | undefined): void {
    const deletion = judgeDeletion(resource, object, grace, this.#clock.now());
    if (deletion.type === 'Remove') this.#store.remove(resource, keyOfObject(object));
    if (deletion.type === 'Mark') this.#store.put(resource, deletion.object, owners);
  }

  #nextUid(dryRun: boolean | undefined): string {
    if (dryRun !== true) this.#uids += 1;
    return `00000000-0000-4000-8000-${String(this.#uids).padStart(12, '0')}`;
  }
}

function uidOf(object: JsonObject): string {
  return text(object, 'metadata', 'uid') ?? '';
}

function copy(object: KubernetesObject): JsonObject {
  const sent = wireCopy(object);
  if (!isObject(sent) || !isObject(field(sent, 'metadata'))) throw badRequest('the object has no metadata');
  return sent;
}

/** Only what names the object and its version: what an apply may state about itself. */
function named(metadata: JsonObject): JsonObject {
  const stated = ['name', 'namespace', 'uid', 'resourceVersion'].filter((key) => Object.hasOwn(metadata, key));
  return Object.fromEntries(stated.map((key) => [key, field(metadata, key) ?? null]));
}

function onlyStatus(sent: JsonObject): JsonObject {
  const status = field(sent, 'status');
  return status === undefined ? {} : { status };
}

function ownerOf(options: PatchOptions, operation: Owner['operation']): Owner {
  return {
    manager: options.fieldManager,
    operation,
    ...(options.subresource === undefined ? {} : { subresource: options.subresource }),
  };
}
