import type { JsonPatchOperation } from '../runtime/api.js';
import { equal, isArray, isObject, withField, wireCopy } from './json.js';
import type { Json } from './json.js';

/** A patch that cannot be applied: a `test` said no, or a path is not there. */
export class JsonPatchError extends Error {
  override readonly name = 'JsonPatchError';
}

/**
 * Applies a JSON patch and yields a new value; the old one stays as it is.
 *
 * Source: RFC 6902, RFC 6901, and where it differs github.com/evanphx/json-patch, which the API server uses: there a field
 * that is absent from an object equals null in a test, and `replace` adds a field that is absent.
 * @throws JsonPatchError
 */
export function applyJsonPatch(document: Json, operations: readonly JsonPatchOperation[]): Json {
  return operations.reduce<Json>((value, operation) => applyOne(value, operation), document);
}

function applyOne(document: Json, operation: JsonPatchOperation): Json {
  const path = pointer(operation.path);
  switch (operation.op) {
    case 'test':
      if (path.length > 0 && read(document, path.slice(0, -1)) === undefined) throw missing('test', operation.path);
      if (!equal(read(document, path) ?? null, wireCopy(operation.value))) {
        throw new JsonPatchError(`testing value ${operation.path} failed: test failed`);
      }
      return document;
    case 'add':
      return write(document, path, wireCopy(operation.value), 'add', operation.path);
    case 'replace':
      return write(document, path, wireCopy(operation.value), 'replace', operation.path);
    case 'remove':
      return write(document, path, undefined, 'remove', operation.path);
    case 'copy':
    case 'move': {
      const from = pointer(operation.from);
      const value = read(document, from);
      if (value === undefined) throw missing(operation.op, operation.from);
      const rest = operation.op === 'move' ? write(document, from, undefined, 'remove', operation.from) : document;
      return write(rest, path, value, 'add', operation.path);
    }
    default:
      throw new JsonPatchError(`unexpected kind: ${JSON.stringify(operation)}`);
  }
}

function pointer(path: string): readonly string[] {
  if (path === '') return [];
  if (!path.startsWith('/')) throw new JsonPatchError(`path ${JSON.stringify(path)} must begin with /`);
  return path
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(document: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = document;
  for (const token of path) {
    if (isArray(value)) value = /^(0|[1-9][0-9]*)$/.test(token) ? value[Number(token)] : undefined;
    else value = isObject(value) && Object.hasOwn(value, token) ? value[token] : undefined;
  }
  return value;
}

function write(
  document: Json,
  path: readonly string[],
  value: Json | undefined,
  mode: 'add' | 'replace' | 'remove',
  whole: string,
): Json {
  const [token, ...rest] = path;
  if (token === undefined) {
    if (value === undefined) throw missing(mode, whole);
    return value;
  }
  if (isArray(document)) {
    const last = rest.length === 0;
    const index = token === '-' && last && mode === 'add' ? document.length : Number(token);
    const limit = last && mode === 'add' ? document.length : document.length - 1;
    if (!/^(-|0|[1-9][0-9]*)$/.test(token) || !(index <= limit)) throw missing(mode, whole);
    if (!last) return document.with(index, write(document[index] ?? null, rest, value, mode, whole));
    if (value === undefined) return document.toSpliced(index, 1);
    return mode === 'add' ? document.toSpliced(index, 0, value) : document.with(index, value);
  }
  if (!isObject(document)) throw missing(mode, whole);
  const child = Object.hasOwn(document, token) ? document[token] : undefined;
  if (rest.length > 0) {
    if (child === undefined) throw missing(mode, whole);
    return withField(document, token, write(child, rest, value, mode, whole));
  }
  if (mode === 'remove' && child === undefined) throw missing(mode, whole);
  return withField(document, token, value);
}

function missing(mode: string, path: string): JsonPatchError {
  return new JsonPatchError(`${mode} operation does not apply: doc is missing path: ${path}: missing value`);
}
