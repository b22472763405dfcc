import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { whileLocked } from './lock.js';
import { mountsBelow } from './mounts.js';
import { StateFile, freeSlot, recordedClusters } from './state.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tranship-state-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const start = { backend: 'processes', slot: 3, run: '/cache/run', kubernetes: '1.36', processes: [] } as const;
const etcd = { component: 'etcd', pid: 1, startTicks: '1', boot: 'b', log: '/log' };

describe('the state of a cluster', () => {
  it('is there for the next command after each step, so that what was begun can be gone on with or ended', () => {
    new StateFile(join(folder, 'one')).write(start);
    new StateFile(join(folder, 'one')).record(etcd);
    expect(new StateFile(join(folder, 'one')).read()).toEqual({ ...start, processes: [etcd] });
  });

  it('has one process a component: the one that was started last', () => {
    const state = new StateFile(folder);
    state.write(start);
    state.record(etcd);
    state.record({ ...etcd, pid: 2 });
    expect(state.find('etcd')?.pid).toBe(2);
    expect(state.read()?.processes).toHaveLength(1);
    state.forget('etcd');
    expect(state.find('etcd')).toBeUndefined();
  });

  it('is found for every cluster of the machine, and a new one takes a range of addresses that none has', () => {
    new StateFile(join(folder, 'one')).write({ ...start, slot: 0 });
    new StateFile(join(folder, 'two')).write({ ...start, slot: 2 });
    const found = recordedClusters(folder);
    expect([...found.keys()].toSorted((a, b) => a.localeCompare(b))).toEqual(['one', 'two']);
    expect(freeSlot([...found.values()].map((state) => state.slot))).toBe(1);
  });
});

describe('mounts', () => {
  const mountinfo = [
    '31 1 0:9 / /run/one rw - tmpfs tmpfs rw',
    '32 31 0:9 / /run/one/pod\\040a/volume rw shared:7 - tmpfs tmpfs rw',
    '33 1 0:9 / /run/one-more rw - tmpfs tmpfs rw',
  ].join('\n');

  it('below a folder are found, the innermost first, and none beside it', () => {
    expect(mountsBelow(mountinfo, '/run/one')).toEqual(['/run/one/pod a/volume', '/run/one']);
  });
});

describe('the lock of a cluster', () => {
  it('lets one after the other work', async () => {
    const path = join(folder, 'lock');
    const table = { stat: () => '1 (node) R 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 555 0', boot: () => 'b' };
    const order: string[] = [];
    await Promise.all(
      ['first', 'second'].map((who) =>
        whileLocked(
          path,
          table,
          () => undefined,
          async () => {
            order.push(`${who} in`);
            await Promise.resolve();
            order.push(`${who} out`);
          },
        ),
      ),
    );
    expect(order).toEqual(['first in', 'first out', 'second in', 'second out']);
  });

  it('counts for nothing when who held it has ended', async () => {
    const path = join(folder, 'lock');
    const living = { stat: () => '1 (node) R 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 555 0', boot: () => 'b' };
    writeFileSync(path, '1 554 b');
    await expect(
      whileLocked(
        path,
        living,
        () => undefined,
        () => Promise.resolve('done'),
      ),
    ).resolves.toBe('done');
  });
});
