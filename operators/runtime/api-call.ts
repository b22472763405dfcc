import type { ObjectName, Resource } from './resource.js';
import { keyOf } from './resource.js';

/** What a call does. `watch` stands for the opening of a watch. */
export type Verb = 'list' | 'watch' | 'get' | 'create' | 'apply' | 'patch' | 'delete' | 'evict';

/** A call to the API server, as errors, the write fence and injected faults name it. */
export interface ApiCall {
  readonly verb: Verb;
  readonly resource: Resource;
  /** Absent for `list` and `watch`. */
  readonly name?: ObjectName;
  /** Of `list` and `watch`. @default - all namespaces */
  readonly namespace?: string;
  readonly subresource?: 'status';
}

/**
 * A call in a few words, to begin an error message with.
 *
 * @example `patch pods/status shop/web-1`, `list nodes`, `watch pods in shop`
 */
export function describeCall(call: ApiCall): string {
  const group = call.resource.group === '' ? '' : `.${call.resource.group}`;
  const subresource = call.subresource === undefined ? '' : `/${call.subresource}`;
  const where =
    call.name !== undefined ? ` ${keyOf(call.name)}` : call.namespace === undefined ? '' : ` in ${call.namespace}`;
  return `${call.verb} ${call.resource.plural}${group}${subresource}${where}`;
}

/** The call of a verb on an object (`name`, which may be a whole `metadata`), or on the objects of a namespace. */
export function callOn(
  verb: Verb,
  resource: Resource,
  on: { readonly name?: ObjectName; readonly namespace?: string; readonly subresource?: 'status' },
): ApiCall {
  const { name, namespace, subresource } = on;
  return {
    verb,
    resource,
    ...(name === undefined ? {} : { name: { name: name.name, ...(name.namespace && { namespace: name.namespace }) } }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

/** Whether a call changes something. */
export function isWrite(verb: Verb): boolean {
  return verb !== 'list' && verb !== 'watch' && verb !== 'get';
}
