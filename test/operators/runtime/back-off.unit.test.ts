import { describe, expect, it } from '@jest/globals';
import { BackOff } from '../../../operators/runtime/back-off.js';
import { ManualClock } from '../../../operators/simulator/manual-clock.js';

describe('the back-off of a loop', () => {
  it('doubles from 800 ms to 30 s', () => {
    const backOff = new BackOff({ clock: new ManualClock(), random: () => 0 });
    expect(Array.from({ length: 8 }, () => backOff.next())).toEqual([
      800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000,
    ]);
  });

  it('adds up to as much again by chance', () => {
    const backOff = new BackOff({ clock: new ManualClock(), random: () => 0.5 });
    expect([backOff.next(), backOff.next()]).toEqual([1200, 2400]);
  });

  it('begins anew after two healthy minutes, and not after one success between failures', async () => {
    const clock = new ManualClock();
    const backOff = new BackOff({ clock, random: () => 0 });
    backOff.next();
    backOff.healthy();
    await clock.advance(119_999);
    expect(backOff.next()).toBe(1600);
    await clock.advance(300_000);
    expect(backOff.next()).toBe(3200);
    backOff.healthy();
    await clock.advance(60_000);
    backOff.healthy();
    await clock.advance(60_000);
    expect(backOff.next()).toBe(800);
  });
});
