import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { HealingPolicySpec } from '../../../operators/healing/healing-policy.js';
import { isApiError } from '../../../operators/runtime/api-error.js';
import { Cluster, Crash, NEVER, POLICY_KEY } from './cluster.js';

/** What to do at the n-th call of the operator, counted over all its processes. */
type Fault = 'crash before' | 'crash after' | 'lost answer';

interface Story {
  readonly cluster: Cluster;
  readonly evictions: ReadonlyMap<string, number>;
  /** Most pods that were down, or had been evicted and had no Ready successor, at a time. */
  readonly mostReplacing: number;
  readonly calls: number;
}

/**
 * Two pods of six are wrong. The operator runs, crashes where it is told to and is started again, until nothing is left to
 * do. Kubelets and the ReplicaSet take a turn only every third round, and the caches of each round are up to date only
 * where `fresh` says so.
 */
async function heal(
  spec: Partial<HealingPolicySpec>,
  wrong: 'crashed' | 'edited',
  faults: ReadonlyMap<number, Fault>,
  fresh: (round: number) => boolean = () => true,
): Promise<Story> {
  const cluster = new Cluster(6, spec);
  for (const name of ['web-2', 'web-5']) {
    if (wrong === 'crashed') cluster.crashPod(name);
    else cluster.editPod(name);
  }
  cluster.refresh();
  const evictions = new Map<string, number>();
  let mostReplacing = 0;
  let calls = 0;
  let dead = false;
  cluster.beforeCall = (call) => {
    if (dead) throw new Crash('the process is gone');
    calls += 1;
    const fault = faults.get(calls);
    if (fault === 'crash before') {
      dead = true;
      throw new Crash(`before call ${calls}`);
    }
    if (call.verb === 'evict') {
      const key = call.name?.name ?? '';
      const there = cluster.active().some(({ metadata }) => metadata.name === key);
      if (there) {
        evictions.set(key, (evictions.get(key) ?? 0) + 1);
        mostReplacing = Math.max(mostReplacing, cluster.replicas - cluster.active().length + 1);
      }
    }
    if (fault !== 'crash after') return fault;
    dead = true;
    return 'lost answer';
  };
  let reconciler = cluster.reconciler();
  for (let round = 0; round < 30; round += 1) {
    try {
      await reconciler.reconcile(POLICY_KEY, NEVER);
    } catch (error) {
      if (!(error instanceof Crash) && !isApiError(error)) throw error;
    }
    if (dead) {
      dead = false;
      reconciler = cluster.reconciler();
    }
    if (round % 3 === 2) cluster.turn();
    await cluster.clock.advance(11_000);
    if (fresh(round)) cluster.refresh();
    else cluster.policies.refresh();
  }
  return { cluster, evictions, mostReplacing, calls };
}

/** Thousands of calls are simulated; a busy machine takes its time. */
const PATIENCE_MS = 120_000;

const ONE_AT_A_TIME = { budget: { maxReplacements: 1, maxUnavailable: 1 } };

describe('a healer that crashes', () => {
  it.each(['crashed', 'edited'] as const)(
    'at any call, before or after it, evicts each of two %s pods once, one at a time',
    async (wrong) => {
      const whole = await heal(ONE_AT_A_TIME, wrong, new Map());
      expect([...whole.evictions]).toEqual([
        ['web-2', 1],
        ['web-5', 1],
      ]);
      for (let call = 1; call <= whole.calls; call += 1) {
        for (const fault of ['crash before', 'crash after', 'lost answer'] as const) {
          const { cluster, evictions, mostReplacing } = await heal(ONE_AT_A_TIME, wrong, new Map([[call, fault]]));
          const told = `${fault} ${call} of ${whole.calls}`;
          expect([told, ...evictions]).toEqual([told, ['web-2', 1], ['web-5', 1]]);
          expect([told, mostReplacing]).toEqual([told, 1]);
          expect([told, cluster.ready()]).toEqual([told, 6]);
          expect([told, cluster.policy().status?.replacements?.map(({ pod }) => pod)]).toEqual([
            told,
            ['web-2', 'web-5'],
          ]);
        }
      }
    },
    PATIENCE_MS,
  );

  it(
    'keeps to its budget whatever fails and however late its caches are',
    async () => {
      const faults = fc
        .uniqueArray(
          fc.tuple(
            fc.integer({ min: 1, max: 30 }),
            fc.constantFrom<Fault>('crash before', 'crash after', 'lost answer'),
          ),
          {
            selector: ([call]) => call,
            maxLength: 6,
          },
        )
        .map((entries) => new Map(entries));
      await fc.assert(
        fc.asyncProperty(
          faults,
          fc.constantFrom('crashed' as const, 'edited' as const),
          fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }),
          async (at, wrong, lags) => {
            const { evictions, mostReplacing, cluster } = await heal(
              ONE_AT_A_TIME,
              wrong,
              at,
              (round) => round > 15 || lags[round] === true,
            );
            expect(mostReplacing).toBeLessThanOrEqual(1);
            expect([...evictions].toSorted(([a], [b]) => a.localeCompare(b))).toEqual([
              ['web-2', 1],
              ['web-5', 1],
            ]);
            expect(cluster.ready()).toBe(6);
          },
        ),
        { numRuns: 40 },
      );
    },
    PATIENCE_MS,
  );
});
