import { isDeepStrictEqual } from 'node:util';
import { App, Chart, ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Manifest } from '../port/manifest.js';
import { Code, printString } from './literal.js';

/** How an object is constructed in the emitted code. */
export interface TypedObject {
  /** `k8s.KubeService` where the types of cdk8s-plus-27 can say all of the object, else `ApiObject`. */
  readonly constructorName: string;
  /** Properties for the constructor, with `Code` where a value needs a constructor of its own. */
  readonly props: unknown;
}

/** Fields whose values are wrapped in `k8s.IntOrString`, and those in `k8s.Quantity`. Source: Kubernetes OpenAPI. */
const INT_OR_STRING = new Set(['targetPort', 'maxSurge', 'maxUnavailable', 'minAvailable']);
const PROBE_HANDLERS = new Set(['httpGet', 'tcpSocket']);
const QUANTITY_MAPS = new Set(['limits', 'requests', 'capacity']);
const QUANTITIES = new Set(['sizeLimit', 'averageValue']);

/**
 * The typed form of an object. cdk8s-plus-27 knows Kubernetes 1.27: where the object has a newer field, the types would
 * drop it, which is tried out here, and the untyped `ApiObject` carries it.
 */
export function typedObject(manifest: Manifest): TypedObject {
  const untyped: TypedObject = { constructorName: 'ApiObject', props: manifest };
  const name = `Kube${manifest.kind}${versionSuffix(manifest)}`;
  const candidate = (k8s as unknown as Record<string, unknown>)[name];
  if (typeof candidate !== 'function') return untyped;
  const kind = candidate as (new (
    scope: Chart,
    id: string,
    props: unknown,
  ) => ApiObject) & { readonly GVK?: { readonly apiVersion: string; readonly kind: string } };
  if (kind.GVK?.apiVersion !== manifest.apiVersion || kind.GVK.kind !== manifest.kind) return untyped;
  const { apiVersion: _apiVersion, kind: _kind, ...props } = manifest;
  try {
    const chart = new Chart(new App(), 'try', { disableResourceNameHashes: true });
    const typed = new kind(chart, 'typed', wrap(props, [], 'value')).toJson() as unknown;
    const plain = new ApiObject(chart, 'plain', {
      ...manifest,
      metadata: { ...manifest.metadata },
    }).toJson() as unknown;
    if (!isDeepStrictEqual(JSON.parse(JSON.stringify(typed)), JSON.parse(JSON.stringify(plain)))) return untyped;
  } catch {
    // The typed class does not take the object: that is the answer to the question asked here, not a failure.
    return untyped;
  }
  return { constructorName: `k8s.${name}`, props: wrap(props, [], 'code') };
}

/** cdk8s names v1 classes without a version and others with it: `KubeHorizontalPodAutoscalerV2`. */
function versionSuffix(manifest: Manifest): string {
  const version = manifest.apiVersion.split('/').at(-1) ?? '';
  return version === 'v1' ? '' : version.charAt(0).toUpperCase() + version.slice(1);
}

function wrap(value: unknown, path: readonly string[], as: 'value' | 'code'): unknown {
  if (Array.isArray(value)) return value.map((item) => wrap(item, path, as));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, wrap(item, [...path, key], as)]));
  }
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  const key = path.at(-1) ?? '';
  const parent = path.at(-2) ?? '';
  if (INT_OR_STRING.has(key) || (key === 'port' && PROBE_HANDLERS.has(parent))) {
    if (as === 'value')
      return typeof value === 'number' ? k8s.IntOrString.fromNumber(value) : k8s.IntOrString.fromString(value);
    return new Code(
      typeof value === 'number'
        ? `k8s.IntOrString.fromNumber(${value})`
        : `k8s.IntOrString.fromString(${printString(value)})`,
    );
  }
  if (QUANTITY_MAPS.has(parent) || QUANTITIES.has(key)) {
    if (as === 'value')
      return typeof value === 'number' ? k8s.Quantity.fromNumber(value) : k8s.Quantity.fromString(value);
    return new Code(
      typeof value === 'number'
        ? `k8s.Quantity.fromNumber(${value})`
        : `k8s.Quantity.fromString(${printString(value)})`,
    );
  }
  return value;
}
