import type { KubernetesApi, WatchEvent } from './api.js';
import { ApiError, isApiError } from './api-error.js';
import { BackOff } from './back-off.js';
import type { Clock } from './clock.js';
import { type Selection, selectionOf, visitPages } from './list-pages.js';
import { compareVersions } from './resource-version.js';
import type { KubernetesObject, Resource } from './resource.js';

/** Why everything is listed: the beginning, a 410, differences that an audit found. */
export type ListReason = 'Initial' | 'Gone' | 'Audit';

/** What a reflector fills. */
export interface ReflectorTarget<T> {
  /** The newest version that it has seen. @default - nothing was listed yet */
  readonly version: string | undefined;
  /** Makes an object what the target holds. @returns undefined when that fails, which it has told of */
  project(object: KubernetesObject): T | undefined;
  /** All objects as of a version that is not older than what it has seen. */
  replace(objects: readonly T[], version: string): void;
  /** One object at a newer version than all it has seen; undefined when the object is gone. */
  change(source: KubernetesObject, after: T | undefined, version: string): void;
  /** Nothing was left out up to this version. */
  advance(version: string): void;
}

/** What a reflector tells about itself. */
export interface ReflectorObserver {
  listed(reason: ListReason, objects: number, tookMs: number): void;
  /** The server ended a watch, as it does every few minutes, or (with an error) a watch failed. */
  watchEnded(error?: unknown): void;
  /** A list or a watch failed; the next attempt is in so many milliseconds. */
  failed(error: unknown, retryInMs: number): void;
  /** A list was older than what was seen and was not taken. */
  refused(seen: string, listed: string): void;
  /** An event was not newer than what was seen and was not taken. */
  stale(seen: string, version: string): void;
}

export interface ReflectorOptions extends Selection {
  readonly api: KubernetesApi;
  readonly resource: Resource;
  readonly clock: Clock;
  /** A number from 0 to below 1. */
  readonly random: () => number;
  readonly observe?: Partial<ReflectorObserver>;
}

/** A watch that lasted less, and brought nothing, is taken for a failure. */
const SHORTEST_WATCH_MS = 1000;
/** How long after its time a watch that has not ended is cut. */
const WATCH_GRACE_MS = 30_000;

/**
 * Keeps a target like the server: lists everything, then watches from the version of the list. When a watch ends or fails
 * it goes on from the last version seen; when the server has forgotten that version (410) it lists again.
 *
 * The target's version never goes back: an older list comes from a server that lags or was restored from a backup, and is
 * refused for as long as it is older. The target then stands still, and writes that were decided on it fail by their
 * preconditions.
 *
 * Source: the numbers of client-go's reflector: watches of 5 to 10 minutes, back-off from 800 ms to 30 s.
 */
export class Reflector<T> {
  readonly #options: ReflectorOptions;
  readonly #target: ReflectorTarget<T>;
  readonly #observe: Partial<ReflectorObserver>;
  #reason: ListReason | undefined = 'Initial';
  #cut: AbortController | undefined;

  constructor(options: ReflectorOptions, target: ReflectorTarget<T>) {
    this.#options = options;
    this.#target = target;
    this.#observe = options.observe ?? {};
  }

  /** Cuts the watch and lists again. */
  relist(reason: ListReason): void {
    this.#reason ??= reason;
    this.#cut?.abort();
  }

  /** Lists and watches until the signal is aborted. It does not reject. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    const backOff = new BackOff({ clock, random });
    while (!signal.aborted) {
      try {
        if (this.#reason !== undefined) await this.#list(this.#reason, signal);
        backOff.healthy();
        await this.#watch(signal, () => backOff.healthy());
      } catch (error) {
        if (signal.aborted) return;
        if (isApiError(error, 'Gone')) this.#reason ??= 'Gone';
        const asked = isApiError(error) ? (error.details.retryAfterSeconds ?? 0) * 1000 : 0;
        const delay = Math.max(backOff.next(), asked);
        this.#observe.failed?.(error, delay);
        await clock.sleep(delay, signal);
      }
    }
  }

  async #list(reason: ListReason, signal: AbortSignal): Promise<void> {
    const { api, resource, clock } = this.#options;
    const start = clock.now();
    const objects: T[] = [];
    const version = await visitPages(api, resource, this.#options, signal, (object) => {
      const projected = this.#target.project(object);
      if (projected !== undefined) objects.push(projected);
    });
    const seen = this.#target.version;
    if (seen !== undefined && compareVersions(version, seen) < 0) {
      this.#observe.refused?.(seen, version);
      throw new ApiError(
        'Unavailable',
        `list ${resource.plural}: the server answered with version ${version}, but ${seen} was seen already; waiting for a server that is as new`,
      );
    }
    this.#reason = undefined;
    this.#observe.listed?.(reason, objects.length, clock.now() - start);
    this.#target.replace(objects, version);
  }

  async #watch(signal: AbortSignal, healthy: () => void): Promise<void> {
    const { api, resource, clock, random } = this.#options;
    const version = this.#target.version;
    if (version === undefined) return;
    const cut = new AbortController();
    const stop = (): void => cut.abort();
    signal.addEventListener('abort', stop, { once: true });
    this.#cut = cut;
    const start = clock.now();
    const timeoutSeconds = 300 + Math.floor(random() * 300);
    void this.#cutWhenOverdue(timeoutSeconds * 1000 + WATCH_GRACE_MS, cut);
    let events = 0;
    try {
      const watch = { ...selectionOf(this.#options), resourceVersion: version, timeoutSeconds, signal: cut.signal };
      for await (const event of api.watch(resource, watch)) {
        // A list that was asked for is newer than what is still on its way.
        if (cut.signal.aborted) break;
        this.#take(event);
        events++;
        healthy();
      }
      cut.signal.throwIfAborted();
      if (events === 0 && clock.now() - start < SHORTEST_WATCH_MS) {
        throw new ApiError('ConnectionLost', `watch ${resource.plural}: it ended as soon as it began`);
      }
      this.#observe.watchEnded?.();
    } catch (error) {
      const cause: unknown = cut.signal.aborted ? cut.signal.reason : error;
      if (cut.signal.aborted && !isApiError(cause)) return;
      this.#observe.watchEnded?.(cause);
      throw cause;
    } finally {
      this.#cut = undefined;
      signal.removeEventListener('abort', stop);
      cut.abort();
    }
  }

  async #cutWhenOverdue(milliseconds: number, cut: AbortController): Promise<void> {
    const { clock, resource } = this.#options;
    await clock.sleep(milliseconds, cut.signal);
    cut.abort(new ApiError('ConnectionLost', `watch ${resource.plural}: it did not end when its time was up`));
  }

  #take(event: WatchEvent<KubernetesObject>): void {
    const seen = this.#target.version ?? '0';
    if (event.type === 'BOOKMARK') {
      if (compareVersions(event.resourceVersion, seen) > 0) this.#target.advance(event.resourceVersion);
      return;
    }
    const version = event.object.metadata.resourceVersion ?? '';
    if (compareVersions(version, seen) <= 0) {
      this.#observe.stale?.(seen, version);
      return;
    }
    const after = event.type === 'DELETED' ? undefined : this.#target.project(event.object);
    this.#target.change(event.object, after, version);
  }
}
