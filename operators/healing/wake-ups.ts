import type { WorkQueue } from '../runtime/work-queue.js';
import { nodeChanged } from './project-node.js';
import type { CachedPolicy } from './project-policy.js';
import type { ObservedOwner } from './project-workload.js';
import type { HealingCaches } from './observe.js';
import type { ObservedPod } from './observation.js';
import { compileSelector } from './selection.js';

/**
 * Puts the keys of policies into the queue when something changes that they look at: a pod that they select, an owner in
 * their namespace, a node with pods there, a policy beside them. Their own status is none of it.
 *
 * @returns the way to stop
 */
export function wakePolicies(caches: HealingCaches, queue: Pick<WorkQueue, 'add'>): () => void {
  const compiled = new WeakMap<CachedPolicy, ReturnType<typeof compileSelector>>();
  const selects = (policy: CachedPolicy, pod: ObservedPod | undefined): boolean => {
    if (pod === undefined) return false;
    let selector = compiled.get(policy);
    if (selector === undefined) compiled.set(policy, (selector = compileSelector(policy.policy.spec?.selector)));
    return typeof selector === 'function' && selector(pod.labels);
  };
  const add = ({ namespace, name }: CachedPolicy): void => queue.add(`${namespace}/${name}`);
  const policiesOf = (namespace: string): readonly CachedPolicy[] => caches.policies.byIndex('namespace', namespace);

  const stops = [
    caches.pods.subscribe((change) => {
      const before = change.type === 'added' ? undefined : change.before;
      const after = change.type === 'deleted' ? undefined : change.after;
      for (const policy of policiesOf((after ?? before)?.namespace ?? '')) {
        if (selects(policy, after) || selects(policy, before)) add(policy);
      }
    }),
    caches.policies.subscribe((change) => {
      if (change.type === 'updated') {
        const { before, after } = change;
        const wish = (policy: CachedPolicy): unknown[] => [
          policy.policy.metadata.generation,
          policy.policy.metadata.deletionTimestamp,
        ];
        if (JSON.stringify(wish(before)) === JSON.stringify(wish(after))) return;
      }
      const { namespace, name } = change.type === 'deleted' ? change.before : change.after;
      queue.add(`${namespace}/${name}`);
      for (const policy of policiesOf(namespace)) add(policy);
    }),
    caches.nodes.subscribe((change) => {
      if (change.type === 'updated' && !nodeChanged(change.before, change.after)) return;
      const { name } = change.type === 'deleted' ? change.before : change.after;
      const namespaces = new Set(caches.pods.byIndex('node', name).map(({ namespace }) => namespace));
      for (const namespace of namespaces) for (const policy of policiesOf(namespace)) add(policy);
    }),
    ...caches.owners.map((cache) =>
      cache.subscribe((change) => {
        if (change.type === 'updated' && !ownerChanged(change.before, change.after)) return;
        const { namespace } = change.type === 'deleted' ? change.before : change.after;
        for (const policy of policiesOf(namespace)) add(policy);
      }),
    ),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Whether a change of an owner can change a decision: most of them only count its pods. */
function ownerChanged(before: ObservedOwner, after: ObservedOwner): boolean {
  const wish = ({ desired, revision, revisionNumber, rolling, template }: ObservedOwner): string =>
    JSON.stringify([
      desired,
      revision,
      revisionNumber,
      rolling,
      Array.from(template, ([name, { image, configDigest }]) => [name, image, configDigest]),
    ]);
  return wish(before) !== wish(after);
}
