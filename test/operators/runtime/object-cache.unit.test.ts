import { describe, expect, it } from '@jest/globals';
import type { WatchEvent } from '../../../operators/runtime/api.js';
import { ApiError } from '../../../operators/runtime/api-error.js';
import { type KubernetesObject, RESOURCE } from '../../../operators/runtime/resource.js';
import { pod, PodCache } from './pod-cache.js';

const MINUTE = 60_000;

describe('the object cache', () => {
  it('lists page by page and is synced only when the last page is in', async () => {
    const pods = new PodCache();
    for (let n = 0; n < 1200; n++) pods.put(pod(`web-${n}`));
    const synced: boolean[] = [];
    const sizes: number[] = [];
    pods.faults.page = (page) => {
      synced.push(pods.cache.synced);
      sizes.push(page.items.length);
      return page;
    };
    const done = pods.cache.whenSynced(pods.stop.signal);
    await pods.run();
    await done;
    expect(sizes).toEqual([500, 500, 200]);
    expect(synced).toEqual([false, false, false]);
    expect(pods.cache.size).toBe(1200);
    expect(pods.held()).toEqual(pods.onServer().toSorted((a, b) => (a.name < b.name ? -1 : 1)));
    await pods.end();
  });

  it('tells of each change after the store has it', async () => {
    const pods = new PodCache();
    pods.put(pod('web-1', 'n1'));
    const nodes: unknown[] = [];
    pods.cache.subscribe(({ type, key }) => nodes.push([type, pods.cache.get(key)?.node]));
    await pods.run();
    pods.put(pod('web-1', 'n2'));
    pods.put(pod('web-2', 'n2'));
    pods.remove('web-1');
    await pods.settle();
    expect(nodes).toEqual([
      ['added', 'n1'],
      ['updated', 'n2'],
      ['added', 'n2'],
      ['deleted', undefined],
    ]);
    await pods.end();
  });

  it('keeps its indexes as objects come, move and go, and names those that are declared', async () => {
    const pods = new PodCache();
    await pods.run();
    pods.put(pod('a', 'n1'));
    pods.put(pod('b', 'n1'));
    await pods.settle();
    pods.put(pod('b', 'n2'));
    await pods.settle();
    expect(pods.cache.byIndex('node', 'n1').map(({ name }) => name)).toEqual(['a']);
    expect(pods.cache.byIndex('node', 'n2').map(({ name }) => name)).toEqual(['b']);
    pods.remove('a');
    await pods.settle();
    expect(pods.cache.byIndex('node', 'n1')).toEqual([]);
    expect(() => pods.cache.byIndex('owner', 'x')).toThrow(/no index "owner"; declared are: node/);
    await pods.end();
  });

  it('goes on from the last version seen when the connection is cut, without a list', async () => {
    const pods = new PodCache();
    pods.put(pod('a'));
    await pods.run();
    pods.put(pod('b'));
    await pods.settle();
    pods.server.breakWatches();
    pods.put(pod('c'));
    await pods.settle();
    expect(pods.cache.get('shop/c')).toBeUndefined();
    await pods.clock.advance(800);
    expect(pods.held().map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(pods.times('listed')).toBe(1);
    await pods.end();
  });

  it('waits longer from failure to failure, up to 30 s, and starts anew after two healthy minutes', async () => {
    const pods = new PodCache();
    let down = true;
    pods.server.onCall = () => (down ? new ApiError('Unavailable', 'starting') : undefined);
    await pods.run();
    await pods.clock.advance(2 * MINUTE);
    const delays = (): unknown[] => pods.told.filter(([what]) => what === 'failed').map(([, , delay]) => delay);
    expect(delays().slice(0, 8)).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
    expect(pods.cache.synced).toBe(false);
    down = false;
    await pods.clock.advance(30_000);
    expect(pods.cache.synced).toBe(true);
    pods.server.breakWatches();
    await pods.settle();
    expect(delays().at(-1)).toBe(30_000);
    await pods.clock.advance(30_000 + 3 * MINUTE);
    pods.server.breakWatches();
    await pods.settle();
    expect(delays().at(-1)).toBe(800);
    await pods.end();
  });

  it('waits as long as the server asks it to', async () => {
    const pods = new PodCache();
    let busy = true;
    pods.server.onCall = () =>
      busy ? new ApiError('TooManyRequests', 'busy', { status: 429, retryAfterSeconds: 20 }) : undefined;
    await pods.run();
    busy = false;
    await pods.clock.advance(19_999);
    expect(pods.cache.synced).toBe(false);
    await pods.clock.advance(1);
    await pods.settle();
    expect(pods.cache.synced).toBe(true);
    await pods.end();
  });

  it('takes a watch that ends as soon as it begins for a failure, so that it does not spin', async () => {
    const pods = new PodCache();
    let watches = 0;
    pods.faults.watch = async function* () {
      watches++;
      yield* [];
    };
    await pods.run();
    expect(watches).toBe(1);
    await pods.clock.advance(800 + 1600);
    expect(watches).toBe(3);
    await pods.end();
  });

  it('cuts a watch that does not end when its time is up', async () => {
    const pods = new PodCache();
    const signals: (AbortSignal | undefined)[] = [];
    pods.faults.watch = async function* ({ signal }) {
      signals.push(signal);
      await new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(new ApiError('Aborted', 'aborted')));
      });
      yield* [];
    };
    await pods.run();
    await pods.clock.advance(329_000);
    expect(signals).toHaveLength(1);
    await pods.clock.advance(2000);
    expect(signals).toHaveLength(2);
    expect(pods.told.find(([what]) => what === 'watchEnded')?.[1]).toMatchObject({ code: 'ConnectionLost' });
    await pods.end();
  });

  it('lists again after a 410 and tells what it missed: deletions, and a new uid as deleted and added', async () => {
    const pods = new PodCache();
    for (const name of ['gone', 'stays', 'moved', 'reborn']) pods.put(pod(name));
    await pods.run();
    pods.changes.length = 0;
    pods.server.breakWatches();
    pods.remove('gone');
    pods.put(pod('moved', 'n2'));
    pods.remove('reborn');
    pods.put(pod('reborn'));
    pods.put(pod('new'));
    pods.server.compact();
    await pods.clock.advance(10_000);
    expect(pods.told.filter(([what]) => what === 'listed').map(([, reason]) => reason)).toEqual(['Initial', 'Gone']);
    expect(pods.changes.toSorted()).toEqual([
      'added shop/new',
      'added shop/reborn',
      'deleted shop/gone',
      'deleted shop/reborn',
      'updated shop/moved',
    ]);
    expect(pods.changes.indexOf('deleted shop/reborn')).toBeLessThan(pods.changes.indexOf('added shop/reborn'));
    expect(pods.contradictions).toEqual([]);
    expect(pods.held()).toEqual(pods.onServer());
    await pods.end();
  });

  it('lists again when the 410 comes within the stream', async () => {
    const pods = new PodCache();
    pods.put(pod('a'));
    await pods.run();
    let expired = true;
    pods.faults.events = (event) => {
      if (!expired) return [event];
      expired = false;
      throw new ApiError('Gone', 'too old resource version');
    };
    pods.put(pod('b'));
    await pods.clock.advance(1000);
    expect(pods.told.filter(([what]) => what === 'listed').map(([, reason]) => reason)).toEqual(['Initial', 'Gone']);
    expect(pods.held()).toEqual(pods.onServer());
    await pods.end();
  });

  it('begins again when the server forgot the list between two pages', async () => {
    const pods = new PodCache();
    for (let n = 0; n < 600; n++) pods.put(pod(`web-${n}`));
    let pages = 0;
    pods.faults.page = (page) => {
      if (++pages === 1) {
        pods.remove('web-5');
        pods.server.compact();
      }
      return page;
    };
    await pods.run();
    expect(pods.cache.synced).toBe(false);
    await pods.clock.advance(1000);
    expect(pods.cache.size).toBe(599);
    await pods.end();
  });

  it('needs no list on a quiet resource while others change, thanks to bookmarks', async () => {
    const pods = new PodCache();
    pods.put(pod('a'));
    await pods.run();
    for (let n = 0; n < 20; n++) pods.server.put(RESOURCE.node, { metadata: { name: `n${n}` } });
    await pods.clock.advance(MINUTE);
    expect(pods.cache.version).toBe(pods.server.resourceVersion);
    pods.server.compact();
    pods.server.breakWatches();
    await pods.clock.advance(MINUTE);
    expect(pods.times('listed')).toBe(1);
    await pods.end();
  });

  it('refuses a list that is older than what it saw, and takes the next that is not', async () => {
    const pods = new PodCache();
    pods.put(pod('a'));
    await pods.run();
    pods.put(pod('b'));
    await pods.settle();
    const seen = pods.cache.version;
    pods.faults.page = (page) => ({ ...page, items: [], resourceVersion: '1' });
    pods.server.breakWatches();
    pods.put(pod('c'));
    pods.server.compact();
    await pods.clock.advance(5000);
    expect(pods.told).toContainEqual(['refused', seen, '1']);
    expect(pods.held().map(({ name }) => name)).toEqual(['a', 'b']);
    delete pods.faults.page;
    await pods.clock.advance(30_000);
    expect(pods.held()).toEqual(pods.onServer());
    expect(pods.times('listed')).toBe(2);
    await pods.end();
  });

  it('takes no event twice, and none that is older than what it saw', async () => {
    const pods = new PodCache();
    await pods.run();
    let first: WatchEvent<KubernetesObject> | undefined;
    pods.faults.events = (event) => {
      first ??= event;
      return [event, event, first];
    };
    pods.put(pod('a', 'n1'));
    pods.put(pod('a', 'n2'));
    pods.remove('a');
    await pods.settle();
    expect(pods.changes).toEqual(['added shop/a', 'updated shop/a', 'deleted shop/a']);
    expect(pods.times('stale')).toBe(6);
    await pods.end();
  });

  it('calls the other listeners when one throws, and stops calling one that has left', async () => {
    const pods = new PodCache();
    const heard: string[] = [];
    pods.cache.subscribe(() => {
      throw new Error('broken listener');
    });
    const leave = pods.cache.subscribe(({ key }) => heard.push(key));
    await pods.run();
    pods.put(pod('a'));
    await pods.settle();
    leave();
    pods.put(pod('b'));
    await pods.settle();
    expect(heard).toEqual(['shop/a']);
    expect(pods.times('listenerFailed')).toBe(2);
    expect(pods.held()).toEqual(pods.onServer());
    await pods.end();
  });

  it('goes on without an object that cannot be read, in a list and in a watch', async () => {
    const pods = new PodCache();
    pods.put(pod('bad', 'unreadable'));
    pods.put(pod('turns-bad'));
    await pods.run();
    pods.put(pod('turns-bad', 'unreadable'));
    pods.put(pod('good'));
    await pods.settle();
    expect(pods.held().map(({ name }) => name)).toEqual(['good']);
    expect(pods.told.filter(([what]) => what === 'unreadable').map(([, key]) => key)).toEqual([
      'shop/bad',
      'shop/turns-bad',
    ]);
    await pods.end();
  });

  it('survives an event without a version', async () => {
    const pods = new PodCache();
    await pods.run();
    let broken = true;
    pods.faults.events = (event) => {
      if (!broken) return [event];
      broken = false;
      return [{ type: 'ADDED', object: { metadata: { name: 'x' } } }];
    };
    pods.put(pod('a'));
    await pods.clock.advance(1000);
    expect(pods.held().map(({ name }) => name)).toEqual(['a']);
    await pods.end();
  });

  it('knows whether it has seen a write: not before it came, then by version, and when the object is gone', async () => {
    const pods = new PodCache();
    const a = pods.put(pod('a'));
    const written = { uid: a.metadata.uid ?? '', resourceVersion: a.metadata.resourceVersion ?? '' };
    expect(pods.cache.hasSeen('shop/a', written)).toBe(false);
    await pods.run();
    expect(pods.cache.hasSeen('shop/a', written)).toBe(true);
    const later = { ...written, resourceVersion: String(Number(pods.server.resourceVersion) + 1) };
    expect(pods.cache.hasSeen('shop/a', later)).toBe(false);
    expect(pods.cache.hasSeen('shop/unknown', later)).toBe(false);
    pods.put(pod('other'));
    await pods.settle();
    expect(pods.cache.hasSeen('shop/a', later)).toBe(false);
    expect(pods.cache.hasSeen('shop/unknown', later)).toBe(true);
    pods.remove('a');
    await pods.settle();
    expect(pods.cache.hasSeen('shop/a', later)).toBe(true);
    await pods.end();
  });

  it('says so when it is stopped before it was synced', async () => {
    const pods = new PodCache();
    pods.server.onCall = () => new ApiError('Unavailable', 'down');
    await pods.run();
    const synced = pods.cache.whenSynced(pods.stop.signal);
    const [outcome] = await Promise.allSettled([synced, pods.end()]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'Aborted' } });
    await expect(pods.cache.whenSynced(pods.stop.signal)).rejects.toMatchObject({ code: 'Aborted' });
    expect(pods.clock.sleeping).toBe(0);
  });
});
