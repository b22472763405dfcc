import { join } from 'node:path';
import { componentNames, ProcessCluster, type ClusterTools } from './process-cluster.js';
import { Images, loadImage } from './images.js';
import { kwokProcess, scaleKwokNodes } from './kwok.js';
import type { ClusterLayout } from './layout.js';
import { whileLocked } from './lock.js';
import { buildProduct } from './product-image.js';
import type { ClusterState, StateFile } from './state.js';
import type { ClusterStatus, TestCluster } from './test-cluster.js';

/** A test cluster of processes on this machine, for machines without Docker. */
export class LocalCluster implements TestCluster {
  readonly #cluster: ProcessCluster;
  readonly #start: ClusterState;
  readonly #state: StateFile;
  readonly #tools: ClusterTools;

  constructor(layout: ClusterLayout, start: ClusterState, state: StateFile, tools: ClusterTools) {
    this.#cluster = new ProcessCluster(layout, start.kubernetes, state, tools);
    this.#start = start;
    this.#state = state;
    this.#tools = tools;
  }

  get kubeconfig(): string {
    return this.#cluster.layout.kubeconfig;
  }

  /** The cluster's parts, for what only a cluster of processes can be made to do. */
  get processes(): ProcessCluster {
    return this.#cluster;
  }

  up(): Promise<void> {
    return this.#locked(async () => {
      if (this.#state.read() === undefined) {
        await this.#cluster.clear();
        this.#state.write(this.#start);
      } else if (await this.#isUp()) {
        await this.#cluster.loadImages();
        this.#tools.progress('already up');
        return;
      }
      await this.#cluster.up();
      this.#tools.progress(`up: Kubernetes ${this.#start.kubernetes}, three nodes in three zones`);
    });
  }

  down(): Promise<void> {
    return this.#locked(async () => {
      await this.#cluster.down();
      this.#tools.progress('down');
    });
  }

  async status(): Promise<ClusterStatus> {
    const state = this.#state.read();
    if (state === undefined) return { healthy: false, lines: ['not up'] };
    const wanted = [
      ...componentNames(this.#cluster.layout),
      ...state.processes.map((one) => one.component).filter((one) => one === 'kwok'),
    ];
    const lines = wanted.map((component) => {
      const pid = state.processes.find((one) => one.component === component)?.pid;
      return `${component.padEnd(26)} ${this.#cluster.runs(component) ? `runs, pid ${pid}` : 'does not run'}`;
    });
    const running = wanted.every((component) => this.#cluster.runs(component));
    const nodes = await this.#readyNodes().catch(
      (error: unknown) => `the API server does not answer: ${String(error)}`,
    );
    const named =
      typeof nodes === 'string'
        ? [nodes]
        : [...nodes].map(([name, ready]) => `${`node/${name}`.padEnd(26)} ${ready ? 'Ready' : 'not Ready'}`);
    const healthy = running && typeof nodes !== 'string' && this.#allReady(nodes);
    return { healthy, lines: [`Kubernetes ${state.kubernetes}, ${this.kubeconfig}`, ...lines, ...named] };
  }

  scale(nodes: number): Promise<void> {
    return this.#locked(async () => {
      await this.#cluster.startComponent(kwokProcess(this.#cluster.layout, this.#cluster.binaries));
      await scaleKwokNodes(this.#cluster.kubectl, nodes);
      this.#tools.progress(`${nodes} nodes of kwok`);
    });
  }

  async load(
    image: 'product' | 'stub',
    names: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const images = new Images(this.#tools.settings, this.#tools.run);
    const archive = image === 'stub' ? await images.stub(env) : await buildProduct(images, this.#tools.settings);
    await loadImage(this.#cluster.layout.nodes, archive, names, this.#tools.run);
    this.#tools.progress(`loaded ${[archive.name, ...names].join(', ')}`);
  }

  async #isUp(): Promise<boolean> {
    if (!componentNames(this.#cluster.layout).every((component) => this.#cluster.runs(component))) return false;
    return this.#allReady(await this.#readyNodes().catch(() => new Map<string, boolean>()));
  }

  #allReady(nodes: ReadonlyMap<string, boolean>): boolean {
    return this.#cluster.layout.nodes.every((node) => nodes.get(node.name) === true);
  }

  async #readyNodes(): Promise<Map<string, boolean>> {
    interface Nodes {
      readonly items: readonly {
        readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
        readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
      }[];
    }
    const { items } = await this.#cluster.kubectl.json<Nodes>([
      'get',
      'nodes',
      '--selector=type!=kwok',
      '--request-timeout=5s',
    ]);
    return new Map(
      items.map((node) => [
        node.metadata.name,
        node.status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true,
      ]),
    );
  }

  #locked<Value>(action: () => Promise<Value>): Promise<Value> {
    const { settings, table, progress } = this.#tools;
    return whileLocked(join(settings.runtime, `${this.#cluster.layout.name}.lock`), table, progress, action);
  }
}
