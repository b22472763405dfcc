import type { IPodTemplateSpec } from 'kubernetes-models/v1';
import type { Field } from '../ecs/field.js';
import type { TaskDefinition } from '../ecs/model/ahead-of-sdk.js';
import { LABEL } from './annotations.js';
import { applyContainers, draftPod } from './containers.js';
import { applyEnvironment } from './environment.js';
import { applyEnvironmentFiles } from './environment-files.js';
import { applyHealth } from './health.js';
import { applyIdentity } from './identity.js';
import { applyLinuxParameters } from './linux-parameters.js';
import { applyLogging, type LogRoute } from './logging.js';
import { applyNetwork, type NetworkResult } from './network.js';
import { orderContainers, placeContainers } from './order.js';
import { applyPlacement } from './placement.js';
import type { PodDraft, PortContext } from './pod-draft.js';
import { applyResources } from './resources.js';
import { applySecrets } from './secrets.js';
import { applySecurity } from './security.js';
import { applyTask } from './task.js';
import { applyVolumes } from './volumes.js';

/** A pod before it is written into the object that runs it. */
export interface RenderedPod {
  readonly pod: PodDraft;
  readonly network: NetworkResult;
  readonly routes: readonly LogRoute[];
  /** Writes the pod down; to be called after the last concern has added its annotations. */
  readonly template: () => IPodTemplateSpec;
}

/**
 * Runs all concerns of the translation on one task. The order matters only where a concern looks at what another wrote:
 * names first, placement of containers last.
 */
export function renderPod(definition: Field<TaskDefinition>, context: PortContext): RenderedPod {
  const runsOnce = context.workload.kind !== 'service';
  const pod = draftPod(definition);
  applyContainers(pod, context);
  applyTask(definition, pod, context);
  const network = applyNetwork(definition, pod, context);
  applyVolumes(definition, pod, context);
  applySecrets(definition, pod, context);
  applyEnvironmentFiles(definition, pod, context);
  applyEnvironment(pod, context);
  applyResources(definition, pod, context);
  applyLinuxParameters(pod, context);
  applySecurity(pod, context);
  applyIdentity(definition, pod, context);
  const routes = applyLogging(definition, pod, context);
  const order = orderContainers(definition, context, runsOnce);
  applyHealth(pod, context, order, runsOnce, network.healthCheckGracePeriodSeconds);
  applyPlacement(definition, pod, context);
  const placed = placeContainers(definition, pod, context, order, { runsOnce, drainSeconds: network.drainSeconds });
  const template = (): IPodTemplateSpec => ({
    metadata: {
      labels: { [LABEL.name]: context.name, [LABEL.managedBy]: 'tranship', ...Object.fromEntries(pod.labels) },
      ...(pod.annotations.size === 0 ? {} : { annotations: sorted(pod.annotations) }),
    },
    spec: {
      ...pod.spec,
      restartPolicy: runsOnce ? 'Never' : 'Always',
      ...(placed.initContainers.length === 0 ? {} : { initContainers: placed.initContainers }),
      containers: placed.containers,
      ...(pod.volumes.length === 0 ? {} : { volumes: pod.volumes }),
    },
  });
  return { pod, network, routes, template };
}

function sorted(map: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}
