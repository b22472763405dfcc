import { describe, expect, test } from '@jest/globals';
import { createManifestValidator } from '../../../charts/validation/validate.js';
import { changed, type Json, set } from './manifests.js';

const validator = createManifestValidator('1.35');

/** What is checked, the field below the pod spec, a value that passes, one that does not, where and what the finding says. */
type Case = readonly [rule: string, field: string, good: unknown, bad: unknown, at: string, message: string];

const container = 'containers[0]';
const probe = `${container}.livenessProbe`;
const environment = (...variables: readonly object[]): readonly object[] => variables;
const affinityTerm =
  'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0]';
const spread = 'topologySpreadConstraints[0]';

const CONTAINERS: readonly Case[] = [
  [
    'container names are DNS labels',
    `${container}.name`,
    'web-1',
    'Web_1',
    `${container}.name`,
    '"Web_1" must be a DNS label',
  ],
  [
    'container names have at most 63 characters',
    `${container}.name`,
    'a'.repeat(63),
    'a'.repeat(64),
    `${container}.name`,
    'it has 64',
  ],
  [
    'init containers share no name with containers',
    'initContainers[0].name',
    'setup',
    'web',
    'initContainers[0].name',
    'is the name of spec.template.spec.containers[0] too',
  ],
  ['a pod has containers', 'containers', [{ name: 'a', image: 'b' }], [], 'containers', 'at least one container'],
  ['an image is named', `${container}.image`, 'nginx', '', `${container}.image`, 'is required'],
  [
    'port names have at most 15 characters',
    `${container}.ports[1].name`,
    'admin-interface',
    'admin-interfaces',
    `${container}.ports[1].name`,
    'it has 16',
  ],
  [
    'port names hold a letter',
    `${container}.ports[1].name`,
    '9-a',
    '9090',
    `${container}.ports[1].name`,
    'a letter among them',
  ],
  [
    'port names have no hyphens side by side',
    `${container}.ports[1].name`,
    'a-b',
    'a--b',
    `${container}.ports[1].name`,
    'single hyphens',
  ],
  [
    'port names are unique in a container',
    `${container}.ports[1].name`,
    'admin',
    'http',
    `${container}.ports[1].name`,
    'is the name of ports[0] too',
  ],
  [
    'ports are from 1 to 65535',
    `${container}.ports[1].containerPort`,
    65_535,
    65_536,
    `${container}.ports[1].containerPort`,
    'from 1 to 65535',
  ],
  [
    'init containers without restartPolicy Always have no probes',
    'initContainers[0].readinessProbe',
    undefined,
    { exec: { command: ['x'] } },
    'initContainers[0].readinessProbe',
    'make this a sidecar',
  ],
  [
    'resize policies are for cpu and memory',
    `${container}.resizePolicy`,
    [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
    [{ resourceName: 'disk', restartPolicy: 'NotRequired' }],
    `${container}.resizePolicy[0].resourceName`,
    'allowed: cpu, memory',
  ],
  [
    'a resource is resized by one policy',
    `${container}.resizePolicy`,
    [
      { resourceName: 'cpu', restartPolicy: 'NotRequired' },
      { resourceName: 'memory', restartPolicy: 'RestartContainer' },
    ],
    [
      { resourceName: 'cpu', restartPolicy: 'NotRequired' },
      { resourceName: 'cpu', restartPolicy: 'RestartContainer' },
    ],
    `${container}.resizePolicy[1].resourceName`,
    'has a policy already',
  ],
  [
    'devices are claimed by the pod first',
    'resourceClaims',
    [{ name: 'gpu', resourceClaimTemplateName: 'gpu' }],
    [{ name: 'gpu' }],
    'resourceClaims[0]',
    'exactly one of resourceClaimName',
  ],
  [
    'containers use claims of the pod',
    `${container}.resources.claims`,
    undefined,
    [{ name: 'gpu' }],
    `${container}.resources.claims[0].name`,
    "is no entry of the pod's resourceClaims",
  ],
  [
    'a stop signal is dropped',
    `${container}.lifecycle.stopSignal`,
    undefined,
    'SIGTERM',
    `${container}.lifecycle.stopSignal`,
    'ContainerStopSignals',
  ],
];

const ENVIRONMENT: readonly Case[] = [
  [
    'names are printable ASCII',
    `${container}.env[0].name`,
    'a b:c',
    'naïve',
    `${container}.env[0].name`,
    'printable ASCII',
  ],
  [
    'names have no equals sign',
    `${container}.env[0].name`,
    '1_A.B-C',
    'A=B',
    `${container}.env[0].name`,
    'other than "="',
  ],
  ['names are not empty', `${container}.env[0].name`, 'A', '', `${container}.env[0].name`, 'printable ASCII'],
  [
    'a variable has a value or a source',
    `${container}.env[1].value`,
    '',
    'x',
    `${container}.env[1].valueFrom`,
    'must not stand beside a value',
  ],
  [
    'a variable has one source',
    `${container}.env[2].valueFrom.configMapKeyRef`,
    undefined,
    { name: 'a', key: 'b' },
    `${container}.env[2].valueFrom`,
    'has 2 sources',
  ],
  [
    'a source is named',
    `${container}.env[2].valueFrom`,
    { secretKeyRef: { name: 'a', key: 'b' } },
    {},
    `${container}.env[2].valueFrom`,
    'has 0 sources',
  ],
  [
    'keys of Secrets follow their grammar',
    `${container}.env[1].valueFrom.secretKeyRef.key`,
    'a.b_C-1',
    'a:b',
    `${container}.env[1].valueFrom.secretKeyRef.key`,
    'at most 253 letters',
  ],
  [
    'Secrets are named',
    `${container}.env[1].valueFrom.secretKeyRef.name`,
    'web',
    'Web',
    `${container}.env[1].valueFrom.secretKeyRef.name`,
    'must be a DNS name',
  ],
  [
    'fields of the pod are those that exist',
    `${container}.env[2].valueFrom.fieldRef.fieldPath`,
    'status.podIP',
    'status.phase',
    `${container}.env[2].valueFrom.fieldRef.fieldPath`,
    'allowed: metadata.name',
  ],
  [
    'labels are taken by key',
    `${container}.env[2].valueFrom.fieldRef.fieldPath`,
    "metadata.labels['app']",
    "metadata.labels['a b']",
    `${container}.env[2].valueFrom.fieldRef.fieldPath`,
    '"a b"',
  ],
  [
    'resources are those that exist',
    `${container}.env[2].valueFrom`,
    { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } },
    { resourceFieldRef: { resource: 'limits.disk' } },
    `${container}.env[2].valueFrom.resourceFieldRef.resource`,
    'allowed: limits.cpu',
  ],
  [
    'divisors are those that exist',
    `${container}.env[2].valueFrom`,
    { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } },
    { resourceFieldRef: { resource: 'limits.cpu', divisor: '1Mi' } },
    `${container}.env[2].valueFrom.resourceFieldRef.divisor`,
    'allowed: 1, 1m',
  ],
  [
    'envFrom has one source',
    `${container}.envFrom`,
    [{ secretRef: { name: 'a' }, prefix: 'P_' }],
    [{ prefix: 'P_' }],
    `${container}.envFrom[0]`,
    'exactly one of configMapRef, secretRef',
  ],
  [
    'no two variables have one name',
    `${container}.env`,
    environment({ name: 'A' }, { name: 'B' }),
    environment({ name: 'A' }, { name: 'A' }),
    `${container}.env[1]`,
    'server-side apply',
  ],
];

