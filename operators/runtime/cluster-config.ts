import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Dispatcher } from 'undici';
import { inCluster, SERVICE_ACCOUNT } from './in-cluster.js';

/** Where the API server is, and how a process makes itself known there. */
export interface ClusterConfig {
  /** URL, as `https://10.100.0.1:443`. */
  readonly server: string;
  /** Asked again and again, because tokens run out. @throws Error the token, certificate or plugin cannot be read */
  authenticate(): Promise<Authentication>;
}

export interface Authentication {
  /** Of each request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Makes connections with the certificates that hold now; whoever called it closes them. */
  readonly connect: () => Promise<Dispatcher> | Dispatcher;
}

/**
 * The cluster that a process finds by itself: `KUBECONFIG`, `~/.kube/config`, or the service account of its pod.
 *
 * A kubeconfig is read by `@kubernetes/client-node`, which takes 50 MB of memory. In a pod it is not loaded.
 *
 * @example const api = new ClientNodeApi({ config: await findCluster(process.env), clock: systemClock });
 * @throws Error there is no kubeconfig and no service account, or they cannot be used
 */
export async function findCluster(env: Readonly<Record<string, string | undefined>>): Promise<ClusterConfig> {
  const named = env['KUBECONFIG'] ?? '';
  if (named === '' && !(await exists(join(homedir(), '.kube', 'config'))) && (await exists(SERVICE_ACCOUNT.token))) {
    return inCluster(env);
  }
  const { defaultKubeconfig } = await import('./kubeconfig.js');
  return defaultKubeconfig();
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
