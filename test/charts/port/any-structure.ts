import * as fc from 'fast-check';
import { type FieldType, structure } from '../../../charts/ecs/model/model.js';

/** Stands in generated data where an unresolved template expression is to stand in the text. */
const OPEN = '@open@';

/**
 * Any content of an AWS structure: fields are there or not, lists have up to two items, enumerations any value, and now
 * and then a value is null or a template expression, once {@link jsonOf} has written it.
 *
 * @param given generators for fields whose values should mean something, by field name
 * @param only the fields of the structure itself that matter; all of them when absent
 */
export function anyStructure(
  name: string,
  given: ReadonlyMap<string, fc.Arbitrary<unknown>> = new Map(),
  only: readonly string[] = [...structure(name).fields.keys()],
): fc.Arbitrary<Record<string, unknown>> {
  const wanted = [...structure(name).fields].filter(([field]) => only.includes(field));
  const fields = wanted.map(([field, { type }]): [string, fc.Arbitrary<unknown>] => {
    const value = given.get(field) ?? ofType(type, given);
    return [field, fc.oneof({ arbitrary: value, weight: 12 }, fc.constantFrom(OPEN, null))];
  });
  return fc.record(Object.fromEntries(fields), { requiredKeys: [], noNullPrototype: true });
}

/** JSON in which values that are left open stand as unquoted template expressions. */
export function jsonOf(content: object): string {
  return JSON.stringify(content).replaceAll(`"${OPEN}"`, '${Value}');
}

/** An input of an AWS structure with every field of it, each list with one item. */
export function everyField(name: string, given: ReadonlyMap<string, unknown> = new Map()): Record<string, unknown> {
  return Object.fromEntries(
    [...structure(name).fields].map(([field, { type }]) => [field, given.get(field) ?? valueOf(type, given)]),
  );
}

function valueOf(type: FieldType, given: ReadonlyMap<string, unknown>): unknown {
  if (typeof type === 'string') return SAMPLE.get(type);
  if ('enum' in type) return type.enum[0];
  if ('list' in type) return [valueOf(type.list, given)];
  if ('map' in type) return { key: valueOf(type.map, given) };
  return everyField(type.structure, given);
}

const SAMPLE: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['string', 'text'],
  ['integer', 8080],
  ['double', 12.5],
  ['boolean', true],
  ['timestamp', '2026-01-01T00:00:00Z'],
  ['document', { any: 'thing' }],
]);

function ofType(type: FieldType, given: ReadonlyMap<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  if (typeof type !== 'string') {
    if ('enum' in type) return fc.constantFrom(...type.enum);
    if ('list' in type)
      return fc.array(fc.oneof({ arbitrary: ofType(type.list, given), weight: 12 }, fc.constantFrom(OPEN, null)), {
        maxLength: 2,
      });
    if ('map' in type)
      return fc.dictionary(fc.constantFrom('a', '__proto__', 'a b'), ofType(type.map, given), { maxKeys: 2 });
    return anyStructure(type.structure, given);
  }
  switch (type) {
    case 'integer':
      return fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer());
    case 'double':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'boolean':
      return fc.boolean();
    case 'document':
      return fc.constantFrom('text', 1, true, { any: ['thing'] });
    default:
      // Without what a template expression begins with: these texts are values.
      return fc.oneof(
        fc.constantFrom('web', 'app', 'My_App', '__proto__', ''),
        fc.string().map((text) => text.replace(/[{<$]/g, '-')),
      );
  }
}
