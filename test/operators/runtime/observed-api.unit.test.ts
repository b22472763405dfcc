import { describe, expect, test } from '@jest/globals';
import { ApiError } from '../../../operators/runtime/api-error.js';
import { systemClock } from '../../../operators/runtime/clock.js';
import { observedApi } from '../../../operators/runtime/observed-api.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import { Telemetry } from '../../../operators/runtime/telemetry.js';
import { SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { ManualClock } from '../../../operators/simulator/manual-clock.js';
import { describeKubernetesApi } from './api-contract.js';
import { putReadyPod } from './ready-pod.js';

/** Keeps what it is told of calls. */
class Recording extends Telemetry {
  readonly calls: (readonly [string, string, string, number | undefined])[] = [];
  override apiCalled(verb: string, resource: string, code: string, seconds?: number): void {
    this.calls.push([verb, resource, code, seconds]);
  }
}

function observed() {
  const clock = new ManualClock();
  const server = new SimulatedApiServer({ clock });
  const telemetry = new Recording();
  return { clock, server, telemetry, api: observedApi(server.api(), telemetry, clock) };
}

describeKubernetesApi('the observed API', () => {
  const server = new SimulatedApiServer({ clock: systemClock });
  return Promise.resolve({
    api: observedApi(server.api(), new Telemetry(), systemClock),
    namespace: 'contract',
    readyPod: (name: string, labels: Readonly<Record<string, string>>) => {
      putReadyPod(server, { namespace: 'contract', name }, labels);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});

describe('calls through the observed API', () => {
  test('are counted by verb, resource and code, with the time that they took', async () => {
    const { clock, server, telemetry, api } = observed();
    server.onCall = async () => {
      await clock.sleep(250);
      return undefined;
    };
    const calls = Promise.allSettled([
      api.list(RESOURCE.pod),
      api.get(RESOURCE.deployment, { namespace: 'shop', name: 'web' }),
      api.evict({ namespace: 'shop', name: 'web-1' }, { preconditions: { uid: 'u', resourceVersion: '1' } }),
    ]);
    await clock.advance(250);
    await calls;
    expect(telemetry.calls).toEqual([
      ['list', 'pods', 'OK', 0.25],
      ['get', 'deployments.apps', 'NotFound', 0.25],
      ['evict', 'pods', 'NotFound', 0.25],
    ]);
  });

  test('a watch is counted when it ends, without a time', async () => {
    const { server, telemetry, api } = observed();
    server.onCall = () => new ApiError('Gone', 'too old');
    const watch = api.watch(RESOURCE.pod, { resourceVersion: '1' })[Symbol.asyncIterator]();
    await expect(watch.next()).rejects.toMatchObject({ code: 'Gone' });
    expect(telemetry.calls).toEqual([['watch', 'pods', 'Gone', undefined]]);
  });
});
