import { deploymentFeature } from './deployment/feature.js';
import { execWebhook } from './healing/exec-webhook.js';
import { healingFeature } from './healing/feature.js';
import type { ObservedPod } from './healing/observation.js';
import type { CachedPolicy } from './healing/project-policy.js';
import type { KubernetesApi } from './runtime/api.js';
import type { ObjectCache } from './runtime/object-cache.js';
import type { OperatorContext, OperatorFeature } from './runtime/operator.js';
import type { Options } from './runtime/options.js';

/** What features get of the process beside their context. */
export interface ProcessParts {
  /** For what every replica may write, leader or not. */
  readonly unfenced: KubernetesApi;
  readonly options: Options;
}

/** What healing caches and others read too. */
interface SharedCaches {
  readonly pods: ObjectCache<ObservedPod>;
  readonly policies: ObjectCache<CachedPolicy>;
}

/** All features of the operator. The AWS SDK is loaded only where there is a bus or a topic. */
export async function createFeatures(
  context: OperatorContext,
  { unfenced, options }: ProcessParts,
): Promise<readonly OperatorFeature[]> {
  const healing = healingFeature(context);
  const { pods, policies } = healing.caches as unknown as SharedCaches;
  const webhook = execWebhook(context, { unfenced, pods, policies, port: options.webhookPort });
  const deployment = deploymentFeature(context, pods);
  const delivers = options.eventBus !== undefined || options.topic !== undefined;
  const outbox = delivers ? (await import('./outbox/feature.js')).outboxFeature(context, options) : undefined;
  return [healing, deployment, webhook, ...(outbox === undefined ? [] : [outbox])];
}
