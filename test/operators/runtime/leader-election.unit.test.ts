import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { KubernetesApi } from '../../../operators/runtime/api.js';
import { ApiError } from '../../../operators/runtime/api-error.js';
import type { Clock } from '../../../operators/runtime/clock.js';
import {
  LeaderElection,
  type LeaderElectionOptions,
  type LeadershipChange,
  TermOverrunError,
} from '../../../operators/runtime/leader-election.js';
import type { Lease } from '../../../operators/runtime/lease.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import { SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { ManualClock } from '../../../operators/simulator/manual-clock.js';

const LEASE = { namespace: 'tranship-system', name: 'tranship-operator' };
const SECOND = 1000;

/** What election uses of the API. */
type LeaseApi = Pick<KubernetesApi, 'get' | 'create' | 'patch'>;

/** Work that stops when it is told to. */
const untilEnd = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

function cluster() {
  const clock = new ManualClock();
  const server = new SimulatedApiServer({ clock });
  const candidate = (identity: string, more: Partial<LeaderElectionOptions> = {}) => {
    const changes: LeadershipChange[] = [];
    const stop = new AbortController();
    const election = new LeaderElection({
      api: server.api(),
      lease: LEASE,
      identity,
      clock,
      random: () => 0.5,
      onChange: (change) => changes.push(change),
      ...more,
    });
    const run = (work = untilEnd): Promise<void> => election.run(stop.signal, work);
    return { election, changes, stop, run };
  };
  const lease = () => server.read<Lease>(RESOURCE.lease, LEASE);
  return { clock, server, candidate, lease };
}

