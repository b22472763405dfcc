import type { Cached } from '../runtime/cached.js';
import type { KubernetesObject } from '../runtime/resource.js';
import type { HealingPolicy } from './healing-policy.js';

/** A policy in the cache: there are few, and they are kept whole but for the bookkeeping of their managers. */
export interface CachedPolicy extends Cached {
  readonly namespace: string;
  readonly policy: HealingPolicy;
}

/** Keeps what the healer reads. `spec` may be anything where the schema was not enforced; `policyFault` says so. */
export function projectPolicy(object: KubernetesObject): CachedPolicy {
  const { spec, status, metadata } = object as HealingPolicy;
  const {
    name,
    namespace = '',
    uid = '',
    resourceVersion = '',
    generation,
    creationTimestamp,
    deletionTimestamp,
  } = metadata;
  return {
    name,
    namespace,
    uid,
    resourceVersion,
    policy: {
      apiVersion: 'tranship.dev/v1',
      kind: 'HealingPolicy',
      metadata: {
        name,
        namespace,
        uid,
        resourceVersion,
        ...(generation === undefined ? {} : { generation }),
        ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
        ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      },
      spec,
      ...(status === undefined ? {} : { status }),
    },
  };
}
