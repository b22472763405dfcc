import { setTimeout as delay } from 'node:timers/promises';

/**
 * Where controllers get the time from. Decisions get `now()` as a number; loops sleep through it, so that a test or the
 * simulator moves time by hand.
 */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Resolves after so many milliseconds, or at once when the signal is aborted. It never rejects: a caller looks at
   * `signal.aborted` when it wakes.
   */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock. A pending sleep does not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    if (signal?.aborted === true) return;
    await delay(Math.max(0, milliseconds), undefined, {
      ref: false,
      ...(signal === undefined ? {} : { signal }),
    }).catch(() => undefined);
  },
};
