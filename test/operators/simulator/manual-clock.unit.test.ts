import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { ManualClock } from '../../../operators/simulator/manual-clock.js';

test('sleepers wake in the order of their times, and those of one time in the order in which they fell asleep', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 20 }), async (naps) => {
      const clock = new ManualClock(0);
      const woken: { nap: number; index: number; at: number }[] = [];
      naps.forEach((nap, index) => void clock.sleep(nap).then(() => woken.push({ nap, index, at: clock.now() })));
      await clock.advance(20);
      const expected = naps.map((nap, index) => ({ nap, index, at: nap })).sort((a, b) => a.nap - b.nap);
      expect(woken).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

test('a loop that sleeps again and again runs as often as it fits in the span', async () => {
  const clock = new ManualClock(0);
  const seen: number[] = [];
  void (async () => {
    while (seen.length < 100) {
      await clock.sleep(300);
      seen.push(clock.now());
    }
  })();
  await clock.advance(1000);
  expect(seen).toEqual([300, 600, 900]);
  expect(clock.now()).toBe(1000);
  expect(clock.nextWake).toBe(1200);
});

test('an aborted sleep ends at once and leaves nobody asleep', async () => {
  const clock = new ManualClock();
  const controller = new AbortController();
  const nap = clock.sleep(1000, controller.signal);
  expect(clock.sleeping).toBe(1);
  controller.abort();
  await nap;
  expect(clock.sleeping).toBe(0);
  await clock.sleep(1000, controller.signal);
  expect(clock.sleeping).toBe(0);
});
