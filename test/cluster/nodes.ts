import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Binaries } from './binaries.js';
import type { Certificates } from './certificates.js';
import { writeChanged } from './files.js';
import { writeKubeconfig } from './kubeconfig.js';
import { type ClusterLayout, type NodeLayout, nodeRegion } from './layout.js';
import { writeCniNetwork } from './network.js';
import type { ProcessRequest } from './processes.js';

/** Name of the image of a pod's sandbox, on every node. */
export const pauseImage = 'localhost/tranship-test/pause:1';

/** Where a node's container runtime listens. */
export function containerdSocket(node: NodeLayout): string {
  return join(node.runtimeFolder, 'containerd.sock');
}

/**
 * The processes of a node, in the order in which they start.
 *
 * Labels are those that EKS sets and that schedulers and operators read.
 */
export function nodeProcesses(layout: ClusterLayout, node: NodeLayout, binaries: Binaries): readonly ProcessRequest[] {
  const log = (name: string) => join(layout.folder, 'logs', `${name}-${node.name}.log`);
  const labels = {
    'topology.kubernetes.io/region': nodeRegion,
    'topology.kubernetes.io/zone': node.zone,
    'node.kubernetes.io/instance-type': 'm7g.large',
  };
  return [
    {
      component: `containerd ${node.name}`,
      log: log('containerd'),
      netns: node.netns,
      command: ['containerd', '--config', join(node.folder, 'containerd.toml')],
    },
    {
      component: `kubelet ${node.name}`,
      log: log('kubelet'),
      netns: node.netns,
      command: [
        binaries.kubelet,
        ...[`--config=${join(node.folder, 'kubelet.yaml')}`, `--kubeconfig=${join(node.folder, 'kubelet.kubeconfig')}`],
        ...[`--root-dir=${join(node.folder, 'kubelet')}`, `--cert-dir=${join(node.folder, 'kubelet', 'pki')}`],
        ...[`--hostname-override=${node.name}`, `--node-ip=${node.address}`],
        `--node-labels=${Object.entries(labels)
          .map((pair) => pair.join('='))
          .join(',')}`,
      ],
    },
    {
      component: `kube-proxy ${node.name}`,
      log: log('kube-proxy'),
      netns: node.netns,
      command: [binaries.proxy, `--config=${join(node.folder, 'kube-proxy.yaml')}`],
    },
  ];
}

/** Writes the files that the processes of a node read. */
export function writeNodeFiles(
  layout: ClusterLayout,
  node: NodeLayout,
  certificates: Certificates,
  snapshotter: string,
): void {
  const cni = join(node.folder, 'cni');
  for (const folder of [cni, join(node.folder, 'kubelet'), node.runtimeFolder]) mkdirSync(folder, { recursive: true });
  writeCniNetwork(join(cni, '10-tranship.conflist'), node);
  writeChanged(join(node.folder, 'containerd.toml'), containerdConfiguration(node, cni, snapshotter));
  writeKubeconfig(
    join(node.folder, 'kubelet.kubeconfig'),
    layout,
    certificates.authority.certificate,
    certificates.of(node.name),
  );
  writeChanged(join(node.folder, 'kubelet.yaml'), stringify(kubeletConfiguration(layout, node, certificates)));
  writeChanged(join(node.folder, 'kube-proxy.yaml'), stringify(proxyConfiguration(layout, node)));
}

function containerdConfiguration(node: NodeLayout, cni: string, snapshotter: string): string {
  // A machine may deny CAP_SYS_RESOURCE even to root; then no process can lower its score of the OOM killer, and every
  // sandbox would fail to start.
  return `version = 2
root = "${join(node.folder, 'containerd')}"
state = "${join(node.runtimeFolder, 'containerd')}"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs", "io.containerd.internal.v1.opt"]

[grpc]
  address = "${containerdSocket(node)}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  disable_apparmor = ${!existsSync('/sys/module/apparmor/parameters/enabled')}
  enable_unprivileged_ports = true

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "${cni}"

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "${snapshotter}"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
`;
}

function kubeletConfiguration(layout: ClusterLayout, node: NodeLayout, certificates: Certificates): object {
  const server = certificates.of(`${node.name}-server`);
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: node.address,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: certificates.authority.certificate },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: server.certificate,
    tlsPrivateKeyFile: server.key,
    containerRuntimeEndpoint: `unix://${containerdSocket(node)}`,
    clusterDNS: [layout.dnsService],
    clusterDomain: 'cluster.local',
    resolvConf: '',
    cgroupDriver: 'cgroupfs',
    cgroupRoot: node.cgroup,
    failCgroupV1: false,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    localStorageCapacityIsolation: false,
    oomScoreAdj: 0,
    podLogsDir: join(node.folder, 'pod-logs'),
    volumePluginDir: join(node.folder, 'volume-plugins'),
    // The disk of the machine is shared, so how full it is says nothing of this node.
    evictionHard: {
      'memory.available': '50Mi',
      'nodefs.available': '1%',
      'imagefs.available': '1%',
      'nodefs.inodesFree': '1%',
    },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    // What the controller manager waits for is shortened alike; see control-plane.ts.
    nodeStatusUpdateFrequency: '5s',
    nodeLeaseDurationSeconds: 20,
    maxPods: 200,
    serializeImagePulls: false,
  };
}

function proxyConfiguration(layout: ClusterLayout, node: NodeLayout): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    hostnameOverride: node.name,
    clientConnection: { kubeconfig: join(layout.folder, 'kube-proxy.kubeconfig') },
    clusterCIDR: layout.podRange,
    healthzBindAddress: `${node.address}:10256`,
    metricsBindAddress: `127.0.0.1:10249`,
    oomScoreAdj: 0,
    // 0 leaves the kernel's own settings, which a network namespace cannot change.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    iptables: { minSyncPeriod: '200ms' },
  };
}

/**
 * Pids of the shims that a node's containerd has started. They outlive containerd, and name its socket on their
 * command line, which no other containerd's shims do.
 */
export function shimsOf(node: NodeLayout): readonly number[] {
  const socket = containerdSocket(node);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return (words[0] ?? '').endsWith('containerd-shim-runc-v2') && words.includes(socket);
      } catch {
        return false; // ended meanwhile
      }
    })
    .map(Number);
}
