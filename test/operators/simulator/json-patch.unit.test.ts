import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { JsonPatchOperation } from '../../../operators/runtime/api.js';
import type { Json } from '../../../operators/simulator/json.js';
import { applyJsonPatch, JsonPatchError } from '../../../operators/simulator/json-patch.js';

/** Source: RFC 6902, appendix A. */
const EXAMPLES: readonly (readonly [string, Json, readonly JsonPatchOperation[], Json])[] = [
  ['adds a field', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
  [
    'adds an item',
    { foo: ['bar', 'baz'] },
    [{ op: 'add', path: '/foo/1', value: 'qux' }],
    { foo: ['bar', 'qux', 'baz'] },
  ],
  [
    'adds at the end',
    { foo: ['bar'] },
    [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
    { foo: ['bar', ['abc', 'def']] },
  ],
  ['removes a field', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
  ['removes an item', { foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
  ['replaces', { baz: 'qux', foo: 'bar' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo', foo: 'bar' }],
  ['replaces everything', { baz: 'qux' }, [{ op: 'replace', path: '', value: ['all'] }], ['all']],
  [
    'moves a field',
    { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
    [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
    { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
  ],
  [
    'moves an item',
    { foo: ['all', 'grass', 'cows', 'eat'] },
    [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
    { foo: ['all', 'cows', 'eat', 'grass'] },
  ],
  ['copies', { a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
  [
    'passes tests that hold',
    { baz: 'qux', foo: ['a', 2, 'c'] },
    [
      { op: 'test', path: '/baz', value: 'qux' },
      { op: 'test', path: '/foo/1', value: 2 },
    ],
    { baz: 'qux', foo: ['a', 2, 'c'] },
  ],
  [
    'reads ~1 and ~0',
    { '/': 9, '~1': 10 },
    [
      { op: 'test', path: '/~01', value: 10 },
      { op: 'remove', path: '/~1' },
    ],
    { '~1': 10 },
  ],
  [
    'keeps a field named __proto__ a field',
    {},
    [{ op: 'add', path: '/__proto__', value: { x: 1 } }],
    JSON.parse('{"__proto__":{"x":1}}') as Json,
  ],
];

test.each(EXAMPLES)('it %s', (_what, before, operations, after) => {
  const copy = structuredClone(before);
  expect(applyJsonPatch(before, operations)).toEqual(after);
  expect(before).toEqual(copy);
});

describe('a patch fails as a whole', () => {
  test.each<[string, JsonPatchOperation]>([
    ['a test that does not hold', { op: 'test', path: '/a', value: 2 }],
    ['a test of a field that is not there', { op: 'test', path: '/toString', value: 1 }],
    ['a number against its text', { op: 'test', path: '/a', value: '1' }],
    ['adding below what is not there', { op: 'add', path: '/b/c', value: 1 }],
    ['adding below a prototype', { op: 'add', path: '/__proto__/x', value: 1 }],
    ['removing what is not there', { op: 'remove', path: '/b' }],
    ['replacing below what is not there', { op: 'replace', path: '/b/c', value: 1 }],
    ['an index beyond the end', { op: 'add', path: '/list/3', value: 1 }],
    ['an index with a leading zero', { op: 'replace', path: '/list/01', value: 1 }],
    ['removing the end', { op: 'remove', path: '/list/-' }],
    ['moving what is not there', { op: 'move', from: '/b', path: '/c' }],
  ])('at %s', (_what, operation) => {
    const document = { a: 1, list: [1, 2] };
    expect(() => applyJsonPatch(document, [{ op: 'add', path: '/new', value: 1 }, operation])).toThrow(JsonPatchError);
    expect(document).toEqual({ a: 1, list: [1, 2] });
  });
});

test('a move away and back changes nothing, and neither does an addition that is removed again', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (fields, name) => {
      fc.pre(!Object.hasOwn(fields, name));
      const document = { fields } as unknown as Json;
      const token = name.replaceAll('~', '~0').replaceAll('/', '~1');
      const away: JsonPatchOperation[] = [
        { op: 'move', from: '/fields', path: '/elsewhere' },
        { op: 'move', from: '/elsewhere', path: '/fields' },
        { op: 'add', path: `/fields/${token}`, value: 1 },
        { op: 'remove', path: `/fields/${token}` },
      ];
      expect(applyJsonPatch(document, away)).toEqual(document);
    }),
  );
});
