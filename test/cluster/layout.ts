import { join } from 'node:path';

/** One node: a network namespace with a containerd, a kubelet and a kube-proxy of its own. */
export interface NodeLayout {
  readonly name: string;
  /** Value of `topology.kubernetes.io/zone`. */
  readonly zone: string;
  readonly address: string;
  /** Range of its pods, CIDR. */
  readonly podRange: string;
  readonly netns: string;
  /** The host's end of the link; at most 15 characters, as the kernel has it. */
  readonly link: string;
  /** Below every cgroup hierarchy, beginning with a slash. */
  readonly cgroup: string;
  /** Data: images, volumes, logs of pods, configuration. */
  readonly folder: string;
  /** Sockets and what does not outlive a restart of the machine. */
  readonly runtimeFolder: string;
}

/** Where everything of one cluster is: names, addresses, folders. */
export interface ClusterLayout {
  readonly name: string;
  /** Which of the 10.N.0.0/16 ranges it has, from 0. */
  readonly slot: number;
  readonly bridge: string;
  /** The host on the bridge: API server, DNS and the components beside them listen here. */
  readonly host: string;
  readonly prefix: number;
  readonly serviceRange: string;
  /** ClusterIP of the API server. */
  readonly apiService: string;
  /** ClusterIP of DNS. */
  readonly dnsService: string;
  readonly podRange: string;
  readonly etcdPort: number;
  readonly nodes: readonly NodeLayout[];
  readonly folder: string;
  readonly runtimeFolder: string;
  readonly kubeconfig: string;
}

const region = 'eu-central-1';

/**
 * The layout of a cluster; a pure function, so that every command finds again what another made.
 *
 * @param name lower-case letters, digits and dashes; at most 20
 * @param slot 0 to 99
 * @param runFolder parent of the folders of all clusters
 * @param runtimeParent parent of the runtime folders of all clusters
 * @example layoutOf('tranship', 0, '/root/.cache/tranship/run', '/run/tranship').nodes[0].address // '10.100.0.11'
 */
export function layoutOf(name: string, slot: number, runFolder: string, runtimeParent: string): ClusterLayout {
  const net = `10.${100 + slot}`;
  const folder = join(runFolder, name);
  const runtimeFolder = join(runtimeParent, name);
  const nodes = ['a', 'b', 'c'].map((letter, index): NodeLayout => {
    const node = `node-${letter}`;
    return {
      name: node,
      zone: `${region}${letter}`,
      address: `${net}.0.${11 + index}`,
      podRange: `${net}.${129 + index}.0/24`,
      netns: `${name}-${node}`,
      link: `ts${slot}${letter}`,
      cgroup: `/tranship/${name}/${node}`,
      folder: join(folder, node),
      runtimeFolder: join(runtimeFolder, node),
    };
  });
  return {
    name,
    slot,
    bridge: `ts${slot}`,
    host: `${net}.0.1`,
    prefix: 24,
    serviceRange: `${net}.16.0/20`,
    apiService: `${net}.16.1`,
    dnsService: `${net}.16.10`,
    podRange: `${net}.128.0/17`,
    etcdPort: 23790 + slot * 2,
    nodes,
    folder,
    runtimeFolder,
    kubeconfig: join(folder, 'kubeconfig'),
  };
}

/** The region of every node. */
export const nodeRegion = region;
