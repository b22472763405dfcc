import { describe, expect, it } from '@jest/globals';
import { ApiError } from '../../../operators/runtime/api-error.js';
import { pod, PodCache } from './pod-cache.js';

const INTERVAL = 600_000;

/** Loses the next event of a pod, as released versions of etcd and of the API server did. */
function loseNext(pods: PodCache, name: string): void {
  let left = 1;
  pods.faults.events = (event) =>
    event.type !== 'BOOKMARK' && event.object.metadata.name === name && left-- > 0 ? [] : [event];
}

describe('the relist audit', () => {
  it.each([
    ['an addition', (pods: PodCache) => pods.put(pod('b'))],
    ['a change', (pods: PodCache) => pods.put(pod('a', 'n2'))],
    ['a deletion', (pods: PodCache) => pods.remove('a')],
  ])('finds that the watch lost %s, and repairs it as a change', async (what, act) => {
    const pods = new PodCache();
    pods.put(pod('a', 'n1'));
    await pods.run();
    pods.changes.length = 0;
    const name = what === 'an addition' ? 'b' : 'a';
    loseNext(pods, name);
    act(pods);
    pods.put(pod('seen'));
    await pods.settle();
    expect(pods.changes).toEqual(['added shop/seen']);
    await pods.clock.advance(INTERVAL + 1000);
    expect(pods.told.filter(([word]) => word === 'missed')).toEqual([['missed', [`shop/${name}`]]]);
    expect(pods.told.filter(([word]) => word === 'listed').map(([, reason]) => reason)).toEqual(['Initial', 'Audit']);
    expect(pods.changes).toHaveLength(2);
    expect(pods.contradictions).toEqual([]);
    expect(pods.held()).toEqual(pods.onServer());
    await pods.end();
  });

  it('finds a lost change that nothing followed, once the watch had two minutes to bring it', async () => {
    const pods = new PodCache();
    await pods.run();
    pods.faults.events = () => [];
    pods.put(pod('a'));
    await pods.clock.advance(INTERVAL + 110_000);
    expect(pods.times('missed')).toBe(0);
    await pods.clock.advance(20_000);
    expect(pods.told.filter(([word]) => word === 'missed')).toEqual([['missed', ['shop/a']]]);
    expect(pods.held()).toEqual(pods.onServer());
    await pods.end();
  });

  it('finds no miss where there is none, with changes going on all the time', async () => {
    const pods = new PodCache();
    for (let n = 0; n < 600; n++) pods.put(pod(`web-${n}`));
    await pods.run();
    // Lists take time, so that the watch brings what changes between two pages.
    pods.server.onCall = async ({ verb }) => {
      if (verb === 'list') await pods.clock.sleep(10);
      return undefined;
    };
    let pages = 0;
    pods.faults.page = (page) => {
      pods.put(pod(`during-${pages}`));
      pods.put(pod('web-3', `n${pages}`));
      pods.remove(`web-${100 + pages}`);
      pods.remove(`web-${550 - pages}`);
      pages++;
      return page;
    };
    await pods.clock.advance(3 * INTERVAL + 60_000);
    expect(pages).toBeGreaterThanOrEqual(6);
    expect(pods.times('audited')).toBe(3);
    expect(pods.times('missed')).toBe(0);
    expect(pods.held().map(({ name }) => name)).toEqual(
      pods
        .onServer()
        .map(({ name }) => name)
        .toSorted(),
    );
    await pods.end();
  });

  it('waits for a watch that is behind instead of calling it a miss', async () => {
    const pods = new PodCache();
    await pods.run();
    pods.server.breakWatches();
    let down = true;
    pods.server.onCall = ({ verb }) => (down && verb === 'watch' ? new ApiError('Unavailable', 'down') : undefined);
    await pods.clock.advance(INTERVAL - 1000);
    pods.put(pod('a'));
    await pods.clock.advance(2000);
    expect(pods.cache.size).toBe(0);
    down = false;
    await pods.clock.advance(60_000);
    expect(pods.cache.size).toBe(1);
    expect(pods.times('audited')).toBe(1);
    expect(pods.times('missed')).toBe(0);
    await pods.end();
  });

  it('does not call an object missed that cannot be read', async () => {
    const pods = new PodCache();
    pods.put(pod('bad', 'unreadable'));
    await pods.run();
    await pods.clock.advance(INTERVAL + 200_000);
    expect(pods.times('audited')).toBe(1);
    expect(pods.times('missed')).toBe(0);
    await pods.end();
  });

  it('survives a server that does not answer, and audits again in its time', async () => {
    const pods = new PodCache();
    await pods.run();
    pods.server.onCall = ({ verb }) => (verb === 'list' ? new ApiError('Timeout', 'no answer') : undefined);
    await pods.clock.advance(INTERVAL + 1000);
    expect(pods.times('auditFailed')).toBe(1);
    pods.server.onCall = undefined;
    await pods.clock.advance(INTERVAL);
    expect(pods.times('audited')).toBe(1);
    await pods.end();
  });

  it('spreads audits by chance, up to a fifth of the interval', async () => {
    const pods = new PodCache({ random: () => 0.5 });
    await pods.run();
    await pods.clock.advance(INTERVAL * 1.1 - 1);
    expect(pods.times('audited')).toBe(0);
    await pods.clock.advance(1);
    await pods.settle();
    expect(pods.times('audited')).toBe(1);
    await pods.end();
  });

  it.each([0, 999, 86_400_001, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses an interval of %p',
    (auditIntervalMs) => {
      expect(() => new PodCache({ auditIntervalMs })).toThrow(/cache of pods: auditIntervalMs must be from 1000/);
    },
  );
});
