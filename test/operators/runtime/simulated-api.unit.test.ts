import { SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { systemClock } from '../../../operators/runtime/clock.js';
import { describeKubernetesApi } from './api-contract.js';

describeKubernetesApi('the simulated API server', () => {
  const server = new SimulatedApiServer({ clock: systemClock });
  return Promise.resolve({ api: server.api(), namespace: 'contract', close: () => Promise.resolve() });
});
