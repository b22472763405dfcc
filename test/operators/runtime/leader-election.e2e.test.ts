import { randomUUID } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ClientNodeApi } from '../../../operators/runtime/client-node-api.js';
import { kubeconfig as clusterOf } from '../../../operators/runtime/kubeconfig.js';
import { systemClock } from '../../../operators/runtime/clock.js';
import { LeaderElection } from '../../../operators/runtime/leader-election.js';
import type { Lease } from '../../../operators/runtime/lease.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';

const LEASE = { namespace: 'default', name: `election-${randomUUID()}` };

let api: ClientNodeApi;
beforeAll(() => {
  const kubeconfig = process.env['KUBECONFIG'] ?? '';
  if (kubeconfig === '') throw new Error('KUBECONFIG is not set: it must name the kubeconfig of a cluster for tests');
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  api = new ClientNodeApi({ config: clusterOf(config), clock: systemClock });
});

afterAll(async () => {
  const { metadata } = await api.get(RESOURCE.lease, LEASE);
  const preconditions = { uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' };
  await api.delete(RESOURCE.lease, LEASE, { preconditions });
  await api.close();
});

/** A candidate that says when it leads. */
function candidate(identity: string) {
  const stop = new AbortController();
  const leads = Promise.withResolvers<void>();
  const election = new LeaderElection({
    api,
    lease: LEASE,
    identity,
    clock: systemClock,
    monotonicNow: () => performance.now(),
    random: Math.random,
    leaseDurationMs: 5_000,
    renewDeadlineMs: 3_000,
    retryPeriodMs: 1_000,
  });
  const run = election.run(
    stop.signal,
    (signal) =>
      new Promise((resolve) => {
        leads.resolve();
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      }),
  );
  return { election, stop, run, leads: leads.promise };
}

/** Waits until the Lease was written so many times more. */
async function renewals(count: number): Promise<void> {
  const at = { namespace: LEASE.namespace, fieldSelector: `metadata.name=${LEASE.name}` };
  const { resourceVersion } = await api.list(RESOURCE.lease, at);
  let seen = 0;
  for await (const { type } of api.watch(RESOURCE.lease, { ...at, resourceVersion })) {
    if (type === 'MODIFIED') seen += 1;
    if (seen === count) return;
  }
}

describe('leader election on a real API server', () => {
  test('one leads and renews; stopped, it hands over; a Lease that a dead process held is taken when it has expired', async () => {
    const dead = { holderIdentity: 'dead', leaseDurationSeconds: 2, renewTime: '2020-01-01T00:00:00.000000Z' };
    const held: Lease = { metadata: LEASE, spec: dead };
    await api.create<Lease>(RESOURCE.lease, held, { fieldManager: 'election' });
    const one = candidate('one');
    const began = performance.now();
    await one.leads;
    // Its renewTime is long ago, and that is nothing to go by: clocks differ.
    expect(performance.now() - began).toBeGreaterThanOrEqual(5_000);
    const two = candidate('two');
    await renewals(4);
    expect([one.election.isLeader(), two.election.isLeader()]).toEqual([true, false]);
    one.stop.abort();
    await one.run;
    await two.leads;
    const { spec } = await api.get<Lease>(RESOURCE.lease, LEASE);
    expect(spec).toMatchObject({ holderIdentity: 'two', leaseDurationSeconds: 5, leaseTransitions: 2 });
    two.stop.abort();
    await two.run;
    expect((await api.get<Lease>(RESOURCE.lease, LEASE)).spec).toMatchObject({ holderIdentity: '' });
  }, 60_000);
});
