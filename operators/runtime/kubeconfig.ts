import { HttpMethod, KubeConfig, RequestContext } from '@kubernetes/client-node';
import { Agent } from 'undici';
import type { ClusterConfig } from './cluster-config.js';

/** The current context of a kubeconfig: its authentication, TLS and proxy. @throws Error it has no current cluster */
export function kubeconfig(config: KubeConfig): ClusterConfig {
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new Error(
      `the kubeconfig's current context ${JSON.stringify(config.getCurrentContext())} names no cluster that it has: set current-context`,
    );
  }
  const { server } = cluster;
  return {
    server,
    authenticate: async () => {
      const context = new RequestContext(server, HttpMethod.GET);
      await config.applySecurityAuthentication(context);
      return { headers: context.getHeaders(), connect: () => context.getDispatcher() ?? new Agent() };
    },
  };
}

/** That of `KUBECONFIG`, `~/.kube/config`, or the service account. @throws Error it cannot be read or used */
export function defaultKubeconfig(): ClusterConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return kubeconfig(config);
}
