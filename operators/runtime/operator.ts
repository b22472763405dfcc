import type { KubernetesApi } from './api.js';
import type { Clock } from './clock.js';
import type { EventRecorder } from './event-recorder.js';
import type { Check } from './health-server.js';
import type { Leadership } from './leadership.js';
import type { Log } from './log.js';
import { NAME } from './names.js';
import type { Telemetry } from './telemetry.js';

/**
 * A part of the operator: what it caches, what it does while it leads, and what it serves on every replica.
 *
 * @example
 * const pods = new ObjectCache({ ... });
 * const feature: OperatorFeature = { name: 'healing', caches: { pods }, controllers: [controller] };
 */
export interface OperatorFeature {
  /** Name in logs. */
  readonly name: string;
  /** By name. They run on every replica, so that a standby is warm. Features may share one; whoever makes it measures it. */
  readonly caches: Readonly<Record<string, RunnableCache>>;
  /** They run only while this process leads: the signal is aborted when leadership ends or the process stops. Each may run again in a later term. */
  readonly controllers: readonly Runnable[];
  /** They run on every replica, leader or not, as an admission webhook. @default - none */
  readonly servers?: readonly Runnable[];
}

/** Something that runs until the signal is aborted. When it resolves, nothing of it goes on. A rejection ends the process. */
export interface Runnable {
  run(signal: AbortSignal): Promise<void>;
}

/** What the operator needs of a cache; `ObjectCache` is one. */
export interface RunnableCache extends Runnable {
  readonly synced: boolean;
  readonly size: number;
  whenSynced(signal: AbortSignal): Promise<void>;
}

/** What a feature is built from. Its factory is a function `(context: OperatorContext) => OperatorFeature`. */
export interface OperatorContext {
  /** Observed and fenced: writes throw `NotLeader` unless this process leads. */
  readonly api: KubernetesApi;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly events: EventRecorder;
  /** The namespace to watch. @default - all */
  readonly namespace?: string;
  /** Where the operator itself runs: its Lease, its ConfigMaps. */
  readonly operatorNamespace: string;
}

export interface OperatorOptions {
  readonly features: readonly OperatorFeature[];
  readonly election: Election;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  /** How long caches, servers and telemetry may take to end after the work has, milliseconds. @default 5000 */
  readonly flushMs?: number;
  /** Sends what telemetry is left. @default - nothing to send */
  readonly flush?: () => Promise<void>;
}

/** What the operator needs of a leader election; `LeaderElection` is one. */
export interface Election extends Leadership {
  run(signal: AbortSignal, onStarted: (signal: AbortSignal) => Promise<void>): Promise<void>;
}

/** What the process ends with. Source of 70: `EX_SOFTWARE` of BSD's sysexits. */
export const OPERATOR_EXIT = { stopped: 0, usage: 2, fault: 70 } as const;

/**
 * Runs features as one process: all caches at once, then, when each is complete, the election, and the controllers while
 * this process leads.
 *
 * When it is told to stop, it is no longer ready, takes no more work, lets the work under way end as leader, releases the
 * Lease, ends caches and servers and flushes telemetry. When leadership is lost, controllers stop and the process stands
 * again with warm caches. When a part ends by itself, everything stops and the exit code is 70: a new process starts clean.
 *
 * @example
 * const operator = new Operator({ features: [healing], election, clock, log, telemetry });
 * process.exitCode = await operator.run(stopSignal);
 */
export class Operator {
  readonly #options: OperatorOptions;
  readonly #caches: ReadonlyMap<string, RunnableCache>;
  #stopping = false;
  #failed: string | undefined;

  constructor(options: OperatorOptions) {
    this.#options = options;
    const caches = new Map<string, RunnableCache>();
    for (const { name: feature, caches: own } of options.features) {
      for (const [name, cache] of Object.entries(own)) {
        if ([...caches.values()].includes(cache)) continue;
        caches.set(caches.has(name) ? `${feature}-${name}` : name, cache);
      }
    }
    this.#caches = caches;
    options.telemetry.watchLeader(() => options.election.isLeader());
  }

