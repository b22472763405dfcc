/** Any JSON object, for building manifests that are to be checked. */
export type Json = { [field: string]: unknown };

/** A pod spec that uses much of what a spec may hold, and is valid in every target. */
export function podSpec(extra: Json = {}): Json {
  return {
    terminationGracePeriodSeconds: 30,
    serviceAccountName: 'web',
    containers: [
      {
        name: 'web',
        image: 'registry.example.com/web:1.4',
        command: ['/web'],
        args: ['--port', '8080'],
        ports: [{ containerPort: 8080, name: 'http', protocol: 'TCP' }, { containerPort: 9090 }],
        env: [
          { name: 'LOG_LEVEL', value: 'info' },
          { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'web', key: 'token' } } },
          { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        ],
        envFrom: [{ configMapRef: { name: 'settings' } }],
        resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '1Gi' } },
        livenessProbe: { exec: { command: ['/check'] }, periodSeconds: 30, successThreshold: 1 },
        readinessProbe: { httpGet: { path: '/ready', port: 'http' }, successThreshold: 2 },
        lifecycle: { preStop: { sleep: { seconds: 10 } } },
        volumeMounts: [{ name: 'cache', mountPath: '/cache' }],
        securityContext: { runAsUser: 1000, capabilities: { drop: ['ALL'] } },
      },
      { name: 'logger', image: 'logger:2' },
    ],
    initContainers: [
      { name: 'migrate', image: 'migrate:1' },
      { name: 'proxy', image: 'proxy:1', restartPolicy: 'Always', startupProbe: { tcpSocket: { port: 15_000 } } },
    ],
    volumes: [
      { name: 'cache', emptyDir: { sizeLimit: '1Gi' } },
      { name: 'files', configMap: { name: 'files', items: [{ key: 'a', path: 'etc/a', mode: 420 }] } },
      { name: 'keys', secret: { secretName: 'keys', defaultMode: 256 } },
    ],
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'web', effect: 'NoSchedule' }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'cpu-count', operator: 'Gt', values: ['3'] }] }],
        },
      },
    },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'topology.kubernetes.io/zone',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { app: 'web' } },
      },
    ],
    ...extra,
  };
}

function metadata(name: string): Json {
  return {
    name,
    namespace: 'shop',
    labels: { 'app.kubernetes.io/name': 'web' },
    annotations: { 'example.com/Owner': 'team a' },
  };
}

function template(extra: Json = {}): Json {
  return { metadata: { labels: { app: 'web' } }, spec: podSpec(extra) };
}

const selector = { matchLabels: { app: 'web' } };

/** A valid object of each built-in kind, by kind; made anew for each call, so tests may change it. */
export function validManifests(): Record<string, Json> {
  return {
    Deployment: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: metadata('web'),
      spec: {
        replicas: 2,
        selector,
        strategy: { rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } },
        template: template(),
      },
    },
    DaemonSet: {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: metadata('agent'),
      spec: {
        selector,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
        template: template(),
      },
    },
    StatefulSet: {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: metadata('db'),
      spec: {
        serviceName: 'db',
        selector,
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } } },
          },
        ],
        template: template(),
      },
    },
    Job: {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: metadata('migrate'),
      spec: { backoffLimit: 3, template: template({ restartPolicy: 'Never' }) },
    },
    CronJob: {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: metadata('nightly'),
      spec: {
        schedule: '0 3 * * mon-fri',
        timeZone: 'Europe/Berlin',
        concurrencyPolicy: 'Forbid',
        jobTemplate: { spec: { template: template({ restartPolicy: 'OnFailure' }) } },
      },
    },
    Pod: { apiVersion: 'v1', kind: 'Pod', metadata: metadata('probe'), spec: podSpec() },
    Service: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata('web'),
      spec: {
        selector: { app: 'web' },
        ports: [
          { name: 'http', port: 80, targetPort: 'http', appProtocol: 'kubernetes.io/h2c' },
          { name: 'admin', port: 81, targetPort: 9090 },
        ],
        trafficDistribution: 'PreferClose',
      },
    },
    ConfigMap: { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('files'), data: { 'a.conf': 'x' } },
    Secret: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadata('keys'),
      type: 'Opaque',
      data: { token: 'aGVsbG8=' },
    },
    Namespace: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
    ServiceAccount: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata('web') },
    PersistentVolume: {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'shared' },
      spec: {
        capacity: { storage: '5Gi' },
        accessModes: ['ReadWriteMany'],
        storageClassName: '',
        csi: { driver: 'efs.csi.aws.com', volumeHandle: 'fs-0123::fsap-0123' },
      },
    },
    PersistentVolumeClaim: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: metadata('shared'),
      spec: {
        accessModes: ['ReadWriteMany'],
        volumeName: 'shared',
        resources: { requests: { storage: '5Gi' } },
        dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'last' },
      },
    },
    HorizontalPodAutoscaler: {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: metadata('web'),
      spec: {
        minReplicas: 1,
        maxReplicas: 10,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } },
        ],
        behavior: {
          scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: 'Percent', value: 50, periodSeconds: 60 }] },
        },
      },
    },
    PodDisruptionBudget: {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: metadata('web'),
      spec: { minAvailable: '50%', selector },
    },
    Ingress: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: metadata('web'),
      spec: {
        ingressClassName: 'alb',
        rules: [
          {
            host: '*.example.com',
            http: {
              paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
            },
          },
        ],
        tls: [{ hosts: ['www.example.com'] }],
      },
    },
    NetworkPolicy: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: metadata('web'),
      spec: {
        podSelector: selector,
        policyTypes: ['Ingress'],
        ingress: [
          { from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }], ports: [{ port: 80, endPort: 90 }] },
        ],
      },
    },
    StorageClass: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'gp3' },
      provisioner: 'ebs.csi.aws.com',
      parameters: { type: 'gp3' },
    },
    PriorityClass: {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'high' },
      value: 1000,
    },
    Role: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: metadata('tranship:exec'),
      rules: [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] }],
    },
    ClusterRole: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'metrics' },
      rules: [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }],
    },
    RoleBinding: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: metadata('exec'),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'tranship:exec' },
      subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: 'shop' }],
    },
    ClusterRoleBinding: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'metrics' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'metrics' },
      subjects: [{ kind: 'Group', name: 'operators', apiGroup: 'rbac.authorization.k8s.io' }],
    },
  };
}

/** The valid object of a kind. */
export function valid(kind: string): Json {
  const manifest = validManifests()[kind];
  if (manifest === undefined) throw new Error(`manifests.ts has no ${kind}`);
  return manifest;
}

/** A path's steps: names, and indexes in brackets; a name in quotes may hold anything. */
function steps(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\["([^"]+)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(([, quoted, index, name]) =>
    index === undefined ? (quoted ?? name ?? '') : Number(index),
  );
}

/**
 * The valid object of a kind with one field set, or taken away when `value` is `undefined`.
 *
 * @example changed('Deployment', 'spec.template.spec.containers[0].image', '')
 */
export function changed(kind: string, path: string, value: unknown): Json {
  const manifest = valid(kind);
  set(manifest, path, value);
  return manifest;
}

/** Sets a field deep inside, making the objects on the way. */
export function set(manifest: Json, path: string, value: unknown): void {
  const way = steps(path);
  let at: Json | unknown[] = manifest;
  for (const step of way.slice(0, -1)) {
    const holder = at as Json;
    const next = holder[step] ?? {};
    holder[step] = next;
    at = next as Json | unknown[];
  }
  const last = way.at(-1) ?? '';
  if (value === undefined) delete (at as Json)[last];
  else (at as Json)[last] = value;
}