describe('leader election', () => {
  test('the first candidate makes the Lease and leads; a second one waits while it is renewed', async () => {
    const { clock, candidate, lease } = cluster();
    const one = candidate('one');
    const two = candidate('two');
    const runs = [one.run(), two.run()];
    await clock.advance(120 * SECOND);
    expect(one.election.isLeader()).toBe(true);
    expect(two.election.isLeader()).toBe(false);
    expect(two.election.holder).toBe('one');
    expect(lease()?.spec).toEqual({
      holderIdentity: 'one',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:02:00.000000Z',
      leaseTransitions: 1,
    });
    one.stop.abort();
    two.stop.abort();
    await Promise.all(runs);
  });

  test('a leader renews with one write a retry period and without reading', async () => {
    const { clock, server, candidate } = cluster();
    const one = candidate('one');
    const run = one.run();
    await clock.advance(SECOND);
    const verbs: string[] = [];
    server.onCall = ({ verb }) => {
      verbs.push(verb);
      return undefined;
    };
    await clock.advance(60 * SECOND);
    expect(verbs).toEqual(Array.from({ length: 30 }, () => 'patch'));
    one.stop.abort();
    await run;
  });

  test('a stopped leader ends its work, then releases the Lease, and the other leads within a retry period', async () => {
    const { clock, candidate, lease } = cluster();
    const one = candidate('one');
    const two = candidate('two');
    let working = false;
    const run = one.run(async (term) => {
      working = true;
      await untilEnd(term);
      // The Lease is renewed while work that is under way ends.
      await clock.sleep(12 * SECOND);
      expect(one.election.isLeader()).toBe(true);
      expect(one.election.term.aborted).toBe(false);
      working = false;
    });
    const other = two.run();
    await clock.advance(5 * SECOND);
    one.stop.abort();
    await clock.advance(11 * SECOND);
    expect(working).toBe(true);
    await clock.advance(SECOND);
    await run;
    expect(working).toBe(false);
    expect(one.election.isLeader()).toBe(false);
    expect(one.changes).toEqual(['acquired', 'released']);
    await clock.advance(2 * SECOND);
    expect(two.election.isLeader()).toBe(true);
    expect(lease()?.spec).toMatchObject({ holderIdentity: 'two', leaseTransitions: 2 });
    two.stop.abort();
    await other;
    expect(lease()?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
  });

  test('after a crash of the leader another leads within lease duration and retry period, whenever it crashes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 5_000, max: 9_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (crash, random) => {
          const { clock, server, candidate } = cluster();
          const api = server.api();
          let crashed = false;
          const orSilence = <T>(call: () => Promise<T>): Promise<T> =>
            crashed ? new Promise(() => undefined) : call();
          const dead = {
            get: (resource, name, options) => orSilence(() => api.get(resource, name, options)),
            create: (resource, object, options) => orSilence(() => api.create(resource, object, options)),
            patch: (resource, name, patch, options) => orSilence(() => api.patch(resource, name, patch, options)),
          } satisfies LeaseApi as unknown as KubernetesApi;
          const one = candidate('one', { api: dead });
          const two = candidate('two', { random: () => random });
          const runs = [one.run(), two.run()];
          await clock.advance(crash);
          expect(one.election.isLeader()).toBe(true);
          crashed = true;
          await clock.advance(17 * SECOND);
          expect(two.election.isLeader()).toBe(true);
          one.stop.abort();
          two.stop.abort();
          await clock.advance(20 * SECOND);
          await Promise.all(runs);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('a leader that cannot renew ends its term at the renew deadline, before another may start, and stands again', async () => {
    const { clock, server, candidate } = cluster();
    const one = candidate('one');
    let terms = 0;
    const run = one.run(async (term) => {
      terms += 1;
      await untilEnd(term);
    });
    await clock.advance(2 * SECOND);
    const term = one.election.term;
    server.onCall = () => new ApiError('Unavailable', 'etcd has no leader');
    await clock.advance(9_999);
    expect(one.election.isLeader()).toBe(true);
    expect(term.aborted).toBe(false);
    await clock.advance(1);
    expect(one.election.isLeader()).toBe(false);
    expect(term.aborted).toBe(true);
    expect(one.changes).toEqual(['acquired', 'lost']);
    server.onCall = undefined;
    await clock.advance(3 * SECOND);
    expect(one.election.isLeader()).toBe(true);
    expect(one.election.term).not.toBe(term);
    expect(terms).toBe(2);
    one.stop.abort();
    await run;
  });

  test('a leader whose Lease another took ends its term at once', async () => {
    const { clock, server, candidate } = cluster();
    const one = candidate('one');
    const run = one.run();
    await clock.advance(3 * SECOND);
    server.patch(RESOURCE.lease, LEASE, { spec: { holderIdentity: 'somebody' } });
    await clock.advance(4 * SECOND);
    expect(one.election.term.aborted).toBe(true);
    expect(one.changes).toEqual(['acquired', 'lost']);
    one.stop.abort();
    await run;
  });

  test('a Lease that is deleted is made again by its holder; a candidate that saw it held waits as if it were there', async () => {
    const { clock, server, candidate, lease } = cluster();
    const one = candidate('one');
    const two = candidate('two', { random: () => 0 });
    const runs = [one.run(), two.run()];
    await clock.advance(3 * SECOND);
    server.remove(RESOURCE.lease, LEASE);
    for (let i = 0; i < 60; i++) {
      await clock.advance(500);
      expect(two.election.isLeader()).toBe(false);
    }
    expect(one.election.isLeader()).toBe(true);
    expect(lease()?.spec?.holderIdentity).toBe('one');
    one.stop.abort();
    two.stop.abort();
    await Promise.all(runs);
  });

  test('work that does not stop after its term ends the election with an error, and the Lease is not released', async () => {
    const { clock, candidate, lease } = cluster();
    const one = candidate('one');
    const run = one.run(() => new Promise(() => undefined));
    const outcome = run.then(
      () => 'ended',
      (error: unknown) => error,
    );
    await clock.advance(3 * SECOND);
    one.stop.abort();
    await clock.advance(15 * SECOND);
    expect(await outcome).toBeInstanceOf(TermOverrunError);
    expect(one.election.isLeader()).toBe(false);
    expect(lease()?.spec?.holderIdentity).toBe('one');
  });

  test('work that fails ends the election with its error, after the Lease is released', async () => {
    const { clock, candidate, lease } = cluster();
    const one = candidate('one');
    const run = one.run(() => Promise.reject(new Error('a controller failed')));
    const outcome = run.then(
      () => 'ended',
      (error: unknown) => error,
    );
    await clock.advance(SECOND);
    expect(await outcome).toEqual(new Error('a controller failed'));
    expect(lease()?.spec?.holderIdentity).toBe('');
  });

  test('a wall clock that is set forward or back gives nobody a Lease early and no leader more time', async () => {
    const { clock, server, candidate } = cluster();
    let jump = 0;
    const jumping: Clock = { now: () => clock.now() + jump, sleep: (ms, signal) => clock.sleep(ms, signal) };
    const one = candidate('one', { clock: jumping, monotonicNow: () => clock.now() });
    const two = candidate('two', { clock: jumping, monotonicNow: () => clock.now() });
    const runs = [one.run(), two.run()];
    await clock.advance(3 * SECOND);
    jump = 3600 * SECOND;
    await clock.advance(2 * SECOND);
    expect(two.election.isLeader()).toBe(false);
    await clock.advance(60 * SECOND);
    expect([one, two].filter(({ election }) => election.isLeader())).toHaveLength(1);
    jump = -3600 * SECOND;
    server.onCall = () => new ApiError('Unavailable', 'down');
    await clock.advance(10 * SECOND);
    expect([one, two].filter(({ election }) => election.isLeader())).toHaveLength(0);
    one.stop.abort();
    two.stop.abort();
    await clock.advance(20 * SECOND);
    await Promise.all(runs);
  });

  test('a process that stood still does not lead when it wakes, before any timer of it ran and whatever its wall clock says', async () => {
    const { clock, candidate } = cluster();
    let jump = 0;
    let wake: Promise<void> | undefined;
    const paused: Clock = {
      now: () => clock.now() + jump,
      sleep: async (ms, signal) => {
        await clock.sleep(ms, signal);
        await wake;
      },
    };
    const one = candidate('one', { clock: paused, monotonicNow: () => clock.now() });
    const run = one.run();
    await clock.advance(3 * SECOND);
    const pause = Promise.withResolvers<void>();
    wake = pause.promise;
    jump = -60 * SECOND;
    await clock.advance(9 * SECOND);
    expect(one.election.isLeader()).toBe(false);
    pause.resolve();
    one.stop.abort();
    await clock.advance(SECOND);
    await run;
  });

  test('times that leave a leader no room to stop are refused', () => {
    const { candidate } = cluster();
    expect(() => candidate('one', { renewDeadlineMs: 15_000 })).toThrow(
      'leaseDurationMs 15000: whole seconds, and more than renewDeadlineMs 15000',
    );
    expect(() => candidate('one', { retryPeriodMs: 9_000 })).toThrow('more than 1.2 times retryPeriodMs 9000');
  });

  test('whatever is delayed, lost or paused, there is never a moment with two leaders', async () => {
    let terms = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(TROUBLE, { minLength: 1, maxLength: 40 }), { minLength: 2, maxLength: 3 }),
        async (troubles) => {
          terms += await play(troubles);
        },
      ),
      { numRuns: 60 },
    );
    // Not because nobody ever led.
    expect(terms).toBeGreaterThan(100);
  }, 60_000);
});

