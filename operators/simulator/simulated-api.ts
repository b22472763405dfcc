import type {
  ApplyOptions,
  DeleteOptions,
  EvictOptions,
  JsonPatchOperation,
  KubernetesApi,
  ListOptions,
  ListPage,
  PatchOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '../runtime/api.js';
import type { ApiCall } from '../runtime/api-call.js';
import { callOn, describeCall } from '../runtime/api-call.js';
import { ApiError } from '../runtime/api-error.js';
import { RESOURCE } from '../runtime/resource.js';
import type { KubernetesObject, ObjectName, Resource } from '../runtime/resource.js';
import type { ApiStorage } from './api-storage.js';
import { badRequest } from './refusals.js';
import { selector, SelectorError } from './selectors.js';
import type { Selector } from './selectors.js';

/**
 * What becomes of a call: undefined lets it through, an error is thrown in its place, and `lost answer` does all that was
 * asked and then loses the connection.
 */
export type Fate = ApiError | 'lost answer' | undefined;

export interface CommonOptions {
  readonly signal?: AbortSignal;
  readonly dryRun?: boolean;
}

export type Admit = (call: ApiCall, body: unknown, options: CommonOptions) => Promise<Fate>;

/** The calls of one client on the storage, each after the server has let it in. */
export class SimulatedApi implements KubernetesApi {
  constructor(
    private readonly storage: ApiStorage,
    private readonly admit: Admit,
    private readonly open: (resource: Resource, options: WatchOptions) => AsyncIterable<WatchEvent<KubernetesObject>>,
  ) {}

  list<T extends KubernetesObject>(resource: Resource, options: ListOptions = {}): Promise<ListPage<T>> {
    const call = callOn('list', resource, options);
    return this.#run<ListPage<T>>(call, undefined, options, () => {
      return this.storage.page(resource, readSelector(resource, options), options.limit ?? 500, options.continue);
    });
  }

  watch<T extends KubernetesObject>(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent<T>> {
    return this.open(resource, options) as AsyncIterable<WatchEvent<T>>;
  }

  get<T extends KubernetesObject>(resource: Resource, name: ObjectName, options: CommonOptions = {}): Promise<T> {
    return this.#run<T>(callOn('get', resource, { name }), undefined, options, () => this.storage.get(resource, name));
  }

  create<T extends KubernetesObject>(resource: Resource, object: T, options: WriteOptions): Promise<T> {
    const call = callOn('create', resource, { name: object.metadata });
    return this.#run<T>(call, object, options, () => this.storage.create(resource, object, options));
  }

  apply<T extends KubernetesObject>(resource: Resource, object: KubernetesObject, options: ApplyOptions): Promise<T> {
    const call = callOn('apply', resource, { ...options, name: object.metadata });
    return this.#run<T>(call, object, options, () => this.storage.apply(resource, object, options));
  }

  patch<T extends KubernetesObject>(
    resource: Resource,
    name: ObjectName,
    operations: readonly JsonPatchOperation[],
    options: PatchOptions,
  ): Promise<T> {
    const call = callOn('patch', resource, { ...options, name });
    return this.#run<T>(call, operations, options, () => this.storage.patch(resource, name, operations, options));
  }

  delete(resource: Resource, name: ObjectName, options: DeleteOptions): Promise<void> {
    return this.#run(callOn('delete', resource, { name }), undefined, options, () =>
      this.storage.delete(resource, name, options),
    );
  }

  evict(pod: ObjectName, options: EvictOptions): Promise<void> {
    return this.#run(callOn('evict', RESOURCE.pod, { name: pod }), undefined, options, () =>
      this.storage.evict(pod, options),
    );
  }

  async #run<T>(call: ApiCall, body: unknown, options: CommonOptions, act: () => unknown): Promise<T> {
    try {
      const fate = await this.admit(call, body, options);
      const answer = act();
      if (fate === undefined) return answer as T;
      throw new ApiError('ConnectionLost', 'the request was sent, and the answer is lost');
    } catch (error) {
      throw error instanceof ApiError ? prefixed(call, error) : error;
    }
  }
}

/** @throws ApiError `Invalid` */
export function readSelector(resource: Resource, options: Parameters<typeof selector>[1]): Selector {
  try {
    return selector(resource.plural, options);
  } catch (error) {
    throw error instanceof SelectorError ? badRequest(error.message) : error;
  }
}

/** The server's words behind the words for the call, as a client reports them. */
export function prefixed(call: ApiCall, error: ApiError): ApiError {
  return new ApiError(error.code, `${describeCall(call)}: ${error.message}`, error.details);
}
