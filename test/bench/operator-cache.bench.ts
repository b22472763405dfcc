/**
 * What a cache of pods costs, as the healer holds them: `npm run bench -- cache [COUNT…]`.
 *
 * Pods are made up, of one container (7 KB of JSON) or two (10 KB); a workload has 20. Each size runs in processes of its own: one with the cache,
 * one that keeps the whole objects instead. Memory is what the heap loses, after garbage
 * collection, when the cache (or the objects) is let go of.
 */
import { execFileSync } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import { Interning } from '../../operators/healing/interning.js';
import { projectPod, type RawPod } from '../../operators/healing/project-pod.js';
import type { KubernetesApi } from '../../operators/runtime/api.js';
import { systemClock } from '../../operators/runtime/clock.js';
import { ObjectCache } from '../../operators/runtime/object-cache.js';
import { RESOURCE } from '../../operators/runtime/resource.js';
import { podText, syntheticPod, syntheticPodsApi } from './synthetic-pods.js';

const SIZES = [1000, 5000, 10_000];
const CHANGES = 10_000;

interface Figures {
  readonly heapMebibytes: number;
  readonly residentMebibytes: number;
  readonly listSeconds: number;
  readonly changesPerSecond: number;
}

export async function run(words: readonly string[]): Promise<void> {
  const sizes = words.map(Number).filter((size) => Number.isSafeInteger(size) && size > 0);
  process.stdout.write(
    '    pods  containers   JSON MiB   cache MiB   bytes a pod   whole MiB   peak RSS MiB   list CPU s   changes/s\n',
  );
  for (const [size, containers] of (sizes.length > 0 ? sizes : SIZES).flatMap((count) => [
    [count, 1] as const,
    [count, 2] as const,
  ])) {
    const cache = inProcess('cache', size, containers);
    const whole = inProcess('whole', size, containers);
    const json = (podText(size - 1, size, containers, 0).length * size) / 2 ** 20;
    const cells: [string, number][] = [
      [String(size), 8],
      [String(containers), 12],
      [json.toFixed(0), 11],
      [cache.heapMebibytes.toFixed(2), 12],
      [((cache.heapMebibytes * 2 ** 20) / size).toFixed(0), 14],
      [whole.heapMebibytes.toFixed(0), 12],
      [cache.residentMebibytes.toFixed(0), 15],
      [cache.listSeconds.toFixed(2), 13],
      [cache.changesPerSecond.toFixed(0), 12],
    ];
    process.stdout.write(`${cells.map(([text, width]) => text.padStart(width)).join('')}\n`);
  }
}

function inProcess(what: 'cache' | 'whole', size: number, containers: number): Figures {
  const output = execFileSync(
    process.execPath,
    ['--expose-gc', import.meta.filename, what, String(size), String(containers)],
    {
      encoding: 'utf8',
    },
  );
  return JSON.parse(output) as Figures;
}

/** Heap in use after garbage collection, MiB. */
async function heap(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await turn();
  }
  return process.memoryUsage().heapUsed / 2 ** 20;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** A cache that has listed and then seen its changes, the only thing that holds it, and what that took. */
async function fill(
  size: number,
  containers: number,
  held: Set<unknown>,
): Promise<Omit<Figures, 'heapMebibytes' | 'residentMebibytes'>> {
  const interning = new Interning();
  const stop = new AbortController();
  const changed = Promise.withResolvers<number>();
  let changes = 0;
  const pods = new ObjectCache({
    api: syntheticPodsApi(size, containers, CHANGES) as KubernetesApi,
    resource: RESOURCE.pod,
    clock: systemClock,
    random: Math.random,
    project: (pod: RawPod) => projectPod(pod, interning),
    indexes: { namespace: ({ namespace }) => [namespace], node: ({ node }) => (node === undefined ? [] : [node]) },
  });
  const leave = pods.subscribe(({ type }) => {
    if (type === 'updated' && ++changes === CHANGES) changed.resolve(cpuSeconds());
  });
  const start = cpuSeconds();
  const running = pods.run(stop.signal);
  await pods.whenSynced(stop.signal);
  const listed = cpuSeconds();
  const end = await changed.promise;
  stop.abort();
  await running;
  leave();
  if (pods.size !== size) throw new Error(`the cache has ${pods.size} of ${size} pods`);
  held.add(pods);
  return { listSeconds: listed - start, changesPerSecond: CHANGES / (end - listed) };
}

async function measureCache(size: number, containers: number): Promise<Figures> {
  const held = new Set<unknown>();
  const times = await fill(size, containers, held);
  return { ...times, ...(await measureMemory(held)) };
}

async function measureWhole(size: number, containers: number): Promise<Figures> {
  const held = new Set<unknown>(Array.from({ length: size }, (_, n) => syntheticPod(n, n + 1, containers)));
  return { listSeconds: 0, changesPerSecond: 0, ...(await measureMemory(held)) };
}

async function measureMemory(held: Set<unknown>): Promise<Pick<Figures, 'heapMebibytes' | 'residentMebibytes'>> {
  const residentMebibytes = process.resourceUsage().maxRSS / 1024;
  const full = await heap();
  held.clear();
  return { heapMebibytes: full - (await heap()), residentMebibytes };
}

if (process.argv[1] === import.meta.filename) {
  const size = Number(process.argv[3]);
  const containers = Number(process.argv[4]);
  const figures =
    process.argv[2] === 'cache' ? await measureCache(size, containers) : await measureWhole(size, containers);
  process.stdout.write(JSON.stringify(figures));
}
