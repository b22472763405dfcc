import type { KubernetesApi } from '../runtime/api.js';
import { isApiError } from '../runtime/api-error.js';
import type { Clock } from '../runtime/clock.js';
import type { KubernetesEvent } from '../runtime/event-recorder.js';
import { visitPages } from '../runtime/list-pages.js';
import type { Log } from '../runtime/log.js';
import { NAME } from '../runtime/names.js';
import { compareVersions } from '../runtime/resource-version.js';
import { RESOURCE } from '../runtime/resource.js';
import { errorType } from '../runtime/telemetry.js';
import type { Cursor } from './cursor.js';
import { OUTBOX } from './entry.js';
import { messageOf, type OutboxMessage } from './message.js';
import { MOST_PER_REQUEST, type Sink } from './sink.js';

/** What waits in memory at most; the rest waits in the cluster. */
const MOST_WAITING = 1000;
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 60_000;

export interface OutboxOptions {
  readonly api: KubernetesApi;
  readonly sinks: readonly Sink[];
  readonly cursor: Cursor;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly log: Log;
  /** Stands in `detail.clusterArn`. */
  readonly cluster: string;
  /** @default - all */
  readonly namespace?: string;
  readonly observe?: Partial<OutboxObserver>;
}

/** What delivery tells about itself. */
export interface OutboxObserver {
  delivered(sink: string): void;
  failed(sink: string, code: string): void;
}

/** An Event that is to be delivered; without a message where it carries none. */
interface Waiting {
  readonly version: string;
  readonly message: OutboxMessage | undefined;
}

/**
 * Delivers the Events that carry the label of the outbox, in the order in which the server stored them, each at least once
 * to every sink. A batch that a sink does not take is sent again, later and later; nothing overtakes it but what can never
 * be taken.
 *
 * Events live for an hour (kube-apiserver `--event-ttl`): what could not be delivered for so long is lost.
 */
export class Outbox {
  #oldest: number | undefined;

  constructor(private readonly options: OutboxOptions) {}

  /** Age of the oldest decision that is being delivered, milliseconds; 0 when all are. */
  get lagMs(): number {
    return this.#oldest === undefined ? 0 : Math.max(0, this.options.clock.now() - this.#oldest);
  }

