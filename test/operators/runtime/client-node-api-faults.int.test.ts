import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { KubernetesApi, WatchEvent } from '../../../operators/runtime/api.js';
import { ClientNodeApi } from '../../../operators/runtime/client-node-api.js';
import { kubeconfig } from '../../../operators/runtime/kubeconfig.js';
import type { Clock } from '../../../operators/runtime/clock.js';
import { systemClock } from '../../../operators/runtime/clock.js';
import type { KubernetesObject } from '../../../operators/runtime/resource.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import { SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { ManualClock } from '../../../operators/simulator/manual-clock.js';
import type { Fault } from './http-api-server.js';
import { HttpApiServer } from './http-api-server.js';

const at = { namespace: 'shop', name: 'one' };
const object = { metadata: at, data: { key: 'value' } };
const mine = { fieldManager: 'mine' };
const busy: Fault = { type: 'answer', status: 429, headers: { 'retry-after': '0' } };

/** Does not wait between attempts; time limits hold. */
const hasty: Clock = {
  now: () => systemClock.now(),
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds < 1000 ? 0 : milliseconds, signal),
};

let server: SimulatedApiServer;
let http: HttpApiServer;
let config: Awaited<ReturnType<HttpApiServer['start']>>;
let api: ClientNodeApi;

beforeEach(async () => {
  server = new SimulatedApiServer({ clock: systemClock });
  http = new HttpApiServer(server.api());
  config = await http.start();
  api = new ClientNodeApi({ config: kubeconfig(config), clock: hasty, random: () => 0 });
});
afterEach(async () => {
  await api.close();
  await http.stop();
});

/** The fault for the first requests, and none for later ones. */
function firstly(count: number, fault: Fault): void {
  http.fault = () => (http.seen.length <= count ? fault : undefined);
}

const writes: readonly (readonly [string, (to: KubernetesApi) => Promise<unknown>])[] = [
  ['create', (to) => to.create(RESOURCE.configMap, { metadata: { namespace: 'shop', name: 'two' } }, mine)],
  ['apply', (to) => to.apply(RESOURCE.configMap, { metadata: { namespace: 'shop', name: 'two' } }, mine)],
  ['patch', (to) => to.patch(RESOURCE.configMap, at, [{ op: 'add', path: '/data', value: {} }], mine)],
  ['delete', (to) => to.delete(RESOURCE.configMap, at, { preconditions: preconditions() })],
  ['evict', (to) => to.evict(at, { preconditions: { uid: 'x', resourceVersion: '1' } })],
];
const reads: readonly (readonly [string, (to: KubernetesApi) => Promise<unknown>])[] = [
  ['get', (to) => to.get(RESOURCE.configMap, at)],
  ['list', (to) => to.list(RESOURCE.configMap)],
];

function preconditions() {
  const { uid = '', resourceVersion = '' } = server.read(RESOURCE.configMap, at)?.metadata ?? {};
  return { uid, resourceVersion };
}

describe('a write', () => {
  beforeEach(() => {
    server.put(RESOURCE.configMap, object);
    server.put(RESOURCE.pod, { metadata: { ...at, uid: 'x' } });
  });

  test.each(writes.slice(0, 4))(
    '%s whose answer is 500 or lost is sent once, because it may have been done',
    async (_verb, write) => {
      firstly(1, { type: 'commit, then 500' });
      await expect(write(api)).rejects.toMatchObject({ code: 'Unavailable', details: { status: 500 } });
      expect(http.seen).toHaveLength(1);
    },
  );

  test.each(writes.slice(0, 4))('%s whose connection is cut is sent once', async (_verb, write) => {
    firstly(1, { type: 'commit, then cut' });
    await expect(write(api)).rejects.toMatchObject({ code: 'ConnectionLost' });
    expect(http.seen).toHaveLength(1);
  });

  test.each(writes.slice(0, 4))(
    '%s that the server is too busy for is sent again until it passes, and done once',
    async (_verb, write) => {
      const before = Number(server.resourceVersion);
      firstly(2, busy);
      await write(api);
      expect(http.seen).toHaveLength(3);
      expect(Number(server.resourceVersion)).toBe(before + 1);
    },
  );

  test.each(writes)('%s that the server stays too busy for ends in TooManyRequests', async (_verb, write) => {
    firstly(99, busy);
    await expect(write(api)).rejects.toMatchObject({ code: 'TooManyRequests' });
    expect(http.seen).toHaveLength(5);
  });

  test.each(writes)('%s without an answer is a Timeout, sent once', async (_verb, write) => {
    const impatient = new ClientNodeApi({ config: kubeconfig(config), clock: systemClock, timeouts: { call: 50 } });
    firstly(99, { type: 'slow', until: new Promise(() => undefined) });
    await expect(write(impatient)).rejects.toMatchObject({ code: 'Timeout' });
    expect(http.seen).toHaveLength(1);
    await impatient.close();
  });

  test.each(writes)('%s that the caller aborts while it is under way is Aborted', async (_verb, write) => {
    const caller = new AbortController();
    const reason = new Error('enough');
    http.fault = () => {
      caller.abort(reason);
      return { type: 'slow', until: new Promise(() => undefined) };
    };
    await expect(write(signalling(api, caller.signal))).rejects.toMatchObject({ code: 'Aborted', cause: reason });
  });
});

