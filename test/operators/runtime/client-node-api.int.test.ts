import { ClientNodeApi } from '../../../operators/runtime/client-node-api.js';
import { kubeconfig } from '../../../operators/runtime/kubeconfig.js';
import { systemClock } from '../../../operators/runtime/clock.js';
import { SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { describeKubernetesApi } from './api-contract.js';
import { HttpApiServer } from './http-api-server.js';
import { putReadyPod } from './ready-pod.js';

describeKubernetesApi('the client of @kubernetes/client-node, over HTTP to the simulated server', async () => {
  const server = new SimulatedApiServer({ clock: systemClock });
  const http = new HttpApiServer(server.api());
  const config = await http.start();
  const api = new ClientNodeApi({ config: kubeconfig(config), clock: systemClock });
  const close = async (): Promise<void> => {
    await api.close();
    await http.stop();
  };
  return {
    api,
    namespace: 'contract',
    readyPod: (name: string, labels: Readonly<Record<string, string>>) => {
      putReadyPod(server, { namespace: 'contract', name }, labels);
      return Promise.resolve();
    },
    close,
  };
});
