/**
 * The operator on a real API server, with pods on kwok's nodes: `npm run bench -- operator [COUNT…]`.
 *
 * Options: `--name NAME` cluster (default bench; it is brought up, and stays up), `--failures N` for each size (100), `--rate R`
 * a second (2), `--limit S` seconds that Kubernetes alone has (120). It takes what a cluster of processes takes: Linux and root.
 *
 * Two replicas run from `build`, with the role and the policies that are delivered, configured as in a pod. Pods' status is
 * set to what a kubelet reports of a container that has ended. `eviction` is the time from the answer to that until a watch
 * shows that the pod's deletion has begun. Writes are the operator's own count but for the Lease, from first failure to
 * the last replacement's being Ready. Memory is the leader's. `failover` is from kill -9 to the next eviction.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { KubeConfig } from '@kubernetes/client-node';
import { ClientNodeApi } from '../../operators/runtime/client-node-api.js';
import { systemClock } from '../../operators/runtime/clock.js';
import { kubeconfig } from '../../operators/runtime/kubeconfig.js';
import type { Kubectl } from '../cluster/kubectl.js';
import { podsOfKwokNode } from '../cluster/kwok.js';
import { LocalCluster } from '../cluster/local-cluster.js';
import { namespaceFor } from '../cluster/namespace.js';
import { openCluster } from '../cluster/open.js';
import { poll } from '../cluster/processes.js';
import { failPod, PODS_OF_WORKLOAD, PodWatch, workload } from './fleet.js';
import { oneNodeFailure, type Recovery } from './one-node-failure.js';
import { installWithoutPods, leaderName, OperatorReplica, PodIdentity } from './operator-processes.js';

const SIZES = [1000, 5000, 10_000];

interface Bench {
  readonly cluster: LocalCluster;
  readonly kubectl: Kubectl;
  readonly api: ClientNodeApi;
  readonly identity: PodIdentity;
  readonly failures: number;
  readonly rate: number;
}

export async function run(words: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      name: { type: 'string', default: 'bench' },
      failures: { type: 'string', default: '100' },
      rate: { type: 'string', default: '2' },
      limit: { type: 'string', default: '120' },
    },
  });
  const cluster = await openCluster({ name: values.name, processes: true }, process.env);
  if (!(cluster instanceof LocalCluster)) throw new Error(`cluster ${values.name} is not one of processes`);
  await cluster.up();
  const { kubectl } = cluster.processes;
  const config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfig);
  const api = new ClientNodeApi({ config: kubeconfig(config), clock: systemClock });
  await installWithoutPods(kubectl);
  const identity = await PodIdentity.of(kubectl);
  const bench = { cluster, kubectl, api, identity, failures: Number(values.failures), rate: Number(values.rate) };
  const sizes = positionals.map(Number).filter((size) => Number.isSafeInteger(size) && size > 0);
  try {
    process.stdout.write(
      '    pods   evictions   p50 ms   p99 ms   max ms   writes each   RSS MiB   peak MiB   failover s\n',
    );
    for (const size of sizes.length > 0 ? sizes : SIZES) await measure(bench, size);
    await compare(bench, Number(values.limit));
  } finally {
    identity.remove();
    await api.close();
    await cluster.scale(0);
  }
}

/** Two replicas for as long as something runs. */
async function withReplicas<T>(
  { identity, kubectl }: Bench,
  act: (leader: OperatorReplica, standby: OperatorReplica) => Promise<T>,
): Promise<T> {
  const replicas = ['one', 'two'].map((name) => new OperatorReplica(`${name}-${Date.now()}`, identity));
  try {
    await Promise.all(replicas.map((replica) => replica.whenReady()));
    let leader: OperatorReplica | undefined;
    await poll(
      async () => {
        const holder = await leaderName(kubectl);
        leader = replicas.find(({ name }) => name === holder);
        return leader !== undefined;
      },
      60,
      500,
    );
    const standby = replicas.find((replica) => replica !== leader);
    if (leader === undefined || standby === undefined) throw new Error('no replica leads after 60 s');
    return await act(leader, standby);
  } finally {
    await Promise.all(replicas.map((replica) => replica.end('SIGKILL')));
  }
}

