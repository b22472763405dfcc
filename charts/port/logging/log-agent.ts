import { createHash } from 'node:crypto';
import type { IContainer, IPodSpec } from 'kubernetes-models/v1';
import { LABEL } from '../annotations.js';
import type { Manifest } from '../manifest.js';
import type { PortOptions } from '../options.js';
import { agentConfig, CONFIG, type ConfigFile, NODE_VARIABLES, STATE } from './agent-config.js';
import { agentIdentity, LOG_AGENT } from './agent-identity.js';
import { fargateLogging } from './fargate-logging.js';
import type { LogRoute } from './log-route.js';

/** AWS for Fluent Bit 3.4.14, which is Fluent Bit 5.0.9. Source: github.com/aws/aws-for-fluent-bit, releases. */
export const LOG_AGENT_IMAGE = 'public.ecr.aws/aws-observability/aws-for-fluent-bit:3.4.14';

/** Characters in one ConfigMap. `kubectl apply` keeps a copy in an annotation, and annotations end at 256 KiB. */
const CONFIG_MAP_LENGTH = 200_000;

const LABELS = { [LABEL.name]: LOG_AGENT.name, [LABEL.managedBy]: 'tranship' };

/**
 * The agent that sends the logs of all routes: a DaemonSet of Fluent Bit with its configuration, in a namespace of its own,
 * and for EKS Fargate the ConfigMap of the log router that AWS runs there. Nothing when there are no routes.
 *
 * A cluster that has a Fluent Bit already needs the ConfigMaps only. The agent runs as root, because log files of the node
 * belong to root and may be read by no one else; it has no capabilities, a read-only file system, and no access to the
 * Kubernetes API.
 *
 * The result depends on nothing but the routes and options, and not on the order of the routes.
 */
export function renderLogAgent(routes: readonly LogRoute[], options: PortOptions): readonly Manifest[] {
  const ordered = [...routes].sort((a, b) => compare(keyOf(a), keyOf(b)));
  const onNodes = ordered.filter(({ fargate }) => !fargate);
  const onFargate = ordered.filter(({ fargate }) => fargate);
  return [
    ...(onNodes.length === 0 ? [] : nodeAgent(onNodes, options)),
    ...(onFargate.length === 0 ? [] : fargateLogging(onFargate)),
  ];
}

function keyOf({ namespace, workload, container }: LogRoute): string {
  return `${namespace}/${workload}/${container}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function nodeAgent(routes: readonly LogRoute[], options: PortOptions): readonly Manifest[] {
  const { namespace, name } = LOG_AGENT;
  const files = agentConfig(routes);
  const configMaps = packed(files).map(
    (data, index): Manifest => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: index === 0 ? name : `${name}-${index + 1}`, namespace, labels: LABELS },
      data,
    }),
  );
  const aws = routes.some((route) => route.aws);
  const account = routes.find((route) => route.aws && route.account !== undefined)?.account;
  const checksum = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16);
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      // Log files of the node are a hostPath volume, which no lower level admits.
      metadata: {
        name: namespace,
        labels: { [LABEL.managedBy]: 'tranship', 'pod-security.kubernetes.io/enforce': 'privileged' },
      },
    },
    ...agentIdentity(options, account, aws),
    ...configMaps,
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name, namespace, labels: LABELS },
      spec: {
        selector: { matchLabels: { [LABEL.name]: name } },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
        template: {
          metadata: { labels: LABELS, annotations: { 'tranship.dev/log-agent-config': checksum } },
          spec: agentPod(
            routes,
            configMaps.map((configMap) => configMap.metadata.name),
          ),
        },
      },
    },
  ];
}

function agentPod(routes: readonly LogRoute[], configMaps: readonly string[]): IPodSpec {
  return {
    serviceAccountName: LOG_AGENT.name,
    automountServiceAccountToken: false,
    priorityClassName: 'system-node-critical',
    terminationGracePeriodSeconds: 60,
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'eks.amazonaws.com/compute-type', operator: 'NotIn', values: ['fargate'] }] },
          ],
        },
      },
    },
    tolerations: [{ operator: 'Exists' }],
    containers: [agentContainer(routes)],
    volumes: [
      { name: 'config', projected: { sources: configMaps.map((name) => ({ configMap: { name } })) } },
      { name: 'pod-logs', hostPath: { path: '/var/log/pods', type: 'DirectoryOrCreate' } },
      { name: 'state', hostPath: { path: STATE, type: 'DirectoryOrCreate' } },
      { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
    ],
  };
}

function agentContainer(routes: readonly LogRoute[]): IContainer {
  const variables = new Map(
    routes.flatMap((route) => route.variables.map(({ name, source }) => [name, source] as const)),
  );
  return {
    name: 'fluent-bit',
    image: LOG_AGENT_IMAGE,
    env: [
      ...NODE_VARIABLES.map((variable) => ({ ...variable })),
      ...[...variables].sort(([a], [b]) => compare(a, b)).map(([name, valueFrom]) => ({ name, valueFrom })),
    ],
    ports: [{ name: 'http', containerPort: 2020 }],
    // Says that the process answers; destinations that do not must not make it restart.
    livenessProbe: {
      httpGet: { path: '/api/v1/uptime', port: 'http' },
      initialDelaySeconds: 30,
      periodSeconds: 30,
      timeoutSeconds: 5,
      failureThreshold: 4,
    },
    resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
    securityContext: {
      runAsUser: 0,
      runAsGroup: 0,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [
      { name: 'config', mountPath: CONFIG, readOnly: true },
      { name: 'pod-logs', mountPath: '/var/log/pods', readOnly: true },
      { name: 'state', mountPath: STATE },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}

/** Files in as few ConfigMaps as hold them, in order. */
function packed(files: readonly ConfigFile[]): readonly Readonly<Record<string, string>>[] {
  const maps: { data: Record<string, string>; length: number }[] = [];
  for (const { name, text } of files) {
    const length = Buffer.byteLength(text);
    const last = maps.at(-1);
    if (last === undefined || last.length + length > CONFIG_MAP_LENGTH) maps.push({ data: { [name]: text }, length });
    else {
      last.data[name] = text;
      last.length += length;
    }
  }
  return maps.map(({ data }) => data);
}
