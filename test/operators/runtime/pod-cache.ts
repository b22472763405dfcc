import type { CacheChange, Cached } from '../../../operators/runtime/cached.js';
import { ObjectCache, type ObjectCacheOptions } from '../../../operators/runtime/object-cache.js';
import { keyOf, type KubernetesObject, RESOURCE } from '../../../operators/runtime/resource.js';
import { SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { ManualClock, settle } from '../../../operators/simulator/manual-clock.js';
import { type Faults, faultyApi } from './faulty-api.js';

export interface PodView extends Cached {
  readonly node: string;
}

export interface Pod extends KubernetesObject {
  readonly spec?: { readonly nodeName?: string };
}

export function pod(name: string, node = 'n1', extra: Partial<Pod['metadata']> = {}): Pod {
  return { metadata: { namespace: 'shop', name, ...extra }, spec: { nodeName: node } };
}

export function viewOf(object: Pod): PodView {
  const { namespace = '', name, uid = '', resourceVersion = '' } = object.metadata;
  if (object.spec?.nodeName === 'unreadable') throw new TypeError('a pod that nobody can read');
  return { namespace, name, uid, resourceVersion, node: object.spec?.nodeName ?? '' };
}

/** A cache of pods on a simulated server, with all that it told, and a fold of its changes. */
export class PodCache {
  readonly clock = new ManualClock();
  readonly server = new SimulatedApiServer({ clock: this.clock });
  readonly faults: Faults = {};
  readonly told: [string, ...unknown[]][] = [];
  readonly changes: string[] = [];
  /** What somebody holds who only listens. */
  readonly folded = new Map<string, PodView>();
  /** Changes that contradict what was told before. */
  readonly contradictions: string[] = [];
  readonly stop = new AbortController();
  readonly cache: ObjectCache<PodView>;
  #running: Promise<void> | undefined;

  constructor(options: Partial<ObjectCacheOptions<PodView>> = {}) {
    const tell =
      (what: string) =>
      (...values: readonly unknown[]): void => {
        this.told.push([what, ...values]);
      };
    this.cache = new ObjectCache<PodView>({
      api: faultyApi(this.server.api(), this.faults),
      resource: RESOURCE.pod,
      clock: this.clock,
      random: () => 0,
      project: viewOf,
      indexes: { node: (view) => [view.node] },
      observe: {
        listed: tell('listed'),
        watchEnded: tell('watchEnded'),
        failed: tell('failed'),
        refused: tell('refused'),
        stale: tell('stale'),
        unreadable: tell('unreadable'),
        listenerFailed: tell('listenerFailed'),
        audited: tell('audited'),
        missed: tell('missed'),
        auditFailed: tell('auditFailed'),
      },
      ...options,
    });
    this.cache.subscribe((change) => this.#fold(change));
  }

  async run(): Promise<void> {
    this.#running = this.cache.run(this.stop.signal);
    await this.settle();
  }

  async end(): Promise<void> {
    this.stop.abort();
    await this.#running;
  }

  /** Lets everything happen that needs no time; a list of several pages takes several turns. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await settle();
  }

  put(object: Pod): Pod {
    return this.server.put(RESOURCE.pod, object);
  }

  remove(name: string): void {
    this.server.remove(RESOURCE.pod, { namespace: 'shop', name });
  }

  /** How often it told of this. */
  times(what: string): number {
    return this.told.filter(([word]) => word === what).length;
  }

  /** The server's pods as the cache should hold them. */
  onServer(): readonly PodView[] {
    return this.server.objects<Pod>(RESOURCE.pod).map(viewOf);
  }

  held(): readonly PodView[] {
    return [...this.cache.list()].toSorted(byName);
  }

  #fold(change: CacheChange<PodView>): void {
    const { type, key } = change;
    this.changes.push(`${type} ${key}`);
    const before = this.folded.get(key);
    const fits =
      type === 'added'
        ? before === undefined
        : before === change.before && (type === 'deleted' || change.after.uid === change.before.uid);
    if (!fits) this.contradictions.push(`${type} ${key}`);
    if (type === 'deleted') this.folded.delete(key);
    else this.folded.set(key, change.after);
  }
}

export function byName(a: Cached, b: Cached): number {
  return keyOf(a) < keyOf(b) ? -1 : 1;
}
