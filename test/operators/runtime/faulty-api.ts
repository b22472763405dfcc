import type { KubernetesApi, ListOptions, ListPage, WatchEvent, WatchOptions } from '../../../operators/runtime/api.js';
import type { KubernetesObject, Resource } from '../../../operators/runtime/resource.js';

/** What goes wrong between a client and the server, beyond failing calls: each event becomes none, one or several. */
export interface Faults {
  events?: (event: WatchEvent<KubernetesObject>) => readonly WatchEvent<KubernetesObject>[];
  /** In place of the server's watch. */
  watch?: (options: WatchOptions) => AsyncIterable<WatchEvent<KubernetesObject>>;
  page?: (page: ListPage<KubernetesObject>) => ListPage<KubernetesObject>;
}

/** An API whose reads have faults that a test may change at any time. */
export function faultyApi(api: KubernetesApi, faults: Faults): KubernetesApi {
  return {
    list: <T extends KubernetesObject>(resource: Resource, options?: ListOptions) =>
      listPage(api, faults, resource, options) as Promise<ListPage<T>>,
    watch: <T extends KubernetesObject>(resource: Resource, options: WatchOptions) =>
      watchEvents(api, faults, resource, options) as AsyncIterable<WatchEvent<T>>,
    get: api.get.bind(api),
    create: api.create.bind(api),
    apply: api.apply.bind(api),
    patch: api.patch.bind(api),
    delete: api.delete.bind(api),
    evict: api.evict.bind(api),
  };
}

async function listPage(
  api: KubernetesApi,
  faults: Faults,
  resource: Resource,
  options?: ListOptions,
): Promise<ListPage<KubernetesObject>> {
  const page = await api.list(resource, options);
  return faults.page?.(page) ?? page;
}

async function* watchEvents(
  api: KubernetesApi,
  faults: Faults,
  resource: Resource,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<KubernetesObject>> {
  const events = faults.watch?.(options) ?? api.watch(resource, options);
  for await (const event of events) yield* faults.events?.(event) ?? [event];
}
