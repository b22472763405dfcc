import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import * as fc from 'fast-check';
import type { KubernetesApi } from '../../../operators/runtime/api.js';
import { ApiError } from '../../../operators/runtime/api-error.js';
import { ClientNodeApi } from '../../../operators/runtime/client-node-api.js';
import { kubeconfig as clusterOf } from '../../../operators/runtime/kubeconfig.js';
import { systemClock } from '../../../operators/runtime/clock.js';
import type { KubernetesObject, Resource } from '../../../operators/runtime/resource.js';
import { SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import type { Specimen, Step } from './likeness.js';
import { definition, perform, SPECIMEN, statesSomething, STEP } from './likeness.js';

const DEFINITION: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};
const BY_TEST = { fieldManager: 'likeness' };

let real: ClientNodeApi;
beforeAll(async () => {
  const kubeconfig = process.env['KUBECONFIG'] ?? '';
  if (kubeconfig === '') throw new Error('KUBECONFIG is not set: it must name the kubeconfig of a cluster for tests');
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  real = new ClientNodeApi({ config: clusterOf(config), clock: systemClock });
  const applied = await real.apply<KubernetesObject>(DEFINITION, definition(), { ...BY_TEST, force: true });
  const watch = real.watch<KubernetesObject & { status?: { conditions?: { type: string; status: string }[] } }>(
    DEFINITION,
    {
      fieldSelector: `metadata.name=${applied.metadata.name}`,
      resourceVersion: '0',
    },
  );
  for await (const event of watch) {
    const conditions = event.type === 'BOOKMARK' ? [] : (event.object.status?.conditions ?? []);
    if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) break;
  }
}, 60_000);
afterAll(async () => {
  const { metadata } = await real.get(DEFINITION, { name: definition().metadata.name });
  const preconditions = { uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' };
  await real.delete(DEFINITION, { name: metadata.name }, { preconditions });
  await real.close();
});

/** What a client sees after each step: the refusal, or the object without what differs by nature. */
async function outcomes(api: KubernetesApi, steps: readonly Step[]): Promise<readonly unknown[]> {
  const name = `s-${randomUUID()}`;
  const seen: unknown[] = [];
  let last: Exclude<Step, { verb: 'again' }> = { verb: 'create', body: {} };
  let version: string | undefined;
  for (const step of steps) {
    if (step.verb !== 'again') last = step;
    const refused = await perform(api, { namespace: 'default', name }, last).then(
      () => undefined,
      (error: unknown) => (error instanceof ApiError ? error.code : error),
    );
    const now = await api.get<Specimen>(SPECIMEN, { namespace: 'default', name }).catch(() => undefined);
    const { labels, finalizers, generation, deletionTimestamp, resourceVersion } = now?.metadata ?? {};
    const deleting = deletionTimestamp !== undefined;
    // Whether the first call changed the version may hang on who owns what; that the second changed nothing may not.
    const changed = step.verb === 'again' && statesSomething(last) && resourceVersion !== version;
    version = resourceVersion;
    seen.push({
      refused,
      changed,
      labels,
      // A set: the order in which the server merges those of several managers is not modelled.
      finalizers: finalizers?.toSorted(),
      generation,
      deleting,
      spec: now?.spec,
      status: ordered(now?.status),
    });
  }
  await api
    .patch(SPECIMEN, { namespace: 'default', name }, [{ op: 'add', path: '/metadata/finalizers', value: [] }], BY_TEST)
    .catch(() => undefined);
  return seen;
}

/** Conditions in the order of their types: the real server orders merged lists by rules of its own. */
function ordered(status: Specimen['status']): unknown {
  const conditions = status?.['conditions'];
  if (!Array.isArray(conditions)) return status;
  const typeOf = (condition: unknown): string => String((condition as { type?: unknown }).type);
  return { ...status, conditions: conditions.toSorted((left, right) => (typeOf(left) < typeOf(right) ? -1 : 1)) };
}

test('the simulated server and the real one show a client the same after every step', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { minLength: 1, maxLength: 12 }), async (steps) => {
      const simulated = new SimulatedApiServer({ clock: systemClock }).api();
      expect(await outcomes(simulated, steps)).toEqual(await outcomes(real, steps));
    }),
    { numRuns: Number(process.env['LIKENESS_RUNS'] ?? '100') },
  );
}, 600_000);
