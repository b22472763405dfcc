import type { Clock } from './clock.js';

export interface RateLimiterOptions {
  readonly clock: Clock;
  /** Spreads retries of keys that failed together over a tenth of their delay; a number from 0 to below 1. @default - no spread */
  readonly random?: () => number;
  /** Delay after the first failure of a key, milliseconds; it doubles with each further one. @default 5 */
  readonly baseDelayMs?: number;
  /** Longest delay of a key, milliseconds. @default 1_000_000 */
  readonly maxDelayMs?: number;
  /** Retries a second of all keys together. @default 10 */
  readonly ratePerSecond?: number;
  /** Retries that may come at once after a quiet time. @default 100 */
  readonly burst?: number;
}

/** Of a delay, the part that chance may add. */
const SPREAD = 0.1;

/**
 * How long a key that failed waits: the longer of its own exponential back-off and of its place in a token bucket that all
 * keys share. The defaults are those of client-go's controller rate limiter.
 *
 * Source: client-go `DefaultTypedControllerRateLimiter`.
 * @example
 * const limiter = new RateLimiter({ clock });
 * limiter.next('shop/web'); // 5
 * limiter.next('shop/web'); // 10
 * limiter.forget('shop/web'); // it succeeded: the next failure waits 5 again
 */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #ratePerSecond: number;
  readonly #burst: number;
  readonly #failures = new Map<string, number>();
  #tokens: number;
  #filledAt: number;

  /** @throws RangeError a delay is negative, or a rate or burst is not above 0 */
  constructor(options: RateLimiterOptions) {
    const {
      clock,
      random = () => 0,
      baseDelayMs = 5,
      maxDelayMs = 1_000_000,
      ratePerSecond = 10,
      burst = 100,
    } = options;
    if (!(baseDelayMs >= 0 && maxDelayMs >= baseDelayMs && ratePerSecond > 0 && burst >= 1)) {
      throw new RangeError(
        `rate limiter: needs 0 ≤ baseDelayMs ≤ maxDelayMs, ratePerSecond > 0 and burst ≥ 1; got ${baseDelayMs}, ${maxDelayMs}, ${ratePerSecond}, ${burst}`,
      );
    }
    this.#clock = clock;
    this.#random = random;
    this.#baseDelayMs = baseDelayMs;
    this.#maxDelayMs = maxDelayMs;
    this.#ratePerSecond = ratePerSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledAt = clock.now();
  }

  /** Counts a failure of the key and takes a token. @returns milliseconds until the key may be tried again */
  next(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const backOff = this.#baseDelayMs * 2 ** failures * (1 + SPREAD * this.#random());
    return Math.max(Math.min(backOff, this.#maxDelayMs), this.#takeToken());
  }

  /** The key succeeded. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Failures since the key last succeeded. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** Tokens may go below zero: who comes then has reserved the token that will be there after the returned milliseconds. */
  #takeToken(): number {
    const now = this.#clock.now();
    // A wall clock that was set back must not take tokens away.
    const seconds = Math.max(0, now - this.#filledAt) / 1000;
    this.#filledAt = now;
    this.#tokens = Math.min(this.#burst, this.#tokens + seconds * this.#ratePerSecond) - 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#ratePerSecond) * 1000;
  }
}
