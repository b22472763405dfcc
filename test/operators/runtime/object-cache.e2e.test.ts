import { randomUUID } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Cached } from '../../../operators/runtime/cached.js';
import { ClientNodeApi } from '../../../operators/runtime/client-node-api.js';
import { kubeconfig as clusterOf } from '../../../operators/runtime/kubeconfig.js';
import { systemClock } from '../../../operators/runtime/clock.js';
import { ObjectCache } from '../../../operators/runtime/object-cache.js';
import { type KubernetesObject, RESOURCE } from '../../../operators/runtime/resource.js';
import { WrittenVersions } from '../../../operators/runtime/written-versions.js';

interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

interface View extends Cached {
  readonly value: string;
}

const namespace = 'default';
const label = `cache-${randomUUID().slice(0, 8)}`;
const fieldManager = 'cache';
/** Calls under way together. */
const AT_ONCE = 40;
const selection = { namespace, labelSelector: `test=${label}` };
const resource = RESOURCE.configMap;

let api: ClientNodeApi;
beforeAll(() => {
  const kubeconfig = process.env['KUBECONFIG'] ?? '';
  if (kubeconfig === '') throw new Error('KUBECONFIG is not set: it must name the kubeconfig of a cluster for tests');
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  api = new ClientNodeApi({ config: clusterOf(config), clock: systemClock });
});

afterAll(async () => {
  const left = await onServer();
  while (left.length > 0) await Promise.all(left.splice(0, AT_ONCE).map(remove));
  await api.close();
});

function viewOf({ metadata, data }: ConfigMap): View {
  const { name, uid = '', resourceVersion = '' } = metadata;
  return { namespace, name, uid, resourceVersion, value: data?.['value'] ?? '' };
}

async function onServer(): Promise<View[]> {
  const views: View[] = [];
  let next: string | undefined;
  do {
    const page = await api.list<ConfigMap>(resource, {
      ...selection,
      ...(next === undefined ? {} : { continue: next }),
    });
    views.push(...page.items.map(viewOf));
    next = page.continue;
  } while (next !== undefined);
  return views;
}

function create(name: string, value: string): Promise<ConfigMap> {
  const object: ConfigMap = { metadata: { namespace, name, labels: { test: label } }, data: { value } };
  return api.create(resource, object, { fieldManager });
}

function change(name: string, value: string): Promise<ConfigMap> {
  return api.patch(resource, { namespace, name }, [{ op: 'replace', path: '/data/value', value }], { fieldManager });
}

async function remove({ name, uid, resourceVersion }: View): Promise<void> {
  await api.delete(resource, { namespace, name }, { preconditions: { uid, resourceVersion } });
}

describe('the object cache on a real API server', () => {
  test('lists all pages, follows every change, sees its own writes, and an audit finds nothing lost', async () => {
    const names = Array.from({ length: 620 }, (_, n) => `${label}-${n}`);
    const made = new Map<string, View>();
    for (let from = 0; from < names.length; from += AT_ONCE) {
      const some = await Promise.all(names.slice(from, from + AT_ONCE).map((name) => create(name, 'first')));
      for (const view of some.map(viewOf)) made.set(view.name, view);
    }
    const existing = (number: number): View => {
      const view = made.get(`${label}-${number}`);
      if (view === undefined) throw new Error(`no ${number}`);
      return view;
    };
    const changes: string[] = [];
    const audited = Promise.withResolvers<void>();
    let audits = 0;
    const missed: string[] = [];
    const cache = new ObjectCache<View>({
      ...{ api, resource, ...selection, clock: systemClock, random: Math.random, project: viewOf },
      auditIntervalMs: 2000,
      indexes: { value: ({ value }) => [value] },
      observe: {
        missed: (keys) => missed.push(...keys),
        audited: () => {
          if (++audits === 2) audited.resolve();
        },
      },
    });
    const stop = new AbortController();
    const running = cache.run(stop.signal);
    await cache.whenSynced(stop.signal);
    expect(cache.size).toBe(620);
    expect(cache.byIndex('value', 'first')).toHaveLength(620);

    cache.subscribe(({ type, key }) => changes.push(`${type} ${key.slice(key.lastIndexOf('-') + 1)}`));
    const written = new WrittenVersions();
    await remove(existing(1));
    await remove(existing(2));
    await create(`${label}-2`, 'reborn');
    const last = await change(`${label}-3`, 'second');
    const key = `${namespace}/${label}-3`;
    written.record(key, last);
    const seen = Promise.withResolvers<void>();
    const look = (): void => {
      if (!written.pending(key, cache)) seen.resolve();
    };
    cache.subscribe(look);
    look();
    await seen.promise;
    expect(changes).toEqual(['deleted 1', 'deleted 2', 'added 2', 'updated 3']);
    expect(cache.get(key)?.value).toBe('second');
    expect(cache.byIndex('value', 'reborn').map(({ name }) => name)).toEqual([`${label}-2`]);

    await audited.promise;
    expect(missed).toEqual([]);
    const held = [...cache.list()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    expect(held).toEqual((await onServer()).toSorted((a, b) => (a.name < b.name ? -1 : 1)));
    stop.abort();
    await running;
  });
});
