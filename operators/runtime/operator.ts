import type { KubernetesApi } from './api.js';
import type { Clock } from './clock.js';
import type { EventRecorder } from './event-recorder.js';
import type { Log } from './log.js';
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
  /** By name. They run on every replica, so that a standby is warm. Features may share one. */
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
