import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { ClusterFailure, hasCode } from './failure.js';

/** A process that the harness started; enough to know it again after the harness has ended. */
export interface ProcessRecord {
  /** Such as `kubelet node-a`; one process a component. */
  readonly component: string;
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: ticks between the start of the machine and that of the process. */
  readonly startTicks: string;
  /** /proc/sys/kernel/random/boot_id: pids and ticks mean nothing after another start of the machine. */
  readonly boot: string;
  readonly log: string;
}

/** What the kernel tells of processes; injected, so that tests need none. */
export interface ProcessTable {
  /** Text of /proc/PID/stat, or undefined without such a process. */
  stat(pid: number): string | undefined;
  boot(): string;
}

/** The process table of this machine. */
export const kernelProcesses: ProcessTable = {
  stat: (pid) => {
    try {
      return readFileSync(`/proc/${pid}/stat`, 'utf8');
    } catch {
      return undefined;
    }
  },
  boot: () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
};

/**
 * Whether a recorded process still is that process and runs. Another process that has got its pid meanwhile does not
 * count, nor does one that has ended and waits for its parent to notice. While other threads of a process are still
 * ending it counts as running, although its first thread is a zombie: its sockets are open until the last one has gone.
 */
export function isRunning(record: ProcessRecord, table: ProcessTable): boolean {
  if (record.boot !== table.boot()) return false;
  const stat = parseStat(table.stat(record.pid));
  if (stat === undefined || stat.startTicks !== record.startTicks) return false;
  return (stat.state !== 'Z' && stat.state !== 'X') || stat.threads > 1;
}

/**
 * State, threads and start of a process out of /proc/PID/stat (proc(5)). The second field is the program's name in brackets,
 * which may hold spaces and brackets itself, so fields count from the last bracket.
 */
export function parseStat(
  text: string | undefined,
): { readonly state: string; readonly threads: number; readonly startTicks: string } | undefined {
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const threads = Number(fields[17]);
  const startTicks = fields[19];
  return state === undefined || startTicks === undefined ? undefined : { state, threads, startTicks };
}

/** What to start. */
export interface ProcessRequest {
  readonly component: string;
  readonly command: readonly string[];
  readonly log: string;
  /** Network namespace to run in, by name. */
  readonly netns?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts a process that outlives this one, in a session of its own so that Ctrl-C does not reach it.
 *
 * `nsenter` takes the place of itself by the command, so the pid stays the same. `ip netns exec` would mount /sys anew
 * and hide the cgroups.
 *
 * @throws ClusterFailure `command-failed` when the program cannot be started
 */
export function startProcess(request: ProcessRequest, table: ProcessTable): Promise<ProcessRecord> {
  const inNamespace = request.netns === undefined ? [] : ['nsenter', `--net=/run/netns/${request.netns}`, '--'];
  const [program = '', ...args] = [...inNamespace, ...request.command];
  const log = openSync(request.log, 'a');
  const child = spawn(program, args, {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'] ?? '', HOME: '/root', ...request.env },
  });
  return new Promise<ProcessRecord>((resolve, reject) => {
    child.once('error', (cause) => {
      reject(new ClusterFailure('command-failed', `${request.component} does not start: ${cause.message}`, { cause }));
    });
    child.once('spawn', () => {
      const pid = child.pid ?? 0;
      const stat = parseStat(table.stat(pid));
      child.unref();
      if (stat === undefined)
        reject(new ClusterFailure('command-failed', `${request.component} ended at once; see ${request.log}`));
      else {
        resolve({
          component: request.component,
          pid,
          startTicks: stat.startTicks,
          boot: table.boot(),
          log: request.log,
        });
      }
    });
  }).finally(() => {
    closeSync(log);
  });
}

/**
 * Ends a recorded process, if it still is that process.
 *
 * @param graceSeconds how long it may take after SIGTERM before SIGKILL; 0 sends SIGKILL at once
 */
export async function endProcess(record: ProcessRecord, table: ProcessTable, graceSeconds: number): Promise<void> {
  for (const [signal, seconds] of [
    ['SIGTERM', graceSeconds],
    ['SIGKILL', 10],
  ] as const) {
    if (seconds > 0 && isRunning(record, table)) {
      sendSignal(record.pid, signal);
      await poll(() => !isRunning(record, table), seconds, 20);
    }
  }
  if (isRunning(record, table)) {
    throw new ClusterFailure('not-ready', `${record.component} (pid ${record.pid}) still runs after SIGKILL`);
  }
}

/** Sends a signal; a process that has ended meanwhile is as good. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

/**
 * Asks until something holds: for what no event tells of.
 *
 * @returns whether it came to hold in time
 */
export async function poll(
  holds: () => boolean | Promise<boolean>,
  seconds: number,
  everyMilliseconds = 200,
): Promise<boolean> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    if (await holds()) return true;
    if (performance.now() >= end) return false;
    await new Promise((resolve) => setTimeout(resolve, everyMilliseconds));
  }
}
