import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { RateLimiter } from '../../../operators/runtime/rate-limiter.js';
import { ManualClock } from '../../../operators/simulator/manual-clock.js';

describe('the rate limiter', () => {
  it('doubles the delay of a key from 5 ms up to 1000 s', () => {
    const limiter = new RateLimiter({ clock: new ManualClock(), burst: 1000 });
    const delays = Array.from({ length: 30 }, () => limiter.next('shop/web'));
    expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(delays.slice(-2)).toEqual([1_000_000, 1_000_000]);
  });

  it('begins anew after the key succeeded, and counts each key for itself', () => {
    const limiter = new RateLimiter({ clock: new ManualClock() });
    limiter.next('a');
    limiter.next('a');
    expect(limiter.next('b')).toBe(5);
    expect(limiter.failures('a')).toBe(2);
    limiter.forget('a');
    expect(limiter.failures('a')).toBe(0);
    expect(limiter.next('a')).toBe(5);
  });

  it('lets a burst pass, then ten a second of all keys together, and refills with time', async () => {
    const clock = new ManualClock();
    const limiter = new RateLimiter({ clock });
    const delays = Array.from({ length: 103 }, (_, key) => limiter.next(String(key)));
    expect(delays.slice(98)).toEqual([5, 5, 100, 200, 300]);
    await clock.advance(1300);
    expect(limiter.next('late')).toBe(5);
  });

  it('takes no tokens away when the clock is set back', () => {
    let now = 1_000_000;
    const limiter = new RateLimiter({ clock: { now: () => now, sleep: () => Promise.resolve() }, burst: 2 });
    limiter.next('a');
    now = 0;
    expect(limiter.next('b')).toBe(5);
    expect(limiter.next('c')).toBe(100);
  });

  it('spreads keys that failed together over a tenth of the delay, within the longest one', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 40 }),
        (chance, failures) => {
          const limiter = new RateLimiter({ clock: new ManualClock(), random: () => chance, burst: 100 });
          for (let n = 1; n < failures; n++) limiter.next('a');
          const plain = Math.min(5 * 2 ** (failures - 1), 1_000_000);
          const delay = limiter.next('a');
          expect(delay).toBeGreaterThanOrEqual(plain);
          expect(delay).toBeLessThanOrEqual(Math.min(plain * 1.1, 1_000_000));
        },
      ),
    );
  });

  it.each([
    { ratePerSecond: 0 },
    { burst: 0 },
    { baseDelayMs: -1 },
    { baseDelayMs: 10, maxDelayMs: 5 },
    { burst: Number.NaN },
  ])('refuses %p', (options) => {
    expect(() => new RateLimiter({ clock: new ManualClock(), ...options })).toThrow(RangeError);
  });
});
