/**
 * Reading of manifests as plain JSON. What is missing, `null` or of another type reads as absent: the schema reports
 * wrong types, so rules need not. Only own fields are seen, whatever the input is called.
 */

/** @returns the field of an object, `undefined` for anything else and for `null` */
export function field(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const found = (value as Readonly<Record<string, unknown>>)[key];
  // Most fields are absent, so the cheap look comes first.
  if (found === undefined || found === null) return undefined;
  return Object.hasOwn(value, key) && !Array.isArray(value) ? found : undefined;
}

/** @returns the items of a list field, none when it is absent or no list */
export function listOf(value: unknown, key: string): readonly unknown[] {
  const found = field(value, key);
  return Array.isArray(found) ? found : [];
}

/** @returns the text of a string field */
export function textOf(value: unknown, key: string): string | undefined {
  const found = field(value, key);
  return typeof found === 'string' ? found : undefined;
}

/** @returns the number of a numeric field */
export function numberOf(value: unknown, key: string): number | undefined {
  const found = field(value, key);
  return typeof found === 'number' ? found : undefined;
}

/** @returns whether a boolean field is there and true */
export function isTrue(value: unknown, key: string): boolean {
  return field(value, key) === true;
}

/** @returns keys and values of an object field, none when it is absent or no object */
export function entriesOf(value: unknown, key: string): readonly (readonly [string, unknown])[] {
  const found = field(value, key);
  return isObject(found) ? Object.entries(found) : [];
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The type of a JSON value in words, for messages: `a string`, `an object`, `null`. */
export function typeInWords(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a number';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
