import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { Certificate } from './certificates.js';
import { writeChanged } from './files.js';
import type { ClusterLayout } from './layout.js';

/**
 * Writes a kubeconfig that holds all it needs, with one context named as the cluster.
 *
 * @param path of the file, made for its owner alone
 */
export function writeKubeconfig(path: string, layout: ClusterLayout, authority: string, client: Certificate): void {
  const data = (file: string) => readFileSync(file).toString('base64');
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: layout.name,
        cluster: { server: apiServerUrl(layout), 'certificate-authority-data': data(authority) },
      },
    ],
    users: [
      {
        name: layout.name,
        user: { 'client-certificate-data': data(client.certificate), 'client-key-data': data(client.key) },
      },
    ],
    contexts: [{ name: layout.name, context: { cluster: layout.name, user: layout.name } }],
    'current-context': layout.name,
  };
  writeChanged(path, stringify(kubeconfig));
}

/** Where the API server of a cluster answers. */
export function apiServerUrl(layout: ClusterLayout): string {
  return `https://${layout.host}:6443`;
}
