import type { Clock } from './clock.js';

export interface BackOffOptions {
  readonly clock: Clock;
  /** A number from 0 to below 1. */
  readonly random: () => number;
  /** @default 800 */
  readonly baseMs?: number;
  /** Longest delay before chance is added. @default 30_000 */
  readonly maxMs?: number;
  /** After being healthy for so long the delays begin anew. @default 120_000 */
  readonly resetAfterMs?: number;
}

/**
 * Delays of a loop that must go on: they double from failure to failure, chance adds up to as much again, and a healthy
 * time resets them. One success between failures does not: a server that answers now and then is not hammered.
 *
 * Source: the numbers of client-go's reflector.
 * @example
 * const backOff = new BackOff({ clock, random });
 * try { await once(); backOff.healthy(); } catch { await clock.sleep(backOff.next(), signal); }
 */
export class BackOff {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #baseMs: number;
  readonly #maxMs: number;
  readonly #resetAfterMs: number;
  #failures = 0;
  #healthySince: number | undefined;

  constructor({ clock, random, baseMs = 800, maxMs = 30_000, resetAfterMs = 120_000 }: BackOffOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#baseMs = baseMs;
    this.#maxMs = maxMs;
    this.#resetAfterMs = resetAfterMs;
  }

  /** Something went well. */
  healthy(): void {
    this.#healthySince ??= this.#clock.now();
  }

  /** Counts a failure. @returns milliseconds to wait before the next attempt */
  next(): number {
    if (this.#healthySince !== undefined && this.#clock.now() - this.#healthySince >= this.#resetAfterMs) {
      this.#failures = 0;
    }
    this.#healthySince = undefined;
    const delay = Math.min(this.#baseMs * 2 ** this.#failures, this.#maxMs);
    this.#failures++;
    return delay * (1 + this.#random());
  }
}
