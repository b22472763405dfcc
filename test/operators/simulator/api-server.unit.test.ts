import { describe, expect, test } from '@jest/globals';
import type { KubernetesApi, WatchEvent } from '../../../operators/runtime/api.js';
import { ApiError, isApiError } from '../../../operators/runtime/api-error.js';
import type { KubernetesObject } from '../../../operators/runtime/resource.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import { SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { ManualClock } from '../../../operators/simulator/manual-clock.js';

interface Loose extends KubernetesObject {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

const at = { namespace: 'shop', name: 'web-1' };
const mine = { fieldManager: 'mine' };

function start(): { clock: ManualClock; server: SimulatedApiServer; api: KubernetesApi } {
  const clock = new ManualClock();
  const server = new SimulatedApiServer({ clock });
  return { clock, server, api: server.api() };
}

function runningPod(name: string, more: { ready?: boolean; labels?: Record<string, string>; uid?: string } = {}) {
  return {
    metadata: { namespace: 'shop', name, labels: more.labels ?? { app: 'web' }, ...(more.uid && { uid: more.uid }) },
    spec: { nodeName: 'node-a', terminationGracePeriodSeconds: 20 },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: more.ready === false ? 'False' : 'True' }] },
  };
}

function preconditionsOf(server: SimulatedApiServer, name: string) {
  const { uid = '', resourceVersion = '' } = server.read(RESOURCE.pod, { namespace: 'shop', name })?.metadata ?? {};
  return { preconditions: { uid, resourceVersion } };
}

