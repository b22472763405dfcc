import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { KubernetesApi, WatchEvent } from '../../../operators/runtime/api.js';
import type { KubernetesObject, Resource } from '../../../operators/runtime/resource.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';

/** A server to hold the contract against. Names may repeat between tests: each gets a namespace of its own. */
export interface ContractSubject {
  readonly api: KubernetesApi;
  /** An empty namespace. */
  readonly namespace: string;
  /** Puts a pod with these labels there, and resolves when it is Ready. */
  readyPod(name: string, labels: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

export interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

interface Status extends KubernetesObject {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

const BY_TEST = { fieldManager: 'contract' };

/** What every KubernetesApi keeps, whichever is behind it. Objects with a status are PodDisruptionBudgets: any cluster has them. */
export function describeKubernetesApi(name: string, open: () => Promise<ContractSubject>): void {
  describe(`the contract of KubernetesApi, on ${name}`, () => {
    let subject: ContractSubject;
    let api: KubernetesApi;
    let namespace: string;
    beforeEach(async () => {
      subject = await open();
      ({ api, namespace } = subject);
    });
    afterEach(() => subject.close());

    const configMap = (
      objectName: string,
      data: Record<string, string> = {},
      labels: Record<string, string> = {},
    ): ConfigMap => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace, name: objectName, labels: { contract: 'yes', ...labels } },
      data,
    });
    const create = (objectName: string, data?: Record<string, string>, labels?: Record<string, string>) =>
      api.create<ConfigMap>(RESOURCE.configMap, configMap(objectName, data, labels), BY_TEST);
    const ours = { labelSelector: 'contract=yes' };
    const preconditionsOf = (object: KubernetesObject) => ({
      uid: object.metadata.uid ?? '',
      resourceVersion: object.metadata.resourceVersion ?? '',
    });

    test('an object that was created is read back under a uid and a version', async () => {
      const created = await create('one', { key: 'value' });
      expect(created.metadata.uid).toMatch(/\S/);
      expect(Number(created.metadata.resourceVersion)).toBeGreaterThan(0);
      expect(await api.get<ConfigMap>(RESOURCE.configMap, { namespace, name: 'one' })).toEqual(created);
      expect(created).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { key: 'value' } });
    });

    test('a second object under the same name is AlreadyExists, and one that is not there is NotFound', async () => {
      await create('one');
      await expect(create('one')).rejects.toMatchObject({ code: 'AlreadyExists', details: { status: 409 } });
      await expect(api.get(RESOURCE.configMap, { namespace, name: 'two' })).rejects.toMatchObject({
        code: 'NotFound',
        message: expect.stringContaining(`get configmaps ${namespace}/two: configmaps "two" not found`),
      });
    });

    test('a dry run stores nothing', async () => {
      await api.create(RESOURCE.configMap, configMap('one'), { ...BY_TEST, dryRun: true });
      await expect(api.get(RESOURCE.configMap, { namespace, name: 'one' })).rejects.toMatchObject({ code: 'NotFound' });
      const two = await create('two');
      await api.delete(
        RESOURCE.configMap,
        { namespace, name: 'two' },
        { preconditions: preconditionsOf(two), dryRun: true },
      );
      expect(await api.get(RESOURCE.configMap, { namespace, name: 'two' })).toEqual(two);
    });

