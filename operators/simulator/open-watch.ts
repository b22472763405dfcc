import type { WatchEvent, WatchOptions } from '../runtime/api.js';
import { ApiError } from '../runtime/api-error.js';
import type { Clock } from '../runtime/clock.js';
import type { KubernetesObject } from '../runtime/resource.js';
import { withField } from './json.js';
import type { JsonObject } from './json.js';
import { metadataOf } from './object-meta.js';
import type { Selector } from './selectors.js';
import type { Change, WatchHistory } from './watch-history.js';

/** Source: apiserver's watch cache sends one about every minute. */
const BOOKMARK_INTERVAL = 60_000;

/** One connection that follows a history. */
export class OpenWatch {
  #wake: PromiseWithResolvers<void> = Promise.withResolvers();
  #broken: ApiError | undefined;

  constructor(
    readonly history: WatchHistory,
    private readonly selects: Selector,
    private readonly clock: Clock,
    private readonly currentVersion: () => number,
  ) {}

  wake(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  /** Makes the reader's next step throw. */
  fail(error: ApiError): void {
    this.#broken = error;
    this.wake();
  }

  async #wakeAfter(milliseconds: number, signal: AbortSignal): Promise<void> {
    await this.clock.sleep(milliseconds, signal);
    if (!signal.aborted) this.wake();
  }

  /** Events after a version, bookmarks among them, until the server's time is up or the reader is too slow for the window. */
  async *events(
    from: number,
    timeoutMs: number,
    options: Pick<WatchOptions, 'signal'>,
  ): AsyncGenerator<WatchEvent<KubernetesObject>, void, undefined> {
    let nap = new AbortController();
    const abort = (): void =>
      this.fail(new ApiError('Aborted', 'the caller aborted', { cause: options.signal?.reason }));
    options.signal?.addEventListener('abort', abort, { once: true });
    if (options.signal?.aborted === true) abort();
    const end = this.clock.now() + timeoutMs;
    let bookmarkAt = this.clock.now() + BOOKMARK_INTERVAL;
    let version = from;
    try {
      for (;;) {
        const woken = this.#wake.promise;
        if (this.history.lost(version)) return;
        for (const change of this.history.after(version)) {
          if (this.#broken !== undefined) throw this.#broken;
          version = change.version;
          const event = eventOf(change, this.selects);
          if (event !== undefined) yield event;
        }
        if (this.#broken !== undefined) throw this.#broken;
        // What was committed while the reader had an event comes before the bookmark that would cover it.
        if (this.history.after(version).length > 0) continue;
        const now = this.clock.now();
        if (now >= bookmarkAt || now >= end) {
          version = Math.max(version, this.currentVersion());
          bookmarkAt = now + BOOKMARK_INTERVAL;
          yield { type: 'BOOKMARK', resourceVersion: String(version) };
          if (now >= end) return;
          continue;
        }
        nap = new AbortController();
        void this.#wakeAfter(Math.min(bookmarkAt, end) - now, nap.signal);
        await woken;
        nap.abort();
      }
    } finally {
      nap.abort();
      options.signal?.removeEventListener('abort', abort);
    }
  }
}

/** What a watcher with a selector sees of a change: entering the selection is ADDED, leaving it DELETED. */
export function eventOf(change: Change, selects: Selector): WatchEvent<KubernetesObject> | undefined {
  const was = change.before !== undefined && selects(change.before);
  const is = change.after !== undefined && selects(change.after);
  if (is && change.after !== undefined) {
    return { type: was ? 'MODIFIED' : 'ADDED', object: asObject(change.after) };
  }
  if (!was || change.before === undefined) return undefined;
  const metadata = withField(metadataOf(change.before), 'resourceVersion', String(change.version));
  return { type: 'DELETED', object: asObject(withField(change.before, 'metadata', metadata)) };
}

function asObject(object: JsonObject): KubernetesObject {
  return object as unknown as KubernetesObject;
}