  /** Delivers until the signal is aborted. It does not reject. */
  async run(signal: AbortSignal): Promise<void> {
    const { log } = this.options;
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.options.cursor.read(signal);
        for (;;) {
          const { waiting, version, more } = await this.#list(signal);
          await this.#deliverAll(waiting, signal);
          failures = 0;
          if (!more) await this.#watch(version, signal);
          if (signal.aborted) return;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!isApiError(error, 'Gone', 'Conflict', 'AlreadyExists')) {
          failures += 1;
          log.warn(NAME.log.deliveryFailed, { error });
        }
        await this.#pause(Math.max(1, failures), signal);
      }
    }
  }

  /** The oldest Events that are still to be delivered. */
  async #list(signal: AbortSignal): Promise<{ waiting: readonly Waiting[]; version: string; more: boolean }> {
    const { api, cursor, cluster, namespace } = this.options;
    let waiting: Waiting[] = [];
    let more = false;
    const oldest = (): void => {
      waiting.sort((a, b) => compareVersions(a.version, b.version));
      if (waiting.length > MOST_WAITING) more = true;
      waiting = waiting.slice(0, MOST_WAITING);
    };
    const selection = { labelSelector: `${OUTBOX}=v1`, ...(namespace === undefined ? {} : { namespace }) };
    const visit = (object: object): void => {
      const event = object as KubernetesEvent;
      const next = event.metadata.resourceVersion ?? '0';
      if (!cursor.isBefore(next)) return;
      waiting.push({ version: next, message: messageOf(event, cluster) });
      if (waiting.length >= 2 * MOST_WAITING) oldest();
    };
    const version = await visitPages(api, RESOURCE.event, selection, signal, visit);
    if (compareVersions(cursor.position, version) > 0) {
      cursor.rewind();
      return await this.#list(signal);
    }
    oldest();
    return { waiting, version, more };
  }

  /** Delivers what comes, until the server ends the watch. What came while a batch was under way goes in the next one. */
  async #watch(version: string, signal: AbortSignal): Promise<void> {
    const { api, cluster, namespace } = this.options;
    const stop = new AbortController();
    const waiting: Waiting[] = [];
    let delivering: Promise<void> | undefined;
    let failure: unknown;
    const deliver = async (): Promise<void> => {
      try {
        while (waiting.length > 0) await this.#deliver(waiting.splice(0, MOST_PER_REQUEST), signal);
      } catch (error) {
        failure = error;
        stop.abort();
      } finally {
        delivering = undefined;
      }
    };
    try {
      const events = api.watch<KubernetesEvent>(RESOURCE.event, {
        resourceVersion: version,
        labelSelector: `${OUTBOX}=v1`,
        signal: AbortSignal.any([signal, stop.signal]),
        ...(namespace === undefined ? {} : { namespace }),
      });
      for await (const event of events) {
        if (event.type !== 'ADDED') continue;
        waiting.push({
          version: event.object.metadata.resourceVersion ?? '0',
          message: messageOf(event.object, cluster),
        });
        delivering ??= deliver();
        // The rest stays in the cluster, and is listed when this is delivered.
        if (waiting.length >= MOST_WAITING) break;
      }
    } catch (error) {
      if (failure === undefined && !signal.aborted && !isApiError(error, 'ConnectionLost', 'Gone')) throw error;
    } finally {
      await delivering;
    }
    if (failure !== undefined) throw failure;
  }

  async #deliverAll(waiting: readonly Waiting[], signal: AbortSignal): Promise<void> {
    for (let start = 0; start < waiting.length && !signal.aborted; start += MOST_PER_REQUEST) {
      await this.#deliver(waiting.slice(start, start + MOST_PER_REQUEST), signal);
    }
  }

  /** Delivers a batch to every sink, however long that takes, and then moves the cursor. @throws ApiError of the cursor */
  async #deliver(batch: readonly Waiting[], signal: AbortSignal): Promise<void> {
    const messages = batch.flatMap(({ message }) => message ?? []);
    const { sinks, cursor } = this.options;
    this.#oldest = messages[0]?.time;
    const all = await Promise.all(sinks.map((sink) => this.#deliverTo(sink, messages, signal)));
    const last = batch.at(-1);
    if (last === undefined || !all.every(Boolean)) return;
    await cursor.advance(last.version, signal);
    this.#oldest = undefined;
  }

  /** @returns false if the signal was aborted before all was taken */
  async #deliverTo(sink: Sink, messages: readonly OutboxMessage[], signal: AbortSignal): Promise<boolean> {
    const { log, observe } = this.options;
    let left = messages;
    for (let failures = 0; left.length > 0; failures += 1) {
      if (failures > 0) await this.#pause(failures, signal);
      if (signal.aborted) return false;
      try {
        const refusals = await sink.deliver(left, signal);
        const refused = new Set(refusals.map(({ message }) => message));
        for (const message of left) {
          if (!refused.has(message)) observe?.delivered?.(sink.name);
        }
        for (const { message, code, final } of refusals) {
          observe?.failed?.(sink.name, code);
          if (final) log.error(NAME.log.deliveryFailed, { sink: sink.name, code, id: message.id, dropped: true });
        }
        left = refusals.filter(({ final }) => !final).map(({ message }) => message);
      } catch (error) {
        if (signal.aborted) return false;
        observe?.failed?.(sink.name, errorType(error));
        log.warn(NAME.log.deliveryFailed, { sink: sink.name, messages: left.length, error });
      }
    }
    return true;
  }

  /** Doubles with each failure, with half of it random, so that many clusters do not come back together. */
  async #pause(failures: number, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.options;
    const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures - 1, 10));
    await clock.sleep(delay * (0.5 + random() / 2), signal);
  }
}
