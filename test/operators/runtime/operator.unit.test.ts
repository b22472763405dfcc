import { describe, expect, test } from '@jest/globals';
import { LeaderElection } from '../../../operators/runtime/leader-election.js';
import type { Lease } from '../../../operators/runtime/lease.js';
import { silentLog } from '../../../operators/runtime/log.js';
import { Operator, type OperatorFeature, type Runnable } from '../../../operators/runtime/operator.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import { Telemetry } from '../../../operators/runtime/telemetry.js';
import { SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { ManualClock } from '../../../operators/simulator/manual-clock.js';

const LEASE = { namespace: 'tranship-system', name: 'tranship-operator' };
const SECOND = 1000;

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** A part that writes down what happens to it. */
function part(name: string, story: string[], more: { end?: () => Promise<void> } = {}): Runnable {
  return {
    run: async (signal) => {
      story.push(`${name} runs`);
      await untilAborted(signal);
      story.push(`${name} is told to stop`);
      await more.end?.();
      story.push(`${name} has stopped`);
    },
  };
}

/** A cache that is complete when the test says so. */
function cache(story: string[]) {
  const synced = Promise.withResolvers<void>();
  const state = { ...part('cache', story), synced: false, size: 7 };
  return {
    cache: Object.assign(state, {
      whenSynced: async (signal: AbortSignal) => {
        await Promise.race([synced.promise, untilAborted(signal)]);
        if (!state.synced) throw new Error('aborted');
      },
    }),
    sync: () => {
      state.synced = true;
      synced.resolve();
    },
  };
}

function world(feature: (story: string[]) => Partial<OperatorFeature>) {
  const clock = new ManualClock();
  const server = new SimulatedApiServer({ clock });
  const story: string[] = [];
  const pods = cache(story);
  const stop = new AbortController();
  const election = new LeaderElection({
    api: server.api(),
    lease: LEASE,
    identity: 'one',
    clock,
    random: () => 0.5,
    onChange: (change) => story.push(change),
  });
  const operator = new Operator({
    features: [{ name: 'feature', caches: { pods: pods.cache }, controllers: [], ...feature(story) }],
    election,
    clock,
    log: silentLog,
    telemetry: new Telemetry(),
    flush: () => {
      story.push('telemetry is flushed');
      return Promise.resolve();
    },
  });
  const ready = () => operator.ready().every(({ ok }) => ok);
  const lease = () => server.read<Lease>(RESOURCE.lease, LEASE)?.spec;
  return { clock, server, story, pods, stop, election, operator, ready, lease };
}

describe('the operator', () => {
  test('nothing acts and nobody stands for election before every cache is complete', async () => {
    const { clock, story, pods, stop, operator, ready, lease } = world((log) => ({
      controllers: [part('controller', log)],
    }));
    const run = operator.run(stop.signal);
    await clock.advance(60 * SECOND);
    expect(story).toEqual(['cache runs']);
    expect(ready()).toBe(false);
    expect(lease()).toBeUndefined();
    pods.sync();
    await clock.advance(SECOND);
    expect(story).toEqual(['cache runs', 'acquired', 'controller runs']);
    expect(operator.ready()).toEqual([
      { name: 'running', ok: true },
      { name: 'cache pods', ok: true, detail: '7 objects' },
    ]);
    stop.abort();
    expect(await run).toBe(0);
  });

  test('told to stop, it is not ready, drains the work as leader, releases the Lease, ends the rest and flushes', async () => {
    const drained = Promise.withResolvers<void>();
    const { clock, story, pods, stop, election, operator, ready, lease } = world((log) => ({
      controllers: [part('controller', log, { end: () => drained.promise })],
      servers: [part('server', log)],
    }));
    const run = operator.run(stop.signal);
    pods.sync();
    await clock.advance(SECOND);
    stop.abort();
    await clock.advance(SECOND);
    expect(ready()).toBe(false);
    expect(election.isLeader()).toBe(true);
    drained.resolve();
    expect(await run).toBe(0);
    expect(lease()?.holderIdentity).toBe('');
    expect(story).toEqual([
      'cache runs',
      'server runs',
      'acquired',
      'controller runs',
      'controller is told to stop',
      'controller has stopped',
      'released',
      'cache is told to stop',
      'server is told to stop',
      'cache has stopped',
      'server has stopped',
      'telemetry is flushed',
    ]);
  });

  test('when leadership is lost, controllers stop, caches go on, and a later term runs the controllers again', async () => {
    const { clock, server, story, pods, stop, operator, ready } = world((log) => ({
      controllers: [part('controller', log)],
    }));
    const run = operator.run(stop.signal);
    pods.sync();
    await clock.advance(SECOND);
    server.patch(RESOURCE.lease, LEASE, { spec: { holderIdentity: 'two' } });
    await clock.advance(30 * SECOND);
    expect(story).toEqual([
      'cache runs',
      'acquired',
      'controller runs',
      'lost',
      'controller is told to stop',
      'controller has stopped',
      'acquired',
      'controller runs',
    ]);
    expect(ready()).toBe(true);
    stop.abort();
    expect(await run).toBe(0);
  });

  test.each([
    ['throws', () => Promise.reject(new Error('broken'))],
    ['ends by itself', () => Promise.resolve()],
  ])(
    'when a controller %s, everything stops, the Lease is released and the process ends with 70',
    async (_, broken) => {
      const { clock, story, pods, stop, operator, lease } = world((log) => ({
        controllers: [part('other', log), { run: broken }],
      }));
      const run = operator.run(stop.signal);
      pods.sync();
      await clock.advance(SECOND);
      expect(await run).toBe(70);
      expect(lease()?.holderIdentity).toBe('');
      expect(story).toContain('other has stopped');
      expect(operator.live()).toEqual([{ name: 'parts', ok: false, detail: 'controller of feature' }]);
    },
  );

  test('a cache that ends by itself ends the process with 70, leader or not', async () => {
    const { operator, stop, pods } = world(() => ({}));
    pods.cache.run = () => Promise.resolve();
    expect(await operator.run(stop.signal)).toBe(70);
  });

  test('work that does not stop ends the process with 70 after the drain time, without releasing the Lease', async () => {
    const { clock, pods, stop, operator, lease } = world((log) => ({
      controllers: [part('controller', log, { end: () => new Promise(() => undefined) })],
    }));
    const run = operator.run(stop.signal);
    pods.sync();
    await clock.advance(SECOND);
    stop.abort();
    await clock.advance(15 * SECOND);
    expect(await run).toBe(70);
    expect(lease()?.holderIdentity).toBe('one');
  });

  test('telemetry that cannot be flushed does not keep the process', async () => {
    const { clock, stop, election } = world(() => ({}));
    const slow = new Operator({
      features: [],
      election,
      clock,
      log: silentLog,
      telemetry: new Telemetry(),
      flush: () => new Promise(() => undefined),
    });
    const run = slow.run(stop.signal);
    await clock.advance(SECOND);
    stop.abort();
    await clock.advance(5 * SECOND);
    expect(await run).toBe(0);
  });

  test('a cache that two features share runs once; two caches of one name are told apart', () => {
    const { election, clock } = world(() => ({}));
    const story: string[] = [];
    const { cache: shared } = cache(story);
    const { cache: other } = cache(story);
    const operator = new Operator({
      features: [
        { name: 'healing', caches: { pods: shared }, controllers: [] },
        { name: 'deployment', caches: { pods: shared, nodes: shared }, controllers: [] },
        { name: 'outbox', caches: { pods: other }, controllers: [] },
      ],
      election,
      clock,
      log: silentLog,
      telemetry: new Telemetry(),
    });
    expect(operator.ready().map(({ name }) => name)).toEqual(['running', 'cache pods', 'cache outbox-pods']);
  });
});
