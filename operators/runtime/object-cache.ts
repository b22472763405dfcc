import type { KubernetesApi } from './api.js';
import { ApiError } from './api-error.js';
import type { Cached, CacheChange, CacheReader } from './cached.js';
import type { Clock } from './clock.js';
import type { Selection } from './list-pages.js';
import { type IndexFunction, ObjectStore } from './object-store.js';
import { Reflector, type ReflectorObserver } from './reflector.js';
import { RelistAudit, type RelistAuditObserver } from './relist-audit.js';
import { compareVersions } from './resource-version.js';
import { keyOf, type KubernetesObject, type Resource } from './resource.js';

/** What a cache tells about itself. */
export interface CacheObserver extends ReflectorObserver, RelistAuditObserver {
  /** An object could not be projected or indexed; the cache goes on as if it were not there. */
  unreadable(key: string, error: unknown): void;
  /** A listener threw. The others were called all the same. */
  listenerFailed(error: unknown): void;
}

export interface ObjectCacheOptions<T extends Cached> extends Selection {
  readonly api: KubernetesApi;
  readonly resource: Resource;
  /**
   * Keeps of an object what readers need, and nothing by reference to the rest; strings that many objects share (node,
   * image) fit in less memory when it makes them one. It may take a narrower type than KubernetesObject, if the resource
   * is of that type.
   */
  project(object: KubernetesObject): T;
  /** For `byIndex`, by name. @default - none */
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>;
  readonly clock: Clock;
  /** A number from 0 to below 1. */
  readonly random: () => number;
  /** Between two audits, milliseconds; see `RelistAudit`. @default 600_000 */
  readonly auditIntervalMs?: number;
  readonly observe?: Partial<CacheObserver>;
}

/**
 * Objects of one resource as the server has them, projected, indexed, and told to listeners as they change.
 *
 * It lists, then watches, and survives cut connections, forgotten versions and lagging servers (see `Reflector`); it
 * proves now and then that it lost nothing (see `RelistAudit`). It holds a page of raw objects at most.
 *
 * @example
 * const pods = new ObjectCache({
 *   api, clock: systemClock, random: Math.random, resource: RESOURCE.pod,
 *   project: ({ metadata, spec }: Pod) => ({
 *     namespace: metadata.namespace, name: metadata.name, uid: metadata.uid,
 *     resourceVersion: metadata.resourceVersion, node: spec.nodeName ?? '',
 *   }),
 *   indexes: { node: (pod) => [pod.node] },
 * });
 * pods.subscribe(({ key }) => queue.add(key));
 * void pods.run(signal);
 * await pods.whenSynced(signal);
 * pods.byIndex('node', 'ip-10-0-0-1');
 */
export class ObjectCache<T extends Cached> implements CacheReader<T> {
  readonly #options: ObjectCacheOptions<T>;
  readonly #observe: Partial<CacheObserver>;
  readonly #store: ObjectStore<T>;
  readonly #reflector: Reflector<T>;
  readonly #audit: RelistAudit;
  readonly #listeners = new Set<(change: CacheChange<T>) => void>();
  readonly #synced = Promise.withResolvers<undefined>();
  #version: string | undefined;

  constructor(options: ObjectCacheOptions<T>) {
    this.#options = options;
    this.#observe = options.observe ?? {};
    this.#store = new ObjectStore(options.indexes);
    const version = (): string | undefined => this.#version;
    this.#reflector = new Reflector<T>(options, {
      get version() {
        return version();
      },
      project: (object) => this.#project(object),
      replace: (objects, listed) => this.#replace(objects, listed),
      change: (source, after, changed) => this.#change(source, after, changed),
      advance: (reached) => {
        this.#version = reached;
      },
    });
    this.#audit = new RelistAudit(options, {
      get version() {
        return version();
      },
      get: (key) => this.#store.get(key),
      holds: (object) => this.#project(object) !== undefined,
      list: () => this.#store.values(),
      subscribe: (listener) => this.subscribe(listener),
      relist: () => this.#reflector.relist('Audit'),
    });
  }

  get synced(): boolean {
    return this.#version !== undefined;
  }

  get size(): number {
    return this.#store.size;
  }

  /** The newest version seen, for logs and metrics. @default - not synced */
  get version(): string | undefined {
    return this.#version;
  }

  get(key: string): T | undefined {
    return this.#store.get(key);
  }

  list(): Iterable<T> {
    return this.#store.values();
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.#store.byIndex(index, value);
  }

  hasSeen(key: string, written: { readonly uid: string; readonly resourceVersion: string }): boolean {
    if (this.#version === undefined) return false;
    const held = this.#store.get(key);
    // The object's own version where there is one: it is right even when an event was lost on the way.
    const seen = held?.uid === written.uid ? held.resourceVersion : this.#version;
    return compareVersions(seen, written.resourceVersion) >= 0;
  }

  subscribe(listener: (change: CacheChange<T>) => void): () => void {
    // A function of its own, so that one listener can subscribe twice and stop once.
    const own = (change: CacheChange<T>): void => listener(change);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** Waits for the first list. @throws ApiError `Aborted` when the signal is aborted before that */
  async whenSynced(signal: AbortSignal): Promise<void> {
    if (this.synced) return;
    const aborted = Promise.withResolvers<undefined>();
    const abort = (): void => {
      aborted.reject(
        new ApiError('Aborted', `cache of ${this.#options.resource.plural}: stopped before it was synced`),
      );
    };
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      await Promise.race([this.#synced.promise, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Keeps the cache like the server until the signal is aborted. It does not reject. Run it once at a time. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#reflector.run(signal), this.#audit.run(signal)]);
  }

  #project(object: KubernetesObject): T | undefined {
    try {
      const projected = this.#options.project(object);
      this.#store.check(projected);
      return projected;
    } catch (error) {
      this.#observe.unreadable?.(keyOf(object.metadata), error);
      return undefined;
    }
  }

  #replace(objects: readonly T[], version: string): void {
    const first = !this.synced;
    const changes = this.#store.replace(objects);
    this.#version = version;
    if (first) this.#synced.resolve(undefined);
    for (const change of changes) this.#tell(change);
  }

  #change(source: KubernetesObject, after: T | undefined, version: string): void {
    const changes = after === undefined ? this.#store.remove(keyOf(source.metadata)) : this.#store.put(after);
    this.#version = version;
    for (const change of changes) this.#tell(change);
  }

  #tell(change: CacheChange<T>): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.#observe.listenerFailed?.(error);
      }
    }
  }
}
