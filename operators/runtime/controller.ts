import { isApiError } from './api-error.js';
import type { Clock } from './clock.js';
import type { ReconcileResult, Reconciler } from './reconciler.js';
import type { WorkQueue } from './work-queue.js';

/** How a reconcile ended: nothing more to do, to be called again in some time, thrown, or aborted after its time. */
export type ReconcileOutcome = 'done' | 'again' | 'error' | 'timeout';

/** What a controller tells about itself. */
export interface ControllerObserver {
  /** A reconcile ended. @param error what it threw */
  reconciled(key: string, outcome: ReconcileOutcome, tookMs: number, error?: unknown): void;
  /** A reconcile did not end in its time and was aborted; its worker has gone on to other keys. */
  overdue(key: string): void;
}

/** Why the signal of a reconcile was aborted: it took too long, or the controller stops. */
export class ReconcileAbortedError extends Error {
  override readonly name = 'ReconcileAbortedError';
  constructor(
    readonly code: 'ReconcileTimeout' | 'ControllerStopped',
    message: string,
  ) {
    super(message);
  }
}

export interface ControllerOptions {
  readonly reconciler: Reconciler;
  readonly queue: WorkQueue;
  readonly clock: Clock;
  /** Keys that are worked on at once. @default 1 */
  readonly workers?: number;
  /** Caches that must be complete before the first reconcile. @default - none */
  readonly caches?: readonly { whenSynced(signal: AbortSignal): Promise<void> }[];
  /** After so long the signal of a reconcile is aborted, milliseconds. @default 60_000 */
  readonly timeoutMs?: number;
  /** How long running reconciles may go on after `run` was told to stop, milliseconds. @default 10_000 */
  readonly stopMs?: number;
  readonly observe?: Partial<ControllerObserver>;
}

/**
 * Takes keys from a queue and reconciles them. Success forgets the failures of a key; an error adds it again with back-off,
 * not before the server's Retry-After; a wish to be called again is kept. One key's error, or its never ending, does not
 * touch the others.
 *
 * A reconcile that does not end after its signal was aborted keeps its key: no second one of that key begins beside it.
 *
 * @example
 * const queue = new WorkQueue({ clock });
 * pods.subscribe(({ key }) => queue.add(key));
 * await new Controller({ reconciler, queue, clock, caches: [pods] }).run(signal);
 */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #workers: number;
  readonly #timeoutMs: number;
  readonly #stopMs: number;
  readonly #observe: Partial<ControllerObserver>;
  readonly #running = new Map<AbortController, Promise<void>>();

  /** @throws RangeError `workers` is not a whole number above 0 */
  constructor(options: ControllerOptions) {
    const { workers = 1, timeoutMs = 60_000, stopMs = 10_000, observe = {} } = options;
    if (!Number.isSafeInteger(workers) || workers < 1) {
      throw new RangeError(
        `controller ${options.reconciler.name}: workers must be a whole number from 1 on; got ${workers}`,
      );
    }
    this.#options = options;
    this.#workers = workers;
    this.#timeoutMs = timeoutMs;
    this.#stopMs = stopMs;
    this.#observe = observe;
  }

  /**
   * Works until the signal is aborted: then it takes no more keys, gives running reconciles some time, aborts their
   * signals, and resolves when the last has ended, so nothing of it goes on. It may be run again, as in a later term of
   * leadership; keys that wait stay in the queue.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { queue, caches = [] } = this.#options;
    try {
      await Promise.all(caches.map((cache) => cache.whenSynced(signal)));
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    const worker = async (): Promise<void> => {
      for (let key = await queue.take(signal); key !== undefined; key = await queue.take(signal)) {
        await this.#work(key, signal);
      }
    };
    await Promise.all(Array.from({ length: this.#workers }, worker));
    await this.#stop();
  }

  /** Resolves when the worker is free for another key: the reconcile has ended, is overdue, or `run` is told to stop. */
  async #work(key: string, signal: AbortSignal): Promise<void> {
    const { clock, reconciler } = this.#options;
    const abort = new AbortController();
    const free = new AbortController();
    const release = (): void => free.abort();
    signal.addEventListener('abort', release, { once: true });
    if (signal.aborted) release();
    const running = this.#reconcile(key, abort.signal).finally(() => {
      this.#running.delete(abort);
      release();
    });
    this.#running.set(abort, running);
    await clock.sleep(this.#timeoutMs, free.signal);
    signal.removeEventListener('abort', release);
    if (free.signal.aborted) return;
    this.#observe.overdue?.(key);
    abort.abort(
      new ReconcileAbortedError(
        'ReconcileTimeout',
        `${reconciler.name}: the reconcile of ${key} did not end within ${this.#timeoutMs} ms`,
      ),
    );
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<void> {
    const { reconciler, queue, clock } = this.#options;
    const start = clock.now();
    const told = (outcome: ReconcileOutcome, error?: unknown): void =>
      this.#observe.reconciled?.(key, outcome, clock.now() - start, error);
    try {
      const result: ReconcileResult = await reconciler.reconcile(key, signal);
      queue.forget(key);
      if (result.requeueAfterMs !== undefined) queue.addAfter(key, result.requeueAfterMs);
      told(result.requeueAfterMs === undefined ? 'done' : 'again');
    } catch (error) {
      queue.addRateLimited(key, isApiError(error) ? (error.details.retryAfterSeconds ?? 0) * 1000 : 0);
      told(isTimeout(signal) ? 'timeout' : 'error', error);
    } finally {
      queue.done(key);
    }
  }

  async #stop(): Promise<void> {
    const { clock, reconciler } = this.#options;
    const all = Promise.all(this.#running.values());
    const ended = new AbortController();
    void all.finally(() => ended.abort());
    await clock.sleep(this.#stopMs, ended.signal);
    for (const abort of this.#running.keys()) {
      abort.abort(new ReconcileAbortedError('ControllerStopped', `${reconciler.name}: the controller stops`));
    }
    await all;
  }
}

function isTimeout({ reason }: AbortSignal): boolean {
  return reason instanceof ReconcileAbortedError && reason.code === 'ReconcileTimeout';
}