const PROBES: readonly Case[] = [
  ['a probe has a handler', probe, { grpc: { port: 1 } }, { periodSeconds: 3 }, probe, 'has no handler'],
  [
    'a probe has one handler',
    probe,
    { tcpSocket: { port: 'http' } },
    { tcpSocket: { port: 80 }, exec: { command: ['a'] } },
    probe,
    'has 2 handlers (exec, tcpSocket)',
  ],
  [
    'numbers are not negative',
    `${probe}.periodSeconds`,
    0,
    -1,
    `${probe}.periodSeconds`,
    '-1 is out of range, must be at least 0',
  ],
  [
    'one success makes a container live',
    `${probe}.successThreshold`,
    1,
    2,
    `${probe}.successThreshold`,
    'must be 1 for a livenessProbe',
  ],
  [
    'one success makes a container started',
    'initContainers[1].startupProbe.successThreshold',
    1,
    2,
    'initContainers[1].startupProbe.successThreshold',
    'must be 1 for a startupProbe',
  ],
  [
    'a readiness probe ends nothing',
    `${container}.readinessProbe.terminationGracePeriodSeconds`,
    undefined,
    5,
    `${container}.readinessProbe.terminationGracePeriodSeconds`,
    'must not be set',
  ],
  [
    'a grace period is at least a second',
    `${probe}.terminationGracePeriodSeconds`,
    1,
    0,
    `${probe}.terminationGracePeriodSeconds`,
    'must be at least 1',
  ],
  [
    'a command has a program',
    `${probe}.exec.command`,
    ['a'],
    [],
    `${probe}.exec.command`,
    'needs at least the program',
  ],
  [
    'a port has a number that exists',
    `${container}.readinessProbe.httpGet.port`,
    1,
    0,
    `${container}.readinessProbe.httpGet.port`,
    'from 1 to 65535',
  ],
  [
    'a port has a name that could exist',
    `${container}.readinessProbe.httpGet.port`,
    'http',
    'HTTP',
    `${container}.readinessProbe.httpGet.port`,
    'names no port',
  ],
  [
    'header names hold letters, digits and hyphens',
    `${container}.readinessProbe.httpGet.httpHeaders`,
    [{ name: 'X-Probe', value: '1' }],
    [{ name: 'X Probe', value: '1' }],
    `${container}.readinessProbe.httpGet.httpHeaders[0].name`,
    'no HTTP header name',
  ],
  [
    'a sleep fits into the grace period',
    `${container}.lifecycle.preStop.sleep.seconds`,
    30,
    31,
    `${container}.lifecycle.preStop.sleep.seconds`,
    'terminationGracePeriodSeconds (30)',
  ],
  [
    'a hook has one handler',
    `${container}.lifecycle.preStop`,
    { exec: { command: ['a'] } },
    {},
    `${container}.lifecycle.preStop`,
    'has no handler',
  ],
];

