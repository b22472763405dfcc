import { field, isObject, withField } from './json.js';
import type { Json } from './json.js';

/** Merges a patch into a value: null removes a field, lists are replaced. Source: RFC 7386. */
export function mergePatch(value: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  return Object.entries(patch).reduce(
    (merged, [name, change]) =>
      withField(merged, name, change === null ? undefined : mergePatch(field(merged, name), change)),
    isObject(value) ? value : {},
  );
}
