import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the harness takes from the environment, read once by the command. */
export interface Settings {
  /** Holds binaries by version, and `run`. */
  readonly cache: string;
  /** Parent of one folder for each cluster. */
  readonly run: string;
  /** Parent of sockets and states; of the whole machine, whatever the cache. Paths of sockets end at 107 bytes. */
  readonly runtime: string;
  /** Folder of ready-made `etcd`, `kube-apiserver` and `kubectl`, as envtest of controller-runtime has it. */
  readonly kubebuilderAssets: string | undefined;
  /** First proxy of Go modules, for fetching Go itself. */
  readonly goProxy: string;
  readonly project: string;
}

/**
 * Settings out of environment variables: `TRANSHIP_CACHE`, `XDG_CACHE_HOME`, `KUBEBUILDER_ASSETS`, `GOPROXY`.
 *
 * @param project folder that holds package.json
 */
export function settingsFrom(env: NodeJS.ProcessEnv, project: string): Settings {
  const cache =
    nonEmpty(env['TRANSHIP_CACHE']) ?? join(nonEmpty(env['XDG_CACHE_HOME']) ?? join(homedir(), '.cache'), 'tranship');
  const proxy = (env['GOPROXY'] ?? '')
    .split(/[,|]/)
    .find((entry) => entry.startsWith('https://') || entry.startsWith('http://'));
  return {
    cache: join(cache, 'cluster'),
    run: join(cache, 'cluster', 'run'),
    runtime: process.platform === 'linux' && process.getuid?.() === 0 ? '/run/tranship' : join(cache, 'cluster', 'run'),
    kubebuilderAssets: nonEmpty(env['KUBEBUILDER_ASSETS']),
    goProxy: proxy ?? 'https://proxy.golang.org',
    project,
  };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