describe('a read', () => {
  beforeEach(() => {
    server.put(RESOURCE.configMap, object);
  });

  test.each(reads)('%s is repeated after 500, a cut connection and 429', async (_verb, read) => {
    const faults: readonly Fault[] = [{ type: 'commit, then 500' }, { type: 'commit, then cut' }, busy];
    http.fault = () => faults[http.seen.length - 1];
    await read(api);
    expect(http.seen).toHaveLength(4);
  });

  test.each(reads)('%s is not repeated after an answer that will not change', async (_verb, read) => {
    firstly(99, { type: 'answer', status: 403 });
    await expect(read(api)).rejects.toMatchObject({ code: 'Forbidden' });
    expect(http.seen).toHaveLength(1);
  });

  test('a page after the history was compacted is Gone', async () => {
    server.put(RESOURCE.configMap, { metadata: { namespace: 'shop', name: 'two' } });
    const { continue: token = '' } = await api.list(RESOURCE.configMap, { limit: 1 });
    server.compact();
    const next = api.list(RESOURCE.configMap, { limit: 1, continue: token });
    await expect(next).rejects.toMatchObject({ code: 'Gone', details: { status: 410 } });
  });

  test.each(['<html>', 'null', '7', ''])('an answer that is %j is ConnectionLost', async (body) => {
    firstly(99, { type: 'answer', status: 200, body });
    await expect(api.get(RESOURCE.configMap, at)).rejects.toMatchObject({ code: 'ConnectionLost' });
  });
});

