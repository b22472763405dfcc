import { describe, expect, it } from '@jest/globals';
import { type ProcessTable, isRunning, parseStat } from './processes.js';

const record = { component: 'etcd', pid: 42, startTicks: '9000', boot: 'boot-1', log: '/tmp/log' };

function stat(name: string, state: string, startTicks: string, threads = 1): string {
  // Fields 4 to 19, 20 (threads) and 21 of proc(5) between the state and the start.
  const between = Array.from({ length: 16 }, (_, index) => index).join(' ');
  return `42 (${name}) ${state} ${between} ${threads} 0 ${startTicks} 0 0`;
}

function table(text: string | undefined, boot = 'boot-1'): ProcessTable {
  return { stat: () => text, boot: () => boot };
}

describe('a recorded process', () => {
  it('runs while the kernel has a process of its pid and its start', () => {
    expect(isRunning(record, table(stat('etcd', 'S', '9000')))).toBe(true);
  });

  it('has ended when another process has got its pid', () => {
    expect(isRunning(record, table(stat('etcd', 'S', '9001')))).toBe(false);
  });

  it('has ended when the machine was started again, whatever has its pid', () => {
    expect(isRunning(record, table(stat('etcd', 'S', '9000'), 'boot-2'))).toBe(false);
  });

  it('has ended when only its exit code is kept for its parent', () => {
    expect(isRunning(record, table(stat('etcd', 'Z', '9000')))).toBe(false);
  });

  it('runs while other threads are still ending, whose sockets are open', () => {
    expect(isRunning(record, table(stat('etcd', 'Z', '9000', 7)))).toBe(true);
  });

  it('has ended when there is no process of its pid', () => {
    expect(isRunning(record, table(undefined))).toBe(false);
  });

  it('is read right when its program has blanks and brackets in its name', () => {
    expect(parseStat(stat('a) S (b', 'R', '77'))).toEqual({ state: 'R', threads: 1, startTicks: '77' });
  });
});
