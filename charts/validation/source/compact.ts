import type { SchemaNode } from '../schema-data.js';

/** Keywords that are copied as they are; everything else is prose or says nothing about validity. */
const KEPT = [
  'required',
  'enum',
  'format',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'nullable',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-validations',
] as const;

/** Formats that mean something for JSON text; the others (`password`, `double` …) accept every value of their type. */
const KEPT_FORMATS = new Set(['int32', 'int64', 'byte', 'date-time', 'quantity']);

/**
 * A schema without prose: no descriptions, titles, examples or defaults, and with Kubernetes' ways of saying "a number or a string" written as a list of types.
 *
 * @param rename what a `$ref` becomes
 * @example compact({ allOf: [{ $ref: '#/components/schemas/X' }], default: {} }, shorten) // { $ref: 'X' }
 */
export function compact(schema: unknown, rename: (reference: string) => string = (reference) => reference): SchemaNode {
  const source = asRecord(schema);
  const inner = (node: unknown): SchemaNode => compact(node, rename);
  const reference = source['$ref'] ?? soleReference(source['allOf']);
  if (typeof reference === 'string') return { $ref: rename(reference) };
  const result: Record<string, unknown> = {};
  const types = alternativeTypes(source);
  if (types !== undefined) result['type'] = types;
  else if (source['type'] !== undefined) result['type'] = source['type'];
  for (const keyword of KEPT) if (source[keyword] !== undefined) result[keyword] = source[keyword];
  if (typeof result['format'] === 'string' && !KEPT_FORMATS.has(result['format'])) delete result['format'];
  // "set" is worth a check of its own; "map" is said by its keys and "atomic" forbids nothing.
  if (source['x-kubernetes-list-type'] === 'set') result['x-kubernetes-list-type'] = 'set';
  if (source['properties'] !== undefined) result['properties'] = mapValues(asRecord(source['properties']), inner);
  if (source['items'] !== undefined) result['items'] = inner(source['items']);
  const rest = source['additionalProperties'];
  if (rest !== undefined) result['additionalProperties'] = typeof rest === 'boolean' ? rest : inner(rest);
  if (types === undefined) {
    for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) {
      const branches = source[keyword];
      if (Array.isArray(branches)) result[keyword] = branches.map(inner);
    }
  }
  if (source['not'] !== undefined) result['not'] = inner(source['not']);
  const defaults = keyDefaults(source);
  if (defaults !== undefined) result['x-key-defaults'] = defaults;
  return result;
}

/** `[{ $ref }]`, the OpenAPI way to put a default beside a reference. */
function soleReference(allOf: unknown): unknown {
  return Array.isArray(allOf) && allOf.length === 1 ? asRecord(allOf[0])['$ref'] : undefined;
}

/** `anyOf: [{type: integer}, {type: string}]` or `x-kubernetes-int-or-string` as one list of types. */
function alternativeTypes(source: Readonly<Record<string, unknown>>): readonly unknown[] | undefined {
  if (source['x-kubernetes-int-or-string'] === true) return ['integer', 'string'];
  const branches = source['oneOf'] ?? source['anyOf'];
  if (!Array.isArray(branches) || branches.length === 0) return undefined;
  const types = branches.map((branch) => {
    const entries = Object.entries(asRecord(branch));
    return entries.length === 1 && entries[0]?.[0] === 'type' ? entries[0][1] : undefined;
  });
  return types.includes(undefined) ? undefined : types;
}

/** Defaults of a list's key fields, when the items are written in place. */
function keyDefaults(source: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const keys = source['x-kubernetes-list-map-keys'];
  if (!Array.isArray(keys)) return undefined;
  return defaultsOf(keys, asRecord(asRecord(source['items'])['properties']));
}

/** @returns the defaults of those `keys` that have one, `undefined` when none has */
export function defaultsOf(
  keys: readonly unknown[],
  properties: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  const defaults: Record<string, unknown> = {};
  for (const key of keys) {
    const value = asRecord(properties[String(key)])['default'];
    if (value !== undefined) defaults[String(key)] = value;
  }
  return Object.keys(defaults).length === 0 ? undefined : defaults;
}

/** @throws TypeError when `value` is not an object; generators read known files, so that is a broken download */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new TypeError('expected an object in a schema file');
  return value as Readonly<Record<string, unknown>>;
}

function mapValues<In, Out>(record: Readonly<Record<string, In>>, map: (value: In) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