describe('what a test puts', () => {
  test('is there with its status, and replaces what was there under the same uid', () => {
    const { server } = start();
    const first = server.put<Loose>(RESOURCE.pod, runningPod('web-1'));
    expect(first).toMatchObject({ apiVersion: 'v1', kind: 'Pod', status: { phase: 'Running' } });
    expect(first.metadata).toMatchObject({ generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' });
    const changed = server.put<Loose>(RESOURCE.pod, { ...runningPod('web-1'), spec: { nodeName: 'node-b' } });
    expect(changed.metadata).toMatchObject({ uid: first.metadata.uid, generation: 2 });
    expect(server.objects(RESOURCE.pod)).toEqual([changed]);
  });

  test('under another uid is seen by a watch as a deletion and an addition', async () => {
    const { server, api } = start();
    server.put(RESOURCE.pod, runningPod('web-1', { uid: 'a' }));
    const { resourceVersion } = await api.list(RESOURCE.pod);
    server.put(RESOURCE.pod, runningPod('web-1', { uid: 'b' }));
    const seen = await take(api.watch(RESOURCE.pod, { resourceVersion }), 2);
    expect(seen.map((event) => [event.type, event.type === 'BOOKMARK' ? '' : event.object.metadata.uid])).toEqual([
      ['DELETED', 'a'],
      ['ADDED', 'b'],
    ]);
  });

  test('as a patch merges, and null removes', () => {
    const { server } = start();
    server.put(RESOURCE.pod, runningPod('web-1'));
    const patch = { metadata: { labels: { app: null, tier: 'db' } }, status: { phase: 'Failed' } };
    const patched = server.patch<Loose>(RESOURCE.pod, at, patch);
    expect(patched.metadata.labels).toEqual({ tier: 'db' });
    expect(patched.status).toMatchObject({ phase: 'Failed', conditions: [{ type: 'Ready' }] });
    expect(() => server.patch(RESOURCE.pod, { namespace: 'shop', name: 'none' }, {})).toThrow('not found');
  });

  test('has no manager: an apply takes its fields without force', async () => {
    const { server, api } = start();
    server.put(RESOURCE.healingPolicy, { metadata: at, status: { pods: { ready: 1 } } });
    const status = { metadata: at, status: { pods: { ready: 2 } } };
    const applied = await api.apply<Loose>(RESOURCE.healingPolicy, status, { ...mine, subresource: 'status' });
    expect(applied.status).toEqual({ pods: { ready: 2 } });
  });

  test('and what is read cannot be changed by a reader', async () => {
    const { server, api } = start();
    server.put(RESOURCE.pod, runningPod('web-1'));
    const pod = await api.get<Loose>(RESOURCE.pod, at);
    expect(() => Object.assign(pod.status ?? {}, { phase: 'Failed' })).toThrow(TypeError);
  });
});

describe('a deletion', () => {
  test('of a running pod waits for its kubelet for the grace period, and a shorter one hastens it', async () => {
    const { server, api } = start();
    server.put(RESOURCE.pod, runningPod('web-1'));
    await api.delete(RESOURCE.pod, at, preconditionsOf(server, 'web-1'));
    const marked = server.read<Loose>(RESOURCE.pod, at);
    expect(marked?.metadata).toMatchObject({ deletionTimestamp: '2026-01-01T00:00:20Z', generation: 2 });
    await api.delete(RESOURCE.pod, at, preconditionsOf(server, 'web-1'));
    expect(server.read(RESOURCE.pod, at)).toEqual(marked);
    await api.delete(RESOURCE.pod, at, { ...preconditionsOf(server, 'web-1'), gracePeriodSeconds: 5 });
    expect(server.read(RESOURCE.pod, at)?.metadata.deletionTimestamp).toBe('2026-01-01T00:00:05Z');
    await api.delete(RESOURCE.pod, at, { ...preconditionsOf(server, 'web-1'), gracePeriodSeconds: 0 });
    expect(server.read(RESOURCE.pod, at)).toBeUndefined();
  });

  test.each([
    ['has no node', { spec: {} }],
    ['has failed', { status: { phase: 'Failed' } }],
    ['has succeeded', { status: { phase: 'Succeeded' } }],
  ])('of a pod that %s is done at once', async (_what, more) => {
    const { server, api } = start();
    server.put(RESOURCE.pod, { ...runningPod('web-1'), ...more });
    await api.delete(RESOURCE.pod, at, preconditionsOf(server, 'web-1'));
    expect(server.objects(RESOURCE.pod)).toEqual([]);
  });

  test('lets nobody add finalizers', async () => {
    const { server, api } = start();
    const metadata = { ...at, finalizers: ['a/b'] };
    server.put(RESOURCE.configMap, { metadata });
    const { uid = '', resourceVersion = '' } = server.read(RESOURCE.configMap, at)?.metadata ?? {};
    await api.delete(RESOURCE.configMap, at, { preconditions: { uid, resourceVersion } });
    const add = api.patch(RESOURCE.configMap, at, [{ op: 'add', path: '/metadata/finalizers/-', value: 'c/d' }], mine);
    await expect(add).rejects.toMatchObject({ code: 'Invalid' });
  });
});

describe('the Eviction API', () => {
  const budget = (spec: object) => ({
    metadata: { namespace: 'shop', name: 'web' },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  });

  /** Evicts one pod after another until a budget forbids it. */
  async function evictable(server: SimulatedApiServer, api: KubernetesApi, names: readonly string[]): Promise<number> {
    for (const [index, name] of names.entries()) {
      try {
        await api.evict({ namespace: 'shop', name }, preconditionsOf(server, name));
      } catch (error) {
        if (isApiError(error, 'DisruptionBudget') && error.details.status === 429) return index;
        throw error;
      }
    }
    return names.length;
  }

  test.each([
    [{ minAvailable: 3 }, 2],
    [{ minAvailable: 5 }, 0],
    [{ minAvailable: '50%' }, 2],
    [{ minAvailable: '1%' }, 4],
    [{ maxUnavailable: 1 }, 1],
    [{ maxUnavailable: 0 }, 0],
    [{ maxUnavailable: '30%' }, 2],
    [{ maxUnavailable: '100%' }, 5],
  ])('with %j lets as many of 5 ready pods go as the budget allows: %d', async (spec, expected) => {
    const { server, api } = start();
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) server.put(RESOURCE.pod, runningPod(name));
    server.put(RESOURCE.podDisruptionBudget, budget(spec));
    expect(await evictable(server, api, names)).toBe(expected);
  });

  test('counts pods that are not ready or are going as gone already, and knows from the owner how many there should be', async () => {
    const { server, api } = start();
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'rs', controller: true }];
    server.put(RESOURCE.replicaSet, { metadata: { namespace: 'shop', name: 'web', uid: 'rs' }, spec: { replicas: 4 } });
    for (const name of ['a', 'b', 'c']) {
      const pod = runningPod(name);
      server.put(RESOURCE.pod, { ...pod, metadata: { ...pod.metadata, ownerReferences } });
    }
    server.put(RESOURCE.podDisruptionBudget, budget({ maxUnavailable: 1 }));
    expect(await evictable(server, api, ['a', 'b', 'c'])).toBe(0);
    server.put(RESOURCE.podDisruptionBudget, budget({ maxUnavailable: 2 }));
    expect(await evictable(server, api, ['a', 'b', 'c'])).toBe(1);
  });

  test('evicts an unhealthy pod while enough others are healthy, and always under AlwaysAllow', async () => {
    const { server, api } = start();
    for (const name of ['a', 'b']) server.put(RESOURCE.pod, runningPod(name));
    server.put(RESOURCE.pod, runningPod('bad', { ready: false }));
    server.put(RESOURCE.podDisruptionBudget, budget({ minAvailable: 2 }));
    expect(await evictable(server, api, ['bad'])).toBe(1);
    server.put(RESOURCE.pod, runningPod('bad2', { ready: false }));
    server.put(RESOURCE.podDisruptionBudget, budget({ minAvailable: 3 }));
    expect(await evictable(server, api, ['bad2'])).toBe(0);
    server.put(RESOURCE.podDisruptionBudget, budget({ minAvailable: 3, unhealthyPodEvictionPolicy: 'AlwaysAllow' }));
    expect(await evictable(server, api, ['bad2'])).toBe(1);
  });

  test('fails on a pod with two budgets, and ignores budgets for pods that have ended or are going', async () => {
    const { server, api } = start();
    server.put(RESOURCE.pod, runningPod('web-1'));
    server.put(RESOURCE.podDisruptionBudget, budget({ minAvailable: 1 }));
    server.put(RESOURCE.podDisruptionBudget, {
      ...budget({ minAvailable: 1 }),
      metadata: { namespace: 'shop', name: 'two' },
    });
    await expect(api.evict(at, preconditionsOf(server, 'web-1'))).rejects.toMatchObject({ code: 'Unavailable' });
    server.patch(RESOURCE.pod, at, { status: { phase: 'Failed' } });
    await api.evict(at, preconditionsOf(server, 'web-1'));
    expect(server.read(RESOURCE.pod, at)).toBeUndefined();
  });
});

