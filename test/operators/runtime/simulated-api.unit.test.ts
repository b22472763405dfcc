import { SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { systemClock } from '../../../operators/runtime/clock.js';
import { describeKubernetesApi } from './api-contract.js';
import { putReadyPod } from './ready-pod.js';

describeKubernetesApi('the simulated API server', () => {
  const server = new SimulatedApiServer({ clock: systemClock });
  return Promise.resolve({
    api: server.api(),
    namespace: 'contract',
    readyPod: (name: string, labels: Readonly<Record<string, string>>) => {
      putReadyPod(server, { namespace: 'contract', name }, labels);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});
