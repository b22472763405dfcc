import { describe, expect, it } from '@jest/globals';
import { healingFeature } from '../../../operators/healing/feature.js';
import { ApiEventRecorder } from '../../../operators/runtime/event-recorder.js';
import { silentLog } from '../../../operators/runtime/log.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import { Telemetry } from '../../../operators/runtime/telemetry.js';
import { settle } from '../../../operators/simulator/manual-clock.js';
import { Cluster, NAMESPACE } from './cluster.js';

/** Runs the feature as the operator does, on caches that watch the server. */
async function withFeature(
  cluster: Cluster,
  work: (pass: (ms: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  const { clock, server } = cluster;
  const api = server.api();
  const feature = healingFeature({
    api,
    clock,
    random: () => 0.5,
    log: silentLog,
    telemetry: new Telemetry(),
    events: new ApiEventRecorder({ api, clock, instance: 'operator-1' }),
    operatorNamespace: 'tranship-system',
  });
  const stop = new AbortController();
  const running = [...Object.values(feature.caches), ...feature.controllers].map((each) => each.run(stop.signal));
  const pass = async (ms: number): Promise<void> => {
    await clock.advance(ms);
    for (let turn = 0; turn < 20; turn += 1) await settle();
  };
  try {
    await pass(100);
    await work(pass);
  } finally {
    stop.abort();
    await clock.advance(60_000);
    await Promise.all(running);
  }
}

const evictions = (cluster: Cluster): readonly (string | undefined)[] =>
  cluster.calls.filter(({ verb }) => verb === 'evict').map(({ name }) => name?.name);

describe('healing as a part of the operator', () => {
  it('replaces a pod when the watch tells that it failed, and is quiet afterwards', async () => {
    const cluster = new Cluster(4);
    await withFeature(cluster, async (pass) => {
      expect(evictions(cluster)).toEqual([]);
      cluster.crashPod('web-3');
      await pass(1000);
      expect(evictions(cluster)).toEqual(['web-3']);
      cluster.turn();
      await pass(60_000);
      expect(cluster.policy().status?.pods).toMatchObject({ selected: 4, ready: 4, replacing: 0 });
      const writes = cluster.writes().length;
      await pass(1_200_000);
      expect(cluster.writes().slice(writes)).toEqual([]);
    });
  });

  it('wakes when a node is lost, and when a policy beside it goes away', async () => {
    const cluster = new Cluster(3);
    cluster.putPolicy('other');
    await withFeature(cluster, async (pass) => {
      cluster.putNode('node-b', false, 'eu-west-1b');
      await pass(120_000);
      expect(evictions(cluster)).toEqual([]);
      cluster.server.remove(RESOURCE.healingPolicy, { namespace: NAMESPACE, name: 'other' });
      await pass(1000);
      expect(evictions(cluster)).toEqual(['web-1']);
    });
  });
});
