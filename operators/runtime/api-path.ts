import type { ListOptions, WatchOptions } from './api.js';
import { ApiError } from './api-error.js';
import type { ApiCall } from './api-call.js';
import { describeCall } from './api-call.js';
import type { ObjectName, Resource } from './resource.js';

/** A path under the server's address with its query. */
export interface ApiPath {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

/**
 * Path of all objects of a resource, in one namespace or in all.
 *
 * Source: Kubernetes API concepts, "Resource URIs".
 * @example `/apis/apps/v1/namespaces/shop/deployments`
 * @throws ApiError `Invalid`: the name cannot be part of a path
 */
export function collectionPath(call: ApiCall, namespace: string | undefined): string {
  const { group, version, plural } = call.resource;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${segment(call, namespace)}/${plural}`;
}

/** Path of one object, or of a subresource of it. @throws ApiError `Invalid` */
export function objectPath(call: ApiCall, name: ObjectName, subresource?: string): string {
  const namespace = call.resource.namespaced ? (name.namespace ?? '') : undefined;
  const path = `${collectionPath(call, namespace)}/${segment(call, name.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** `apiVersion` and `kind` of a resource's objects. */
export function typeMetaOf(resource: Resource): { readonly apiVersion: string; readonly kind: string } {
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  return { apiVersion, kind: resource.kind };
}

export function listQuery(options: ListOptions): Readonly<Record<string, string>> {
  return defined({
    limit: String(options.limit ?? 500),
    continue: options.continue,
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    // A continue token carries the version of its list; the server refuses both together.
    resourceVersion: options.continue === undefined ? options.resourceVersion : undefined,
  });
}

export function watchQuery(options: WatchOptions, timeoutSeconds: number): Readonly<Record<string, string>> {
  return defined({
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: options.resourceVersion,
    timeoutSeconds: String(timeoutSeconds),
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
  });
}

export function defined(query: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );
}

/** A name as part of a path. Source: apimachinery's IsValidPathSegmentName. */
function segment(call: ApiCall, name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/%]/.test(name)) {
    throw new ApiError(
      'Invalid',
      `${describeCall(call)}: ${JSON.stringify(name)} cannot be a name in a path: it must not be empty, "." or "..", nor contain "/" or "%"`,
    );
  }
  return encodeURIComponent(name);
}