const RESOURCES: readonly Case[] = [
  [
    'quantities follow their grammar',
    `${container}.resources.requests.memory`,
    '0.5Gi',
    '512 MB',
    `${container}.resources.requests.memory`,
    'is no quantity',
  ],
  [
    'quantities are not negative',
    `${container}.resources.requests.cpu`,
    '0',
    '-1',
    `${container}.resources.requests.cpu`,
    'is negative',
  ],
  [
    'requests are at most limits',
    `${container}.resources.requests.memory`,
    '1024Mi',
    '1025Mi',
    `${container}.resources.requests.memory`,
    'is above the limit "1Gi"',
  ],
  [
    'resources are known or have a domain',
    `${container}.resources.limits`,
    { memory: '1Gi', 'nvidia.com/gpu': 1 },
    { memory: '1Gi', gpu: 1 },
    `${container}.resources.limits.gpu`,
    'is no resource of a container',
  ],
  [
    'extended resources are whole',
    `${container}.resources.limits`,
    { memory: '1Gi', 'nvidia.com/gpu': 2 },
    { memory: '1Gi', 'nvidia.com/gpu': '500m' },
    `${container}.resources.limits["nvidia.com/gpu"]`,
    'no whole number',
  ],
  [
    'extended resources have a limit',
    `${container}.resources.requests`,
    { cpu: 1 },
    { 'nvidia.com/gpu': 1 },
    `${container}.resources.requests["nvidia.com/gpu"]`,
    'needs a limit of the same amount',
  ],
  [
    'a pod requests what its containers request',
    'resources',
    { requests: { cpu: '250m' } },
    { requests: { cpu: '249m' } },
    'resources.requests.cpu',
    'less than the containers request together',
  ],
  [
    'no container may use more than its pod',
    'resources',
    { limits: { memory: '1Gi' } },
    { limits: { memory: '1023Mi' } },
    `${container}.resources.limits.memory`,
    "above the pod's limit",
  ],
  [
    'a pod has cpu and memory',
    'resources',
    { limits: { cpu: 2 } },
    { limits: { 'ephemeral-storage': '1Gi' } },
    'resources.limits["ephemeral-storage"]',
    'allowed: cpu, memory',
  ],
];

