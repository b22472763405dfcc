import { describe, it, expect } from '@jest/globals';
import * as fc from 'fast-check';
import { budgetOf } from '../../../operators/healing/budget.js';
import { decide } from '../../../operators/healing/decide.js';
import type { Decision, Replace } from '../../../operators/healing/decision.js';
import type { ReplacementRecord } from '../../../operators/healing/healing-policy.js';
import { keepRecords } from '../../../operators/healing/replacements.js';
import { settingsOf } from '../../../operators/healing/settings.js';
import { anySituation } from './arbitraries.js';
import { at, type Given, given, NOW, type Situation } from './given.js';

const replaces = (decisions: readonly Decision[]): readonly Replace[] =>
  decisions.filter((decision) => decision.type === 'Replace');

const recordOf = ({ pod, cause, evidence, action, workload, signalAt }: Replace): ReplacementRecord => ({
  pod: pod.name,
  uid: pod.uid,
  workload,
  revision: pod.revision,
  cause,
  evidence,
  action,
  signalAt: new Date(signalAt).toISOString(),
  decidedAt: at(0),
  actedAt: at(0),
});

/** The budget as it was before the verdict. */
const budgetBefore = ({ observation, policy, verdict }: Given) =>
  budgetOf(
    observation.pods.filter(({ labels }) => labels['app'] === 'web'),
    verdict.memory.replacements ?? [],
    { now: NOW, observation, settings: settingsOf(policy.spec), since: 0 },
  );

function holds(law: (decided: Given, situation: Situation) => void): void {
  fc.assert(
    fc.property(anySituation, (situation) => law(given(situation), situation)),
    { numRuns: 200 },
  );
}

