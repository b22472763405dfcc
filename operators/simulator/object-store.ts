import type { Resource } from '../runtime/resource.js';
import type { Owners } from './field-ownership.js';
import { freeze, withField } from './json.js';
import type { JsonObject } from './json.js';
import { keyOfObject, metadataOf } from './object-meta.js';
import { WatchHistory } from './watch-history.js';

/** An object with who owns its fields. */
export interface Stored {
  readonly object: JsonObject;
  readonly owners: Owners;
}

interface Collection {
  readonly objects: Map<string, Stored>;
  readonly history: WatchHistory;
  /** In the order of keys; made when asked for. */
  sorted: readonly JsonObject[] | undefined;
}

/**
 * All objects under one version counter, as in etcd: every change has a version of its own. What it hands out is frozen
 * and shared.
 */
export class ObjectStore {
  #version: number;
  #compacted: number;
  readonly #window: number;
  readonly #collections = new Map<string, Collection>();
  readonly #listeners = new Set<(history: WatchHistory) => void>();

  /** @param window changes a resource keeps for watches */
  constructor(window: number, version = 1) {
    this.#window = window;
    this.#version = version;
    this.#compacted = version;
  }

  get version(): number {
    return this.#version;
  }

  get(resource: Resource, key: string): Stored | undefined {
    return this.#collection(resource).objects.get(key);
  }

  /** In the order of their keys. */
  all(resource: Resource): readonly JsonObject[] {
    const collection = this.#collection(resource);
    collection.sorted ??= [...collection.objects]
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([, stored]) => stored.object);
    return collection.sorted;
  }

  history(resource: Resource): WatchHistory {
    return this.#collection(resource).history;
  }

  /** Stores an object under the next version and yields it. */
  put(resource: Resource, object: JsonObject, owners: Owners): JsonObject {
    const collection = this.#collection(resource);
    const key = keyOfObject(object);
    const before = collection.objects.get(key)?.object;
    const after = this.#atNextVersion(object);
    collection.objects.set(key, { object: after, owners });
    this.#changed(collection, { version: this.#version, after, ...(before === undefined ? {} : { before }) });
    return after;
  }

  remove(resource: Resource, key: string): void {
    const collection = this.#collection(resource);
    const stored = collection.objects.get(key);
    if (stored === undefined) return;
    collection.objects.delete(key);
    const before = this.#atNextVersion(stored.object);
    this.#changed(collection, { version: this.#version, before });
  }

  /** Forgets the history of everything. */
  compact(): void {
    this.#compacted = this.#version;
    for (const { history } of this.#collections.values()) history.compact(this.#version);
  }

  /** Calls back after each change. Returns the way to stop. */
  subscribe(listener: (history: WatchHistory) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #atNextVersion(object: JsonObject): JsonObject {
    this.#version += 1;
    const metadata = withField(metadataOf(object), 'resourceVersion', String(this.#version));
    return freeze(withField(object, 'metadata', metadata));
  }

  #changed(collection: Collection, change: { version: number; before?: JsonObject; after?: JsonObject }): void {
    collection.sorted = undefined;
    collection.history.append(change);
    for (const listener of this.#listeners) listener(collection.history);
  }

  #collection(resource: Resource): Collection {
    const name = `${resource.group}/${resource.plural}`;
    let collection = this.#collections.get(name);
    if (collection === undefined) {
      const history = new WatchHistory(this.#compacted, this.#window);
      collection = { objects: new Map(), history, sorted: undefined };
      this.#collections.set(name, collection);
    }
    return collection;
  }
}
