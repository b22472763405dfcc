import type { KubernetesObject, ObjectName, Resource } from './resource.js';

/**
 * The API server as controllers see it: the one seam between them and the world. Three implementations keep its contract
 * (`test/operators/runtime/api-contract.ts`): the real one on `@kubernetes/client-node`, the fenced one that wraps
 * another, and the in-memory one of the simulator.
 *
 * Every method throws `ApiError`. Reads may be repeated by an implementation; writes are sent once, but for answers that
 * say that nothing was done (429, connection refused).
 */
export interface KubernetesApi {
  /** One page. Follow `continue` until it is absent; a 410 on a later page means to start again. */
  list<T extends KubernetesObject>(resource: Resource, options?: ListOptions): Promise<ListPage<T>>;
  /**
   * Changes after `resourceVersion`, in order, until the server ends the stream (the iterator ends) or the connection
   * fails or goes silent (it throws). A 410, in the answer or in the stream, is thrown as `ApiError` with code `Gone`.
   */
  watch<T extends KubernetesObject>(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  get<T extends KubernetesObject>(resource: Resource, name: ObjectName, options?: CallOptions): Promise<T>;
  create<T extends KubernetesObject>(resource: Resource, object: T, options: WriteOptions): Promise<T>;
  /** Server-side apply. A field of another manager is a `Conflict` unless `force`. */
  apply<T extends KubernetesObject>(resource: Resource, object: KubernetesObject, options: ApplyOptions): Promise<T>;
  /**
   * JSON patch (RFC 6902); begin with `test` operations for preconditions. A patch that does not fit the object as it is
   * now, in a test or in a path, is a `Conflict`: the server does not say which.
   */
  patch<T extends KubernetesObject>(
    resource: Resource,
    name: ObjectName,
    operations: readonly JsonPatchOperation[],
    options: PatchOptions,
  ): Promise<T>;
  delete(resource: Resource, name: ObjectName, options: DeleteOptions): Promise<void>;
  /** Eviction API: respects PodDisruptionBudgets; their refusal is an `ApiError` with code `DisruptionBudget`. */
  evict(pod: ObjectName, options: EvictOptions): Promise<void>;
}

/** What every call may have. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface ListOptions extends CallOptions {
  /** @default - all namespaces */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects a page. @default 500 */
  readonly limit?: number;
  readonly continue?: string;
  /** `0` allows the server's cache to answer. @default - the newest state */
  readonly resourceVersion?: string;
}

export interface ListPage<T> {
  readonly items: readonly T[];
  /** Where a watch goes on from. */
  readonly resourceVersion: string;
  readonly continue?: string;
}

export interface WatchOptions extends CallOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion: string;
  /** After so long the server ends the watch. @default - 300 to 600 s, chosen by the caller */
  readonly timeoutSeconds?: number;
}

/** Bookmarks are always asked for. */
export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

export interface WriteOptions extends CallOptions {
  /** Name under which the server records the fields that are written. */
  readonly fieldManager: string;
  /** Let the server check everything and store nothing. @default false */
  readonly dryRun?: boolean;
}

export interface ApplyOptions extends WriteOptions {
  /** Take fields from other managers. @default false */
  readonly force?: boolean;
  readonly subresource?: 'status';
}

export interface PatchOptions extends WriteOptions {
  readonly subresource?: 'status';
}

/** Source: Kubernetes `Preconditions`. Every disruptive call names the very object it was decided on. */
export interface Preconditions {
  readonly uid: string;
  readonly resourceVersion: string;
}

export interface DeleteOptions extends CallOptions {
  readonly preconditions: Preconditions;
  /** Seconds. @default - the object's own */
  readonly gracePeriodSeconds?: number;
  readonly dryRun?: boolean;
}

export type EvictOptions = DeleteOptions;

/** Source: RFC 6902. `path` and `from` are JSON pointers (RFC 6901). */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };
