import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { budgetOf } from '../../../operators/healing/budget.js';
import { decide } from '../../../operators/healing/decide.js';
import type { Decision, Replace } from '../../../operators/healing/decision.js';
import type { ReplacementRecord } from '../../../operators/healing/healing-policy.js';
import type { ObservedPod } from '../../../operators/healing/observation.js';
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

/** Holds for anything that may be seen: the law lists what breaks it. */
function expectNone(law: (decided: Given, situation: Situation) => readonly unknown[]): void {
  fc.assert(
    fc.property(anySituation, (situation) => {
      expect(law(given(situation), situation)).toEqual([]);
    }),
    { numRuns: 200 },
  );
}

/** What breaks a law, if it is broken. */
const broken = (isBroken: boolean, ...what: readonly unknown[]): readonly unknown[] => (isBroken ? [what] : []);

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
    expectNone(({ verdict, observation, policy }) => {
      const seen = observation.pods.filter(({ labels }) => labels['app'] === 'web');
      const isOf = (pod: ObservedPod, id: string): boolean =>
        observation.workloadOfOwner.get(pod.owner?.uid ?? '') === id;
      const mine = [...observation.workloads.values()].filter(({ id }) => seen.some((pod) => isOf(pod, id)));
      const desired = mine.reduce((sum, workload) => sum + workload.desired, 0);
      const serving = seen.filter(
        (pod) =>
          pod.ready &&
          pod.deletingSince === undefined &&
          pod.quarantinedAt === undefined &&
          pod.phase !== 'Failed' &&
          pod.phase !== 'Succeeded' &&
          mine.some(({ id }) => isOf(pod, id)),
      ).length;
      const gone = replaces(verdict.decisions).filter(({ pod }) => pod.ready).length;
      const wanted = policy.spec.budget?.maxUnavailable ?? '25%';
      const most =
        typeof wanted === 'number' ? wanted : Math.max(1, Math.floor((desired * Number.parseInt(wanted, 10)) / 100));
      return broken(gone > 0 && desired - serving + gone > most, { desired, serving, gone, most });
    });
  });

  it('acts on no pod that is not selected, contested, without a known owner, terminating or unknown', () => {
    expectNone(({ verdict, observation }) =>
      verdict.decisions
        .filter(({ type }) => type !== 'Hold')
        .filter(({ type, pod }) => {
          const free =
            observation.pods.includes(pod) &&
            pod.labels['app'] === 'web' &&
            !observation.contested.has(`shop/${pod.name}`) &&
            pod.deletingSince === undefined;
          const owned = observation.workloadOfOwner.has(pod.owner?.uid ?? '');
          const over = pod.phase === 'Failed' || pod.phase === 'Succeeded' || pod.quarantinedAt !== undefined;
          return !free || !(type === 'Replace' ? owned : over);
        }),
    );
  });

  it('replaces no more at a time than the budget allows', () => {
    expectNone((decided) => {
      const budget = budgetBefore(decided);
      const granted = replaces(decided.verdict.decisions);
      const more = granted.filter(({ pod }) => !budget.awaited.has(pod.uid)).length;
      const serving = granted.filter(({ pod }) => pod.ready).length;
      return [
        ...broken(more > 0 && budget.replacing + more > budget.maxReplacements, budget, more),
        ...broken(serving > 0 && budget.unavailable + serving > budget.maxUnavailable, budget, serving),
      ];
    });
  });

  it('decides the same in whatever order it is seen', () => {
    expectNone(({ verdict, policy, observation }) => {
      const reversed = decide({ ...observation, pods: observation.pods.toReversed() }, policy);
      return broken(!isDeepStrictEqual(reversed, verdict), reversed, verdict);
    });
  });

  it('touches nothing in a dry run, nor while it is paused, nor with an impossible budget', () => {
    expectNone((_, situation) =>
      [{ mode: 'DryRun' as const }, { paused: true }, { budget: { maxReplacements: 0 } }].flatMap((idle) => {
        const { verdict } = given({ ...situation, spec: { ...situation.spec, ...idle } });
        return verdict.decisions.filter(({ type }) => type !== 'Hold');
      }),
    );
  });

  it('replaces no pod twice, and not more than the budget, when it looks again before anything changed', () => {
    expectNone((decided, situation) => {
      const done = replaces(decided.verdict.decisions);
      const replacements = keepRecords([...(decided.verdict.memory.replacements ?? []), ...done.map(recordOf)]);
      const again = replaces(
        given({ ...situation, status: { ...decided.verdict.memory, replacements } }).verdict.decisions,
      );
      const before = budgetBefore(decided);
      const isMore = ({ pod }: Replace): boolean => !before.awaited.has(pod.uid);
      const first = done.filter(isMore).length;
      const more = again.filter(isMore).length;
      // Where more pods are Ready than are wanted, the first to go leave no gap, and nothing comes in their place.
      const ready = decided.verdict.memory.pods?.ready ?? 0;
      const spare = Math.max(0, ready - (decided.observation.workloads.get('Deployment/web')?.desired ?? 0));
      return [
        ...again.filter(({ pod }) => done.some((earlier) => earlier.pod.uid === pod.uid)),
        ...broken(more > 0 && before.replacing + first + more > before.maxReplacements + spare, before, first, more),
      ];
    });
  });

  it('replaces nothing in a storm', () => {
    expectNone(({ verdict, policy }) => {
      const { selected = 0, unhealthy = 0 } = verdict.memory.pods ?? {};
      const isGuarded = Object.keys(policy.spec.stormGuard ?? {}).length === 0;
      return isGuarded && selected >= 3 && unhealthy > Math.ceil(selected / 2) ? replaces(verdict.decisions) : [];
    });
  });

  it('looks ahead only, and remembers no more than it may', () => {
    expectNone(({ verdict, observation }) => {
      const { decisions, memory, nextLookAt } = verdict;
      return [
        ...decisions.filter((decision) => decision.type === 'Hold' && (decision.retryAt ?? Infinity) <= NOW),
        ...broken((nextLookAt ?? Infinity) <= NOW, nextLookAt),
        ...broken(new Set(decisions.map(({ pod }) => pod.uid)).size < decisions.length, decisions),
        ...broken((memory.replacements?.length ?? 0) > 20, memory.replacements),
        ...broken((memory.workloads?.length ?? 0) > observation.workloads.size, memory.workloads),
        ...decisions.filter(({ evidence }) => evidence.length > 600),
      ];
    });
  });

  it('comes to rest: looking again at the same with what it remembers changes nothing', () => {
    expectNone(({ verdict }, situation) => {
      const { memory } = given({ ...situation, status: verdict.memory }).verdict;
      return broken(!isDeepStrictEqual(memory, verdict.memory), memory, verdict.memory);
    });
  });
});
