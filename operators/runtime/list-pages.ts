import type { KubernetesApi } from './api.js';
import { assertVersion } from './resource-version.js';
import type { KubernetesObject, Resource } from './resource.js';

/** The objects that a cache holds: all of a resource, or those that a namespace and selectors leave. */
export interface Selection {
  /** @default - all namespaces */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** The selection alone, of options that have more; for calls that take no other fields. */
export function selectionOf({ namespace, labelSelector, fieldSelector }: Selection): Selection {
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
}

/** Objects a page; what client-go's pager takes. */
const PAGE = 500;

/**
 * Visits all objects of the newest state, page by page: no more than a page of them is in memory at once.
 *
 * It never asks for `resourceVersion=0`: the server would ignore the page size then and answer with everything at once.
 * From Kubernetes 1.31 on the server's own cache answers this too, and is as new as etcd.
 *
 * @returns the version that the objects are of; a watch goes on from it
 * @throws ApiError of the calls; `Gone` when it took so long that the server forgot that version
 */
export async function visitPages(
  api: KubernetesApi,
  resource: Resource,
  selection: Selection,
  signal: AbortSignal,
  visit: (object: KubernetesObject) => void,
): Promise<string> {
  let version: string | undefined;
  let next: string | undefined;
  do {
    const page = await api.list(resource, {
      ...selection,
      limit: PAGE,
      signal,
      ...(next === undefined ? {} : { continue: next }),
    });
    assertVersion(page.resourceVersion);
    version ??= page.resourceVersion;
    for (const object of page.items) visit(object);
    next = page.continue;
  } while (next !== undefined && next !== '');
  return version;
}
