import type { ErrorObject } from 'ajv';
import { closest } from '../ecs/closest.js';
import type { KubernetesVersion } from '../port/kubernetes-version.js';
import { below, quoted, type Report } from './finding.js';
import { field, isObject, typeInWords } from './json.js';

/** Fields whose values may be secret; whatever stands at or below them is never shown. */
const SECRET_FIELDS = new Set(['value', 'data', 'stringData', 'binaryData', 'command', 'args', 'annotations']);

const ALTERNATIVES = new Set(['anyOf', 'oneOf', 'not']);

/**
 * Turns what the schema found into findings: paths as Kubernetes writes them, messages that say what is allowed.
 *
 * @param manifest what was checked; its lists tell an index from a name that looks like one
 */
export function reportSchemaErrors(
  errors: readonly ErrorObject[],
  manifest: unknown,
  version: KubernetesVersion,
  report: Report,
): void {
  // What fails inside an alternative is told by the alternative itself.
  const alternatives = errors
    .filter(({ keyword }) => ALTERNATIVES.has(keyword))
    .map(({ schemaPath }) => `${schemaPath}/`);
  for (const error of errors) {
    if (alternatives.some((prefix) => error.schemaPath.startsWith(prefix))) continue;
    const { path, secret } = locate(error.instancePath, manifest);
    reportError(error, path, secret, version, report);
  }
}

function reportError(
  error: ErrorObject,
  path: string,
  secret: boolean,
  version: KubernetesVersion,
  report: Report,
): void {
  const params: Readonly<Record<string, unknown>> = error.params;
  const { schema, parentSchema, data } = error;
  const value = secret ? 'the value' : quoted(data);
  const limit = String(params['limit']);
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(params['additionalProperty']);
      return report(below(path, name), unknownField(name, parentSchema, version));
    }
    case 'required':
      return report(below(path, String(params['missingProperty'])), 'is missing, it is required');
    case 'type':
      return report(path, `is ${typeInWords(data)}, must be ${wordsForTypes(schema)}`);
    case 'enum':
      return report(
        path,
        `${value} is not allowed; allowed: ${(Array.isArray(schema) ? schema : []).map(String).join(', ')}${didYouMean(data, schema)}`,
      );
    case 'format':
      return report(path, `${value} is no ${FORMATS.get(String(schema)) ?? String(schema)}`);
    case 'pattern':
      return report(path, `${value} does not match ${String(schema)}`);
    case 'minLength':
      return report(path, `is shorter than ${limit} characters`);
    case 'maxLength':
      return report(path, `has ${typeof data === 'string' ? data.length : 0} characters, at most ${limit} are allowed`);
    case 'minItems':
    case 'maxItems':
      return report(
        path,
        `has ${Array.isArray(data) ? data.length : 0} items, ${bound(error.keyword)} ${limit} are allowed`,
      );
    case 'minProperties':
    case 'maxProperties':
      return report(
        path,
        `has ${isObject(data) ? Object.keys(data).length : 0} fields, ${bound(error.keyword)} ${limit} are allowed`,
      );
    case 'minimum':
    case 'maximum':
      return report(path, `${value} is out of range, must be ${bound(error.keyword)} ${limit}`);
    case 'anyOf':
    case 'oneOf':
      return report(
        path,
        `fits none, or too many, of its ${Array.isArray(schema) ? schema.length : 0} alternatives${requiredByAlternatives(schema)}`,
      );
    case 'x-kubernetes-list-map-keys':
      return report(
        below(path, Number(params['second'])),
        `repeats the ${keysInWords(params['keys'])} of item ${String(params['first'])}; server-side apply refuses that, keep one of them`,
      );
    case 'x-kubernetes-list-type':
      return report(
        below(path, Number(params['second'])),
        `repeats item ${String(params['first'])}; server-side apply refuses that, keep one of them`,
      );
    default:
      return report(path, `fails the schema's ${error.keyword}`);
  }
}

const FORMATS: ReadonlyMap<string, string> = new Map([
  ['int32', '32-bit integer'],
  ['int64', '64-bit integer'],
  ['byte', 'base64 text'],
  ['date-time', 'RFC 3339 time such as 2025-01-31T12:00:00Z'],
  ['quantity', 'quantity such as 500m, 2 or 512Mi'],
]);

function unknownField(name: string, parentSchema: unknown, version: KubernetesVersion): string {
  const since = field(field(parentSchema, 'x-later-fields'), name);
  if (typeof since === 'string')
    return `unknown field in Kubernetes ${version}, it exists from ${since} on; leave it out or target ${since}`;
  const known = Object.keys(field(parentSchema, 'properties') ?? {});
  const nearest = closest(name, known);
  const hint =
    nearest === undefined
      ? `known fields: ${known.slice(0, 12).join(', ')}${known.length > 12 ? ' …' : ''}`
      : `did you mean ${nearest}?`;
  return `unknown field ${quoted(name)} in Kubernetes ${version}; ${hint}`;
}

function didYouMean(data: unknown, allowed: unknown): string {
  const nearest = typeof data === 'string' && Array.isArray(allowed) ? closest(data, allowed.map(String)) : undefined;
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

function requiredByAlternatives(schema: unknown): string {
  const names = (Array.isArray(schema) ? schema : []).flatMap((branch) => field(branch, 'required') ?? []);
  return names.length === 0 ? '' : `, which need: ${names.map(String).join(' | ')}`;
}

function wordsForTypes(schema: unknown): string {
  const types = (Array.isArray(schema) ? schema : [schema]).map(String);
  return types
    .map((type) => (type === 'array' ? 'a list' : `${/^[aio]/.test(type) ? 'an' : 'a'} ${type}`))
    .join(' or ');
}

function bound(keyword: string): string {
  return keyword.startsWith('min') ? 'at least' : 'at most';
}

function keysInWords(keys: unknown): string {
  return Object.entries(isObject(keys) ? keys : {})
    .map(([key, value]) => `${key} ${quoted(value)}`)
    .join(', ');
}

/** Walks a JSON pointer through the manifest. */
function locate(pointer: string, manifest: unknown): { readonly path: string; readonly secret: boolean } {
  let path = '';
  let at = manifest;
  let secret = false;
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(at)) {
      path = below(path, Number(key));
      at = at[Number(key)];
    } else {
      path = below(path, key);
      secret ||= SECRET_FIELDS.has(key);
      at = field(at, key);
    }
  }
  return { path, secret };
}