  /** For /livez: fails when a part has ended by itself and the process has not. */
  live(): readonly Check[] {
    return [{ name: 'parts', ok: this.#failed === undefined, ...(this.#failed && { detail: this.#failed }) }];
  }

  /** For /readyz: holds on the leader and on a standby, once all caches are complete and until the process stops. */
  ready(): readonly Check[] {
    return [
      { name: 'running', ok: !this.#stopping && this.#failed === undefined },
      ...[...this.#caches].map(([name, { synced, size }]) => ({
        name: `cache ${name}`,
        ok: synced,
        detail: synced ? `${size} objects` : 'its first list is not complete',
      })),
    ];
  }

  /** @returns what the process is to end with: 0 when it was told to stop, 70 when a part failed or did not stop */
  async run(stop: AbortSignal): Promise<number> {
    const { features, log, election } = this.#options;
    const failed = new AbortController();
    const stopping = AbortSignal.any([stop, failed.signal]);
    const serving = new AbortController();
    const fail = (part: string, error?: unknown): void => {
      if (serving.signal.aborted || this.#failed !== undefined) return;
      this.#failed = part;
      log.error(NAME.log.partFailed, { part, error });
      failed.abort();
    };
    // A part that ends before it was told to is as bad as one that throws: nothing would say that it is missing.
    const start = async (part: string, runnable: Runnable, signal: AbortSignal): Promise<void> => {
      try {
        await runnable.run(signal);
        if (!signal.aborted) fail(part, new Error('it ended before it was told to'));
      } catch (error) {
        fail(part, error);
      }
    };
    stopping.addEventListener(
      'abort',
      () => {
        this.#stopping = true;
        log.info(NAME.log.stopping);
      },
      { once: true },
    );
    if (stop.aborted) this.#stopping = true;

    log.info(NAME.log.starting, { features: features.map(({ name }) => name), caches: [...this.#caches.keys()] });
    const parts = [
      ...[...this.#caches].map(([name, cache]) => start(`cache ${name}`, cache, serving.signal)),
      ...features.flatMap(({ name, servers = [] }) =>
        servers.map((server) => start(`server of ${name}`, server, serving.signal)),
      ),
    ];
    try {
      if (await this.#synced(stopping)) {
        await election.run(stopping, (signal) => this.#work(signal, (part, runnable) => start(part, runnable, signal)));
        if (!stopping.aborted) fail('election', new Error('it ended before it was told to'));
      }
    } catch (error) {
      fail('election', error);
    }
    serving.abort();
    await this.#end(Promise.all(parts));
    const code = this.#failed === undefined ? OPERATOR_EXIT.stopped : OPERATOR_EXIT.fault;
    log.info(NAME.log.stopped, { code });
    return code;
  }

  async #synced(signal: AbortSignal): Promise<boolean> {
    const { log } = this.#options;
    log.info(NAME.log.cachesSyncing);
    try {
      await Promise.all([...this.#caches.values()].map((cache) => cache.whenSynced(signal)));
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
    log.info(NAME.log.cachesSynced, {
      objects: [...this.#caches].map(([name, { size }]) => `${name} ${size}`),
    });
    return !signal.aborted;
  }

  /** Settles when every controller has ended, and not before it is told to, so that a term without controllers lasts. */
  async #work(signal: AbortSignal, start: (part: string, runnable: Runnable) => Promise<void>): Promise<void> {
    const { features } = this.#options;
    await Promise.all([
      ...features.flatMap(({ name, controllers }) =>
        controllers.map((controller) => start(`controller of ${name}`, controller)),
      ),
      new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      }),
    ]);
  }

  async #end(parts: Promise<unknown>): Promise<void> {
    const { clock, log, flush = () => Promise.resolve(), flushMs = 5_000 } = this.#options;
    const done = new AbortController();
    const ending = (async () => {
      await parts;
      await flush();
    })()
      .catch((error: unknown) => log.warn(NAME.log.telemetryFlushFailed, { error }))
      .finally(() => done.abort());
    await Promise.race([ending, clock.sleep(flushMs, done.signal)]);
  }
}
