import * as fc from 'fast-check';
import type { JsonPatchOperation, KubernetesApi } from '../../../operators/runtime/api.js';
import type { KubernetesObject, ObjectName, Resource } from '../../../operators/runtime/resource.js';

/** An object of the kind on which the simulated and the real server are compared. */
export interface Specimen extends KubernetesObject {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

export const SPECIMEN: Resource = {
  group: 'likeness.example',
  version: 'v1',
  plural: 'specimens',
  kind: 'Specimen',
  namespaced: true,
};

/** The kind for a real server: a status subresource, an object within an object, a list as a whole and one with keys. */
export function definition() {
  const text = { type: 'string' };
  const record = (properties: object): object => ({ type: 'object', properties });
  const condition = { ...record({ type: text, status: text, reason: text }), required: ['type'] };
  const schema = record({
    spec: record({ a: text, b: text, inner: record({ x: text, y: text }), list: { type: 'array', items: text } }),
    status: record({
      a: text,
      conditions: {
        type: 'array',
        items: condition,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
      },
    }),
  });
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: schema },
    subresources: { status: {} },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'specimens.likeness.example' },
    spec: {
      group: SPECIMEN.group,
      scope: 'Namespaced',
      names: { plural: SPECIMEN.plural, singular: 'specimen', kind: SPECIMEN.kind },
      versions: [version],
    },
  };
}

/** One call on the one object of a history. */
export type Step =
  | { readonly verb: 'create'; readonly body: Body }
  | {
      readonly verb: 'apply';
      readonly body: Body;
      readonly manager: string;
      readonly force: boolean;
      readonly subresource?: 'status';
    }
  | { readonly verb: 'patch'; readonly operations: readonly JsonPatchOperation[]; readonly subresource?: 'status' }
  /** The call before once more. */
  | { readonly verb: 'again' }
  | { readonly verb: 'delete'; readonly preconditions: 'right' | 'wrong uid' | 'old version' };

interface Body {
  readonly labels?: object;
  readonly finalizers?: readonly string[];
  readonly spec?: object;
  readonly status?: object;
}

const VALUE = fc.constantFrom('1', '2');
const NONE = { requiredKeys: [] };
/** Empty objects are left out: who owns an object without fields is a matter that no controller should depend on. */
const filled = <T extends object>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  arbitrary.filter((value) => Object.keys(value).length > 0);
const LABELS = filled(fc.record({ a: VALUE, b: VALUE }, NONE));
const FINALIZERS = fc.subarray(['likeness.example/x', 'likeness.example/y'], { minLength: 1 });
const SPEC = filled(
  fc.record(
    {
      a: VALUE,
      b: VALUE,
      inner: filled(fc.record({ x: VALUE, y: VALUE }, NONE)),
      list: fc.array(VALUE, { maxLength: 2 }),
    },
    NONE,
  ),
);
const CONDITIONS = fc
  .tuple(fc.subarray(['X', 'Y'], { minLength: 1 }), VALUE, fc.boolean())
  .map(([types, status, reason]) => types.map((type) => ({ type, status, ...(reason ? { reason: status } : {}) })));
const STATUS = filled(fc.record({ a: VALUE, conditions: CONDITIONS }, NONE));
const BODY: fc.Arbitrary<Body> = fc.record(
  { labels: LABELS, finalizers: FINALIZERS, spec: SPEC, status: STATUS },
  NONE,
);

