import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  daemonUpdate,
  disruptionBudget,
  lowerBound,
  rollingUpdate,
  rounds,
  upperBound,
} from '../../../charts/port/deployment-percent.js';

const desired = fc.integer({ min: 0, max: 1000 });
const minimum = fc.integer({ min: 0, max: 100 });
const maximum = fc.integer({ min: 100, max: 400 });

describe('the bounds of a rolling update', () => {
  it('are the bounds of ECS, which rounds the upper one down and the lower one up', () => {
    expect(rollingUpdate(3, 50, 150)).toEqual({ maxSurge: 1, maxUnavailable: 1, stuck: false });
    expect(rollingUpdate(10, 75, 125)).toEqual({ maxSurge: 2, maxUnavailable: 2, stuck: false });
    expect(rollingUpdate(1, 100, 200)).toEqual({ maxSurge: 1, maxUnavailable: 0, stuck: false });
    expect(rollingUpdate(4, 0, 100)).toEqual({ maxSurge: 0, maxUnavailable: 4, stuck: false });
  });

  it('let one pod be unavailable where ECS would never proceed, and say so', () => {
    expect(rollingUpdate(1, 50, 100)).toEqual({ maxSurge: 0, maxUnavailable: 1, stuck: true });
    expect(rollingUpdate(4, 100, 100)).toEqual({ maxSurge: 0, maxUnavailable: 1, stuck: true });
    expect(rollingUpdate(undefined, 100, 100)).toEqual({ maxSurge: 0, maxUnavailable: 1, stuck: true });
  });

  it('are percentages when autoscaling decides the count, or when there is none to count from', () => {
    expect(rollingUpdate(undefined, 50, 150)).toEqual({ maxSurge: '50%', maxUnavailable: '50%', stuck: false });
    expect(rollingUpdate(0, 100, 200)).toEqual({ maxSurge: '100%', maxUnavailable: '0%', stuck: false });
  });

  it('hold for every count and every pair of percentages', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), minimum, maximum, (count, min, max) => {
        const { maxSurge, maxUnavailable, stuck } = rollingUpdate(count, min, max);
        // The exact fractions of ECS, in hundredths, so that the law does not repeat the division under test.
        const most = 100 * (count + Number(maxSurge));
        const least = 100 * (count - (stuck ? 0 : Number(maxUnavailable)));
        const upper = most <= count * max && most + 100 > count * max;
        const lower = least >= count * min && least - 100 < count * min;
        return upper && lower && stuck === (upperBound(count, max) === count && lowerBound(count, min) === count);
      }),
      { numRuns: 20_000 },
    );
  });

  it('are never both zero, which Kubernetes refuses', () => {
    const isZero = (bound: number | string): boolean => bound === 0 || bound === '0%';
    fc.assert(
      fc.property(fc.option(desired, { nil: undefined }), minimum, maximum, (count, min, max) => {
        const { maxSurge, maxUnavailable } = rollingUpdate(count, min, max);
        return !(isZero(maxSurge) && isZero(maxUnavailable));
      }),
      { numRuns: 20_000 },
    );
  });

  it('stay within what Kubernetes can hold, whatever the input claims', () => {
    const wild = fc.integer({ min: -(2 ** 40), max: 2 ** 40 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), wild, wild, (count, min, max) => {
        const { maxSurge, maxUnavailable } = rollingUpdate(count, min, max);
        for (const bound of [maxSurge, maxUnavailable]) {
          const number = Number(String(bound).replace('%', ''));
          expect(Number.isInteger(number) && number >= 0 && number < 2 ** 31).toBe(true);
        }
      }),
    );
  });
});

describe('the update of a daemon', () => {
  it('keeps the default of the API, at which all may stop at once', () => {
    expect(daemonUpdate(0)).toEqual({ maxUnavailable: '100%', stuck: false });
    expect(daemonUpdate(50)).toEqual({ maxUnavailable: '50%', stuck: false });
  });

  it('lets one stop where none may', () => {
    expect(daemonUpdate(100)).toEqual({ maxUnavailable: 1, stuck: true });
  });
});

describe('the rounds of an update', () => {
  it('are as many as it takes to replace every task within the bounds', () => {
    expect(rounds(10, 100, 110)).toBe(10);
    expect(rounds(10, 50, 200)).toBe(1);
    expect(rounds(10, 75, 100)).toBe(5);
    expect(rounds(0, 100, 200)).toBe(1);
  });
});

describe('the disruption budget', () => {
  it('keeps the healthy percentage', () => {
    expect(disruptionBudget(10, 50)).toEqual({ minAvailable: '50%' });
    expect(disruptionBudget(undefined, 75)).toEqual({ minAvailable: '75%' });
  });

  it('is absent when nothing need be kept', () => {
    expect(disruptionBudget(10, 0)).toBeUndefined();
  });

  it('never keeps a node from being drained', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 100 }), (count, min) => {
        const budget = disruptionBudget(count, min);
        const kept = budget !== undefined && 'minAvailable' in budget ? lowerBound(count, min) : count - 1;
        expect(kept).toBeLessThan(count);
      }),
    );
  });
});
