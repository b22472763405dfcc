import { PORTS } from '../../charts/apps/operator/names.js';
import type { KubernetesApi } from '../runtime/api.js';
import type { CacheReader } from '../runtime/cached.js';
import type { OperatorContext, OperatorFeature, RunnableCache } from '../runtime/operator.js';
import { ExecMarker } from './exec-webhook-mark.js';
import { CertificateRotation } from './exec-webhook-rotation.js';
import { ExecWebhookServer } from './exec-webhook-server.js';
import type { ObservedPod } from './observation.js';
import type { CachedPolicy } from './project-policy.js';

/** What the feature shares with others. */
export interface ExecWebhookParts {
  /** Not fenced; see `ExecMarkerOptions`. */
  readonly unfenced: KubernetesApi;
  readonly pods: RunnableCache & CacheReader<ObservedPod>;
  readonly policies: RunnableCache & CacheReader<CachedPolicy>;
  /** @default 9443 */
  readonly port?: number;
}

/**
 * Notes in a pod that somebody ran `kubectl exec` or `attach`, which is seen nowhere else: the API server asks each
 * replica's server before it connects, and the leader keeps the certificate.
 *
 * @example features.push(execWebhook(context, { unfenced: api, pods, policies }));
 */
export function execWebhook(context: OperatorContext, parts: ExecWebhookParts): OperatorFeature {
  const { api, clock, operatorNamespace: namespace } = context;
  const { unfenced, pods, policies, port = PORTS.webhook } = parts;
  const log = context.log.with({ feature: 'exec-webhook' });
  const marker = new ExecMarker({ api: unfenced, pods, policies, clock, log });
  return {
    name: 'exec-webhook',
    caches: { pods, policies },
    controllers: [new CertificateRotation({ api, namespace, clock, log })],
    servers: [new ExecWebhookServer({ api, namespace, port, marker, clock, log })],
  };
}
