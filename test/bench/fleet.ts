import { setTimeout as delay } from 'node:timers/promises';
import type { KubernetesApi } from '../../operators/runtime/api.js';
import type { Cached } from '../../operators/runtime/cached.js';
import { systemClock } from '../../operators/runtime/clock.js';
import { ObjectCache } from '../../operators/runtime/object-cache.js';
import { type KubernetesObject, RESOURCE } from '../../operators/runtime/resource.js';

/** Pods of one Deployment of the fleet. */
export const PODS_OF_WORKLOAD = 50;

interface SeenPod extends Cached {
  readonly ready: boolean;
  readonly deleting: boolean;
  readonly workload: string;
  readonly node: string;
}

interface RawPod extends KubernetesObject {
  readonly spec: { readonly nodeName?: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** The pods of a namespace as a watch shows them. */
export class PodWatch {
  readonly #stop = new AbortController();
  readonly #pods: ObjectCache<SeenPod>;
  /** By uid, when deletion was seen to have begun; `performance.now()`. */
  readonly deletedAt = new Map<string, number>();

  constructor(api: KubernetesApi, namespace: string) {
    this.#pods = new ObjectCache<SeenPod>({
      ...{ api, namespace, resource: RESOURCE.pod, clock: systemClock, random: Math.random },
      project: (object) => {
        const { metadata, spec, status } = object as RawPod;
        return {
          namespace,
          name: metadata.name,
          uid: metadata.uid ?? '',
          resourceVersion: metadata.resourceVersion ?? '',
          ready: status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true,
          deleting: metadata.deletionTimestamp !== undefined,
          workload: metadata.labels?.['app'] ?? '',
          node: spec.nodeName ?? '',
        };
      },
    });
    this.#pods.subscribe((change) => {
      const pod = change.type === 'deleted' ? change.before : change.after;
      const gone = change.type === 'deleted' || pod.deleting;
      if (gone && !this.deletedAt.has(pod.uid)) this.deletedAt.set(pod.uid, performance.now());
    });
    void this.#pods.run(this.#stop.signal);
  }

  ready(): readonly SeenPod[] {
    return [...this.#pods.list()].filter(({ ready, deleting }) => ready && !deleting);
  }

  /** @returns whether it came true within so many seconds */
  async until(isSo: () => boolean, seconds: number): Promise<boolean> {
    const end = performance.now() + seconds * 1000;
    while (!isSo()) {
      if (performance.now() > end) return false;
      await delay(50);
    }
    return true;
  }

  stop(): void {
    this.#stop.abort();
  }
}

/** A Deployment on kwok's nodes and its policy. Restart intensity is off: a benchmark fails more pods than a service would. */
export function workload(namespace: string, index: number, replicas: number): readonly object[] {
  const name = `web-${index}`;
  const labels = { app: name };
  return [
    {
      apiVersion: 'tranship.dev/v1',
      kind: 'HealingPolicy',
      metadata: { name, namespace },
      spec: { selector: { matchLabels: labels }, causes: { crashLoop: { enabled: false } } },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels, annotations: { 'tranship.dev/essential': 'app' } },
          spec: {
            nodeSelector: { type: 'kwok' },
            tolerations: [{ key: 'kwok.x-k8s.io/node', operator: 'Exists' }],
            terminationGracePeriodSeconds: 1,
            automountServiceAccountToken: false,
            containers: [{ name: 'app', image: 'registry.example/shop/web:1' }],
          },
        },
      },
    },
  ];
}

/** What a kubelet reports when the container has ended. */
export async function failPod(
  api: KubernetesApi,
  pod: { readonly namespace?: string; readonly name: string },
): Promise<void> {
  const now = new Date().toISOString().replace(/\.\d+/, '');
  const conditions = ['Initialized', 'PodScheduled', 'ContainersReady', 'Ready'].map((type) => ({
    type,
    status: type.endsWith('Ready') ? 'False' : 'True',
    lastTransitionTime: now,
  }));
  const ended = { exitCode: 1, reason: 'Error', startedAt: now, finishedAt: now };
  const container = { name: 'app', image: 'registry.example/shop/web:1', imageID: '', restartCount: 0, ready: false };
  await api.patch(
    RESOURCE.pod,
    pod,
    [
      { op: 'add', path: '/status/conditions', value: conditions },
      { op: 'add', path: '/status/containerStatuses', value: [{ ...container, state: { terminated: ended } }] },
    ],
    { fieldManager: 'bench', subresource: 'status' },
  );
}
