import type { KubernetesApi, ListOptions, ListPage, WatchEvent, WatchOptions } from '../../operators/runtime/api.js';
import { ApiError } from '../../operators/runtime/api-error.js';
import type { KubernetesObject, Resource } from '../../operators/runtime/resource.js';

/** Pods of one workload; they share labels, images and annotations. */
const PODS_A_WORKLOAD = 20;
const PODS_A_NODE = 30;
/** Versions of a cluster that is not new have ten digits. */
const FIRST_VERSION = 1_000_000_000;

/**
 * A pod as an API server sends it: one container or two, probes, variables, volumes, tolerations, status and managed fields,
 * some 7 or 10 KB of JSON. Each call parses text, so that no two pods share a string that JSON would not let them share.
 */
export function syntheticPod(number: number, version: number, containers: number, restarts = 0): KubernetesObject {
  return JSON.parse(podText(number, version, containers, restarts)) as KubernetesObject;
}

export function podText(number: number, version: number, containerCount: number, restarts: number): string {
  const workload = Math.floor(number / PODS_A_WORKLOAD);
  const uid = `0b9d7c1e-3f7a-4c55-9d1e-${String(number).padStart(12, '0')}`;
  const app = `service-${workload}`;
  const labels = {
    app,
    'app.kubernetes.io/name': app,
    'app.kubernetes.io/part-of': 'shop',
    'pod-template-hash': hash(workload),
  };
  const containers = ['app', 'log-router'].slice(0, containerCount).map((name) => ({
    name,
    image: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/${app}/${name}:2026-01-${(workload % 28) + 1}`,
    imagePullPolicy: 'IfNotPresent',
    env: Array.from({ length: 18 }, (_, n) => ({ name: `SETTING_${n}`, value: `value of setting ${n} of ${app}` })),
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '512Mi' } },
    livenessProbe: { httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' }, periodSeconds: 10, timeoutSeconds: 5 },
    readinessProbe: { httpGet: { path: '/ready', port: 8080, scheme: 'HTTP' }, periodSeconds: 10, timeoutSeconds: 5 },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    volumeMounts: [
      { name: 'scratch', mountPath: '/tmp' },
      { name: 'kube-api-access', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
    ],
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  }));
  const startedAt = new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString();
  const fields = { 'f:metadata': names(20), 'f:spec': { 'f:containers': { 'k:{"name":"app"}': names(40) } } };
  return JSON.stringify({
    metadata: {
      name: `${app}-${hash(workload)}-${hash(number + 7)}`,
      generateName: `${app}-${hash(workload)}-`,
      namespace: `team-${workload % 40}`,
      uid,
      resourceVersion: String(version),
      generation: 1,
      creationTimestamp: startedAt,
      labels,
      annotations: {
        'tranship.dev/essential-containers': 'app',
        'tranship.dev/source': `arn:aws:ecs:eu-west-1:123456789012:service/shop/${app}`,
        'checksum/config': hash(workload).repeat(6),
      },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `${app}-${hash(workload)}`,
          uid: `rs-${workload}`,
          controller: true,
        },
      ],
      managedFields: [
        {
          manager: 'kube-controller-manager',
          operation: 'Update',
          apiVersion: 'v1',
          fieldsType: 'FieldsV1',
          fieldsV1: fields,
        },
        {
          manager: 'kubelet',
          operation: 'Update',
          apiVersion: 'v1',
          fieldsType: 'FieldsV1',
          subresource: 'status',
          fieldsV1: fields,
        },
      ],
    },
    spec: {
      containers,
      nodeName: `ip-10-0-${Math.floor(number / PODS_A_NODE) % 250}-${number % 4}.eu-west-1.compute.internal`,
      serviceAccountName: app,
      terminationGracePeriodSeconds: 30,
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
      volumes: [
        { name: 'scratch', emptyDir: {} },
        { name: 'kube-api-access', projected: { sources: names(3) } },
      ],
    },
    status: {
      phase: 'Running',
      podIP: `10.1.${Math.floor(number / 250)}.${number % 250}`,
      startTime: startedAt,
      qosClass: 'Burstable',
      conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(
        (type) => ({
          type,
          status: 'True',
          lastProbeTime: null,
          lastTransitionTime: startedAt,
        }),
      ),
      containerStatuses: containers.map(({ name, image }) => ({
        name,
        image,
        imageID: `${image}@sha256:${hash(workload).repeat(8)}`,
        containerID: `containerd://${hash(number).repeat(8)}`,
        ready: true,
        started: true,
        restartCount: restarts,
        state: { running: { startedAt } },
      })),
    },
  });
}

function names(count: number): Record<string, object> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`f:field-number-${n}`, {}]));
}

function hash(number: number): string {
  return ((number * 2_654_435_761) >>> 0).toString(36).padStart(7, '0');
}

/** A server with so many pods, whose watches bring so many changes, spread over all pods, and then stay quiet. */
export function syntheticPodsApi(
  pods: number,
  containers: number,
  changes: number,
): Pick<KubernetesApi, 'list' | 'watch'> {
  return {
    list: <T extends KubernetesObject>(
      _resource: Resource,
      { limit = 500, continue: from = '0' }: ListOptions = {},
    ) => {
      const start = Number(from);
      const end = Math.min(start + limit, pods);
      const items = Array.from(
        { length: end - start },
        (_, n) => syntheticPod(start + n, FIRST_VERSION + start + n, containers) as T,
      );
      const page: ListPage<T> = {
        items,
        resourceVersion: String(FIRST_VERSION + pods),
        ...(end < pods ? { continue: String(end) } : {}),
      };
      return Promise.resolve(page);
    },
    watch: <T extends KubernetesObject>(_resource: Resource, options: WatchOptions) =>
      podChanges(pods, containers, changes, options) as AsyncIterable<WatchEvent<T>>,
  };
}

async function* podChanges(
  pods: number,
  containers: number,
  changes: number,
  { resourceVersion, signal }: WatchOptions,
): AsyncGenerator<WatchEvent<KubernetesObject>> {
  for (let version = Number(resourceVersion) + 1; version <= FIRST_VERSION + pods + changes; version++) {
    yield { type: 'MODIFIED', object: syntheticPod((version * 7919) % pods, version, containers, version) };
  }
  await new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new ApiError('Aborted', 'the caller aborted')), { once: true });
  });
}
