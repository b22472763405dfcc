import type { KubernetesObject } from '../../../operators/runtime/resource.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import type { SimulatedApiServer } from '../../../operators/simulator/api-server.js';

/** A pod that runs on a node and is Ready, as its kubelet would have reported it. */
export function putReadyPod(
  server: SimulatedApiServer,
  name: { readonly namespace: string; readonly name: string },
  labels: Readonly<Record<string, string>>,
): KubernetesObject {
  return server.put(RESOURCE.pod, {
    metadata: { ...name, labels },
    spec: { nodeName: 'node-a', containers: [{ name: 'app', image: 'example/app:1' }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  });
}
