import { Interning } from '../healing/interning.js';
import type { ObservedPod } from '../healing/observation.js';
import { projectPod } from '../healing/project-pod.js';
import { Controller } from '../runtime/controller.js';
import { ObjectCache, type ObjectCacheOptions } from '../runtime/object-cache.js';
import { observeCache, observeController, observeQueue, traced } from '../runtime/observers.js';
import type { OperatorContext, OperatorFeature, Runnable } from '../runtime/operator.js';
import { RESOURCE } from '../runtime/resource.js';
import { WorkQueue } from '../runtime/work-queue.js';
import { DeploymentReconciler } from './controller.js';
import {
  type ObservedDeployment,
  type ObservedReplicaSet,
  projectDeployment,
  projectReplicaSet,
} from './project-deployment.js';

const NAME = 'deployment';
/** Deployments that are reconciled at once. */
const WORKERS = 4;

interface Caches {
  readonly deployments: ObjectCache<ObservedDeployment>;
  readonly replicaSets: ObjectCache<ObservedReplicaSet>;
  readonly pods: ObjectCache<ObservedPod>;
}

/**
 * The deployment circuit breaker as a part of the operator.
 *
 * @param sharedPods a cache of pods that another feature has, indexed by `namespace`. @default - one of its own
 * @example new Operator({ features: [healing, deploymentFeature(context, pods)], ... })
 */
export function deploymentFeature(context: OperatorContext, sharedPods?: ObjectCache<ObservedPod>): OperatorFeature {
  const interning = new Interning();
  const caches: Caches = {
    deployments: new ObjectCache<ObservedDeployment>({
      ...commonOptions(context, 'rollouts'),
      resource: RESOURCE.deployment,
      project: projectDeployment,
      indexes: { uid: ({ uid }) => [uid] },
    }),
    replicaSets: new ObjectCache<ObservedReplicaSet>({
      ...commonOptions(context, 'revisions'),
      resource: RESOURCE.replicaSet,
      project: projectReplicaSet,
      indexes: { deployment: ({ deployment }) => (deployment === '' ? [] : [deployment]), uid: ({ uid }) => [uid] },
    }),
    pods:
      sharedPods ??
      new ObjectCache<ObservedPod>({
        ...commonOptions(context, 'pods'),
        resource: RESOURCE.pod,
        project: (pod) => projectPod(pod, interning),
        indexes: { namespace: ({ namespace }) => [namespace] },
      }),
  };
  return {
    name: NAME,
    caches: { rollouts: caches.deployments, revisions: caches.replicaSets, pods: caches.pods },
    controllers: [terms(context, caches)],
  };
}

function commonOptions(
  { api, clock, random, log, telemetry, namespace }: OperatorContext,
  name: string,
): Pick<ObjectCacheOptions<ObservedPod>, 'api' | 'clock' | 'random' | 'observe' | 'namespace'> {
  return {
    api,
    clock,
    random,
    observe: observeCache(name, telemetry, log),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** A controller for each term of leadership: another process may have led between two of them. */
function terms({ api, clock, random, log, telemetry, events }: OperatorContext, caches: Caches): Runnable {
  let depth = (): number => 0;
  telemetry.watchQueueDepth(NAME, () => depth());
  return {
    run: async (term) => {
      const queue = new WorkQueue({ clock, random, observe: observeQueue(NAME, telemetry) });
      depth = () => queue.size;
      const stop = wakeDeployments(caches, queue);
      for (const { namespace, name } of caches.deployments.list()) queue.add(`${namespace}/${name}`);
      try {
        await new Controller({
          reconciler: traced(new DeploymentReconciler({ api, caches, clock, events, telemetry }), telemetry),
          queue,
          clock,
          workers: WORKERS,
          caches: [caches.deployments, caches.replicaSets, caches.pods],
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

/** A Deployment is looked at when it, one of its ReplicaSets or a pod of one of these changes. */
function wakeDeployments({ deployments, replicaSets, pods }: Caches, queue: WorkQueue): () => void {
  const byUid = (namespace: string, uid: string): void => {
    for (const each of deployments.byIndex('uid', uid))
      if (each.namespace === namespace) queue.add(`${namespace}/${each.name}`);
  };
  const stops = [
    deployments.subscribe(({ key }) => queue.add(key)),
    replicaSets.subscribe((change) => {
      const { namespace, deployment } = change.type === 'deleted' ? change.before : change.after;
      byUid(namespace, deployment);
    }),
    pods.subscribe((change) => {
      const { namespace, owner } = change.type === 'deleted' ? change.before : change.after;
      if (owner?.kind !== 'ReplicaSet') return;
      for (const { deployment } of replicaSets.byIndex('uid', owner.uid)) byUid(namespace, deployment);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
