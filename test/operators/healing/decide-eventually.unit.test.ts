import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { HealingPolicySpec } from '../../../operators/healing/healing-policy.js';
import { NOW } from './given.js';
import { type Fault, ReplicaSetModel } from './replica-set-model.js';

const MINUTE = 60_000;
const STEP = 5000;

const faults: fc.Arbitrary<Fault> = fc.record(
  {
    node: fc.constantFrom('node-a', 'node-b', 'node-c'),
    all: fc.constant(true),
    once: fc.array(
      fc.record({ after: fc.integer({ min: 1, max: 15 * MINUTE }), place: fc.integer({ min: 0, max: 9 }) }),
      { maxLength: 12 },
    ),
    until: fc.integer({ min: 0, max: 15 * MINUTE }),
  },
  { requiredKeys: ['once', 'until'] },
);

const share = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom('1%', '25%', '50%', '100%'));
const specs: fc.Arbitrary<HealingPolicySpec> = fc.record(
  {
    selector: fc.constant({ matchLabels: { app: 'web' } }),
    budget: fc.record({ maxReplacements: share, maxUnavailable: share }, { requiredKeys: [] }),
    quarantine: fc.constantFrom({}, { causes: ['EssentialContainerExited' as const], keepSeconds: 600 }),
    stormGuard: fc.constantFrom({}, { maxUnhealthy: '100%' }),
  },
  { requiredKeys: ['selector'] },
);

/** The most replacements at a time, counted plainly. */
function mostOf(spec: HealingPolicySpec, desired: number): number {
  const wanted = spec.budget?.maxReplacements ?? '25%';
  return typeof wanted === 'number' ? wanted : Math.ceil((desired * Number.parseInt(wanted, 10)) / 100);
}

describe('iterated over a ReplicaSet whose pods fail', () => {
  it('never has more replacements under way than the budget, and in the end every pod that failed is replaced', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), faults, specs, (desired, fault, spec) => {
        const model = new ReplicaSetModel(desired, fault, spec, NOW);
        const most = mostOf(spec, desired);
        while (model.now < NOW + 20 * MINUTE) {
          model.step(STEP);
          expect(model.missing.size).toBeLessThanOrEqual(most);
        }
        while (model.now < NOW + 180 * MINUTE) {
          model.step(MINUTE);
          expect(model.missing.size).toBeLessThanOrEqual(most);
        }
        const verdict = model.step(STEP);
        expect(verdict.decisions).toEqual([]);
        expect(model.observe().map(({ ready, containers }) => [ready, containers[0]?.lastExit])).toEqual(
          Array.from({ length: desired }, () => [true, undefined]),
        );
      }),
      { numRuns: 12 },
    );
  });

  it('moves pods off a node that fails them, with few replacements', () => {
    const fault = { node: 'node-a', once: [], until: 24 * 60 * MINUTE };
    const model = new ReplicaSetModel(6, fault, { selector: { matchLabels: { app: 'web' } } }, NOW);
    while (model.now < NOW + 15 * MINUTE) model.step(STEP);
    expect(model.observe().every(({ ready, node }) => ready && node !== 'node-a')).toBe(true);
    expect(model.replaced).toHaveLength(2);
  });

  it('gives up on a revision that fails everywhere, instead of replacing for ever', () => {
    const fault = { all: true, once: [], until: 24 * 60 * MINUTE };
    const model = new ReplicaSetModel(2, fault, { selector: { matchLabels: { app: 'web' } } }, NOW);
    while (model.now < NOW + 60 * MINUTE) model.step(STEP);
    const afterAnHour = model.replaced.length;
    expect(afterAnHour).toBeLessThanOrEqual(12);
    while (model.now < NOW + 300 * MINUTE) model.step(6 * STEP);
    expect(model.replaced).toHaveLength(afterAnHour);
  });
});
