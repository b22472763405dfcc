import type { Manifest } from '../../port/manifest.js';
import { LABELS, NAMES, type OperatorOptions, POD_LABELS, PORTS } from './names.js';

/** Where EKS Pod Identity gives out credentials, on the node itself. */
const POD_IDENTITY_AGENT = '169.254.170.23/32';

const tcp = (...ports: readonly number[]): readonly object[] => ports.map((port) => ({ protocol: 'TCP', port }));

/**
 * What may talk to the operator and with what it may talk. The API server has no labels that a policy could name, so its
 * ports are open: 443, as on EKS, and 6443, where other clusters have it. The kubelet's probes are let through by Kubernetes itself.
 */
export function networkPolicy({ namespace, eventBus, topic, otlpEndpoint }: OperatorOptions): Manifest {
  const aws = eventBus !== undefined || topic !== undefined;
  const collector = otlpEndpoint === undefined ? [] : [{ ports: tcp(portOf(otlpEndpoint)) }];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: NAMES.operator, namespace, labels: LABELS },
    spec: {
      podSelector: { matchLabels: POD_LABELS },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: tcp(PORTS.health, PORTS.webhook) }],
      egress: [
        { ports: tcp(443, 6443) },
        {
          ports: [{ protocol: 'UDP', port: 53 }, ...tcp(53)],
        },
        ...(aws ? [{ to: [{ ipBlock: { cidr: POD_IDENTITY_AGENT } }], ports: tcp(80) }] : []),
        ...collector,
      ],
    },
  };
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}
