import type { Cached } from '../runtime/cached.js';
import { Controller } from '../runtime/controller.js';
import { ObjectCache } from '../runtime/object-cache.js';
import { observeCache, observeController, observeQueue, traced } from '../runtime/observers.js';
import type { OperatorContext, OperatorFeature, Runnable } from '../runtime/operator.js';
import type { ReconcileResult, Reconciler } from '../runtime/reconciler.js';
import { type KubernetesObject, RESOURCE, type Resource } from '../runtime/resource.js';
import { WorkQueue } from '../runtime/work-queue.js';
import { HealingReconciler } from './controller.js';
import { Interning } from './interning.js';
import type { HealingCaches } from './observe.js';
import { projectNode } from './project-node.js';
import { projectPod } from './project-pod.js';
import { projectPolicy } from './project-policy.js';
import { projectOwner } from './project-workload.js';
import { wakePolicies } from './wake-ups.js';

const NAME = 'healing';
/** Policies that are reconciled at once. */
const WORKERS = 4;
/** Each policy is looked at as often as this, whatever was or was not heard of, milliseconds. */
const RESYNC_MS = 300_000;

/**
 * Healing as a part of the operator: its caches, and its controller for each term of leadership.
 *
 * @param statusIntervalMs see `StepOptions`
 * @example new Operator({ features: [healingFeature(context)], ... })
 */
export function healingFeature(context: OperatorContext, statusIntervalMs?: number): OperatorFeature {
  const interning = new Interning();
  const cacheOf = cachesOf(context);
  const pods = cacheOf('pods', RESOURCE.pod, (pod) => projectPod(pod, interning), {
    namespace: ({ namespace }) => [namespace],
    node: ({ node }) => (node === undefined ? [] : [node]),
  });
  const policies = cacheOf('healingpolicies', RESOURCE.healingPolicy, projectPolicy, {
    namespace: ({ namespace }) => [namespace],
  });
  const nodes = cacheOf('nodes', RESOURCE.node, projectNode);
  const ownerCache = (
    name: string,
    resource: (typeof RESOURCE)['deployment' | 'replicaSet' | 'statefulSet' | 'daemonSet'],
  ) =>
    cacheOf(name, resource, (owner) => projectOwner(resource.kind, owner, interning), {
      namespace: ({ namespace }) => [namespace],
    });
  const deployments = ownerCache('deployments', RESOURCE.deployment);
  const replicasets = ownerCache('replicasets', RESOURCE.replicaSet);
  const statefulsets = ownerCache('statefulsets', RESOURCE.statefulSet);
  const daemonsets = ownerCache('daemonsets', RESOURCE.daemonSet);
  const caches = { policies, pods, nodes, deployments, replicasets, statefulsets, daemonsets };
  const read: HealingCaches = { policies, pods, nodes, owners: [deployments, replicasets, statefulsets, daemonsets] };
  return {
    name: NAME,
    caches,
    controllers: [healingTerms(context, read, Object.values(caches), statusIntervalMs)],
  };
}

/** A controller for each term: what one term remembers is of no use to the next, since another process may have led between. */
function healingTerms(
  { api, clock, random, log, telemetry, events }: OperatorContext,
  caches: HealingCaches,
  synced: readonly { whenSynced(signal: AbortSignal): Promise<void> }[],
  statusIntervalMs?: number,
): Runnable {
  let depth = (): number => 0;
  telemetry.watchQueueDepth(NAME, () => depth());
  return {
    run: async (term) => {
      const queue = new WorkQueue({ clock, random, observe: observeQueue(NAME, telemetry) });
      depth = () => queue.size;
      const reconciler = new HealingReconciler({
        api,
        caches,
        clock,
        telemetry,
        log,
        events,
        ...(statusIntervalMs === undefined ? {} : { statusIntervalMs }),
      });
      const stop = wakePolicies(caches, queue);
      for (const { namespace, name } of caches.policies.list()) queue.add(`${namespace}/${name}`);
      try {
        await new Controller({
          reconciler: traced(resynced(reconciler, caches), telemetry),
          queue,
          clock,
          workers: WORKERS,
          caches: synced,
          observe: observeController(NAME, telemetry, log),
        }).run(term);
      } finally {
        stop();
        queue.shutDown();
        depth = () => 0;
      }
    },
  };
}

function resynced(reconciler: Reconciler, { policies }: HealingCaches): Reconciler {
  return {
    name: reconciler.name,
    reconcile: async (key, signal): Promise<ReconcileResult> => {
      const result = await reconciler.reconcile(key, signal);
      if (policies.get(key) === undefined) return result;
      return { requeueAfterMs: Math.min(result.requeueAfterMs ?? RESYNC_MS, RESYNC_MS) };
    },
  };
}

function cachesOf({ api, clock, random, log, telemetry, namespace }: OperatorContext) {
  return <T extends Cached>(
    name: string,
    resource: Resource,
    project: (object: KubernetesObject) => T,
    indexes: Readonly<Record<string, (object: T) => readonly string[]>> = {},
  ): ObjectCache<T> => {
    const cache = new ObjectCache<T>({
      api,
      resource,
      project,
      indexes,
      clock,
      random,
      observe: observeCache(name, telemetry, log),
      ...(namespace === undefined || !resource.namespaced ? {} : { namespace }),
    });
    telemetry.watchCacheSize(name, () => cache.size);
    return cache;
  };
}
