import type { CacheReader } from '../runtime/cached.js';
import { keyOf } from '../runtime/resource.js';
import { agrees } from './container-config.js';
import type { HealingPolicy } from './healing-policy.js';
import type { Observation, ObservedContainer, ObservedNode, ObservedPod, ObservedWorkload } from './observation.js';
import type { CachedPolicy } from './project-policy.js';
import type { ObservedOwner } from './project-workload.js';
import { compileSelector, type Selects } from './selection.js';

/** What the healer reads. Pods and owners are indexed by namespace, pods by node too. */
export interface HealingCaches {
  readonly policies: CacheReader<CachedPolicy>;
  /** Indexes `namespace` and `node`. */
  readonly pods: CacheReader<ObservedPod>;
  readonly nodes: CacheReader<ObservedNode>;
  /** One for each kind, with index `namespace`. */
  readonly owners: readonly CacheReader<ObservedOwner>[];
}

/**
 * What the healer did and the caches may not show yet, by uid of the pod: such a pod is observed as leaving, so that it
 * counts against the budget and nothing is done to it again.
 */
export type InFlight = ReadonlyMap<string, { readonly at: number; readonly as: 'deleting' | 'quarantined' }>;

/**
 * Gathers what a decision about a policy may look at. It reads caches and nothing else.
 *
 * @example decide(observe(caches, policy, inFlight, clock.now()), policy)
 */
export function observe(caches: HealingCaches, policy: HealingPolicy, inFlight: InFlight, now: number): Observation {
  const namespace = policy.metadata.namespace ?? '';
  const selects = compileSelector(policy.spec.selector);
  const all = caches.pods.byIndex('namespace', namespace);
  const selected = typeof selects === 'function' ? all.filter(({ labels }) => selects(labels)) : [];
  const { workloads, workloadOfOwner } = observeWorkloads(
    caches.owners.flatMap((cache) => cache.byIndex('namespace', namespace)),
    selected,
  );
  const pods = selected.map((pod) => {
    const id = pod.owner === undefined ? undefined : workloadOfOwner.get(pod.owner.uid);
    const workload = id === undefined ? undefined : workloads.get(id);
    return withInFlight(workload === undefined ? pod : inTermsOf(pod, workload), inFlight);
  });
  return {
    now,
    pods,
    nodes: new Map(Array.from(caches.nodes.list(), (node) => [node.name, node])),
    workloads,
    workloadOfOwner,
    contested: contestedPods(caches, policy, pods),
  };
}

/** Keys of pods that another policy of the namespace selects too. */
function contestedPods(caches: HealingCaches, policy: HealingPolicy, pods: readonly ObservedPod[]): Set<string> {
  const contested = new Set<string>();
  for (const other of otherPolicies(caches, policy)) {
    for (const pod of pods) if (other.selects(pod.labels)) contested.add(keyOf(pod));
  }
  return contested;
}

/** Other policies of the namespace that are valid, with what they select. Policies about to be deleted select nothing. */
export function otherPolicies(
  caches: Pick<HealingCaches, 'policies'>,
  policy: HealingPolicy,
): readonly { readonly name: string; readonly selects: Selects }[] {
  return caches.policies.byIndex('namespace', policy.metadata.namespace ?? '').flatMap((other) => {
    if (other.name === policy.metadata.name || other.policy.metadata.deletionTimestamp !== undefined) return [];
    const selects = compileSelector(other.policy.spec.selector);
    return typeof selects === 'function' ? [{ name: other.name, selects }] : [];
  });
}

/** Workloads of the pods' owners. A Deployment's revision is the hash of the ReplicaSet that has its revision number. */
function observeWorkloads(
  owners: readonly ObservedOwner[],
  pods: readonly ObservedPod[],
): { workloads: Map<string, ObservedWorkload>; workloadOfOwner: Map<string, string> } {
  const byUid = new Map(owners.map((owner) => [owner.uid, owner]));
  const workloads = new Map<string, ObservedWorkload>();
  const workloadOfOwner = new Map<string, string>();
  for (const { owner: reference } of pods) {
    if (reference === undefined || workloadOfOwner.has(reference.uid)) continue;
    const owner = byUid.get(reference.uid);
    if (owner === undefined) continue;
    const top = (owner.parent === undefined ? undefined : byUid.get(owner.parent.uid)) ?? owner;
    const id = `${top.kind}/${top.name}`;
    workloadOfOwner.set(reference.uid, id);
    if (workloads.has(id)) continue;
    const newest = top.kind === 'Deployment' ? newestReplicaSet(top, owners) : undefined;
    workloads.set(id, {
      id,
      desired: top.desired,
      revision: newest?.revision ?? (top.kind === 'DaemonSet' ? newestRevision(top.uid, pods) : top.revision),
      rolling: top.rolling,
      template: top.template,
    });
  }
  return { workloads, workloadOfOwner };
}

function newestReplicaSet(deployment: ObservedOwner, owners: readonly ObservedOwner[]): ObservedOwner | undefined {
  let newest: ObservedOwner | undefined;
  for (const owner of owners) {
    if (owner.parent?.uid !== deployment.uid) continue;
    if (newest === undefined || owner.revisionNumber > newest.revisionNumber) newest = owner;
  }
  return newest;
}

function newestRevision(ownerUid: string, pods: readonly ObservedPod[]): string {
  let newest: ObservedPod | undefined;
  for (const pod of pods) {
    if (pod.owner?.uid === ownerUid && (newest === undefined || pod.createdAt > newest.createdAt)) newest = pod;
  }
  return newest?.revision ?? '';
}

/** The pod with the digests of its template where it agrees with it: a difference that is left is a drift. */
function inTermsOf(pod: ObservedPod, workload: ObservedWorkload): ObservedPod {
  const same = ({ name, config, configDigest }: ObservedContainer): string => {
    const template = workload.template.get(name);
    if (config === undefined || template?.config === undefined) return configDigest;
    return agrees(config, template.config) ? template.configDigest : configDigest;
  };
  if (pod.containers.every((container) => same(container) === container.configDigest)) return pod;
  return { ...pod, containers: pod.containers.map((each) => ({ ...each, configDigest: same(each) })) };
}

function withInFlight(pod: ObservedPod, inFlight: InFlight): ObservedPod {
  const action = inFlight.get(pod.uid);
  if (action === undefined) return pod;
  if (action.as === 'deleting') return pod.deletingSince === undefined ? { ...pod, deletingSince: action.at } : pod;
  return pod.quarantinedAt === undefined ? { ...pod, quarantinedAt: action.at } : pod;
}
