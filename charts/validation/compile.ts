import { Ajv, type AnySchemaObject, type ErrorObject, type ValidateFunction } from 'ajv';
import { field, isObject } from './json.js';
import { parseQuantity } from './quantity.js';
import type { VersionSchemas } from './schemas.js';

/** Checks one object against the schema of its kind. @returns what is wrong, empty when nothing is */
export type SchemaCheck = (manifest: unknown) => readonly ErrorObject[];

/** Two items of a list that server-side apply takes for the same one. */
export interface DuplicateItems {
  readonly first: number;
  readonly second: number;
  /** Key fields with their values; none of a set. */
  readonly keys: Readonly<Record<string, unknown>>;
}

/** RFC 3339 with the offset that Go's time.Time insists on. */
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

const BASE64 = /^[A-Za-z0-9+/\r\n]*={0,2}[\r\n]*$/;

/**
 * Compiles the schemas of a version, each kind when it is first asked for: a kind that never comes costs nothing.
 *
 * @returns the check of a kind such as `apps/v1 Deployment`, `undefined` when there is no such kind
 */
export function compileOnDemand(schemas: VersionSchemas): (kind: string) => SchemaCheck | undefined {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    strict: false,
    validateSchema: false,
    validateFormats: true,
    messages: false,
    // Upstream's patterns are RE2 without Unicode classes; the u flag would refuse escapes that RE2 takes.
    unicodeRegExp: false,
    // One function for each definition keeps compilation short; inlining makes it several times as long.
    inlineRefs: false,
    code: { optimize: false },
    logger: false,
  });
  ajv.addFormat('int32', { type: 'number', validate: (value: number) => value >= -(2 ** 31) && value < 2 ** 31 });
  // JSON numbers beyond 2^53 have lost digits already, so the exact end of the range is not worth more than this.
  ajv.addFormat('int64', { type: 'number', validate: (value: number) => value >= -(2 ** 63) && value < 2 ** 63 });
  ajv.addFormat('byte', { type: 'string', validate: isBase64 });
  ajv.addFormat('date-time', { type: 'string', validate: DATE_TIME });
  ajv.addFormat('quantity', { type: 'string', validate: (value: string) => parseQuantity(value) !== undefined });
  ajv.addKeyword({ keyword: 'x-kubernetes-list-map-keys', type: 'array', errors: true, compile: uniqueByKeys });
  ajv.addKeyword({ keyword: 'x-kubernetes-list-type', type: 'array', errors: true, compile: uniqueInSet });
  ajv.addSchema(schemas.document);
  const compiled = new Map<string, ValidateFunction>();
  return (kind) => {
    const pointer = schemas.kinds.get(kind);
    if (pointer === undefined) return undefined;
    const validate = compiled.get(kind) ?? ajv.compile({ $ref: `kubernetes${pointer}` });
    compiled.set(kind, validate);
    return (manifest) => (validate(manifest) ? [] : (validate.errors ?? []));
  };
}

function isBase64(value: string): boolean {
  return value.replace(/[\r\n]/g, '').length % 4 === 0 && BASE64.test(value);
}

type KeywordCheck = { (data: unknown): boolean; errors?: Partial<ErrorObject>[] };

function uniqueByKeys(keys: readonly string[], parent: AnySchemaObject): KeywordCheck {
  const defaults: unknown = parent['x-key-defaults'];
  const valueOf = (item: unknown, key: string): unknown => field(item, key) ?? field(defaults, key);
  return uniqueBy(
    'x-kubernetes-list-map-keys',
    keys,
    (item) => {
      if (!isObject(item)) return undefined;
      let identity = '';
      for (const key of keys) {
        const value = valueOf(item, key);
        if (value === undefined) return undefined;
        identity += `${typeof value === 'string' ? value : JSON.stringify(value)}\n`;
      }
      return identity;
    },
    valueOf,
  );
}

function uniqueInSet(): KeywordCheck {
  return uniqueBy('x-kubernetes-list-type', [], (item) =>
    typeof item === 'object' ? undefined : JSON.stringify(item),
  );
}

function uniqueBy(
  keyword: string,
  keys: readonly string[],
  identityOf: (item: unknown) => string | undefined,
  valueOf: (item: unknown, key: string) => unknown = () => undefined,
): KeywordCheck {
  const check: KeywordCheck = (data) => {
    const list = data as readonly unknown[];
    if (list.length < 2) return true;
    const seen = new Map<string, number>();
    const duplicates: DuplicateItems[] = [];
    list.forEach((item, second) => {
      const identity = identityOf(item);
      if (identity === undefined) return;
      const first = seen.get(identity);
      if (first === undefined) seen.set(identity, second);
      else duplicates.push({ first, second, keys: Object.fromEntries(keys.map((key) => [key, valueOf(item, key)])) });
    });
    check.errors = duplicates.map((params) => ({ keyword, params: { ...params } }));
    return duplicates.length === 0;
  };
  return check;
}