const PATCH = fc.oneof(
  fc.record({
    op: fc.constant('test'),
    path: fc.constantFrom('/spec/b', '/metadata/labels'),
    value: fc.constant(null),
  }),
  fc.record({
    op: fc.constantFrom('add', 'replace', 'test'),
    path: fc.constantFrom('/spec/a', '/spec/inner/x', '/metadata/labels/a'),
    value: VALUE,
  }),
  fc.record({
    op: fc.constant('remove'),
    path: fc.constantFrom('/spec/a', '/spec/inner', '/metadata/labels', '/metadata/finalizers', '/status'),
  }),
  fc.record({ op: fc.constant('add'), path: fc.constant('/spec'), value: SPEC }),
  fc.record({ op: fc.constant('add'), path: fc.constant('/status'), value: STATUS }),
  fc.record({ op: fc.constant('add'), path: fc.constant('/metadata/finalizers'), value: FINALIZERS }),
  fc.record({
    op: fc.constant('replace'),
    path: fc.constantFrom('/metadata/resourceVersion', '/metadata/uid', '/metadata/name'),
    value: fc.constant('1'),
  }),
) as fc.Arbitrary<JsonPatchOperation>;

const SUBRESOURCE = fc.option(fc.constant('status' as const), { nil: undefined });

/** Any step; most histories begin with one that makes the object. */
export const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('create' as const), body: BODY }) },
  {
    weight: 5,
    arbitrary: fc
      .record({
        verb: fc.constant('apply' as const),
        body: BODY,
        manager: fc.constantFrom('one', 'two'),
        force: fc.boolean(),
        subresource: SUBRESOURCE,
      })
      .map(withoutUndefined),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        verb: fc.constant('patch' as const),
        operations: fc.array(PATCH, { minLength: 1, maxLength: 2 }),
        subresource: SUBRESOURCE,
      })
      .map(withoutUndefined),
  },
  { weight: 1, arbitrary: fc.constant({ verb: 'again' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      verb: fc.constant('delete' as const),
      preconditions: fc.constantFrom('right' as const, 'wrong uid' as const, 'old version' as const),
    }),
  },
);

/** Makes the call of a step. @throws ApiError */
export async function perform(
  api: KubernetesApi,
  name: ObjectName,
  step: Exclude<Step, { verb: 'again' }>,
): Promise<void> {
  if (step.verb === 'create') {
    await api.create(SPECIMEN, specimen(name, step.body), { fieldManager: 'creator' });
  } else if (step.verb === 'apply') {
    const options = { fieldManager: step.manager, force: step.force, ...subresourceOf(step) };
    await api.apply(SPECIMEN, specimen(name, step.body), options);
  } else if (step.verb === 'patch') {
    await api.patch(SPECIMEN, name, step.operations, { fieldManager: 'patcher', ...subresourceOf(step) });
  } else {
    const { metadata } = await api.get(SPECIMEN, name);
    const uid = step.preconditions === 'wrong uid' ? '11111111-1111-4111-8111-111111111111' : (metadata.uid ?? '');
    const resourceVersion = step.preconditions === 'old version' ? '1' : (metadata.resourceVersion ?? '');
    await api.delete(SPECIMEN, name, { preconditions: { uid, resourceVersion } });
  }
}

/**
 * Whether an apply states a field. One that states none has the real server drop and add the manager's empty entry by
 * turns, each time under another version; the simulated one has no such entries.
 */
export function statesSomething(step: Step): boolean {
  if (step.verb !== 'apply') return true;
  const { labels, finalizers, spec, status } = step.body;
  const parts = step.subresource === undefined ? [labels, finalizers, spec] : [status];
  return parts.some((part) => part !== undefined && Object.keys(part).length > 0);
}

function specimen(name: ObjectName, { labels, finalizers, ...rest }: Body): Specimen {
  return {
    apiVersion: 'likeness.example/v1',
    kind: 'Specimen',
    metadata: { ...name, ...(labels && { labels: { ...labels } }), ...(finalizers && { finalizers }) },
    ...rest,
  } as Specimen;
}

function subresourceOf(step: { readonly subresource?: 'status' }): { readonly subresource?: 'status' } {
  return step.subresource === undefined ? {} : { subresource: step.subresource };
}

/** Optional fields are absent, never undefined. */
function withoutUndefined<T extends { readonly subresource: 'status' | undefined }>(
  step: T,
): Omit<T, 'subresource'> & { readonly subresource?: 'status' } {
  const { subresource, ...rest } = step;
  return subresource === undefined ? rest : { ...rest, subresource };
}
