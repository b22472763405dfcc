/** A JSON value that nobody changes. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The field of an object, and undefined for anything else. A name from outside finds own fields only. */
export function field(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let at: Json | undefined = value;
  for (const name of path) {
    if (!isObject(at) || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return at;
}

/** `field`, if it is text. */
export function text(value: Json | undefined, ...path: readonly string[]): string | undefined {
  const found = field(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** `field`, if it is a number. */
export function number(value: Json | undefined, ...path: readonly string[]): number | undefined {
  const found = field(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** The same object with one field set, or without it where the value is undefined. */
export function withField(value: JsonObject, name: string, set: Json | undefined): JsonObject {
  if (set !== undefined) return { ...value, [name]: set };
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
}

/** `withField` of several fields. */
export function withFields(value: JsonObject, fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.entries(fields).reduce((object, [name, set]) => withField(object, name, set), value);
}

/** Equal as JSON: the order of fields does not count. */
export function equal(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (isArray(left) && isArray(right)) {
    return left.length === right.length && left.every((item, index) => equal(item, right[index]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && equal(left[name], right[name]))
  );
}

/** What arrives at the other end of a wire: no undefined fields, nothing shared with the sender. */
export function wireCopy(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

/** Freezes a value and all in it. What is frozen already is taken to be so throughout. */
export function freeze<T extends Json>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value as object)) freeze(item as Json);
  }
  return value;
}
