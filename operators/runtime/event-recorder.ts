import { createHash } from 'node:crypto';
import type { KubernetesApi } from './api.js';
import { isApiError } from './api-error.js';
import type { Clock } from './clock.js';
import { microTime } from './lease.js';
import { NAME } from './names.js';
import { type KubernetesObject, RESOURCE } from './resource.js';
import type { Telemetry } from './telemetry.js';

/** The object that an Event is about. Source: Kubernetes `ObjectReference`. */
export interface EventReference {
  readonly kind: string;
  readonly apiVersion: string;
  /** @default - an object of the whole cluster; its Events stand in `default` */
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
}

/** What is recorded. Source: `events.k8s.io/v1` Event. */
export interface RecordedEvent {
  readonly regarding: EventReference;
  readonly type: 'Normal' | 'Warning';
  /** UpperCamelCase, why. @example `EssentialContainerExited` */
  readonly reason: string;
  /** UpperCamelCase, what was done or not done. @example `Evict` */
  readonly action: string;
  /** A sentence for people; cut at 1 kB. */
  readonly note: string;
  /** A deterministic name: the Event is written once, however often it is recorded, and is never deduplicated or limited. */
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly related?: EventReference;
}

export interface EventRecorder {
  /**
   * @returns `created`; `exists` if an Event of this deterministic name is there already; `deduplicated` if the same was
   *   said of this object within the window, or the object has had its share
   * @throws ApiError the Event could not be written; it may be recorded again
   */
  record(event: RecordedEvent): Promise<'created' | 'exists' | 'deduplicated'>;
}

/** An Event as it is written. Source: `events.k8s.io/v1`. */
export interface KubernetesEvent extends KubernetesObject {
  /** RFC 3339 with microseconds. */
  readonly eventTime: string;
  readonly reportingController: string;
  readonly reportingInstance: string;
  readonly action: string;
  readonly reason: string;
  readonly regarding: EventReference;
  readonly related?: EventReference;
  readonly note: string;
  readonly type: 'Normal' | 'Warning';
}

export interface ApiEventRecorderOptions {
  readonly api: KubernetesApi;
  readonly clock: Clock;
  /** Name of this process; cut at 128 characters. */
  readonly instance: string;
  /** What was said of an object is not said again for so long. @default 600000 */
  readonly windowMs?: number;
  /** Events an object may have at once. @default 10 */
  readonly burst?: number;
  /** After the burst, one each so many milliseconds. @default 60000 */
  readonly refillMs?: number;
  /** Objects and notes remembered at most; the oldest are forgotten. @default 4096 */
  readonly remembered?: number;
  readonly telemetry?: Telemetry;
}

/** Source: the API server's validation of `events.k8s.io/v1`. */
const LONGEST = { note: 1024, reason: 128, action: 128, instance: 128, name: 253 } as const;

/**
 * Writes Events, `events.k8s.io/v1`. A repetition within the window is dropped rather than counted in a series: counting
 * costs a write each time, and the status of the policy says what goes on now.
 */
export class ApiEventRecorder implements EventRecorder {
  readonly #options: Required<Omit<ApiEventRecorderOptions, 'telemetry'>>;
  readonly #telemetry: Telemetry | undefined;
  /** When it was said; the oldest first. */
  readonly #said = new Map<string, number>();
  /** Tokens of an object at a time; the one longest without an Event first. */
  readonly #buckets = new Map<string, { readonly tokens: number; readonly at: number }>();

  constructor(options: ApiEventRecorderOptions) {
    const { telemetry, ...given } = options;
    this.#telemetry = telemetry;
    this.#options = { windowMs: 600_000, burst: 10, refillMs: 60_000, remembered: 4096, ...given };
  }

  async record(event: RecordedEvent): Promise<'created' | 'exists' | 'deduplicated'> {
    try {
      const result = event.name === undefined ? await this.#recordOnce(event) : await this.#write(event, event.name);
      this.#telemetry?.eventRecorded(event.reason, result);
      return result;
    } catch (error) {
      this.#telemetry?.eventRecorded(event.reason, 'failed');
      throw error;
    }
  }

  async #recordOnce(event: RecordedEvent): Promise<'created' | 'exists' | 'deduplicated'> {
    const { clock, windowMs, remembered } = this.#options;
    const now = clock.now();
    const key = digest(event.regarding.uid, event.reason, event.note);
    const before = this.#said.get(key);
    if ((before !== undefined && now - before < windowMs) || !this.#takeToken(event.regarding.uid, now)) {
      return 'deduplicated';
    }
    // Before the write, so that two callers do not both write; taken back if it fails.
    remember(this.#said, key, now, remembered);
    try {
      const suffix = `.${digest(key, String(now))}`;
      return await this.#write(event, `${event.regarding.name.slice(0, LONGEST.name - suffix.length)}${suffix}`);
    } catch (error) {
      if (this.#said.get(key) === now) this.#said.delete(key);
      throw error;
    }
  }

  #takeToken(uid: string, now: number): boolean {
    const { burst, refillMs, remembered } = this.#options;
    const bucket = this.#buckets.get(uid) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, bucket.tokens + Math.max(0, now - bucket.at) / refillMs);
    remember(this.#buckets, uid, { tokens: tokens < 1 ? tokens : tokens - 1, at: now }, remembered);
    return tokens >= 1;
  }

  async #write(event: RecordedEvent, name: string): Promise<'created' | 'exists'> {
    const { api, clock, instance } = this.#options;
    const { regarding, related, labels, annotations } = event;
    const object: KubernetesEvent = {
      apiVersion: 'events.k8s.io/v1',
      kind: RESOURCE.event.kind,
      metadata: {
        namespace: regarding.namespace ?? 'default',
        name,
        ...(labels === undefined ? {} : { labels }),
        ...(annotations === undefined ? {} : { annotations }),
      },
      eventTime: microTime(clock.now()),
      reportingController: `tranship.dev/${NAME.service}`,
      reportingInstance: instance.slice(0, LONGEST.instance),
      action: event.action.slice(0, LONGEST.action),
      reason: event.reason.slice(0, LONGEST.reason),
      regarding,
      ...(related === undefined ? {} : { related }),
      note: cut(event.note),
      type: event.type,
    };
    try {
      await api.create(RESOURCE.event, object, { fieldManager: NAME.service });
      return 'created';
    } catch (error) {
      if (isApiError(error, 'AlreadyExists')) return 'exists';
      throw error;
    }
  }
}

/** Cuts at 1024 bytes, between characters. */
function cut(note: string): string {
  if (Buffer.byteLength(note) <= LONGEST.note) return note;
  const room = LONGEST.note - Buffer.byteLength('…');
  let bytes = 0;
  let end = 0;
  for (const character of note) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    end += character.length;
  }
  return `${note.slice(0, end)}…`;
}

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
}

function remember<V>(map: Map<string, V>, key: string, value: V, atMost: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= atMost) break;
    map.delete(oldest);
  }
}
