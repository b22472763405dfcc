import { execWebhook, type ExecWebhookParts } from './healing/exec-webhook.js';
import { healingFeature } from './healing/feature.js';
import { outboxFeature } from './outbox/feature.js';
import type { KubernetesApi } from './runtime/api.js';
import type { OperatorContext, OperatorFeature } from './runtime/operator.js';
import type { Options } from './runtime/options.js';

/** What features get of the process beside their context. */
export interface ProcessParts {
  /** For what every replica may write, leader or not. */
  readonly unfenced: KubernetesApi;
  readonly options: Options;
}

/** All features of the operator. */
export function createFeatures(
  context: OperatorContext,
  { unfenced, options }: ProcessParts,
): readonly OperatorFeature[] {
  const healing = healingFeature(context);
  const { pods, policies } = healing.caches as unknown as Pick<ExecWebhookParts, 'pods' | 'policies'>;
  const webhook = execWebhook(context, { unfenced, pods, policies, port: options.webhookPort });
  const outbox = outboxFeature(context, options);
  return outbox === undefined ? [healing, webhook] : [healing, webhook, outbox];
}
