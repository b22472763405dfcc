import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { Agent } from 'undici';
import type { ClusterConfig } from './cluster-config.js';

/** Where the kubelet puts what a pod's service account has. Source: Kubernetes, "Accessing the API from a Pod". */
export const SERVICE_ACCOUNT = {
  token: '/var/run/secrets/kubernetes.io/serviceaccount/token',
  ca: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
} as const;

/**
 * The cluster that this pod runs in. The kubelet renews the token's file, so it is read each time.
 *
 * @param env has `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`, as in every container of Kubernetes
 * @throws Error the environment does not name the server
 */
export function inCluster(
  env: Readonly<Record<string, string | undefined>>,
  files: { readonly token: string; readonly ca: string } = SERVICE_ACCOUNT,
): ClusterConfig {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '';
  if (host === '' || port === '') {
    throw new Error(
      `there is a service account's token in ${files.token}, but KUBERNETES_SERVICE_HOST=${JSON.stringify(host)} and KUBERNETES_SERVICE_PORT=${JSON.stringify(port)} do not name the API server: Kubernetes sets both in each container`,
    );
  }
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    authenticate: async () => {
      const token = (await readFile(files.token, 'utf8')).trim();
      if (token === '') throw new Error(`${files.token} is empty: it holds the service account's token`);
      return {
        headers: { Authorization: `Bearer ${token}` },
        connect: async () => new Agent({ connect: { ca: await readFile(files.ca, 'utf8') } }),
      };
    },
  };
}
