import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClusterFailure } from './failure.js';
import type { ProcessRecord } from './processes.js';

/** How a cluster came about. */
export type Backend = 'processes' | 'kind' | 'context';

/** What is recorded of a cluster: all that `down` needs to end it. */
export interface ClusterState {
  readonly backend: Backend;
  readonly slot: number;
  /** Parent of the cluster's folder: where `up` had its cache. */
  readonly run: string;
  /** Minor version, such as `1.36`. */
  readonly kubernetes: string;
  /** The kubeconfig context, for backend `context`. */
  readonly context?: string;
  readonly processes: readonly ProcessRecord[];
}

/**
 * The state file of one cluster. It is written after every single step and put in place by a rename, so that whatever
 * interrupts `up` leaves a state that `up` goes on from and `down` cleans.
 */
export class StateFile {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws ClusterFailure `state-unreadable` */
  read(): ClusterState | undefined {
    const path = this.#path();
    if (!existsSync(path)) return undefined;
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as ClusterState;
    } catch (cause) {
      throw new ClusterFailure('state-unreadable', `${path} is not the state of a test cluster: ${String(cause)}`, {
        cause,
      });
    }
  }

  write(state: ClusterState): void {
    mkdirSync(this.#folder, { recursive: true });
    const part = `${this.#path()}.${process.pid}.part`;
    writeFileSync(part, `${JSON.stringify(state, undefined, 2)}\n`);
    renameSync(part, this.#path());
  }

  /** Adds a process, in place of an earlier one of the same component. */
  record(process: ProcessRecord): void {
    const state = this.#must();
    const others = state.processes.filter((known) => known.component !== process.component);
    this.write({ ...state, processes: [...others, process] });
  }

  forget(component: string): void {
    const state = this.#must();
    this.write({ ...state, processes: state.processes.filter((known) => known.component !== component) });
  }

  find(component: string): ProcessRecord | undefined {
    return this.read()?.processes.find((known) => known.component === component);
  }

  remove(): void {
    rmSync(this.#path(), { force: true });
  }

  #must(): ClusterState {
    const state = this.read();
    if (state === undefined) throw new ClusterFailure('not-up', `no cluster is recorded in ${this.#folder}`);
    return state;
  }

  #path(): string {
    return join(this.#folder, 'state.json');
  }
}

/** The lowest slot that no other recorded cluster has. */
export function freeSlot(taken: Iterable<number>): number {
  const slots = new Set(taken);
  let slot = 0;
  while (slots.has(slot)) slot += 1;
  return slot;
}

/** Names and states of the clusters recorded below a folder. */
export function recordedClusters(runFolder: string): Map<string, ClusterState> {
  const found = new Map<string, ClusterState>();
  if (!existsSync(runFolder)) return found;
  for (const name of readdirSync(runFolder)) {
    const state = new StateFile(join(runFolder, name)).read();
    if (state !== undefined) found.set(name, state);
  }
  return found;
}
