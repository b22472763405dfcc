import type { Cached } from '../../../operators/runtime/cached.js';
import { Controller } from '../../../operators/runtime/controller.js';
import { ObjectCache } from '../../../operators/runtime/object-cache.js';
import { observeCache, observeController, observeQueue, traced } from '../../../operators/runtime/observers.js';
import type { OperatorContext, OperatorFeature } from '../../../operators/runtime/operator.js';
import { type KubernetesObject, RESOURCE } from '../../../operators/runtime/resource.js';
import { WorkQueue } from '../../../operators/runtime/work-queue.js';

interface Deployment extends KubernetesObject {
  readonly spec: { readonly selector: object };
}

interface DeploymentView extends Cached {
  readonly selector: object;
}

/** Keeps a PodDisruptionBudget for each Deployment: one of its pods may be away at a time. */
export function budgetFeature({ api, clock, random, log, telemetry }: OperatorContext): OperatorFeature {
  const deployments = new ObjectCache<DeploymentView>({
    ...{ api, clock, random, resource: RESOURCE.deployment, observe: observeCache('deployments', telemetry, log) },
    project: (object) => {
      const { metadata, spec } = object as Deployment;
      const { namespace = '', name, uid = '', resourceVersion = '' } = metadata;
      return { namespace, name, uid, resourceVersion, selector: spec.selector };
    },
  });
  const queue = new WorkQueue({ clock, random, observe: observeQueue('budget', telemetry) });
  deployments.subscribe(({ key }) => queue.add(key));
  const reconciler = {
    name: 'budget',
    reconcile: async (key: string, signal: AbortSignal) => {
      const deployment = deployments.get(key);
      if (deployment === undefined) return {}; // its budget goes with it: the owner reference
      await api.apply(RESOURCE.podDisruptionBudget, budgetOf(deployment), { fieldManager: 'budget', signal });
      return { requeueAfterMs: 300_000 }; // whatever was missed is put right then
    },
  };
  const observe = observeController('budget', telemetry, log);
  const controller = new Controller({ reconciler: traced(reconciler, telemetry), queue, clock, observe });
  return { name: 'budget', caches: { deployments }, controllers: [controller] };
}

function budgetOf({ namespace = '', name, uid, selector }: DeploymentView): KubernetesObject & { spec: object } {
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true };
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { namespace, name, ownerReferences: [owner] },
    spec: { maxUnavailable: 1, selector },
  };
}
