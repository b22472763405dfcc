import type { KubernetesApi, WatchEvent, WatchOptions } from '../runtime/api.js';
import type { ApiCall } from '../runtime/api-call.js';
import { callOn } from '../runtime/api-call.js';
import { ApiError } from '../runtime/api-error.js';
import type { Clock } from '../runtime/clock.js';
import type { KubernetesObject, ObjectName, Resource } from '../runtime/resource.js';
import { ApiStorage } from './api-storage.js';
import { OpenWatch } from './open-watch.js';
import { badRequest, gone } from './refusals.js';
import { prefixed, readSelector, SimulatedApi } from './simulated-api.js';
import type { CommonOptions, Fate } from './simulated-api.js';

/** A call as `onCall` sees it, before anything is done. */
export interface SimulatedCall extends ApiCall {
  /** Counts from 1. */
  readonly number: number;
  /** What is sent: the object, or the operations of a patch. */
  readonly body?: unknown;
  readonly dryRun: boolean;
}

export interface SimulatedApiServerOptions {
  readonly clock: Clock;
  /** In [0, 1). @default - always 0.5 */
  readonly random?: () => number;
  /** Changes a resource keeps for watches. @default 10000 */
  readonly historyWindow?: number;
}

/**
 * An API server in memory, true to what controllers rely on: one version counter, watches with history and bookmarks,
 * server-side apply, status subresources, graceful deletion and finalizers, the Eviction API with PodDisruptionBudgets.
 * Every resource is served; namespaces need not exist; schemas, admission and garbage collection are not simulated, nor
 * are controllers: a test plays their part through `put`, `patch` and `remove`.
 *
 * Objects that come out are frozen and shared.
 *
 * @example
 * const server = new SimulatedApiServer({ clock: new ManualClock() });
 * server.put(RESOURCE.pod, { metadata: { namespace: 'shop', name: 'web-1' }, status: { phase: 'Running' } });
 * const { items } = await server.api().list(RESOURCE.pod);
 */
export class SimulatedApiServer {
  /** Called at each call; may wait, so as to delay it. */
  onCall: ((call: SimulatedCall) => Fate | Promise<Fate>) | undefined;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #storage: ApiStorage;
  readonly #watches = new Set<OpenWatch>();
  #calls = 0;

  constructor({ clock, random = () => 0.5, historyWindow = 10_000 }: SimulatedApiServerOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#storage = new ApiStorage(clock, historyWindow);
    this.#storage.onChange((history) => {
      for (const watch of this.#watches) if (watch.history === history) watch.wake();
    });
  }

  /** The newest version of anything. */
  get resourceVersion(): string {
    return String(this.#storage.version);
  }

  /** How many watches are open. */
  get watches(): number {
    return this.#watches.size;
  }

  /**
   * Stores a whole object, its status too, as all other parties together would have written it: the fields have no
   * manager. What is left out of `metadata` (uid, creationTimestamp) is kept or made up. Another uid under the same name
   * deletes the old object first.
   */
  put<T extends KubernetesObject>(resource: Resource, object: T): T {
    return this.#storage.put(resource, object) as unknown as T;
  }

  /** Merges fields into an object, its status too, as in RFC 7386: null removes. @throws ApiError `NotFound` */
  patch<T extends KubernetesObject>(resource: Resource, name: ObjectName, merge: object): Readonly<T> {
    return this.#storage.merge(resource, name, merge) as unknown as T;
  }

  /** The object is gone at once, as when its kubelet has finished. Nothing happens if it is not there. */
  remove(resource: Resource, name: ObjectName): void {
    this.#storage.remove(resource, name);
  }

  read<T extends KubernetesObject>(resource: Resource, name: ObjectName): Readonly<T> | undefined {
    return this.#storage.find(resource, name) as unknown as T | undefined;
  }

  /** All objects of a resource, in the order of their keys. */
  objects<T extends KubernetesObject>(resource: Resource): readonly Readonly<T>[] {
    return this.#storage.all(resource) as unknown as readonly T[];
  }

  /** Forgets the history: watches from earlier versions and pages of earlier lists are answered with 410. */
  compact(): void {
    this.#storage.compact();
  }

  /** Cuts the connection of every open watch. */
  breakWatches(): void {
    for (const watch of this.#watches) watch.fail(new ApiError('ConnectionLost', 'the connection was cut'));
  }

  /** The API of one client. */
  api(): KubernetesApi {
    return new SimulatedApi(
      this.#storage,
      (call, body, options) => this.#admit(call, body, options),
      (resource, options) => this.#watch(resource, options),
    );
  }

  async #admit(call: ApiCall, body: unknown, options: CommonOptions): Promise<Fate> {
    throwIfAborted(options.signal);
    this.#calls += 1;
    const fate = this.onCall?.({
      ...call,
      number: this.#calls,
      dryRun: options.dryRun === true,
      ...(body === undefined ? {} : { body }),
    });
    const decided = await orAborted(fate, options.signal);
    throwIfAborted(options.signal);
    if (decided instanceof ApiError) throw decided;
    return decided;
  }

  async *#watch(resource: Resource, options: WatchOptions): AsyncGenerator<WatchEvent<KubernetesObject>> {
    const call = callOn('watch', resource, options);
    let watch: OpenWatch | undefined;
    try {
      await this.#admit(call, undefined, options);
      const history = this.#storage.history(resource);
      const from = Number(options.resourceVersion);
      if (!/^\d+$/.test(options.resourceVersion)) {
        throw badRequest(`resourceVersion: Invalid value: ${JSON.stringify(options.resourceVersion)}`);
      }
      const selects = readSelector(resource, options);
      if (from > 0 && !history.holds(from)) {
        throw gone(`too old resource version: ${from} (${this.#storage.version})`);
      }
      watch = new OpenWatch(history, selects, this.#clock, () => this.#storage.version);
      this.#watches.add(watch);
      const timeoutSeconds = options.timeoutSeconds ?? 300 + Math.floor(300 * this.#random());
      // Version 0 means any: the state as it is, as additions, and then changes.
      const start = from === 0 ? this.#storage.version : from;
      if (from === 0) {
        for (const object of this.#storage.all(resource).filter(selects)) {
          yield { type: 'ADDED', object: object as unknown as KubernetesObject };
        }
      }
      yield* watch.events(start, timeoutSeconds * 1000, options);
    } catch (error) {
      throw error instanceof ApiError ? prefixed(call, error) : error;
    } finally {
      if (watch !== undefined) this.#watches.delete(watch);
    }
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new ApiError('Aborted', 'the caller aborted', { cause: signal.reason });
}

/** Waits for a value, but not beyond the signal. */
async function orAborted<T>(value: T | Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (signal === undefined || !(value instanceof Promise)) return value;
  const ended = Promise.withResolvers<undefined>();
  const end = (): void => ended.resolve(undefined);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([value, ended.promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