const VOLUMES: readonly Case[] = [
  [
    'mounts name a volume of the pod',
    `${container}.volumeMounts[0].name`,
    'keys',
    'cash',
    `${container}.volumeMounts[0].name`,
    'is no volume of the pod, which has cache, files, keys',
  ],
  ['volume names are DNS labels', 'volumes[1].name', 'files-1', 'files.1', 'volumes[1].name', 'must be a DNS label'],
  [
    'a volume has one source',
    'volumes[0].hostPath',
    undefined,
    { path: '/x' },
    'volumes[0]',
    'has 2 sources (emptyDir, hostPath)',
  ],
  ['a Secret is named', 'volumes[2].secret.secretName', 'a', '', 'volumes[2].secret.secretName', 'is required'],
  [
    'modes are permission bits',
    'volumes[2].secret.defaultMode',
    0o777,
    0o1000,
    'volumes[2].secret.defaultMode',
    'from 0 to 511',
  ],
  [
    'files stay inside their volume',
    'volumes[1].configMap.items[0].path',
    'a/b',
    '../b',
    'volumes[1].configMap.items[0].path',
    'must not hold ".."',
  ],
  [
    'files name a key',
    'volumes[1].configMap.items[0].key',
    'a',
    '',
    'volumes[1].configMap.items[0].key',
    'is required',
  ],
  [
    'files have relative paths',
    'volumes[1].configMap.items[0].path',
    'a',
    '/a',
    'volumes[1].configMap.items[0].path',
    'relative path',
  ],
  [
    'sub paths are relative',
    `${container}.volumeMounts[0].subPath`,
    'a/b',
    '/a/b',
    `${container}.volumeMounts[0].subPath`,
    'relative path',
  ],
  [
    'a mount has one kind of sub path',
    `${container}.volumeMounts[0]`,
    { name: 'cache', mountPath: '/c', subPathExpr: '$(POD)' },
    { name: 'cache', mountPath: '/c', subPathExpr: '$(POD)', subPath: 'a' },
    `${container}.volumeMounts[0].subPathExpr`,
    'beside subPath',
  ],
  [
    'bidirectional mounts need privileges',
    `${container}.volumeMounts[0].mountPropagation`,
    'HostToContainer',
    'Bidirectional',
    `${container}.volumeMounts[0].mountPropagation`,
    'privileged',
  ],
  [
    'NFS exports are absolute',
    'volumes[1]',
    { name: 'files', nfs: { server: 'a', path: '/x' } },
    { name: 'files', nfs: { server: 'a', path: 'x' } },
    'volumes[1].nfs.path',
    'absolute path',
  ],
  [
    'CSI drivers have names',
    'volumes[1]',
    { name: 'files', csi: { driver: 'efs.csi.aws.com' } },
    { name: 'files', csi: { driver: 'a b' } },
    'volumes[1].csi.driver',
    'must be a DNS name',
  ],
  [
    'ephemeral volumes ask for storage',
    'volumes[1]',
    {
      name: 'files',
      ephemeral: {
        volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
      },
    },
    { name: 'files', ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'] } } } },
    'volumes[1].ephemeral.volumeClaimTemplate.spec.resources.requests.storage',
    'is required',
  ],
  [
    'downward API files have a source',
    'volumes[1]',
    { name: 'files', downwardAPI: { items: [{ path: 'a', fieldRef: { fieldPath: 'metadata.labels' } }] } },
    { name: 'files', downwardAPI: { items: [{ path: 'a' }] } },
    'volumes[1].downwardAPI.items[0]',
    'one of fieldRef, resourceFieldRef',
  ],
  [
    'tokens live ten minutes',
    'volumes[1]',
    { name: 'files', projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 600 } }] } },
    { name: 'files', projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 599 } }] } },
    'volumes[1].projected.sources[0].serviceAccountToken.expirationSeconds',
    'from 600',
  ],
];

