import type {
  ApplyOptions,
  CallOptions,
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
} from './api.js';
import { callOn } from './api-call.js';
import { collectionPath, defined, listQuery, objectPath, typeMetaOf, watchQuery } from './api-path.js';
import { HttpConnection } from './http-connection.js';
import type { HttpConnectionOptions, Sent } from './http-connection.js';
import { RESOURCE } from './resource.js';
import type { KubernetesObject, ObjectName, Resource } from './resource.js';
import { linesOf, parseEvent } from './watch-stream.js';

export type ClientNodeApiOptions = HttpConnectionOptions;

/**
 * The API server over HTTP. What it takes of `@kubernetes/client-node` is reading a kubeconfig.
 *
 * Calls have a time limit and are repeated as `retry.ts` says. Every object carries `apiVersion` and `kind`, in lists too,
 * where the server leaves them out. Messages of errors carry the server's words and nothing of the request.
 *
 * @example
 * const api = new ClientNodeApi({ config: await findCluster(process.env), clock: systemClock });
 * const { items } = await api.list(RESOURCE.pod, { namespace: 'shop' });
 */
export class ClientNodeApi implements KubernetesApi {
  readonly #http: HttpConnection;
  readonly #random: () => number;

  constructor(options: ClientNodeApiOptions) {
    this.#http = new HttpConnection(options);
    this.#random = options.random ?? Math.random;
  }

  /** Ends all connections; watches throw. */
  close(): Promise<void> {
    return this.#http.close();
  }

  async list<T extends KubernetesObject>(resource: Resource, options: ListOptions = {}): Promise<ListPage<T>> {
    const call = callOn('list', resource, options);
    const path = collectionPath(call, options.namespace);
    const page = await this.#http.call<{
      readonly items?: readonly T[] | null;
      readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
    }>(call, { method: 'GET', path, query: listQuery(options) }, options.signal);
    const typeMeta = typeMetaOf(resource);
    const token = page.metadata?.continue ?? '';
    return {
      items: (page.items ?? []).map((item) => (item.kind === undefined ? { ...typeMeta, ...item } : item)),
      resourceVersion: page.metadata?.resourceVersion ?? '',
      ...(token === '' ? {} : { continue: token }),
    };
  }

  async *watch<T extends KubernetesObject>(resource: Resource, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    const call = callOn('watch', resource, options);
    const timeoutSeconds = options.timeoutSeconds ?? 300 + Math.floor(this.#random() * 301);
    const sent: Sent = {
      method: 'GET',
      path: collectionPath(call, options.namespace),
      query: watchQuery(options, timeoutSeconds),
    };
    const silenceMs = sendsBookmarks(resource) ? undefined : (timeoutSeconds + SERVER_GRACE_SECONDS) * 1000;
    const chunks = this.#http.stream(call, sent, options.signal, silenceMs);
    for await (const line of linesOf(call, chunks)) yield parseEvent(call, line) as WatchEvent<T>;
  }

  async get<T extends KubernetesObject>(resource: Resource, name: ObjectName, options: CallOptions = {}): Promise<T> {
    const call = callOn('get', resource, { name });
    return await this.#http.call<T>(call, { method: 'GET', path: objectPath(call, name) }, options.signal);
  }

  async create<T extends KubernetesObject>(resource: Resource, object: T, options: WriteOptions): Promise<T> {
    const call = callOn('create', resource, { name: object.metadata });
    const path = collectionPath(call, resource.namespaced ? (object.metadata.namespace ?? '') : undefined);
    const body = { ...typeMetaOf(resource), ...object };
    return await this.#http.call<T>(call, { method: 'POST', path, query: writeQuery(options), body }, options.signal);
  }

  async apply<T extends KubernetesObject>(
    resource: Resource,
    object: KubernetesObject,
    options: ApplyOptions,
  ): Promise<T> {
    const call = callOn('apply', resource, { ...options, name: object.metadata });
    const sent: Sent = {
      method: 'PATCH',
      path: objectPath(call, object.metadata, options.subresource),
      query: { ...writeQuery(options), force: String(options.force === true) },
      body: { ...typeMetaOf(resource), ...object },
      // JSON is YAML; servers before 1.34 know no other name for it.
      contentType: 'application/apply-patch+yaml',
    };
    return await this.#http.call<T>(call, sent, options.signal);
  }

  async patch<T extends KubernetesObject>(
    resource: Resource,
    name: ObjectName,
    operations: readonly JsonPatchOperation[],
    options: PatchOptions,
  ): Promise<T> {
    const call = callOn('patch', resource, { ...options, name });
    const sent: Sent = {
      method: 'PATCH',
      path: objectPath(call, name, options.subresource),
      query: writeQuery(options),
      body: operations,
      contentType: 'application/json-patch+json',
    };
    return await this.#http.call<T>(call, sent, options.signal);
  }

  async delete(resource: Resource, name: ObjectName, options: DeleteOptions): Promise<void> {
    const call = callOn('delete', resource, { name });
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', ...deleteOptions(options) };
    await this.#http.call(call, { method: 'DELETE', path: objectPath(call, name), body }, options.signal);
  }

  async evict(pod: ObjectName, options: EvictOptions): Promise<void> {
    const call = callOn('evict', RESOURCE.pod, { name: pod });
    const body = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: pod.name, namespace: pod.namespace },
      deleteOptions: deleteOptions(options),
    };
    await this.#http.call(call, { method: 'POST', path: objectPath(call, pod, 'eviction'), body }, options.signal);
  }
}

/** How much later than asked a server may end a watch. */
const SERVER_GRACE_SECONDS = 30;

/**
 * Whether a quiet watch is told that it is alive. Bookmarks come from the server's watch cache, which holds everything but
 * Events (kube-apiserver's default of `--watch-cache-sizes`).
 */
function sendsBookmarks(resource: Resource): boolean {
  return resource.plural !== 'events';
}

function writeQuery(options: WriteOptions): Readonly<Record<string, string>> {
  return defined({ fieldManager: options.fieldManager, dryRun: options.dryRun === true ? 'All' : undefined });
}

/** Source: Kubernetes `DeleteOptions`. */
function deleteOptions(options: DeleteOptions): object {
  return {
    preconditions: options.preconditions,
    gracePeriodSeconds: options.gracePeriodSeconds,
    dryRun: options.dryRun === true ? ['All'] : undefined,
  };
}
