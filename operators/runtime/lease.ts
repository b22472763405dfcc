import type { KubernetesApi } from './api.js';
import { isApiError } from './api-error.js';
import { NAME } from './names.js';
import { type KubernetesObject, type ObjectName, RESOURCE } from './resource.js';

/** Source: `coordination.k8s.io/v1` Lease; fields that election does not know are kept. */
export interface Lease extends KubernetesObject {
  readonly spec?: LeaseSpec;
}

/** Times are RFC 3339 with microseconds, and are for people: nobody compares them with a clock of its own. */
export interface LeaseSpec {
  /** Empty when it was released. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/** The Lease as one who holds it next writes it. @param now milliseconds since 1970 */
export function heldBy(identity: string, leaseDurationMs: number, before: LeaseSpec, now: number): LeaseSpec {
  const same = before.holderIdentity === identity;
  return {
    ...before,
    holderIdentity: identity,
    leaseDurationSeconds: leaseDurationMs / 1000,
    acquireTime: same && before.acquireTime !== undefined ? before.acquireTime : microTime(now),
    renewTime: microTime(now),
    leaseTransitions: (before.leaseTransitions ?? 0) + (same ? 0 : 1),
  };
}

/** The Lease as its holder leaves it: anybody may take it at once. */
export function released(before: LeaseSpec, now: number): LeaseSpec {
  return { ...before, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(now) };
}

/** @returns undefined if there is none */
export async function readLease(api: KubernetesApi, name: ObjectName, signal: AbortSignal): Promise<Lease | undefined> {
  try {
    return await api.get<Lease>(RESOURCE.lease, name, { signal });
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}

/**
 * Writes the Lease if it is still as it was seen: as `before`, or absent.
 *
 * @throws ApiError `AlreadyExists`, `Conflict` or `Invalid` if somebody else was faster
 */
export async function writeLease(
  api: KubernetesApi,
  name: ObjectName,
  before: Lease | undefined,
  spec: LeaseSpec,
  signal: AbortSignal,
): Promise<Lease> {
  const options = { fieldManager: NAME.service, signal };
  if (before === undefined) {
    const { apiVersion, kind } = { apiVersion: 'coordination.k8s.io/v1', kind: RESOURCE.lease.kind };
    return await api.create<Lease>(RESOURCE.lease, { apiVersion, kind, metadata: name, spec }, options);
  }
  return await api.patch<Lease>(
    RESOURCE.lease,
    name,
    [
      { op: 'test', path: '/metadata/uid', value: before.metadata.uid },
      { op: 'test', path: '/metadata/resourceVersion', value: before.metadata.resourceVersion },
      // `add` replaces what is there, and works on a Lease that somebody made without a spec.
      { op: 'add', path: '/spec', value: spec },
    ],
    options,
  );
}

/** Source: Kubernetes `MicroTime`. */
export function microTime(now: number): string {
  return new Date(now).toISOString().replace('Z', '000Z');
}