describe('a watch', () => {
  test('gets a bookmark each minute by the clock, with the newest version, and ends after its time', async () => {
    const { clock, server, api } = start();
    const events = api.watch(RESOURCE.pod, { resourceVersion: server.resourceVersion, timeoutSeconds: 150 });
    const seen: WatchEvent<KubernetesObject>[] = [];
    const done = (async () => {
      for await (const event of events) seen.push(event);
    })();
    server.put(RESOURCE.node, { metadata: { name: 'node-a' } });
    await clock.advance(60_000);
    expect(seen).toEqual([{ type: 'BOOKMARK', resourceVersion: server.resourceVersion }]);
    await clock.advance(90_000);
    await done;
    expect(seen).toHaveLength(3);
    expect(clock.sleeping).toBe(0);
    expect(server.watches).toBe(0);
  });

  test('from before the window of the history is Gone; an open one that has missed nothing goes on', async () => {
    const { server, api } = start();
    const from = server.resourceVersion;
    server.put(RESOURCE.pod, runningPod('a'));
    const open = api.watch(RESOURCE.pod, { resourceVersion: from })[Symbol.asyncIterator]();
    await open.next();
    server.compact();
    const old = api.watch(RESOURCE.pod, { resourceVersion: from })[Symbol.asyncIterator]();
    await expect(old.next()).rejects.toMatchObject({ code: 'Gone', details: { status: 410 } });
    const next = open.next();
    server.put(RESOURCE.pod, runningPod('b'));
    expect((await next).value).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'b' } } });
  });

  test('whose reader is too slow for the window is ended, not given a history with a hole', async () => {
    const server = new SimulatedApiServer({ clock: new ManualClock(), historyWindow: 2 });
    const watch = server.api().watch(RESOURCE.pod, { resourceVersion: server.resourceVersion });
    const events = watch[Symbol.asyncIterator]();
    server.put(RESOURCE.pod, runningPod('a'));
    await events.next();
    for (const name of ['b', 'c', 'd']) server.put(RESOURCE.pod, runningPod(name));
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test('is cut by breakWatches', async () => {
    const { server, api } = start();
    const events = api.watch(RESOURCE.pod, { resourceVersion: server.resourceVersion })[Symbol.asyncIterator]();
    const next = events.next().catch((error: unknown) => error);
    await Promise.resolve();
    await Promise.resolve();
    server.breakWatches();
    expect(await next).toMatchObject({ code: 'ConnectionLost' });
  });
});

describe('onCall', () => {
  test('sees each call with what it sends, and may refuse it, delay it or lose its answer', async () => {
    const { clock, server, api } = start();
    const seen: unknown[] = [];
    server.onCall = async ({ number, verb, name, body }) => {
      seen.push([number, verb, name, body]);
      if (number === 1) return new ApiError('Unavailable', 'no leader');
      if (number === 2) return 'lost answer';
      await clock.sleep(1000);
      return undefined;
    };
    const object = { metadata: at };
    await expect(api.create(RESOURCE.configMap, object, mine)).rejects.toMatchObject({ code: 'Unavailable' });
    expect(server.objects(RESOURCE.configMap)).toEqual([]);
    await expect(api.create(RESOURCE.configMap, object, mine)).rejects.toMatchObject({ code: 'ConnectionLost' });
    expect(server.objects(RESOURCE.configMap)).toHaveLength(1);
    const read = api.get(RESOURCE.configMap, at);
    await clock.advance(1000);
    expect(await read).toMatchObject(object);
    expect(seen).toEqual([
      [1, 'create', at, object],
      [2, 'create', at, object],
      [3, 'get', at, undefined],
    ]);
  });
});

async function take<T>(events: AsyncIterable<T>, count: number): Promise<T[]> {
  const seen: T[] = [];
  for await (const event of events) {
    seen.push(event);
    if (seen.length === count) break;
  }
  return seen;
}
