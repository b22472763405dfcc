import type { KubernetesApi } from './api.js';
import type { Cached, CacheChange } from './cached.js';
import type { Clock } from './clock.js';
import { type Selection, visitPages } from './list-pages.js';
import { compareVersions } from './resource-version.js';
import { keyOf, type KubernetesObject, type Resource } from './resource.js';

/** The cache that is audited. */
export interface AuditedCache {
  /** The newest version seen. @default - nothing was listed yet */
  readonly version: string | undefined;
  get(key: string): Cached | undefined;
  /** Whether the cache would hold the object: one that cannot be projected is not missed. */
  holds(object: KubernetesObject): boolean;
  list(): Iterable<Cached>;
  subscribe(listener: (change: CacheChange<Cached>) => void): () => void;
  /** Makes the cache list again, and so repairs it. */
  relist(): void;
}

/** What an audit tells about itself. */
export interface RelistAuditObserver {
  /** An audit compared so many objects of the server. */
  audited(objects: number): void;
  /** The cache had lost what became of these keys. It lists again. */
  missed(keys: readonly string[]): void;
  /** The server did not answer; the next audit comes in its time. */
  auditFailed(error: unknown): void;
}

export interface RelistAuditOptions extends Selection {
  readonly api: KubernetesApi;
  readonly resource: Resource;
  readonly clock: Clock;
  /** A number from 0 to below 1. */
  readonly random: () => number;
  /** Between two audits, milliseconds; chance adds up to a fifth. @default 600_000 */
  readonly auditIntervalMs?: number;
  readonly observe?: Partial<RelistAuditObserver>;
}

/** How long the watch may take to reach the version of the audit's list. Servers send bookmarks about once a minute. */
const CATCH_UP_MS = 120_000;
/** How often the audit looks whether it has. */
const LOOK_MS = 1000;

/**
 * Proves now and then that a cache lost nothing: it lists the keys and versions that the server has and compares. Watch
 * events were lost in released versions of etcd and of the API server, so a cache that only watches cannot know.
 *
 * What is still on its way to the cache is no miss: a difference counts when the cache has seen the version of the list, or
 * has not within two minutes. The repair is a list by the cache itself, so that it comes to listeners as changes.
 */
export class RelistAudit {
  readonly #options: RelistAuditOptions;
  readonly #cache: AuditedCache;
  readonly #intervalMs: number;

  /** @throws RangeError the interval is not between a second and a day */
  constructor(options: RelistAuditOptions, cache: AuditedCache) {
    this.#options = options;
    this.#cache = cache;
    this.#intervalMs = options.auditIntervalMs ?? 600_000;
    if (!(this.#intervalMs >= 1000 && this.#intervalMs <= 86_400_000)) {
      throw new RangeError(
        `cache of ${options.resource.plural}: auditIntervalMs must be from 1000 to 86400000; got ${this.#intervalMs}`,
      );
    }
  }

  /** Audits until the signal is aborted. It does not reject. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, observe } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(this.#intervalMs * (1 + 0.2 * random()), signal);
      if (signal.aborted) return;
      if (this.#cache.version === undefined) continue;
      try {
        const misses = await this.#misses(signal);
        if (misses.length === 0 || signal.aborted) continue;
        observe?.missed?.(misses);
        this.#cache.relist();
      } catch (error) {
        if (!signal.aborted) observe?.auditFailed?.(error);
      }
    }
  }

  async #misses(signal: AbortSignal): Promise<readonly string[]> {
    const { api, resource, observe } = this.#options;
    const deleted = new Set<string>();
    const stop = this.#cache.subscribe((change) => {
      if (change.type === 'deleted') deleted.add(change.key);
    });
    try {
      const listed = new Set<string>();
      /** Listed objects that the cache did not have when their page came, with their version. */
      const newer = new Map<string, string>();
      const version = await visitPages(api, resource, this.#options, signal, (object) => {
        const key = keyOf(object.metadata);
        listed.add(key);
        const found = object.metadata.resourceVersion ?? '';
        if (!this.#has(key, found) && this.#cache.holds(object)) newer.set(key, found);
      });
      const suspects = (): readonly string[] => [
        ...[...newer].filter(([key, found]) => !deleted.has(key) && !this.#has(key, found)).map(([key]) => key),
        ...this.#notListed(listed, version),
      ];
      await this.#untilSeen(version, () => suspects().length === 0, signal);
      observe?.audited?.(listed.size);
      return suspects();
    } finally {
      stop();
    }
  }

  /** Whether the cache has the object at this version or a later one. */
  #has(key: string, version: string): boolean {
    const held = this.#cache.get(key);
    return held !== undefined && compareVersions(held.resourceVersion, version) >= 0;
  }

  /** Keys that the cache still has at a version of before the list, which did not have them. */
  #notListed(listed: ReadonlySet<string>, version: string): readonly string[] {
    const keys: string[] = [];
    for (const held of this.#cache.list()) {
      const key = keyOf(held);
      if (!listed.has(key) && compareVersions(held.resourceVersion, version) <= 0) keys.push(key);
    }
    return keys;
  }

  async #untilSeen(version: string, settled: () => boolean, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const deadline = clock.now() + CATCH_UP_MS;
    const seen = (): boolean => compareVersions(this.#cache.version ?? '0', version) >= 0;
    while (!signal.aborted && !seen() && clock.now() < deadline && !settled()) await clock.sleep(LOOK_MS, signal);
  }
}
