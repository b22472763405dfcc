import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ContextCluster } from './context-cluster.js';
import { ClusterFailure } from './failure.js';
import { run, succeeds } from './host.js';
import { KindCluster } from './kind-cluster.js';
import { layoutOf } from './layout.js';
import { LocalCluster } from './local-cluster.js';
import type { ClusterTools } from './process-cluster.js';
import { kernelProcesses } from './processes.js';
import { progressTo } from './progress.js';
import { settingsFrom } from './settings.js';
import { type Backend, StateFile, freeSlot, recordedClusters } from './state.js';
import type { TestCluster } from './test-cluster.js';
import { defaultKubernetes, kubernetesVersion } from './versions.js';

/** Which cluster is meant. */
export interface ClusterChoice {
  readonly name: string;
  /** Minor version; without it the recorded cluster's, or the default. */
  readonly kubernetes?: string;
  readonly context?: string;
  /** Processes of this machine, even where Docker runs. */
  readonly processes?: boolean;
}

/**
 * The cluster of a name: the recorded one, or one that `up` is to bring about.
 *
 * @throws ClusterFailure `usage` or `other-version`
 */
export async function openCluster(choice: ClusterChoice, env: NodeJS.ProcessEnv): Promise<TestCluster> {
  const tools: ClusterTools = {
    settings: settingsFrom(env, process.cwd()),
    run,
    table: kernelProcesses,
    progress: progressTo(
      (line) => process.stderr.write(line),
      () => performance.now(),
    ),
  };
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(choice.name)) {
    throw new ClusterFailure(
      'usage',
      `--name ${choice.name}: at most 20 lower-case letters, digits and dashes, a letter first`,
    );
  }
  const state = new StateFile(join(tools.settings.runtime, choice.name));
  const recorded = state.read();
  const minor = choice.kubernetes ?? recorded?.kubernetes ?? defaultKubernetes;
  const context = choice.context ?? recorded?.context;
  if (context === undefined) kubernetesVersion(minor);
  if (recorded !== undefined && (recorded.kubernetes !== minor || recorded.context !== context)) {
    const asked = context ?? minor;
    throw new ClusterFailure(
      'other-version',
      `cluster "${choice.name}" is up with ${recorded.context ?? recorded.kubernetes}, not ${asked}: end it by \`npm run cluster -- down\`, or take another --name`,
    );
  }
  const backend = recorded?.backend ?? (choice.processes === true ? 'processes' : await chooseBackend(context, env));
  const others = [...recordedClusters(tools.settings.runtime).values()].map((other) => other.slot);
  const slot = recorded?.slot ?? freeSlot(others);
  const folder = recorded?.run ?? tools.settings.run;
  const start = {
    backend,
    slot,
    run: folder,
    kubernetes: minor,
    processes: [],
    ...(context === undefined ? {} : { context }),
  };
  if (backend === 'context') return new ContextCluster(start, state, tools);
  if (backend === 'kind') return new KindCluster(choice.name, start, state, tools);
  return new LocalCluster(layoutOf(choice.name, slot, folder, tools.settings.runtime), start, state, tools);
}

/** An explicit context counts first; then kind, if it is there and Docker answers; then processes of this machine. */
export async function chooseBackend(context: string | undefined, env: NodeJS.ProcessEnv, runs = run): Promise<Backend> {
  if (context !== undefined) return 'context';
  const onPath = (program: string) =>
    (env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
  const withDocker = onPath('kind') && onPath('docker') && (await succeeds(runs, ['docker', 'info']));
  return withDocker ? 'kind' : 'processes';
}