async function measure(bench: Bench, size: number): Promise<void> {
  const { cluster, kubectl, api } = bench;
  await cluster.scale(Math.ceil((size * 1.05) / podsOfKwokNode) + 1);
  const namespace = await namespaceFor(kubectl, 'fleet');
  const watch = new PodWatch(api, namespace);
  try {
    const workloads = Math.ceil(size / PODS_OF_WORKLOAD);
    await kubectl.apply(
      Array.from({ length: workloads }, (_, index) =>
        workload(namespace, index, Math.min(PODS_OF_WORKLOAD, size - index * PODS_OF_WORKLOAD)),
      ).flat(),
    );
    if (!(await watch.until(() => watch.ready().length === size, 120 + size / 5)))
      throw new Error(`${watch.ready().length} of ${size} pods are Ready`);
    await withReplicas(bench, async (leader, standby) => {
      const before = await leader.writes();
      const start = { cpu: leader.cpuSeconds(), at: performance.now() };
      const times = await failSome(bench, watch, bench.failures);
      await watch.until(() => watch.ready().length === size, 60);
      await delay(3000);
      const after = await leader.writes();
      const memory = leader.memory();
      const share = ((leader.cpuSeconds() - start.cpu) * 1e5) / (performance.now() - start.at);
      await leader.end('SIGKILL');
      const killed = performance.now();
      const evicted = watch.deletedAt.size;
      await failSome(bench, watch, 1);
      if (watch.deletedAt.size === evicted) throw new Error('nothing was evicted after failover');
      const failover = ((Math.max(...watch.deletedAt.values()) - killed) / 1000).toFixed(1);
      const writes = [...after].map(([call, count]) => [call, count - (before.get(call) ?? 0)] as const);
      const each = writes.reduce((sum, [, count]) => sum + count, 0) / times.length;
      const cells: [string, number][] = [
        [String(size), 8],
        [`${times.length}/${bench.failures}`, 12],
        [quantile(times, 0.5).toFixed(0), 9],
        [quantile(times, 0.99).toFixed(0), 9],
        [quantile(times, 1).toFixed(0), 9],
        [each.toFixed(2), 14],
        [memory.now.toFixed(0), 10],
        [memory.peak.toFixed(0), 11],
        [failover, 13],
      ];
      process.stdout.write(`${cells.map(([text, width]) => text.padStart(width)).join('')}\n`);
      const calls = writes.filter(([, count]) => count > 0).map(([call, count]) => `${call} ${count}`);
      process.stdout.write(
        `          writes: ${calls.join(', ')}; CPU of the leader ${share.toFixed(0)} % of one core; standby ${standby.memory().now.toFixed(0)} MiB\n`,
      );
    });
  } finally {
    watch.stop();
    await kubectl.text(['delete', 'namespace', namespace, '--timeout=600s']);
  }
}

/** Fails pods at a steady rate, of each workload in turn. @returns ms from each one's failure to its eviction */
async function failSome({ api, rate }: Bench, watch: PodWatch, count: number): Promise<readonly number[]> {
  const byWorkload = Map.groupBy(watch.ready(), (pod) => pod.workload);
  const workloads = [...byWorkload.values()];
  const failed = new Map<string, number>();
  const start = performance.now();
  for (let index = 0; index < count; index++) {
    const pods = workloads[index % workloads.length] ?? [];
    const pod = pods[Math.floor(index / workloads.length)];
    if (pod === undefined) throw new Error(`there are not ${count} pods to fail`);
    await failPod(api, pod);
    failed.set(pod.uid, performance.now());
    await delay(Math.max(0, start + ((index + 1) * 1000) / rate - performance.now()));
  }
  await watch.until(() => [...failed.keys()].every((uid) => watch.deletedAt.has(uid)), 60);
  return [...failed].flatMap(([uid, at]) => {
    const deleted = watch.deletedAt.get(uid);
    return deleted === undefined ? [] : [Math.max(0, deleted - at)];
  });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

async function compare(bench: Bench, limit: number): Promise<void> {
  const { healed, plain } = await withReplicas(bench, () => oneNodeFailure(bench.kubectl, bench.api, limit));
  const told = (recovery: Recovery): string =>
    'seconds' in recovery ? `${recovery.seconds.toFixed(1)} s` : `not within ${recovery.notWithin} s`;
  process.stdout.write(
    `\na pod that crashes on one node only, from the first crash to Ready on another: Kubernetes alone ${told(plain)}, with the operator ${told(healed)}\n`,
  );
}
