import type { Manifest } from '../../port/manifest.js';
import { LABELS, NAMES, type OperatorOptions } from './names.js';

/**
 * Tells the operator that somebody runs `kubectl exec` or `attach`, which leaves no trace in the pod itself
 * (`kubectl debug` does: an ephemeral container). It never refuses anything, and `failurePolicy: Ignore` lets people into
 * their pods when the operator does not answer. The leader writes `caBundle` and the path, which nobody else can guess, once
 * it has a certificate.
 */
export function execWebhookConfiguration({ namespace }: OperatorOptions): Manifest {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: NAMES.webhookConfiguration, labels: LABELS },
    webhooks: [
      {
        name: NAMES.webhook,
        admissionReviewVersions: ['v1'],
        clientConfig: { service: { namespace, name: NAMES.webhookService, port: 443 } },
        rules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CONNECT'],
            resources: ['pods/exec', 'pods/attach'],
            scope: 'Namespaced',
          },
        ],
        namespaceSelector: {
          matchExpressions: [
            { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', namespace] },
          ],
        },
        failurePolicy: 'Ignore',
        sideEffects: 'NoneOnDryRun',
        timeoutSeconds: 2,
      },
    ],
  };
}
