import { join } from 'node:path';
import type { Binaries } from './binaries.js';
import type { Certificates } from './certificates.js';
import { writeChanged } from './files.js';
import { apiServerUrl, writeKubeconfig } from './kubeconfig.js';
import type { ClusterLayout } from './layout.js';
import type { ProcessRequest } from './processes.js';

/** A process of the control plane, and where it says that it is well. */
export interface Component extends ProcessRequest {
  /** Answers 200 when it serves. */
  readonly health: string;
}

/** Components in the order in which they start. */
export const controlPlaneNames = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'coredns',
] as const;

/** Name of one of them. */
export type ControlPlaneName = (typeof controlPlaneNames)[number];

/**
 * The processes of the control plane, on the host. Kubernetes' own defaults are kept wherever a test could tell:
 * authorisation by Node and RBAC, the default admission plugins, no feature gates. Three differ, for speed: etcd does
 * not wait for the disk, nodes count as unreachable after 20 s rather than 40 s, and DNS is a process behind the
 * kube-dns Service, so that it outlives every node.
 */
export function controlPlane(
  layout: ClusterLayout,
  certificates: Certificates,
  binaries: Binaries,
): Record<ControlPlaneName, Component> {
  const server = certificates.of('server');
  const ca = certificates.authority;
  const log = (name: string) => join(layout.folder, 'logs', `${name}.log`);
  const kubeconfig = (name: string) => join(layout.folder, `${name}.kubeconfig`);
  const etcd = `http://127.0.0.1:${layout.etcdPort}`;
  const peer = `http://127.0.0.1:${layout.etcdPort + 1}`;
  return {
    etcd: {
      component: 'etcd',
      log: log('etcd'),
      health: `${etcd}/health`,
      command: [
        binaries.etcd,
        `--data-dir=${join(layout.folder, 'etcd')}`,
        ...[`--listen-client-urls=${etcd}`, `--advertise-client-urls=${etcd}`, `--listen-peer-urls=${peer}`],
        ...[`--initial-advertise-peer-urls=${peer}`, `--initial-cluster=default=${peer}`],
        ...['--unsafe-no-fsync', '--log-level=warn', '--quota-backend-bytes=4294967296'],
      ],
    },
    'kube-apiserver': {
      component: 'kube-apiserver',
      log: log('kube-apiserver'),
      health: `${apiServerUrl(layout)}/readyz`,
      command: [
        binaries.apiServer,
        ...[`--etcd-servers=${etcd}`, `--bind-address=${layout.host}`, `--advertise-address=${layout.host}`],
        ...['--secure-port=6443', '--authorization-mode=Node,RBAC', '--enable-admission-plugins=NodeRestriction'],
        ...['--allow-privileged=true', '--profiling=false', `--service-cluster-ip-range=${layout.serviceRange}`],
        ...['--service-account-issuer=https://kubernetes.default.svc.cluster.local'],
        ...[`--service-account-key-file=${certificates.serviceAccountKey}`],
        ...[`--service-account-signing-key-file=${certificates.serviceAccountKey}`],
        ...[`--client-ca-file=${ca.certificate}`, `--tls-cert-file=${server.certificate}`],
        ...[`--tls-private-key-file=${server.key}`, `--kubelet-certificate-authority=${ca.certificate}`],
        ...[`--kubelet-client-certificate=${certificates.of('apiserver-kubelet-client').certificate}`],
        ...[`--kubelet-client-key=${certificates.of('apiserver-kubelet-client').key}`],
        // The host has no kube-proxy: webhooks are called at the addresses of their pods. Names of nodes do not resolve.
        ...['--enable-aggregator-routing=true', '--kubelet-preferred-address-types=InternalIP'],
      ],
    },
    'kube-controller-manager': {
      component: 'kube-controller-manager',
      log: log('kube-controller-manager'),
      health: `https://${layout.host}:10257/healthz`,
      command: [
        binaries.controllerManager,
        ...[`--kubeconfig=${kubeconfig('kube-controller-manager')}`, `--bind-address=${layout.host}`],
        ...['--leader-elect=false', '--profiling=false', '--use-service-account-credentials=true'],
        ...[`--service-account-private-key-file=${certificates.serviceAccountKey}`, `--root-ca-file=${ca.certificate}`],
        ...[`--cluster-signing-cert-file=${ca.certificate}`, `--cluster-signing-key-file=${ca.key}`],
        ...[`--tls-cert-file=${server.certificate}`, `--tls-private-key-file=${server.key}`],
        ...['--allocate-node-cidrs=false', '--node-monitor-grace-period=20s'],
      ],
    },
    'kube-scheduler': {
      component: 'kube-scheduler',
      log: log('kube-scheduler'),
      health: `https://${layout.host}:10259/healthz`,
      command: [
        binaries.scheduler,
        ...[`--kubeconfig=${kubeconfig('kube-scheduler')}`, `--bind-address=${layout.host}`, '--leader-elect=false'],
        ...['--profiling=false', `--tls-cert-file=${server.certificate}`, `--tls-private-key-file=${server.key}`],
      ],
    },
    coredns: {
      component: 'coredns',
      log: log('coredns'),
      health: `http://${layout.host}:8181/ready`,
      command: [binaries.coredns, '-conf', join(layout.folder, 'Corefile')],
    },
  };
}

/** Writes the files that the control plane reads. */
export function writeControlPlaneFiles(layout: ClusterLayout, certificates: Certificates): void {
  const ca = certificates.authority.certificate;
  writeKubeconfig(layout.kubeconfig, layout, ca, certificates.of('admin'));
  for (const name of ['kube-controller-manager', 'kube-scheduler', 'coredns', 'kube-proxy']) {
    writeKubeconfig(join(layout.folder, `${name}.kubeconfig`), layout, ca, certificates.of(name));
  }
  writeChanged(join(layout.folder, 'Corefile'), corefile(layout));
}

/** CoreDNS for the cluster's names; it knows no others, since traffic stays on the machine. */
function corefile(layout: ClusterLayout): string {
  return `.:53 {
    bind ${layout.host}
    errors
    ready ${layout.host}:8181
    kubernetes cluster.local in-addr.arpa {
        kubeconfig ${join(layout.folder, 'coredns.kubeconfig')} ${layout.name}
        pods insecure
        ttl 5
    }
    cache 5
}
`;
}

/** Objects that DNS needs: the Service kube-dns in front of the process, and what CoreDNS may read. */
export function dnsObjects(layout: ClusterLayout): readonly object[] {
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  ];
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
      spec: { clusterIP: layout.dnsService, ports },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [layout.host], conditions: { ready: true } }],
      ports,
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'system:coredns' },
      rules: [
        { apiGroups: [''], resources: ['services', 'pods', 'namespaces', 'nodes'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'system:coredns' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:coredns' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'system:coredns' }],
    },
  ];
}
