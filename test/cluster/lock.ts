import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ProcessTable, parseStat, poll } from './processes.js';
import type { Progress } from './progress.js';
import { ClusterFailure, hasCode } from './failure.js';

/**
 * Runs something while no other process does, on this machine. A lock whose process has ended counts for nothing.
 *
 * @param path of the lock file
 * @throws ClusterFailure `not-ready` when another process keeps the lock for 45 minutes
 */
export async function whileLocked<Value>(
  path: string,
  table: ProcessTable,
  progress: Progress,
  action: () => Promise<Value>,
): Promise<Value> {
  const own = `${process.pid} ${parseStat(table.stat(process.pid))?.startTicks ?? ''} ${table.boot()}`;
  let told = false;
  mkdirSync(dirname(path), { recursive: true });
  const locked = await poll(() => {
    if (tryLock(path, own)) return true;
    const holder = readHolder(path);
    if (holder === undefined) return false; // released between the two looks
    const [pid, startTicks, boot] = holder.split(' ');
    const lives = boot === table.boot() && parseStat(table.stat(Number(pid)))?.startTicks === startTicks;
    if (!lives) rmSync(path, { force: true });
    else if (!told) {
      told = true;
      progress(`waiting for process ${pid}, which works on this cluster`);
    }
    return false;
  }, 45 * 60);
  if (!locked) throw new ClusterFailure('not-ready', `${path} is held by process ${readHolder(path)} for 45 minutes`);
  try {
    return await action();
  } finally {
    rmSync(path, { force: true });
  }
}

function tryLock(path: string, own: string): boolean {
  try {
    writeFileSync(path, own, { flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function readHolder(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
