import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ClusterFailure } from './failure.js';
import { nodeRegion } from './layout.js';
import type { ClusterTools } from './process-cluster.js';
import type { ClusterState, StateFile } from './state.js';
import type { ClusterStatus, TestCluster } from './test-cluster.js';
import { productImage } from './product-image.js';
import { stubImage } from './images.js';
import { kubernetesVersion } from './versions.js';

/** A cluster of kind (kind.sigs.k8s.io), for machines where Docker runs. */
export class KindCluster implements TestCluster {
  readonly kubeconfig: string;
  readonly #name: string;
  readonly #folder: string;
  readonly #start: ClusterState;
  readonly #state: StateFile;
  readonly #tools: ClusterTools;

  constructor(name: string, start: ClusterState, state: StateFile, tools: ClusterTools) {
    this.#name = name;
    this.#start = start;
    this.#state = state;
    this.#tools = tools;
    this.#folder = join(tools.settings.run, name);
    this.kubeconfig = join(this.#folder, 'kubeconfig');
  }

  async up(): Promise<void> {
    const { run, progress } = this.#tools;
    if ((await run(['kind', 'get', 'clusters'])).split('\n').includes(this.#name)) {
      progress('already up');
      return;
    }
    mkdirSync(this.#folder, { recursive: true });
    this.#state.write(this.#start);
    const config = join(this.#folder, 'kind.yaml');
    writeFileSync(config, stringify(kindConfiguration(this.#start.kubernetes)));
    progress(`kind creates cluster ${this.#name}`);
    await run([
      'kind',
      'create',
      'cluster',
      '--name',
      this.#name,
      '--config',
      config,
      '--kubeconfig',
      this.kubeconfig,
      '--wait',
      '120s',
    ]);
    await this.load('stub');
    progress('up');
  }

  async down(): Promise<void> {
    await this.#tools.run(['kind', 'delete', 'cluster', '--name', this.#name, '--kubeconfig', this.kubeconfig]);
    rmSync(this.#folder, { recursive: true, force: true });
    this.#state.remove();
  }

  async status(): Promise<ClusterStatus> {
    const { run } = this.#tools;
    const known = (await run(['kind', 'get', 'clusters'])).split('\n').includes(this.#name);
    if (!known) return { healthy: false, lines: ['not up'] };
    const nodes = await run(['kubectl', `--kubeconfig=${this.kubeconfig}`, 'get', 'nodes', '--no-headers']);
    return {
      healthy: !nodes.includes('NotReady'),
      lines: [`kind cluster ${this.#name}, ${this.kubeconfig}`, ...nodes.trimEnd().split('\n')],
    };
  }

  scale(): Promise<void> {
    return Promise.reject(
      new ClusterFailure(
        'usage',
        'kwok on kind is not wired up: kwok needs nodes that only a cluster of processes has here',
      ),
    );
  }

  async load(image: 'product' | 'stub', names: readonly string[] = []): Promise<void> {
    const { run, settings } = this.#tools;
    const name = image === 'product' ? productImage : stubImage;
    const file =
      image === 'product'
        ? join(settings.project, 'Dockerfile')
        : join(settings.project, 'test', 'cluster', 'stub', 'Dockerfile');
    const folder = image === 'product' ? settings.project : join(settings.project, 'test', 'cluster', 'stub');
    const tags = [name, ...names];
    await run(['docker', 'build', '--quiet', '--file', file, ...tags.flatMap((tag) => ['--tag', tag]), folder]);
    await run(['kind', 'load', 'docker-image', '--name', this.#name, ...tags]);
  }
}

/** Configuration of kind: a control plane, and three workers in three zones. */
export function kindConfiguration(minor: string): object {
  const image = `kindest/node:${kubernetesVersion(minor)}`;
  const workers = ['a', 'b', 'c'].map((letter) => ({
    role: 'worker',
    image,
    labels: { 'topology.kubernetes.io/region': nodeRegion, 'topology.kubernetes.io/zone': `${nodeRegion}${letter}` },
  }));
  return {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    nodes: [{ role: 'control-plane', image }, ...workers],
  };
}
