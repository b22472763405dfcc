import { describe, expect, it } from '@jest/globals';
import { WrittenVersions } from '../../../operators/runtime/written-versions.js';
import { pod, PodCache } from './pod-cache.js';

describe('read-your-writes', () => {
  it('holds a key back until the cache shows what was written under it, and then forgets the write', async () => {
    const pods = new PodCache();
    const written = new WrittenVersions();
    pods.put(pod('a', 'n1'));
    await pods.run();
    pods.server.breakWatches();
    written.record('shop/a', pods.put(pod('a', 'n2')));
    await pods.settle();
    expect(written.pending('shop/a', pods.cache)).toBe(true);
    expect(written.pending('shop/b', pods.cache)).toBe(false);
    await pods.clock.advance(1000);
    expect(written.pending('shop/a', pods.cache)).toBe(false);
    expect(written.size).toBe(0);
    await pods.end();
  });

  it('lets a key go when the object was deleted, or deleted and made anew, since', async () => {
    const pods = new PodCache();
    const written = new WrittenVersions();
    await pods.run();
    for (const name of ['gone', 'reborn']) written.record(`shop/${name}`, pods.put(pod(name)));
    pods.remove('gone');
    pods.remove('reborn');
    pods.put(pod('reborn'));
    await pods.settle();
    expect(['gone', 'reborn'].map((name) => written.pending(`shop/${name}`, pods.cache))).toEqual([false, false]);
    await pods.end();
  });

  it('is not misled by later changes of other objects when the event of the own write was lost', async () => {
    const pods = new PodCache();
    const written = new WrittenVersions();
    pods.put(pod('a', 'n1'));
    await pods.run();
    pods.faults.events = () => [];
    written.record('shop/a', pods.put(pod('a', 'n2')));
    await pods.settle();
    delete pods.faults.events;
    pods.put(pod('b'));
    await pods.settle();
    expect(pods.cache.get('shop/b')).toBeDefined();
    expect(written.pending('shop/a', pods.cache)).toBe(true);
    await pods.end();
  });

  it('goes by the last of several writes, and forgets what it is told to', async () => {
    const pods = new PodCache();
    const written = new WrittenVersions();
    await pods.run();
    const first = pods.put(pod('a', 'n1'));
    await pods.settle();
    pods.faults.events = () => [];
    const second = pods.put(pod('a', 'n2'));
    await pods.settle();
    written.record('shop/a', first);
    expect(written.pending('shop/a', pods.cache)).toBe(false);
    written.record('shop/a', first);
    written.record('shop/a', second);
    expect(written.pending('shop/a', pods.cache)).toBe(true);
    written.forget('shop/a');
    expect(written.pending('shop/a', pods.cache)).toBe(false);
    await pods.end();
  });
});
