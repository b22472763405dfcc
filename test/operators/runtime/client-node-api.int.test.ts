import { ClientNodeApi } from '../../../operators/runtime/client-node-api.js';
import { systemClock } from '../../../operators/runtime/clock.js';
import { SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { describeKubernetesApi } from './api-contract.js';
import { HttpApiServer } from './http-api-server.js';

describeKubernetesApi('the client of @kubernetes/client-node, over HTTP to the simulated server', async () => {
  const server = new HttpApiServer(new SimulatedApiServer({ clock: systemClock }).api());
  const config = await server.start();
  const api = new ClientNodeApi({ config, clock: systemClock });
  const close = async (): Promise<void> => {
    await api.close();
    await server.stop();
  };
  return { api, namespace: 'contract', close };
});
