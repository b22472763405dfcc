import type { Cached, CacheReader } from './cached.js';
import type { KubernetesObject } from './resource.js';

interface Written {
  readonly uid: string;
  readonly resourceVersion: string;
}

/**
 * Read-your-writes for a controller: what it wrote last under each key, until its cache has seen that. A reconcile on a
 * cache that does not show its own last write would decide the same thing twice.
 *
 * Source: KEP-5647 (stale controllers).
 * @example
 * // One for each cache whose objects the controller writes; the key is the object's.
 * if (written.pending(key, policies)) return { requeueAfterMs: 1000 };
 * const policy = await api.apply(RESOURCE.healingPolicy, status, { fieldManager, subresource: 'status' });
 * written.record(key, policy);
 */
export class WrittenVersions {
  readonly #written = new Map<string, Written>();

  /** How many writes were not looked for since, or not seen yet. */
  get size(): number {
    return this.#written.size;
  }

  /** @param answer the object as the server answered the write with it; a later write under the key takes its place */
  record(key: string, answer: KubernetesObject): void {
    const { uid, resourceVersion } = answer.metadata;
    if (uid !== undefined && resourceVersion !== undefined) this.#written.set(key, { uid, resourceVersion });
  }

  /**
   * Whether the cache does not show the last write under this key yet. Once it does, or the object is gone, the write is
   * forgotten.
   */
  pending(key: string, cache: CacheReader<Cached>): boolean {
    const written = this.#written.get(key);
    if (written === undefined) return false;
    if (!cache.hasSeen(key, written)) return true;
    this.#written.delete(key);
    return false;
  }

  /** The object is no longer of interest. */
  forget(key: string): void {
    this.#written.delete(key);
  }
}