    test('pages of a list hold every object once, as the list was when it began', async () => {
      for (const objectName of ['a', 'b', 'c', 'd', 'e']) await create(objectName);
      const first = await api.list(RESOURCE.configMap, { namespace, ...ours, limit: 2 });
      await create('bb');
      const names = first.items.map((item) => item.metadata.name);
      for (let token = first.continue; token !== undefined; ) {
        const page = await api.list(RESOURCE.configMap, { namespace, ...ours, limit: 2, continue: token });
        names.push(...page.items.map((item) => item.metadata.name));
        expect(page.resourceVersion).toBe(first.resourceVersion);
        token = page.continue;
      }
      expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    test('objects of a list carry apiVersion and kind', async () => {
      await create('one');
      const { items } = await api.list(RESOURCE.configMap, { namespace, ...ours });
      expect(items).toEqual([expect.objectContaining({ apiVersion: 'v1', kind: 'ConfigMap' })]);
    });

    test.each([
      ['tier=web', ['a']],
      ['tier in (web, db)', ['a', 'b']],
      ['tier notin (web)', ['b', 'c']],
      ['tier!=db', ['a', 'c']],
      ['tier', ['a', 'b']],
      ['!tier', ['c']],
      ['tier,zone=1', ['b']],
    ])('the label selector %s selects %j', async (labelSelector, expected) => {
      await create('a', {}, { tier: 'web' });
      await create('b', {}, { tier: 'db', zone: '1' });
      await create('c', {}, { zone: '1' });
      const { items } = await api.list(RESOURCE.configMap, { namespace, labelSelector: `contract,${labelSelector}` });
      expect(items.map((item) => item.metadata.name)).toEqual(expected);
    });

    test('a field selector finds an object by its name, and one by an unknown field is Invalid', async () => {
      await create('a');
      await create('b');
      const { items } = await api.list(RESOURCE.configMap, { namespace, fieldSelector: 'metadata.name=b' });
      expect(items.map((item) => item.metadata.name)).toEqual(['b']);
      await expect(api.list(RESOURCE.configMap, { namespace, fieldSelector: 'data.x=1' })).rejects.toMatchObject({
        code: 'Invalid',
      });
    });

    test('a watch from the version of a list sees every later change in order, and none before', async () => {
      const one = await create('one', { step: '1' });
      const { resourceVersion } = await api.list(RESOURCE.configMap, { namespace, ...ours });
      await patchData('one', '2');
      await create('two');
      const patched = await patchData('one', '3');
      await api.delete(RESOURCE.configMap, { namespace, name: 'one' }, { preconditions: preconditionsOf(patched) });
      const seen = await take(4, resourceVersion);
      expect(seen.map(brief)).toEqual(['MODIFIED one 2', 'ADDED two undefined', 'MODIFIED one 3', 'DELETED one 3']);
      expect(seen[3]).toMatchObject({ object: { metadata: { uid: one.metadata.uid } } });
      const versions = seen.map((event) =>
        event.type === 'BOOKMARK' ? 0 : Number(event.object.metadata.resourceVersion),
      );
      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    });

    test('a watch that is open sees changes that come while it waits', async () => {
      const { resourceVersion } = await api.list(RESOURCE.configMap, { namespace, ...ours });
      const watch = api.watch<ConfigMap>(RESOURCE.configMap, { namespace, ...ours, resourceVersion });
      const iterator = watch[Symbol.asyncIterator]();
      const next = iterator.next();
      await create('one');
      expect((await next).value).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'one' } } });
      await iterator.return?.();
    });

    test('to a watch with a selector, an object that no longer matches is deleted, and one that begins to match is added', async () => {
      await create('one', { step: '1' }, { on: 'yes' });
      const { resourceVersion } = await api.list(RESOURCE.configMap, { namespace, ...ours });
      await api.patch(
        RESOURCE.configMap,
        { namespace, name: 'one' },
        [{ op: 'remove', path: '/metadata/labels/on' }],
        BY_TEST,
      );
      await api.patch(
        RESOURCE.configMap,
        { namespace, name: 'one' },
        [{ op: 'add', path: '/metadata/labels/on', value: 'yes' }],
        BY_TEST,
      );
      const seen = await take(2, resourceVersion, 'on=yes');
      expect(seen.map(brief)).toEqual(['DELETED one 1', 'ADDED one 1']);
    });

    test('a watch ends in Aborted when its signal is aborted, and so does a call', async () => {
      const { resourceVersion } = await api.list(RESOURCE.configMap, { namespace });
      const controller = new AbortController();
      const watch = api.watch(RESOURCE.configMap, { namespace, ...ours, resourceVersion, signal: controller.signal });
      const next = watch[Symbol.asyncIterator]().next();
      controller.abort();
      await expect(next).rejects.toMatchObject({ code: 'Aborted' });
      await expect(api.list(RESOURCE.configMap, { signal: controller.signal })).rejects.toMatchObject({
        code: 'Aborted',
      });
    });

    test('a watch ends by itself after the time that was asked for', async () => {
      const { resourceVersion } = await api.list(RESOURCE.configMap, { namespace });
      const seen: unknown[] = [];
      for await (const event of api.watch(RESOURCE.configMap, {
        namespace,
        ...ours,
        resourceVersion,
        timeoutSeconds: 1,
      })) {
        if (event.type !== 'BOOKMARK') seen.push(event);
      }
      expect(seen).toEqual([]);
    });

    test('a delete whose preconditions name another object or version is a Conflict and deletes nothing', async () => {
      const one = await create('one');
      const wrong = [
        { ...preconditionsOf(one), uid: '11111111-1111-4111-8111-111111111111' },
        { ...preconditionsOf(one), resourceVersion: '1' },
      ];
      for (const preconditions of wrong) {
        const attempt = api.delete(RESOURCE.configMap, { namespace, name: 'one' }, { preconditions });
        await expect(attempt).rejects.toMatchObject({ code: 'Conflict', details: { status: 409 } });
      }
      expect(await api.get(RESOURCE.configMap, { namespace, name: 'one' })).toEqual(one);
    });

    test('a JSON patch that does not fit the object, in a test or in a path, is a Conflict and changes nothing', async () => {
      const one = await create('one', { step: '1' });
      const at = { namespace, name: 'one' };
      const stale = api.patch(
        RESOURCE.configMap,
        at,
        [
          { op: 'test', path: '/metadata/resourceVersion', value: '1' },
          { op: 'replace', path: '/data/step', value: '2' },
        ],
        BY_TEST,
      );
      await expect(stale).rejects.toMatchObject({ code: 'Conflict' });
      const nowhere = api.patch(RESOURCE.configMap, at, [{ op: 'remove', path: '/data/none/deep' }], BY_TEST);
      await expect(nowhere).rejects.toMatchObject({ code: 'Conflict' });
      expect(await api.get(RESOURCE.configMap, at)).toEqual(one);
    });

    test('a write that changes nothing keeps the version', async () => {
      const one = await create('one', { step: '1' });
      const same = await patchData('one', '1');
      expect(same.metadata.resourceVersion).toBe(one.metadata.resourceVersion);
    });

    test('an apply creates, changes what it states, and removes what it states no longer', async () => {
      const mine = { fieldManager: 'mine' };
      const state = (data: Record<string, string>) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { namespace, name: 'one' },
        data,
      });
      await api.apply(RESOURCE.configMap, state({ a: '1', b: '1' }), mine);
      await api.apply(RESOURCE.configMap, state({ c: '1' }), { fieldManager: 'other' });
      const after = await api.apply<ConfigMap>(RESOURCE.configMap, state({ a: '2' }), mine);
      expect(after.data).toEqual({ a: '2', c: '1' });
    });

    test("an apply on another manager's field is a Conflict unless it has the same value or takes it by force", async () => {
      const state = (a: string) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { namespace, name: 'one' },
        data: { a },
      });
      await api.apply(RESOURCE.configMap, state('1'), { fieldManager: 'other' });
      await api.apply(RESOURCE.configMap, state('1'), { fieldManager: 'mine' });
      const attempt = api.apply(RESOURCE.configMap, state('2'), { fieldManager: 'mine' });
      await expect(attempt).rejects.toMatchObject({
        code: 'Conflict',
        message: expect.stringMatching(/other.*\.data\.a/s),
      });
      const forced = await api.apply<ConfigMap>(RESOURCE.configMap, state('2'), { fieldManager: 'mine', force: true });
      expect(forced.data).toEqual({ a: '2' });
      await expect(api.apply(RESOURCE.configMap, state('1'), { fieldManager: 'other' })).rejects.toMatchObject({
        code: 'Conflict',
      });
    });

    test('an apply that names the uid of an object that is gone is a Conflict, and of another object Invalid', async () => {
      const uid = '11111111-1111-4111-8111-111111111111';
      const mine = { fieldManager: 'mine' };
      const apply = () => api.apply(RESOURCE.configMap, { metadata: { namespace, name: 'one', uid } }, mine);
      await expect(apply()).rejects.toMatchObject({ code: 'Conflict' });
      const one = await create('one');
      await expect(apply()).rejects.toMatchObject({
        code: 'Invalid',
        message: expect.stringContaining('metadata.uid'),
      });
      const stale = { metadata: { namespace, name: 'one', resourceVersion: '1' }, data: { a: '1' } };
      await expect(api.apply(RESOURCE.configMap, stale, mine)).rejects.toMatchObject({ code: 'Conflict' });
      expect(await api.get(RESOURCE.configMap, { namespace, name: 'one' })).toEqual(one);
    });

    test('the status is written through its subresource only, which writes nothing else and leaves the generation', async () => {
      const at = { namespace, name: 'one' };
      const mine = { fieldManager: 'mine' };
      const budget = (spec: object, status?: object) => ({
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: at,
        spec: { selector: { matchLabels: { none: 'such' } }, ...spec },
        ...(status === undefined ? {} : { status }),
      });
      const condition = (reason: string) => ({
        conditions: [
          { type: 'Contract', status: 'True', reason, message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
        ],
        disruptionsAllowed: 0,
        currentHealthy: 0,
        desiredHealthy: 0,
        expectedPods: 0,
      });
      const created = await api.apply<Status>(BUDGETS, budget({ minAvailable: 1 }, condition('AtCreation')), mine);
      expect(created.metadata.generation).toBe(1);
      expect(JSON.stringify(created.status ?? {})).not.toContain('AtCreation');
      const status = await api.apply<Status>(BUDGETS, budget({ minAvailable: 2 }, condition('Applied')), {
        ...mine,
        subresource: 'status',
        force: true,
      });
      expect(status.spec).toMatchObject({ minAvailable: 1 });
      expect(JSON.stringify(status.status)).toContain('Applied');
      expect(status.metadata.generation).toBe(1);
      const changed = await api.apply<Status>(BUDGETS, budget({ minAvailable: 3 }), mine);
      expect(changed.metadata.generation).toBe(2);
      expect(JSON.stringify(changed.status)).toContain('Applied');
    });

    test('an object with a finalizer is deleted when the last one is taken away', async () => {
      const created = await api.create<ConfigMap>(
        RESOURCE.configMap,
        { ...configMap('one'), metadata: { ...configMap('one').metadata, finalizers: ['contract.example/hold'] } },
        BY_TEST,
      );
      const at = { namespace, name: 'one' };
      await api.delete(RESOURCE.configMap, at, { preconditions: preconditionsOf(created) });
      const marked = await api.get(RESOURCE.configMap, at);
      expect(marked.metadata.deletionTimestamp).toMatch(/^\d{4}-/);
      await api.patch(RESOURCE.configMap, at, [{ op: 'remove', path: '/metadata/finalizers' }], BY_TEST);
      await expect(api.get(RESOURCE.configMap, at)).rejects.toMatchObject({ code: 'NotFound' });
    });

    test('a pod without a node is evicted at once, with preconditions that hold', async () => {
      const pod = await api.create(POD, podObject(namespace), BY_TEST);
      const at = { namespace, name: 'one' };
      const wrong = { ...preconditionsOf(pod), uid: '11111111-1111-4111-8111-111111111111' };
      await expect(api.evict(at, { preconditions: wrong })).rejects.toMatchObject({ code: 'Conflict' });
      const current = await api.get(POD, at);
      await api.evict(at, { preconditions: preconditionsOf(current), gracePeriodSeconds: 0 });
      await expect(api.get(POD, at)).rejects.toMatchObject({ code: 'NotFound' });
    });

    test('an eviction that a PodDisruptionBudget forbids is DisruptionBudget, and passes when the budget allows it', async () => {
      const labels = { app: 'guarded' };
      await subject.readyPod('guarded', labels);
      const at = { namespace, name: 'guarded' };
      const budget = {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: at,
        spec: { minAvailable: 1, selector: { matchLabels: labels } },
      };
      await api.create(BUDGETS, budget, BY_TEST);
      const evict = async (dryRun: boolean): Promise<void> => {
        await api.evict(at, { preconditions: preconditionsOf(await api.get(POD, at)), dryRun });
      };
      await expect(evict(false)).rejects.toMatchObject({
        code: 'DisruptionBudget',
        message: expect.stringContaining(`evict pods ${namespace}/guarded: Cannot evict pod as it would violate`),
        details: { status: 429 },
      });
      expect((await api.get(POD, at)).metadata.deletionTimestamp).toBeUndefined();
      const current = await api.get(BUDGETS, at);
      await api.delete(BUDGETS, at, { preconditions: preconditionsOf(current) });
      await evict(true);
      expect((await api.get(POD, at)).metadata.deletionTimestamp).toBeUndefined();
      await evict(false);
      const evicted = await api.get<Status>(POD, at);
      expect(evicted.metadata.deletionTimestamp).toMatch(/^\d{4}-/);
      expect(evicted.status).toMatchObject({
        conditions: expect.arrayContaining([expect.objectContaining({ type: 'DisruptionTarget', status: 'True' })]),
      });
    });

    function patchData(objectName: string, step: string): Promise<ConfigMap> {
      const operations = [{ op: 'add', path: '/data', value: { step } }] as const;
      return api.patch<ConfigMap>(RESOURCE.configMap, { namespace, name: objectName }, operations, BY_TEST);
    }

    async function take(count: number, resourceVersion: string, labelSelector = 'contract=yes') {
      const seen: WatchEvent<ConfigMap>[] = [];
      for await (const event of api.watch<ConfigMap>(RESOURCE.configMap, {
        namespace,
        labelSelector,
        resourceVersion,
      })) {
        if (event.type !== 'BOOKMARK') seen.push(event);
        if (seen.length === count) break;
      }
      return seen;
    }
  });
}

const BUDGETS: Resource = RESOURCE.podDisruptionBudget;
const POD: Resource = RESOURCE.pod;

function brief(event: WatchEvent<ConfigMap>): string {
  return event.type === 'BOOKMARK'
    ? event.type
    : `${event.type} ${event.object.metadata.name} ${event.object.data?.['step']}`;
}

/** A pod that no scheduler of the cluster places. */
function podObject(namespace: string): KubernetesObject & { readonly spec: object } {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name: 'one' },
    spec: { schedulerName: 'nobody', containers: [{ name: 'app', image: 'example/app:1' }] },
  };
}
