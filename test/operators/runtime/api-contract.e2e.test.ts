import { beforeAll } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import { ClientNodeApi } from '../../../operators/runtime/client-node-api.js';
import { kubeconfig as clusterOf } from '../../../operators/runtime/kubeconfig.js';
import { systemClock } from '../../../operators/runtime/clock.js';
import type { KubernetesApi } from '../../../operators/runtime/api.js';
import type { KubernetesObject, ObjectName, Resource } from '../../../operators/runtime/resource.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import { describeKubernetesApi } from './api-contract.js';

const NAMESPACE: Resource = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false };
const BY_TEST = { fieldManager: 'contract' };

let config: KubeConfig;
beforeAll(() => {
  const kubeconfig = process.env['KUBECONFIG'] ?? '';
  if (kubeconfig === '') throw new Error('KUBECONFIG is not set: it must name the kubeconfig of a cluster for tests');
  config = new KubeConfig();
  config.loadFromFile(kubeconfig);
});

describeKubernetesApi('the client of @kubernetes/client-node, on the cluster of KUBECONFIG', async () => {
  const api = new ClientNodeApi({ config: clusterOf(config), clock: systemClock });
  const name = `contract-${randomUUID()}`;
  await api.create<KubernetesObject>(NAMESPACE, { metadata: { name } }, BY_TEST);
  const close = async (): Promise<void> => {
    const { metadata } = await api.get(NAMESPACE, { name });
    const preconditions = { uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' };
    await api.delete(NAMESPACE, { name }, { preconditions });
    await api.close();
  };
  return {
    api,
    namespace: name,
    readyPod: (pod, labels) => readyPod(api, { namespace: name, name: pod }, labels),
    close,
  };
});

interface Pod extends KubernetesObject {
  readonly spec: object;
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** The image is one that the cluster for tests has on its nodes. */
async function readyPod(
  api: KubernetesApi,
  metadata: ObjectName,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const container = { name: 'app', image: 'localhost/tranship-test/stub:1', imagePullPolicy: 'IfNotPresent' };
  const pod = {
    metadata: { ...metadata, labels },
    spec: { containers: [container], terminationGracePeriodSeconds: 5 },
  };
  const created = await api.create<Pod>(RESOURCE.pod, pod, BY_TEST);
  const watch = api.watch<Pod>(RESOURCE.pod, {
    namespace: metadata.namespace ?? '',
    fieldSelector: `metadata.name=${metadata.name}`,
    resourceVersion: created.metadata.resourceVersion ?? '',
  });
  for await (const event of watch) {
    const conditions = event.type === 'BOOKMARK' ? [] : (event.object.status?.conditions ?? []);
    if (conditions.some(({ type, status }) => type === 'Ready' && status === 'True')) return;
  }
}
