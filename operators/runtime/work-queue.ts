import type { Clock } from './clock.js';
import { RateLimiter, type RateLimiterOptions } from './rate-limiter.js';

/** What a queue tells about itself. */
export interface WorkQueueObserver {
  /** A key came in that was not waiting already. */
  added(): void;
  /** A worker took a key that had waited so many milliseconds. */
  taken(waitedMs: number): void;
  /** A worker is done with a key after so many milliseconds. */
  done(tookMs: number): void;
  /** A key that failed waits so many milliseconds before it is added again. */
  retried(delayMs: number): void;
}

export interface WorkQueueOptions extends RateLimiterOptions {
  readonly observe?: Partial<WorkQueueObserver>;
}

interface Delayed {
  readonly dueAt: number;
  readonly cancel: AbortController;
}

/** Node's timers take at most 2^31 - 1 ms and fire at once beyond; a longer wait is made of several. */
const LONGEST_SLEEP_MS = 86_400_000;

/**
 * Keys that wait for work. A key waits at most once; one worker at a time has it; a key that is added while a worker has
 * it waits again after `done`, so no change is lost and none is worked on twice at once.
 *
 * Source: the design of client-go's `workqueue` (dirty and processing sets).
 * @example
 * const queue = new WorkQueue({ clock: systemClock });
 * queue.add('shop/web');
 * const key = await queue.take(signal); // 'shop/web'
 * try { await work(key); queue.forget(key); } catch { queue.addRateLimited(key); } finally { queue.done(key); }
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #observe: Partial<WorkQueueObserver>;
  readonly #limiter: RateLimiter;
  /** Keys that wait, in order of arrival from `#head` on. */
  #order: string[] = [];
  #head = 0;
  /** Keys that wait, with when they were added. */
  readonly #waiting = new Map<string, number>();
  /** Keys that were added while a worker has them, with when. */
  readonly #again = new Map<string, number>();
  /** Keys that workers have, with since when. */
  readonly #processing = new Map<string, number>();
  readonly #delayed = new Map<string, Delayed>();
  readonly #takers = new Set<(key: string | undefined) => void>();
  #closed = false;

  /** @throws RangeError see `RateLimiter` */
  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock;
    this.#observe = options.observe ?? {};
    this.#limiter = new RateLimiter(options);
  }

  /** Keys that wait now; without delayed ones. */
  get size(): number {
    return this.#waiting.size + this.#again.size;
  }

  /** Keys that workers have now. */
  get processing(): number {
    return this.#processing.size;
  }

  /** Keys that will be added later. */
  get delayed(): number {
    return this.#delayed.size;
  }

  /** Failures of a key since it was last forgotten. */
  failures(key: string): number {
    return this.#limiter.failures(key);
  }

  /** Adds a key, unless it waits already or the queue is shut down. */
  add(key: string): void {
    if (this.#closed || this.#waiting.has(key) || this.#again.has(key)) return;
    this.#observe.added?.();
    if (this.#processing.has(key)) this.#again.set(key, this.#clock.now());
    else this.#enqueue(key, this.#clock.now());
  }

  /**
   * Adds a key after so many milliseconds. Of several for one key the earliest holds; an `add` in between does not undo it.
   *
   * @throws RangeError the time is not a number
   */
  addAfter(key: string, milliseconds: number): void {
    if (Number.isNaN(milliseconds))
      throw new RangeError(`work queue: the delay of ${key} must be a number of milliseconds; got NaN`);
    if (this.#closed) return;
    if (milliseconds <= 0) {
      this.add(key);
      return;
    }
    const dueAt = this.#clock.now() + milliseconds;
    const before = this.#delayed.get(key);
    if (before !== undefined && before.dueAt <= dueAt) return;
    before?.cancel.abort();
    const delayed: Delayed = { dueAt, cancel: new AbortController() };
    this.#delayed.set(key, delayed);
    void this.#addWhenDue(key, milliseconds, delayed);
  }

  /**
   * Adds a key that failed, after its back-off.
   *
   * @param atLeastMs what the server asked for (Retry-After) @default 0
   */
  addRateLimited(key: string, atLeastMs = 0): void {
    if (this.#closed) return;
    const delay = Math.max(this.#limiter.next(key), atLeastMs);
    this.#observe.retried?.(delay);
    this.addAfter(key, delay);
  }

  /** The key succeeded: its back-off begins anew. */
  forget(key: string): void {
    this.#limiter.forget(key);
  }

  /**
   * Waits for a key and takes it; call `done` afterwards, whatever happened.
   *
   * @returns undefined when the signal is aborted, or the queue is shut down and empty
   */
  take(signal: AbortSignal): Promise<string | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    const key = this.#order[this.#head];
    if (key !== undefined) {
      this.#head++;
      if (this.#head > 1024 && this.#head * 2 > this.#order.length) {
        this.#order = this.#order.slice(this.#head);
        this.#head = 0;
      }
      const since = this.#waiting.get(key) ?? 0;
      this.#waiting.delete(key);
      this.#start(key, since);
      return Promise.resolve(key);
    }
    if (this.#exhausted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const stop = (): void => taker(undefined);
      const taker = (taken: string | undefined): void => {
        this.#takers.delete(taker);
        signal.removeEventListener('abort', stop);
        resolve(taken);
      };
      this.#takers.add(taker);
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  /** The worker has finished with a key that it took. @throws RangeError nobody has taken it */
  done(key: string): void {
    const since = this.#processing.get(key);
    if (since === undefined) throw new RangeError(`work queue: ${key} is done, but nobody has taken it`);
    this.#processing.delete(key);
    this.#observe.done?.(this.#clock.now() - since);
    const added = this.#again.get(key);
    if (added !== undefined) {
      this.#again.delete(key);
      this.#enqueue(key, added);
    }
    this.#releaseTakers();
  }

  /** Takes no more keys and drops delayed ones; those that wait are still handed out, then `take` yields undefined. */
  shutDown(): void {
    this.#closed = true;
    for (const { cancel } of this.#delayed.values()) cancel.abort();
    this.#delayed.clear();
    this.#releaseTakers();
  }

  get #exhausted(): boolean {
    return this.#closed && this.#waiting.size === 0 && this.#again.size === 0;
  }

  #enqueue(key: string, since: number): void {
    const [taker] = this.#takers;
    if (taker === undefined) {
      this.#waiting.set(key, since);
      this.#order.push(key);
    } else {
      this.#start(key, since);
      taker(key);
    }
  }

  #start(key: string, since: number): void {
    const now = this.#clock.now();
    this.#processing.set(key, now);
    this.#observe.taken?.(now - since);
  }

  #releaseTakers(): void {
    if (this.#exhausted) for (const taker of this.#takers) taker(undefined);
  }

  async #addWhenDue(key: string, milliseconds: number, delayed: Delayed): Promise<void> {
    const { signal } = delayed.cancel;
    for (let left = milliseconds; left > 0 && !signal.aborted; left -= LONGEST_SLEEP_MS) {
      await this.#clock.sleep(Math.min(left, LONGEST_SLEEP_MS), signal);
    }
    if (signal.aborted) return;
    this.#delayed.delete(key);
    this.add(key);
  }
}
