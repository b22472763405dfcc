import type { Manifest } from '../../port/manifest.js';
import { operatorEnvironment } from './environment.js';
import { LABELS, NAMES, type OperatorOptions, POD_LABELS, PORTS } from './names.js';

/** The namespace, in which no pod may have more rights than the operator needs: none. */
export function operatorNamespace({ namespace }: OperatorOptions): Manifest {
  const levels = ['enforce', 'audit', 'warn'].map((mode): [string, string] => [
    `pod-security.kubernetes.io/${mode}`,
    'restricted',
  ]);
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { ...LABELS, ...Object.fromEntries(levels) } },
  };
}

/** Two replicas in two zones, one of which leads, and a budget that keeps one of them through a drain. */
export function operatorDeployment(options: OperatorOptions): readonly Manifest[] {
  const { namespace } = options;
  const metadata = { name: NAMES.operator, namespace, labels: LABELS };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 2,
        // The standby is there before the one that leads goes.
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        selector: { matchLabels: POD_LABELS },
        template: {
          metadata: {
            labels: LABELS,
            annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(PORTS.health) },
          },
          spec: podSpec(options),
        },
      },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: {
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
        selector: { matchLabels: POD_LABELS },
      },
    },
    service(NAMES.operator, options, { name: 'metrics', port: PORTS.health, targetPort: 'health' }),
    service(NAMES.webhookService, options, { name: 'webhook', port: 443, targetPort: 'webhook' }),
    {
      // Without data: the operator fills it. So it needs no right to create Secrets.
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...metadata, name: NAMES.webhookCertificate },
      type: 'Opaque',
    },
  ];
}

function service(
  name: string,
  { namespace }: OperatorOptions,
  port: Readonly<Record<string, string | number>>,
): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: LABELS },
    spec: { selector: POD_LABELS, ports: [{ ...port, protocol: 'TCP' }] },
  };
}

function podSpec(options: OperatorOptions): object {
  const spread = ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'];
  return {
    serviceAccountName: NAMES.operator,
    // What heals others must not wait for room that a failing workload takes.
    priorityClassName: 'system-cluster-critical',
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    tolerations: [
      { key: 'CriticalAddonsOnly', operator: 'Exists' },
      ...['not-ready', 'unreachable'].map((state) => ({
        key: `node.kubernetes.io/${state}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 30,
      })),
    ],
    topologySpreadConstraints: spread.map((topologyKey) => ({
      topologyKey,
      maxSkew: 1,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: POD_LABELS },
      matchLabelKeys: ['pod-template-hash'],
    })),
    terminationGracePeriodSeconds: 30,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [container(options)],
  };
}

function container(options: OperatorOptions): object {
  const probe = (path: string): object => ({ httpGet: { path, port: 'health' }, periodSeconds: 5, timeoutSeconds: 3 });
  return {
    name: 'operator',
    image: options.image,
    imagePullPolicy: 'IfNotPresent',
    env: operatorEnvironment(options),
    ports: Object.entries(PORTS).map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' })),
    startupProbe: { ...probe('/livez'), failureThreshold: 24 },
    livenessProbe: { ...probe('/livez'), periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { ...probe('/readyz'), failureThreshold: 2 },
    // Enough for 10,000 pods; no CPU limit, because a throttled leader loses its Lease.
    resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}
