import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { WatchEvent } from '../../../operators/runtime/api.js';
import { ApiError } from '../../../operators/runtime/api-error.js';
import { compareVersions } from '../../../operators/runtime/resource-version.js';
import { type KubernetesObject, RESOURCE } from '../../../operators/runtime/resource.js';
import { byName, pod, PodCache } from './pod-cache.js';

const name = fc.constantFrom('a', 'b', 'c', 'd');
const node = fc.constantFrom('n1', 'n2', 'n3');

/** What can happen to a cache: changes of the server, faults between it and the cache, and time. */
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('put' as const), name, node }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), name }) },
    fc.record({ do: fc.constant('rebirth' as const), name, node }),
    fc.record({ do: fc.constant('other' as const) }),
    fc.record({ do: fc.constant('cut' as const) }),
    fc.record({ do: fc.constant('forget' as const) }),
    fc.record({ do: fc.constant('fail' as const), calls: fc.nat({ max: 3 }) }),
    fc.record({ do: fc.constant('expire' as const) }),
    fc.record({ do: fc.constant('repeat' as const), events: fc.nat({ max: 5 }) }),
    fc.record({ do: fc.constant('lag' as const), lists: fc.nat({ max: 2 }) }),
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(0, 500, 3000, 70_000) }),
    },
  ),
  { minLength: 10, maxLength: 40, size: 'max' },
);

type Step = typeof steps extends fc.Arbitrary<readonly (infer S)[]> ? S : never;

/** Faults that are still to come, and whether events may be lost. */
class Trouble {
  failing = 0;
  expiring = false;
  repeating = 0;
  lagging = 0;
  losing = 0;
  readonly #past: WatchEvent<KubernetesObject>[] = [];

  constructor(private readonly pods: PodCache) {
    pods.server.onCall = () => (this.failing-- > 0 ? new ApiError('Unavailable', 'down') : undefined);
    pods.faults.page = (page) => (this.lagging-- > 0 ? { items: [], resourceVersion: '1' } : page);
    pods.faults.events = (event) => this.#events(event);
  }

  end(): void {
    this.failing = this.repeating = this.lagging = this.losing = 0;
    this.expiring = false;
  }

  #events(event: WatchEvent<KubernetesObject>): readonly WatchEvent<KubernetesObject>[] {
    if (this.expiring) {
      this.expiring = false;
      throw new ApiError('Gone', 'too old resource version');
    }
    if (event.type !== 'BOOKMARK' && this.losing-- > 0) return [];
    this.#past.push(event);
    return this.repeating-- > 0 ? [event, ...this.#past.slice(-3)] : [event];
  }

  async step(step: Step): Promise<void> {
    const { pods } = this;
    switch (step.do) {
      case 'put':
        pods.put(pod(step.name, step.node));
        break;
      case 'remove':
        pods.remove(step.name);
        break;
      case 'rebirth':
        pods.remove(step.name);
        pods.put(pod(step.name, step.node));
        break;
      case 'other':
        pods.server.put(RESOURCE.node, { metadata: { name: 'n1' } });
        break;
      case 'cut':
        pods.server.breakWatches();
        break;
      case 'forget':
        this.#forget();
        break;
      case 'fail':
        this.failing = step.calls;
        break;
      case 'expire':
        this.expiring = true;
        break;
      case 'repeat':
        this.repeating = step.events;
        break;
      case 'lag':
        // Before the first list there is nothing to be older than.
        this.lagging = pods.cache.synced && pods.cache.version !== '1' ? step.lists : 0;
        this.#forget();
        break;
      case 'pass':
        await pods.clock.advance(step.ms);
    }
  }

  /** The server has to forget the version that the cache would go on from. */
  #forget(): void {
    this.pods.server.breakWatches();
    this.pods.server.put(RESOURCE.pod, pod('last', `n${this.pods.server.resourceVersion}`));
    this.pods.server.compact();
  }
}

/** What must hold whenever somebody looks. */
function expectConsistent(pods: PodCache): void {
  expect(pods.contradictions).toEqual([]);
  expect([...pods.folded.values()].toSorted(byName)).toEqual(pods.held());
  for (const each of ['n1', 'n2', 'n3']) {
    expect([...pods.cache.byIndex('node', each)].toSorted(byName)).toEqual(
      pods.held().filter((view) => view.node === each),
    );
  }
}

describe('after any sequence of changes, cuts, 410s, failures, repeated events and lagging servers, the cache', () => {
  it('holds what the server holds, has told each change of it once, and never went back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, node), { maxLength: 4 }), steps, async (first, sequence) => {
        const pods = new PodCache();
        for (const [each, on] of first) pods.put(pod(each, on));
        const trouble = new Trouble(pods);
        await pods.run();
        let version = '0';
        for (const step of sequence) {
          await trouble.step(step);
          expectConsistent(pods);
          expect(compareVersions(pods.cache.version ?? '0', version)).toBeGreaterThanOrEqual(0);
          version = pods.cache.version ?? '0';
        }
        trouble.end();
        await pods.clock.advance(150_000);
        expectConsistent(pods);
        expect(pods.held()).toEqual(pods.onServer());
        expect(pods.times('missed')).toBe(0);
        await pods.end();
        expect(pods.clock.sleeping).toBe(0);
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  it('holds what the server holds even if events were lost, once it has audited', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.array(fc.nat({ max: 3 }), { minLength: 10, maxLength: 40, size: 'max' }),
        async (sequence, lost) => {
          const pods = new PodCache();
          const trouble = new Trouble(pods);
          await pods.run();
          for (const [number, step] of sequence.entries()) {
            trouble.losing = lost[number] ?? 0;
            await trouble.step(step);
            expectConsistent(pods);
          }
          trouble.end();
          await pods.clock.advance(600_000 + 300_000);
          expectConsistent(pods);
          expect(pods.held()).toEqual(pods.onServer());
          await pods.end();
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});
