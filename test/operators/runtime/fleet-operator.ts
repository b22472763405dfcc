import type { KubernetesApi } from '../../../operators/runtime/api.js';
import { isApiError } from '../../../operators/runtime/api-error.js';
import type { Cached } from '../../../operators/runtime/cached.js';
import type { Clock } from '../../../operators/runtime/clock.js';
import { Controller } from '../../../operators/runtime/controller.js';
import { ObjectCache } from '../../../operators/runtime/object-cache.js';
import type { ReconcileResult } from '../../../operators/runtime/reconciler.js';
import { keyOf, type KubernetesObject, nameOf, type Resource, RESOURCE } from '../../../operators/runtime/resource.js';
import { WorkQueue } from '../../../operators/runtime/work-queue.js';
import { WrittenVersions } from '../../../operators/runtime/written-versions.js';

/** A kind for tests: a fleet wishes for so many ConfigMaps, and its status says how many there are. */
export const FLEET: Resource = {
  group: 'test.tranship.dev',
  version: 'v1',
  plural: 'fleets',
  kind: 'Fleet',
  namespaced: true,
};

export interface Fleet extends KubernetesObject {
  readonly spec?: { readonly size?: number };
  readonly status?: { readonly ready?: number };
}

interface FleetView extends Cached {
  readonly size: number;
  readonly ready: number | undefined;
}

interface ShipView extends Cached {
  readonly fleet: string;
}

/** The smallest whole operator: two caches, a queue, a controller. It makes and deletes ships until a fleet has its size. */
export class FleetOperator {
  readonly fleets: ObjectCache<FleetView>;
  readonly ships: ObjectCache<ShipView>;
  readonly #queue: WorkQueue;
  readonly #controller: Controller;
  readonly #written = new WrittenVersions();
  reconciles = 0;

  constructor(
    private readonly api: KubernetesApi,
    clock: Clock,
    random: () => number,
  ) {
    this.#queue = new WorkQueue({ clock, random });
    this.fleets = new ObjectCache<FleetView>({
      api,
      clock,
      random,
      resource: FLEET,
      project: ({ metadata, spec, status }: Fleet) => ({
        ...identityOf(metadata),
        size: spec?.size ?? 0,
        ready: status?.ready,
      }),
    });
    this.ships = new ObjectCache<ShipView>({
      api,
      clock,
      random,
      resource: RESOURCE.configMap,
      labelSelector: 'fleet',
      project: ({ metadata }) => ({ ...identityOf(metadata), fleet: metadata.labels?.['fleet'] ?? '' }),
      indexes: { fleet: (ship) => [keyOf({ namespace: ship.namespace ?? '', name: ship.fleet })] },
    });
    this.fleets.subscribe(({ key }) => this.#queue.add(key));
    this.ships.subscribe((change) => {
      const ship = change.type === 'deleted' ? change.before : change.after;
      this.#queue.add(keyOf({ namespace: ship.namespace ?? '', name: ship.fleet }));
    });
    this.#controller = new Controller({
      reconciler: { name: 'fleet', reconcile: (key, signal) => this.#reconcile(key, signal) },
      queue: this.#queue,
      clock,
      workers: 2,
      caches: [this.fleets, this.ships],
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.fleets.run(signal), this.ships.run(signal), this.#controller.run(signal)]);
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult> {
    this.reconciles++;
    if (this.#written.pending(key, this.fleets)) return { requeueAfterMs: 1000 };
    const fleet = this.fleets.get(key);
    const { namespace = '', name } = nameOf(key);
    const wanted = new Set(Array.from({ length: fleet?.size ?? 0 }, (_, n) => `${name}-${n}`));
    const ships = this.ships.byIndex('fleet', key);
    const there = new Set(ships.map((ship) => ship.name));
    for (const each of wanted) if (!there.has(each)) await this.#launch(namespace, name, each, signal);
    for (const ship of ships) if (!wanted.has(ship.name)) await this.#scrap(ship, signal);
    const ready = [...wanted].filter((each) => there.has(each)).length;
    if (fleet === undefined || fleet.ready === ready) return {};
    const answer = await this.api.apply<Fleet>(
      FLEET,
      { metadata: { namespace, name, uid: fleet.uid }, ...{ status: { ready } } },
      { fieldManager: 'fleet', subresource: 'status', signal },
    );
    this.#written.record(key, answer);
    return {};
  }

  async #launch(namespace: string, fleet: string, name: string, signal: AbortSignal): Promise<void> {
    try {
      const ship = { metadata: { namespace, name, labels: { fleet } } };
      await this.api.create(RESOURCE.configMap, ship, { fieldManager: 'fleet', signal });
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
  }

  async #scrap({ namespace = '', name, uid, resourceVersion }: ShipView, signal: AbortSignal): Promise<void> {
    try {
      await this.api.delete(
        RESOURCE.configMap,
        { namespace, name },
        { preconditions: { uid, resourceVersion }, signal },
      );
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }
}

function identityOf({ namespace = '', name, uid = '', resourceVersion = '' }: KubernetesObject['metadata']): Cached {
  return { namespace, name, uid, resourceVersion };
}