describe('a watch', () => {
  const follow = async (resourceVersion: string): Promise<{ seen: string[]; failure: unknown }> => {
    const seen: string[] = [];
    try {
      for await (const event of api.watch(RESOURCE.configMap, { resourceVersion, timeoutSeconds: 1 }))
        seen.push(brief(event));
      return { seen, failure: undefined };
    } catch (failure) {
      return { seen, failure };
    }
  };
  let start: string;
  beforeEach(() => {
    start = server.resourceVersion;
    for (const name of ['a', 'b', 'c']) server.put(RESOURCE.configMap, { metadata: { namespace: 'shop', name } });
  });

  test('that is cut within an event yields the events before and then throws ConnectionLost', async () => {
    firstly(1, { type: 'cut', afterEvents: 2 });
    expect(await follow(start)).toMatchObject({ seen: ['ADDED a', 'ADDED b'], failure: { code: 'ConnectionLost' } });
  });

  test('that is told 410 in the stream yields the events before and then throws Gone', async () => {
    firstly(1, { type: 'error event', afterEvents: 1, code: 410, reason: 'Expired' });
    expect(await follow(start)).toMatchObject({ seen: ['ADDED a'], failure: { code: 'Gone' } });
  });

  test('that is answered with 410 throws Gone, and so does one from before the compaction', async () => {
    firstly(1, { type: 'answer', status: 410 });
    expect(await follow(start)).toMatchObject({ seen: [], failure: { code: 'Gone' } });
    server.compact();
    expect(await follow(start)).toMatchObject({ seen: [], failure: { code: 'Gone' } });
  });

  test('that is refused is sent once, and the error carries the wish of the server', async () => {
    firstly(99, { type: 'answer', status: 429, headers: { 'retry-after': '3' } });
    expect(await follow(start)).toMatchObject({
      failure: { code: 'TooManyRequests', details: { retryAfterSeconds: 3 } },
    });
    expect(http.seen).toHaveLength(1);
  });

  test('asks for bookmarks, and for an end after 300 to 600 s', async () => {
    const iterator = api.watch(RESOURCE.configMap, { resourceVersion: start })[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.return?.(undefined);
    const query = http.seen[0]?.url.searchParams;
    expect(query?.get('allowWatchBookmarks')).toBe('true');
    expect(query?.get('timeoutSeconds')).toBe('300');
    expect(query?.get('resourceVersion')).toBe(start);
  });

  test('that its reader leaves is closed on the server', async () => {
    const closed = new Promise<void>((resolve) => {
      http.onWatchClosed = resolve;
    });
    for await (const event of api.watch(RESOURCE.configMap, { resourceVersion: start })) {
      expect(brief(event)).toBe('ADDED a');
      break;
    }
    await closed;
    expect(server.watches).toBe(0);
  });

  test('on which only bookmarks come stays open for 10 minutes, and one on which nothing comes is lost after 90 s', async () => {
    const clock = new ManualClock();
    const slow = new SimulatedApiServer({ clock });
    const quiet = new HttpApiServer(slow.api());
    const patient = new ClientNodeApi({ config: kubeconfig(await quiet.start()), clock });
    const version = slow.resourceVersion;
    slow.put(RESOURCE.configMap, object);
    const watch = patient.watch(RESOURCE.configMap, { resourceVersion: version, timeoutSeconds: 3600 });
    const iterator = watch[Symbol.asyncIterator]();
    await iterator.next();
    for (let minute = 0; minute < 10; minute += 1) {
      const next = iterator.next();
      await clock.advance(60_000);
      expect((await next).value).toMatchObject({ type: 'BOOKMARK', resourceVersion: slow.resourceVersion });
    }
    await iterator.return?.(undefined);
    quiet.fault = () => ({ type: 'silence', afterEvents: 1 });
    const mute = patient.watch(RESOURCE.configMap, { resourceVersion: version })[Symbol.asyncIterator]();
    await mute.next();
    const lost = mute.next().catch((error: unknown) => error);
    await clock.advance(90_000);
    expect(await lost).toMatchObject({
      code: 'ConnectionLost',
      message: expect.stringContaining('silent for 90 s'),
    });
    await patient.close();
    await quiet.stop();
  });
});

test('a watch of Events, for which servers send no bookmarks, may be silent until its time is up and 30 s more', async () => {
  const clock = new ManualClock();
  const slow = new SimulatedApiServer({ clock });
  const quiet = new HttpApiServer(slow.api());
  quiet.fault = () => ({ type: 'silence', afterEvents: 1 });
  const patient = new ClientNodeApi({ config: kubeconfig(await quiet.start()), clock });
  const version = slow.resourceVersion;
  slow.put(RESOURCE.event, { metadata: { namespace: 'shop', name: 'one' } });
  const watch = patient.watch(RESOURCE.event, { resourceVersion: version, timeoutSeconds: 300 });
  const events = watch[Symbol.asyncIterator]();
  await events.next();
  let ended = false;
  const failure = events.next().catch((error: unknown) => {
    ended = true;
    return error;
  });
  await clock.advance(329_999);
  expect(ended).toBe(false);
  await clock.advance(1);
  expect(await failure).toMatchObject({ code: 'ConnectionLost' });
  await patient.close();
  await quiet.stop();
});

test('calls one after another share connections, and each carries the credentials and the name of the program', async () => {
  server.put(RESOURCE.configMap, object);
  for (let count = 0; count < 20; count += 1) await api.get(RESOURCE.configMap, at);
  expect(await http.connections()).toBeLessThanOrEqual(2);
  expect(http.seen[19]?.headers).toMatchObject({ authorization: 'Bearer test-token', 'user-agent': 'tranship' });
});

test('no error tells the token', async () => {
  for (const status of [401, 403, 500]) {
    firstly(99, { type: 'answer', status });
    const error: unknown = await api
      .delete(RESOURCE.configMap, at, { preconditions: preconditions() })
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ details: { status } });
    expect(JSON.stringify(error) + String(error)).not.toContain('test-token');
  }
});

test('a server that is not there is ConnectionLost, with the reason as the cause', async () => {
  await http.stop();
  await expect(api.get(RESOURCE.configMap, at)).rejects.toMatchObject({
    code: 'ConnectionLost',
    cause: { code: 'ECONNREFUSED' },
  });
  http = new HttpApiServer(server.api());
  await http.start();
});

test.each(['..', '.', '', 'a/b', 'a%2fb'])('the name %j never becomes a path', async (name) => {
  await expect(api.get(RESOURCE.configMap, { namespace: 'shop', name })).rejects.toMatchObject({ code: 'Invalid' });
  await expect(api.list(RESOURCE.configMap, { namespace: name })).rejects.toMatchObject({ code: 'Invalid' });
  expect(http.seen).toEqual([]);
});

function brief(event: WatchEvent<KubernetesObject>): string {
  return event.type === 'BOOKMARK' ? 'BOOKMARK' : `${event.type} ${event.object.metadata.name}`;
}

/** The API with this signal in every write. */
function signalling(to: KubernetesApi, signal: AbortSignal): KubernetesApi {
  return {
    list: to.list.bind(to),
    watch: to.watch.bind(to),
    get: to.get.bind(to),
    create: (resource, body, options) => to.create(resource, body, { ...options, signal }),
    apply: (resource, body, options) => to.apply(resource, body, { ...options, signal }),
    patch: (resource, name, operations, options) => to.patch(resource, name, operations, { ...options, signal }),
    delete: (resource, name, options) => to.delete(resource, name, { ...options, signal }),
    evict: (pod, options) => to.evict(pod, { ...options, signal }),
  };
}
