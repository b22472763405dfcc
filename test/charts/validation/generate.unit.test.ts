import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { formatTables, mergeVersions } from '../../../charts/validation/generate.js';
import { schemasOf } from '../../../charts/validation/schemas.js';
import customResources from '../../../charts/validation/schemas/custom-resources.generated.json' with { type: 'json' };
import kubernetes from '../../../charts/validation/schemas/kubernetes.generated.json' with { type: 'json' };
import { compact } from '../../../charts/validation/source/compact.js';
import { readCrds, shareRepeatedParts } from '../../../charts/validation/source/crds.js';
import { readGoEnums } from '../../../charts/validation/source/go-enums.js';
import { KUBERNETES_VERSIONS } from '../../../charts/port/kubernetes-version.js';

describe('a compact schema', () => {
  test('has no prose', () => {
    const schema = {
      type: 'object',
      description: 'x',
      title: 'y',
      properties: { a: { type: 'string', description: 'z', example: 1 } },
    };
    expect(compact(schema)).toEqual({ type: 'object', properties: { a: { type: 'string' } } });
  });

  test('keeps a property that is called like a keyword of prose', () => {
    expect(compact({ properties: { description: { type: 'string' } } })).toEqual({
      properties: { description: { type: 'string' } },
    });
  });

  test.each([
    [{ allOf: [{ $ref: '#/a/b' }], default: {} }, { $ref: '#/a/b' }],
    [{ oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' }, { type: ['integer', 'string'] }],
    [
      { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
      { type: ['integer', 'string'] },
    ],
    [{ anyOf: [{ required: ['a'] }, { required: ['b'] }] }, { anyOf: [{ required: ['a'] }, { required: ['b'] }] }],
    [
      { type: 'array', 'x-kubernetes-list-type': 'set' },
      { type: 'array', 'x-kubernetes-list-type': 'set' },
    ],
    [{ type: 'array', 'x-kubernetes-list-type': 'atomic' }, { type: 'array' }],
    [{ type: 'number', format: 'double' }, { type: 'number' }],
  ])('says %j as %j', (schema, expected) => {
    expect(compact(schema)).toEqual(expected);
  });

  test('keeps what a key field counts as when it is left out', () => {
    const items = { properties: { port: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' } } };
    const list = { type: 'array', 'x-kubernetes-list-map-keys': ['port', 'protocol'], items };
    expect(compact(list)).toMatchObject({ 'x-key-defaults': { protocol: 'TCP' } });
  });
});

test('enumerations are read from generated Go by indentation', () => {
  const go = [
    'func schema_k8sio_api_core_v1_Thing(ref common.ReferenceCallback) common.OpenAPIDefinition {',
    '\t\t\t\t\t"mode": {',
    '\t\t\t\t\t\tSchemaProps: spec.SchemaProps{',
    '\t\t\t\t\t\t\tEnum:        []interface{}{"A", ""},',
    '\t\t\t\t\t"modes": {',
    '\t\t\t\t\t\tSchemaProps: spec.SchemaProps{',
    '\t\t\t\t\t\t\tItems: &spec.SchemaOrArray{',
    '\t\t\t\t\t\t\t\t\t\tEnum:    []interface{}{"B"},',
    'func other() {',
    '\t\t\t\t\t\t\tEnum:        []interface{}{"C"},',
  ].join('\n');
  expect(readGoEnums(go)).toEqual(
    new Map([
      [
        'core.v1.Thing',
        new Map([
          ['mode', { values: ['A', ''], items: false }],
          ['modes', { values: ['B'], items: true }],
        ]),
      ],
    ]),
  );
});

test('a definition that did not change between versions is there once', () => {
  const of = (...fields: readonly string[]): object => ({
    kinds: new Map([['v1 A', 'A']]),
    definitions: new Map([
      ['A', { type: 'object', properties: { b: { $ref: 'B' } } }],
      ['B', { type: 'object', properties: Object.fromEntries(fields.map((field) => [field, { type: 'string' }])) }],
    ]),
  });
  const merged = mergeVersions(
    new Map([
      ['1.33', of('x')],
      ['1.34', of('x')],
      ['1.35', of('x', 'y')],
    ]) as Parameters<typeof mergeVersions>[0],
  );
  expect(merged.definitions['A']?.map(({ versions }) => versions)).toEqual([['1.33', '1.34', '1.35']]);
  expect(merged.definitions['B']?.map(({ versions }) => versions)).toEqual([['1.33', '1.34'], ['1.35']]);
  expect(merged.kinds).toEqual({ 'v1 A': 'A' });
});

test('parts that repeat are written once and refer to the same thing', () => {
  const reference = { type: 'object', properties: { name: { type: 'string', pattern: 'x'.repeat(150) } } };
  const { kinds, definitions } = shareRepeatedParts(
    new Map([
      ['a', { type: 'object', properties: { one: reference, two: reference } }],
      ['b', { type: 'object', properties: { three: reference, four: { type: 'string' } } }],
    ]),
  );
  expect(definitions).toEqual({ 'shared.1': reference });
  expect(kinds['a']?.properties).toEqual({ one: { $ref: 'shared.1' }, two: { $ref: 'shared.1' } });
  expect(kinds['b']?.properties).toEqual({ three: { $ref: 'shared.1' }, four: { type: 'string' } });
});

test('tables have a line for each entry', () => {
  expect(formatTables({ sources: ['a'], kinds: { x: 1, y: { z: 2 } } })).toBe(
    '{\n"sources":["a"],\n"kinds":{\n"x":1,\n"y":{"z":2}\n}\n}\n',
  );
});

describe('a custom resource definition', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'crds-'));
    mkdirSync(join(folder, 'crds'));
    writeFileSync(
      join(folder, 'crds/things.yaml'),
      `spec:
  group: example.com
  names: {kind: Thing, plural: things}
  scope: Namespaced
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        type: object
        properties:
          apiVersion: {type: string}
          metadata: {type: object}
          spec: {type: object, description: text, properties: {size: {type: integer, format: int32}}}
          status: {type: object, properties: {ready: {type: boolean}}}
`,
    );
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is read without what the server fills in', () => {
    const source = { module: 'm', folder: 'crds', files: { 'things.yaml': 'example.com/v1 Thing' } };
    expect(Object.fromEntries(readCrds(source, folder))).toEqual({
      'example.com/v1 Thing': {
        plural: 'things',
        namespaced: true,
        schema: {
          type: 'object',
          properties: {
            spec: { type: 'object', properties: { size: { type: 'integer', format: 'int32' } } },
            status: { type: 'object' },
          },
        },
      },
    });
  });

  test('that is not in its file stops the generator', () => {
    const source = { module: 'm', folder: 'crds', files: { 'things.yaml': 'example.com/v2 Thing' } };
    expect(() => readCrds(source, folder)).toThrow('defines no example.com/v2 Thing');
  });
});

describe('the stored schemas', () => {
  test('hold every target and no prose', () => {
    expect(Object.keys(kubernetes.sources)).toEqual([...KUBERNETES_VERSIONS]);
    expect(JSON.stringify([kubernetes, customResources])).not.toMatch(/"description":"/);
  });

  test.each(KUBERNETES_VERSIONS)('lead from every kind to definitions that are there, in Kubernetes %s', (version) => {
    const { kinds, document } = schemasOf(version);
    const known = new Set(
      Object.keys(document['definitions'] as object).map((name) => encodeURIComponent(name.replaceAll('/', '~1'))),
    );
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)].map(
      ([, name]) => name ?? '',
    );
    expect(references.length).toBeGreaterThan(300);
    expect(
      [...references, ...[...kinds.values()].map((pointer) => pointer.slice('#/definitions/'.length))].filter(
        (name) => !known.has(name),
      ),
    ).toEqual([]);
  });
});