const SCHEDULING: readonly Case[] = [
  [
    'Gt compares with one number',
    `${affinityTerm}.values`,
    ['4'],
    ['4', '5'],
    `${affinityTerm}.values`,
    'Gt takes exactly one',
  ],
  [
    'Gt compares with an integer',
    `${affinityTerm}.values`,
    ['0'],
    ['four'],
    `${affinityTerm}.values[0]`,
    'is no integer',
  ],
  [
    'Exists takes no value',
    affinityTerm,
    { key: 'a', operator: 'Exists' },
    { key: 'a', operator: 'Exists', values: ['b'] },
    `${affinityTerm}.values`,
    'must be left out with Exists',
  ],
  [
    'In takes a value',
    affinityTerm,
    { key: 'a', operator: 'In', values: ['b'] },
    { key: 'a', operator: 'In' },
    `${affinityTerm}.values`,
    'needs at least one value',
  ],
  [
    'operators are those that exist',
    affinityTerm,
    { key: 'a', operator: 'DoesNotExist' },
    { key: 'a', operator: 'Matches', values: ['b'] },
    `${affinityTerm}.operator`,
    'allowed: DoesNotExist, Exists, Gt, In, Lt, NotIn',
  ],
  ['node selectors are labels', 'nodeSelector', { a: 'b' }, { 'a b': 'c' }, 'nodeSelector["a b"]', 'must be a name'],
  [
    'weights are from 1 to 100',
    'affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution',
    [{ weight: 100, preference: {} }],
    [{ weight: 101, preference: {} }],
    'affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight',
    'from 1 to 100',
  ],
  [
    'a required affinity has terms',
    'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms',
    [{}],
    [],
    'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms',
    'at least one term',
  ],
  [
    'pod affinity selects by label',
    'affinity.podAffinity',
    {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'zone', labelSelector: { matchLabels: { a: 'b' } } },
      ],
    },
    {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'zone', labelSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
      ],
    },
    'affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector.matchExpressions[0].values',
    'In needs at least one value',
  ],
  [
    'a toleration without a key exists',
    'tolerations',
    [{ operator: 'Exists' }],
    [{ operator: 'Equal', value: 'a' }],
    'tolerations[0].operator',
    'must be Exists',
  ],
  [
    'Exists tolerates every value',
    'tolerations',
    [{ key: 'a', operator: 'Exists' }],
    [{ key: 'a', operator: 'Exists', value: 'b' }],
    'tolerations[0].value',
    'left out with Exists',
  ],
  [
    'only eviction waits',
    'tolerations',
    [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 3 }],
    [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 3 }],
    'tolerations[0].effect',
    'must be NoExecute',
  ],
  ['skew is at least 1', `${spread}.maxSkew`, 2, 0, `${spread}.maxSkew`, 'at least 1'],
  [
    'domains are counted when they must be',
    spread,
    { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', minDomains: 2 },
    { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', minDomains: 2 },
    `${spread}.whenUnsatisfiable`,
    'allowed: DoNotSchedule',
  ],
  [
    'a key is matched once',
    `${spread}.matchLabelKeys`,
    ['pod-template-hash'],
    ['app'],
    `${spread}.matchLabelKeys[0]`,
    'in the labelSelector too',
  ],
];

const POD: readonly Case[] = [
  [
    'the grace period is not negative',
    'terminationGracePeriodSeconds',
    10,
    -1,
    'terminationGracePeriodSeconds',
    'at least 0',
  ],
  [
    'host ports with hostNetwork are the container ports',
    'containers',
    [{ name: 'a', image: 'b', ports: [{ containerPort: 80, hostPort: 80 }] }],
    [{ name: 'a', image: 'b', ports: [{ containerPort: 80, hostPort: 81 }] }],
    `${container}.ports[0].hostPort`,
    'must be the containerPort (80)',
  ],
  [
    'a port of the node is taken once',
    'containers',
    [{ name: 'a', image: 'b', ports: [{ containerPort: 80, hostPort: 80 }] }],
    [
      { name: 'a', image: 'b', ports: [{ containerPort: 80, hostPort: 80 }] },
      { name: 'c', image: 'b', ports: [{ containerPort: 80, hostPort: 80 }] },
    ],
    'containers[1].ports[0].hostPort',
    'is taken by spec.template.spec.containers[0].ports[0]',
  ],
  ['the service account is a DNS name', 'serviceAccountName', 'a.b', 'a_b', 'serviceAccountName', 'must be a DNS name'],
  ['the host name is a DNS label', 'hostname', 'a', 'a.b', 'hostname', 'must be a DNS label'],
  [
    'host aliases are addresses',
    'hostAliases',
    [{ ip: '::1', hostnames: ['a.b'] }],
    [{ ip: 'host-gateway', hostnames: ['a.b'] }],
    'hostAliases[0].ip',
    'is no IP address',
  ],
  [
    'host aliases have DNS names',
    'hostAliases',
    [{ ip: '10.0.0.1', hostnames: ['a'] }],
    [{ ip: '10.0.0.1', hostnames: ['a_b'] }],
    'hostAliases[0].hostnames[0]',
    'must be a DNS name',
  ],
  [
    'there are at most three name servers',
    'dnsConfig',
    { nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3'] },
    { nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'] },
    'dnsConfig.nameservers',
    'at most 3',
  ],
  [
    'name servers are addresses',
    'dnsConfig',
    { nameservers: ['10.0.0.2'], searches: ['.', '_a.b'] },
    { nameservers: ['ns.example.com'] },
    'dnsConfig.nameservers[0]',
    'is no IP address',
  ],
  [
    'search domains are DNS names',
    'dnsConfig',
    { searches: ['ec2.internal.'] },
    { searches: ['a..b'] },
    'dnsConfig.searches[0]',
    'must be a DNS name',
  ],
  ['no DNS policy needs servers', 'dnsPolicy', 'Default', 'None', 'dnsConfig.nameservers', 'at least one server'],
  [
    'operating systems are Linux and Windows',
    'os',
    { name: 'linux' },
    { name: 'darwin' },
    'os.name',
    'allowed: linux, windows',
  ],
];

const SECURITY: readonly Case[] = [
  [
    'users are numbers that Linux has',
    `${container}.securityContext.runAsUser`,
    2_147_483_647,
    -1,
    `${container}.securityContext.runAsUser`,
    'from 0 to 2147483647',
  ],
  [
    'privileged containers escalate',
    `${container}.securityContext`,
    { privileged: true },
    { privileged: true, allowPrivilegeEscalation: false },
    `${container}.securityContext.allowPrivilegeEscalation`,
    'must not be false',
  ],
  [
    'a local profile is named',
    `${container}.securityContext.seccompProfile`,
    { type: 'Localhost', localhostProfile: 'a.json' },
    { type: 'Localhost' },
    `${container}.securityContext.seccompProfile.localhostProfile`,
    'is required',
  ],
  [
    'a default profile has no name',
    `${container}.securityContext.seccompProfile`,
    { type: 'RuntimeDefault' },
    { type: 'RuntimeDefault', localhostProfile: 'a' },
    `${container}.securityContext.seccompProfile.localhostProfile`,
    'left out with type "RuntimeDefault"',
  ],
  [
    'sysctls have names',
    'securityContext.sysctls',
    [{ name: 'net.core.somaxconn', value: '1' }],
    [{ name: 'Net.Core', value: '1' }],
    'securityContext.sysctls[0].name',
    'is no sysctl',
  ],
  [
    'sysctls are set once',
    'securityContext.sysctls',
    [
      { name: 'net.a', value: '1' },
      { name: 'net.b', value: '1' },
    ],
    [
      { name: 'net.a', value: '1' },
      { name: 'net.a', value: '2' },
    ],
    'securityContext.sysctls[1].name',
    'is set twice',
  ],
  [
    'Linux pods have no Windows options',
    'os',
    undefined,
    { name: 'windows' },
    `${container}.securityContext.runAsUser`,
    'Windows pod',
  ],
  [
    'Windows users have names',
    `${container}.securityContext.windowsOptions`,
    { runAsUserName: 'NT AUTHORITY\\SYSTEM' },
    { runAsUserName: 'a/b' },
    `${container}.securityContext.windowsOptions.runAsUserName`,
    'must be a Windows user',
  ],
  [
    "process namespaces are shared or the node's",
    'shareProcessNamespace',
    true,
    true,
    'shareProcessNamespace',
    'beside hostPID',
  ],
];

describe.each([
  ['containers', CONTAINERS],
  ['environment', ENVIRONMENT],
  ['probes and hooks', PROBES],
  ['resources', RESOURCES],
  ['volumes', VOLUMES],
  ['scheduling', SCHEDULING],
  ['pod', POD],
  ['security', SECURITY],
])('%s:', (_area, cases) => {
  test.each(cases)('%s', (rule, field, good, bad, at, message) => {
    const extra = EXTRA.get(rule);
    const accepted = changed('Deployment', `spec.template.spec.${field}`, good);
    const refused = changed('Deployment', `spec.template.spec.${field}`, bad);
    extra?.(refused);
    expect(validator.validate(accepted)).toEqual([]);
    expect(validator.validate(refused)).toContainEqual({
      object: 'Deployment shop/web',
      path: `spec.template.spec.${at}`,
      message: expect.stringContaining(message),
    });
  });
});

/** What else the refused manifest has, where one field is not enough. */
const EXTRA = new Map<string, (manifest: Json) => void>([
  [
    'host ports with hostNetwork are the container ports',
    (manifest) => set(manifest, 'spec.template.spec.hostNetwork', true),
  ],
  ["process namespaces are shared or the node's", (manifest) => set(manifest, 'spec.template.spec.hostPID', true)],
]);

describe('a pod', () => {
  test('of every workload is checked where it stands', () => {
    const places = {
      Pod: 'spec',
      DaemonSet: 'spec.template.spec',
      StatefulSet: 'spec.template.spec',
      Job: 'spec.template.spec',
      CronJob: 'spec.jobTemplate.spec.template.spec',
    };
    for (const [kind, place] of Object.entries(places)) {
      const paths = validator.validate(changed(kind, `${place}.containers[0].name`, 'A')).map(({ path }) => path);
      expect(paths).toEqual([`${place}.containers[0].name`]);
    }
  });

  test('on its own has no blanks around image names, which a template may have', () => {
    const image = 'containers[0].image';
    expect(validator.validate(changed('Pod', `spec.${image}`, ' nginx'))).toHaveLength(1);
    expect(validator.validate(changed('Deployment', `spec.template.spec.${image}`, ' nginx'))).toEqual([]);
  });

  test('on its own names a service account for its tokens', () => {
    const manifest = changed('Pod', 'spec.volumes[1]', {
      name: 'files',
      projected: { sources: [{ serviceAccountToken: { path: 't' } }] },
    });
    expect(validator.validate(manifest)).toEqual([]);
    set(manifest, 'spec.serviceAccountName', undefined);
    expect(validator.validate(manifest)).toHaveLength(1);
  });

  test('counts sidecars that run beside an init container, and init containers one at a time', () => {
    const cpu = (amount: string): Json => ({ requests: { cpu: amount } });
    const manifest = changed('Pod', 'spec.containers', [{ name: 'web', image: 'a', resources: cpu('1') }]);
    set(manifest, 'spec.initContainers', [
      { name: 'proxy', image: 'a', restartPolicy: 'Always', resources: cpu('1') },
      { name: 'setup', image: 'a', resources: cpu('3') },
    ]);
    set(manifest, 'spec.resources', cpu('4'));
    expect(validator.validate(manifest)).toEqual([]);
    set(manifest, 'spec.resources', cpu('3900m'));
    expect(validator.validate(manifest)).toHaveLength(1);
  });

  test('for Windows may have none of the fields that only Linux has', () => {
    const manifest = changed('Pod', 'spec.os', { name: 'windows' });
    const paths = validator.validate(manifest).map(({ path }) => path);
    expect(paths).toEqual([
      'spec.containers[0].securityContext.capabilities',
      'spec.containers[0].securityContext.runAsUser',
    ]);
  });
});
