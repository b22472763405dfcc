import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ClusterFailure } from './failure.js';
import type { ClusterTools } from './process-cluster.js';
import type { ClusterState, StateFile } from './state.js';
import type { ClusterStatus, TestCluster } from './test-cluster.js';

/** A cluster that somebody else runs, named by a context of the user's kubeconfig. `down` leaves it as it is. */
export class ContextCluster implements TestCluster {
  readonly kubeconfig: string;
  readonly #context: string;
  readonly #start: ClusterState;
  readonly #state: StateFile;
  readonly #tools: ClusterTools;

  constructor(start: ClusterState, state: StateFile, tools: ClusterTools) {
    this.#context = start.context ?? '';
    this.#start = start;
    this.#state = state;
    this.#tools = tools;
    this.kubeconfig = join(
      tools.settings.run,
      `context-${this.#context.replaceAll(/[^a-zA-Z0-9.-]/g, '_')}.kubeconfig`,
    );
  }

  async up(): Promise<void> {
    const { run, progress } = this.#tools;
    const content = await run(['kubectl', 'config', 'view', '--minify', '--flatten', `--context=${this.#context}`]);
    mkdirSync(dirname(this.kubeconfig), { recursive: true });
    writeFileSync(this.kubeconfig, content, { mode: 0o600 });
    await run(['kubectl', `--kubeconfig=${this.kubeconfig}`, 'version']);
    this.#state.write(this.#start);
    progress(`up: context ${this.#context} answers`);
  }

  async down(): Promise<void> {
    rmSync(this.kubeconfig, { force: true });
    this.#state.remove();
    this.#tools.progress(`down: the cluster of context ${this.#context} is left as it is`);
  }

  async status(): Promise<ClusterStatus> {
    try {
      const nodes = await this.#tools.run(['kubectl', `--kubeconfig=${this.kubeconfig}`, 'get', 'nodes']);
      return { healthy: true, lines: [`context ${this.#context}, ${this.kubeconfig}`, ...nodes.trimEnd().split('\n')] };
    } catch (error) {
      return { healthy: false, lines: [`context ${this.#context} does not answer: ${String(error)}`] };
    }
  }

  scale(): Promise<void> {
    return Promise.reject(
      new ClusterFailure('usage', `context ${this.#context}: kwok's nodes are for clusters that the harness made`),
    );
  }

  load(): Promise<void> {
    return Promise.reject(
      new ClusterFailure(
        'usage',
        `context ${this.#context}: push images to a registry that this cluster reads; the harness cannot load them there`,
      ),
    );
  }
}
