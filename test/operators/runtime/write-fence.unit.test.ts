import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { KubernetesApi } from '../../../operators/runtime/api.js';
import { systemClock } from '../../../operators/runtime/clock.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import { fenced } from '../../../operators/runtime/write-fence.js';
import { SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { describeKubernetesApi } from './api-contract.js';
import { putReadyPod } from './ready-pod.js';

const leads = { isLeader: () => true, term: new AbortController().signal };

describeKubernetesApi('the fenced API of a leader', () => {
  const server = new SimulatedApiServer({ clock: systemClock });
  return Promise.resolve({
    api: fenced(server.api(), leads),
    namespace: 'contract',
    readyPod: (name: string, labels: Readonly<Record<string, string>>) => {
      putReadyPod(server, { namespace: 'contract', name }, labels);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});

describe('the write fence', () => {
  const pod = { metadata: { namespace: 'shop', name: 'web-1' } };
  const mine = { fieldManager: 'mine' };
  const preconditions = { uid: 'x', resourceVersion: '1' };
  const writes: readonly (readonly [string, (api: KubernetesApi, signal?: AbortSignal) => Promise<unknown>])[] = [
    ['create', (api, signal) => api.create(RESOURCE.pod, pod, { ...mine, ...(signal && { signal }) })],
    ['apply', (api, signal) => api.apply(RESOURCE.pod, pod, { ...mine, ...(signal && { signal }) })],
    ['patch', (api, signal) => api.patch(RESOURCE.pod, pod.metadata, [], { ...mine, ...(signal && { signal }) })],
    ['delete', (api, signal) => api.delete(RESOURCE.pod, pod.metadata, { preconditions, ...(signal && { signal }) })],
    ['evict', (api, signal) => api.evict(pod.metadata, { preconditions, ...(signal && { signal }) })],
  ];
  let server: SimulatedApiServer;
  let calls: string[];
  beforeEach(() => {
    server = new SimulatedApiServer({ clock: systemClock });
    calls = [];
    server.onCall = (call) => {
      calls.push(call.verb);
      return undefined;
    };
  });
  afterEach(() => {
    server.breakWatches();
  });

  test.each(writes)('%s is not sent when this process does not lead', async (verb, write) => {
    const api = fenced(server.api(), { isLeader: () => false, term: new AbortController().signal });
    await expect(write(api)).rejects.toMatchObject({
      code: 'NotLeader',
      message: expect.stringContaining(`${verb} pods shop/web-1: not sent`),
    });
    expect(calls).toEqual([]);
  });

  test.each(writes)('%s is not sent when the term has ended', async (_verb, write) => {
    const term = new AbortController();
    term.abort();
    await expect(write(fenced(server.api(), { isLeader: () => true, term: term.signal }))).rejects.toMatchObject({
      code: 'NotLeader',
    });
    expect(calls).toEqual([]);
  });

  test.each(writes)(
    '%s under way is aborted when the term ends, and when the caller gives up',
    async (_verb, write) => {
      const term = new AbortController();
      const caller = new AbortController();
      const api = fenced(server.api(), { isLeader: () => true, term: term.signal });
      server.onCall = () => new Promise(() => undefined);
      const byCaller = write(api, caller.signal);
      caller.abort();
      await expect(byCaller).rejects.toMatchObject({ code: 'Aborted' });
      const byTerm = write(api, new AbortController().signal);
      term.abort(new Error('the Lease was lost'));
      await expect(byTerm).rejects.toMatchObject({ code: 'Aborted', cause: new Error('the Lease was lost') });
    },
  );

  test('reads pass without leadership', async () => {
    const api = fenced(server.api(), { isLeader: () => false, term: new AbortController().signal });
    server.put(RESOURCE.pod, pod);
    const { items, resourceVersion } = await api.list(RESOURCE.pod);
    expect(items).toHaveLength(1);
    expect(await api.get(RESOURCE.pod, pod.metadata)).toMatchObject(pod);
    const next = api.watch(RESOURCE.pod, { resourceVersion })[Symbol.asyncIterator]().next();
    server.remove(RESOURCE.pod, pod.metadata);
    expect((await next).value).toMatchObject({ type: 'DELETED' });
  });
});