describe('whatever is seen, the healer', () => {
  it('finds work in much of what these tests make up: the laws below are about something', () => {
    const samples = fc.sample(anySituation, { numRuns: 200, seed: 1 }).map((situation) => given(situation).verdict);
    const kinds = samples.flatMap(({ decisions }) =>
      decisions.map((decision) => (decision.type === 'Hold' ? decision.reason : decision.type)),
    );
    expect(samples.filter(({ decisions }) => replaces(decisions).length > 0).length).toBeGreaterThan(50);
    expect([...new Set(kinds)].sort()).toEqual(
      expect.arrayContaining([
        'BudgetExhausted',
        'Clean',
        'NoOwner',
        'PolicyConflict',
        'Replace',
        'RestartPolicyAllows',
        'RolloutInProgress',
        'Storm',
        'Terminal',
        'Throttled',
        'WaitingForTolerance',
        'ZoneOutage',
      ]),
    );
  });

  it('never lets Ready pods go beyond maxUnavailable, counted plainly', () => {
    holds(({ verdict, observation, policy }) => {
      const seen = observation.pods.filter(({ labels }) => labels['app'] === 'web');
      const mine = [...observation.workloads.values()].filter(({ id }) =>
        seen.some((pod) => observation.workloadOfOwner.get(pod.owner?.uid ?? '') === id),
      );
      const desired = mine.reduce((sum, workload) => sum + workload.desired, 0);
      const serves = (pod: (typeof seen)[number]): boolean =>
        pod.ready &&
        pod.deletingSince === undefined &&
        pod.quarantinedAt === undefined &&
        pod.phase !== 'Failed' &&
        pod.phase !== 'Succeeded' &&
        mine.some(({ id }) => observation.workloadOfOwner.get(pod.owner?.uid ?? '') === id);
      const gone = replaces(verdict.decisions).filter(({ pod }) => pod.ready).length;
      const wanted = policy.spec.budget?.maxUnavailable ?? '25%';
      const most =
        typeof wanted === 'number' ? wanted : Math.max(1, Math.floor((desired * Number.parseInt(wanted, 10)) / 100));
      if (gone > 0) expect(desired - seen.filter(serves).length + gone).toBeLessThanOrEqual(most);
    });
  });

  it('acts on no pod that is not selected, contested, without a known owner, terminating or unknown', () => {
    holds(({ verdict, observation }) => {
      for (const { type, pod } of verdict.decisions) {
        if (type === 'Hold') continue;
        expect(observation.pods).toContain(pod);
        expect(pod.labels['app']).toBe('web');
        expect(observation.contested.has(`shop/${pod.name}`)).toBe(false);
        expect(pod.deletingSince).toBeUndefined();
        if (type === 'Replace') expect(observation.workloadOfOwner.has(pod.owner?.uid ?? '')).toBe(true);
        else expect(pod.phase === 'Failed' || pod.phase === 'Succeeded' || pod.quarantinedAt !== undefined).toBe(true);
      }
    });
  });

  it('replaces no more at a time than the budget allows', () => {
    holds((decided) => {
      const budget = budgetBefore(decided);
      const granted = replaces(decided.verdict.decisions);
      const more = granted.filter(({ pod }) => !budget.awaited.has(pod.uid)).length;
      if (more > 0) expect(budget.replacing + more).toBeLessThanOrEqual(budget.maxReplacements);
      const serving = granted.filter(({ pod }) => pod.ready).length;
      if (serving > 0) expect(budget.unavailable + serving).toBeLessThanOrEqual(budget.maxUnavailable);
    });
  });

  it('decides the same in whatever order it is seen', () => {
    holds(({ verdict, policy, observation }) => {
      const reversed = { ...observation, pods: observation.pods.toReversed() };
      expect(decide(reversed, policy)).toEqual(verdict);
    });
  });

  it('touches nothing in a dry run, nor while it is paused, nor with an impossible budget', () => {
    holds((_, situation) => {
      const idle = [{ mode: 'DryRun' as const }, { paused: true }, { budget: { maxReplacements: 0 } }];
      for (const spec of idle) {
        const { verdict } = given({ ...situation, spec: { ...situation.spec, ...spec } });
        expect(verdict.decisions.filter(({ type }) => type !== 'Hold')).toEqual([]);
      }
    });
  });

  it('replaces no pod twice, and not more than the budget, when it looks again before anything changed', () => {
    holds((decided, situation) => {
      const done = replaces(decided.verdict.decisions);
      const replacements = keepRecords([...(decided.verdict.memory.replacements ?? []), ...done.map(recordOf)]);
      const again = given({ ...situation, status: { ...decided.verdict.memory, replacements } });
      const uids = new Set(done.map(({ pod }) => pod.uid));
      expect(replaces(again.verdict.decisions).filter(({ pod }) => uids.has(pod.uid))).toEqual([]);
      const before = budgetBefore(decided);
      const more = replaces(again.verdict.decisions).filter(({ pod }) => !before.awaited.has(pod.uid)).length;
      const first = done.filter(({ pod }) => !before.awaited.has(pod.uid)).length;
      // Where more pods are Ready than are wanted, the first to go leave no gap, and nothing comes in their place.
      const ready = decided.verdict.memory.pods?.ready ?? 0;
      const spare = Math.max(0, ready - (decided.observation.workloads.get('Deployment/web')?.desired ?? 0));
      if (more > 0) expect(before.replacing + first + more).toBeLessThanOrEqual(before.maxReplacements + spare);
    });
  });

  it('replaces nothing in a storm', () => {
    holds(({ verdict, policy }) => {
      const { selected = 0, unhealthy = 0 } = verdict.memory.pods ?? {};
      const guarded = policy.spec.stormGuard === undefined || Object.keys(policy.spec.stormGuard).length === 0;
      if (guarded && selected >= 3 && unhealthy > Math.ceil(selected / 2))
        expect(replaces(verdict.decisions)).toEqual([]);
    });
  });

  it('looks ahead only, and remembers no more than it may', () => {
    holds(({ verdict, observation }) => {
      for (const decision of verdict.decisions)
        if (decision.type === 'Hold' && decision.retryAt !== undefined) expect(decision.retryAt).toBeGreaterThan(NOW);
      if (verdict.nextLookAt !== undefined) expect(verdict.nextLookAt).toBeGreaterThan(NOW);
      expect(verdict.decisions.length).toBeLessThanOrEqual(observation.pods.length);
      expect(new Set(verdict.decisions.map(({ pod }) => pod.uid)).size).toBe(verdict.decisions.length);
      expect(verdict.memory.replacements?.length).toBeLessThanOrEqual(20);
      expect(verdict.memory.workloads?.length).toBeLessThanOrEqual(observation.workloads.size);
      for (const { evidence } of verdict.decisions) expect(evidence.length).toBeLessThan(600);
    });
  });

  it('comes to rest: looking again at the same with what it remembers changes nothing', () => {
    holds(({ verdict }, situation) => {
      const again = given({ ...situation, status: verdict.memory });
      expect(again.verdict.memory).toEqual(verdict.memory);
    });
  });
});
