import { ClusterFailure } from './failure.js';
import { LocalCluster } from './local-cluster.js';
import type { NodeLayout } from './layout.js';
import { setLink } from './network.js';
import { containerdSocket } from './nodes.js';
import { openCluster } from './open.js';
import type { ProcessCluster } from './process-cluster.js';
import { run } from './host.js';

/** Which container, for `killContainer`. */
export interface ContainerName {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/**
 * Failures that e2e tests bring about on a cluster of processes.
 *
 * @example
 * const faults = new Faults((await openLocal(process.env)).processes);
 * await faults.stopNode('node-a');
 * try { … } finally { await faults.startNode('node-a'); }
 */
export class Faults {
  readonly #cluster: ProcessCluster;

  constructor(cluster: ProcessCluster) {
    this.#cluster = cluster;
  }

  /** The node goes as by a power failure: cut off, and every process on it ends without notice. */
  stopNode(name: string): Promise<void> {
    return this.#cluster.stopNode(this.#node(name));
  }

  /** The node comes back, with none of its containers, and is Ready some seconds after. */
  startNode(name: string): Promise<void> {
    return this.#cluster.startNode(this.#node(name));
  }

  /** The node runs on, but nobody hears from it. */
  cutNode(name: string): Promise<void> {
    return setLink(this.#node(name), false, run);
  }

  /** The node is heard from again. */
  joinNode(name: string): Promise<void> {
    return setLink(this.#node(name), true, run);
  }

  /** The API server ends without notice: open watches break off. */
  killApiServer(): Promise<void> {
    return this.#cluster.end('kube-apiserver', 0);
  }

  /** Resolves when the API server is ready. */
  startApiServer(): Promise<void> {
    return this.#cluster.startControlPlane('kube-apiserver');
  }

  /** Resolves when the API server is ready again. */
  async restartApiServer(): Promise<void> {
    await this.killApiServer();
    await this.startApiServer();
  }

  /**
   * Sends a signal to the first process of a container from outside. From inside, the kernel spares it SIGKILL.
   *
   * @param signal such as `SIGKILL`
   */
  async killContainer(name: ContainerName, signal: NodeJS.Signals): Promise<void> {
    interface Pod {
      readonly spec: { readonly nodeName: string };
      readonly status: {
        readonly containerStatuses?: readonly { readonly name: string; readonly containerID?: string }[];
      };
    }
    const pod = await this.#cluster.kubectl.json<Pod>(['get', 'pod', name.pod, `--namespace=${name.namespace}`]);
    const id = pod.status.containerStatuses?.find((status) => status.name === name.container)?.containerID;
    if (id === undefined) {
      throw new ClusterFailure(
        'not-ready',
        `pod ${name.namespace}/${name.pod} has no container "${name.container}" that has started`,
      );
    }
    const socket = containerdSocket(this.#node(pod.spec.nodeName));
    await run([
      'ctr',
      '--address',
      socket,
      '--namespace',
      'k8s.io',
      'tasks',
      'kill',
      '--signal',
      signal,
      id.replace('containerd://', ''),
    ]);
  }

  #node(name: string): NodeLayout {
    const node = this.#cluster.layout.nodes.find((one) => one.name === name);
    if (node === undefined) {
      const names = this.#cluster.layout.nodes.map((one) => one.name).join(', ');
      throw new ClusterFailure('usage', `no node "${name}": there are ${names}`);
    }
    return node;
  }
}

/**
 * The cluster that `npm run e2e` brought up, or the one of the default name.
 *
 * @throws ClusterFailure `usage` for a cluster of kind or of a context, whose processes are not the harness's
 */
export async function openLocal(env: NodeJS.ProcessEnv): Promise<LocalCluster> {
  const name = env['TRANSHIP_CLUSTER'] ?? 'tranship';
  const cluster = await openCluster({ name }, env);
  if (!(cluster instanceof LocalCluster)) {
    throw new ClusterFailure(
      'usage',
      `cluster "${name}" is not one of processes on this machine: its nodes cannot be stopped from here`,
    );
  }
  return cluster;
}