/** What happens to one call to the server, or around it. Milliseconds. */
interface Trouble {
  readonly before: number;
  readonly after: number;
  readonly lost: boolean;
  /** The process stands still for so long once the call was answered. */
  readonly pause: number;
  /** The wall clock is set by so much. */
  readonly jump: number;
}

const often = <T>(usual: T, rare: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: rare });

const TROUBLE: fc.Arbitrary<Trouble> = fc.record({
  before: often(5, fc.constantFrom(0, 1_000, 4_900, 5_000, 11_000, 20_000)),
  after: often(5, fc.constantFrom(0, 1_000, 4_900, 5_000, 11_000, 20_000)),
  lost: often(false, fc.constant(true)),
  pause: often(0, fc.constantFrom(1_000, 9_000, 14_000, 16_000, 40_000)),
  jump: often(0, fc.constantFrom(-60_000, -10_000, 10_000, 20_000, 60_000)),
});

/** Runs candidates for three minutes, each with its own troubles, one a call. @returns how many terms there were */
async function play(troubles: readonly (readonly Trouble[])[]): Promise<number> {
  const world = new ManualClock();
  const server = new SimulatedApiServer({ clock: world });
  const stop = new AbortController();
  let terms = 0;
  const candidates = troubles.map((plan, index) => {
    let jump = 0;
    let awakeAt = 0;
    let calls = 0;
    const awake = async (): Promise<void> => {
      while (world.now() < awakeAt) await world.sleep(awakeAt - world.now());
    };
    const clock: Clock = {
      now: () => world.now() + jump,
      sleep: async (ms, signal) => {
        await world.sleep(ms, signal);
        await awake();
      },
    };
    const real = server.api();
    const troubled = async <T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
      const trouble = plan[calls++ % plan.length];
      if (trouble === undefined) throw new Error('an empty plan');
      // What was sent reaches the server, even when the sender has given up.
      const answer = (async (): Promise<T> => {
        await world.sleep(trouble.before);
        const outcome = await call();
        await world.sleep(trouble.after);
        jump += trouble.jump;
        awakeAt = world.now() + trouble.pause;
        await awake();
        if (trouble.lost) throw new ApiError('ConnectionLost', 'the answer was lost');
        return outcome;
      })();
      const given = Promise.withResolvers<never>();
      signal?.addEventListener('abort', () => given.reject(new ApiError('Aborted', 'given up')), { once: true });
      return await Promise.race([answer, given.promise]);
    };
    const api = {
      get: (resource, name, options) => troubled(() => real.get(resource, name), options?.signal),
      create: (resource, object, { signal, ...options }) =>
        troubled(() => real.create(resource, object, options), signal),
      patch: (resource, name, operations, { signal, ...options }) =>
        troubled(() => real.patch(resource, name, operations, options), signal),
    } satisfies LeaseApi as unknown as KubernetesApi;
    const election = new LeaderElection({
      api,
      lease: LEASE,
      identity: `candidate-${index}`,
      clock,
      monotonicNow: () => world.now(),
      random: () => (index + 1) / (troubles.length + 1),
      drainMs: 60_000,
      onChange: (change) => {
        if (change === 'acquired') terms += 1;
      },
    });
    return { election, run: election.run(stop.signal, untilEnd) };
  });
  for (let step = 0; step < 720; step++) {
    await world.advance(250);
    const leaders = candidates.filter(({ election }) => election.isLeader());
    if (leaders.length > 1) throw new Error(`two leaders after ${step / 4} s`);
  }
  stop.abort();
  for (let step = 0; step < 10; step++) await world.advance(60_000);
  await Promise.all(candidates.map(({ run }) => run));
  return terms;
}
