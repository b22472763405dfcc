/**
 * Which of two versions of one resource is newer: negative when `a` is older, 0 when they are the same.
 *
 * Versions are decimal numbers without leading zeros and may be longer than a double holds; so the longer one is newer.
 *
 * Source: KEP-5504 (comparable resource version).
 * @throws RangeError a version is not such a number
 * @example compareVersions('99', '100') < 0
 */
export function compareVersions(a: string, b: string): number {
  assertVersion(a);
  assertVersion(b);
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** @throws RangeError it is not a version that can be compared */
export function assertVersion(version: unknown): asserts version is string {
  if (typeof version === 'string' && /^(?:0|[1-9][0-9]*)$/.test(version)) return;
  throw new RangeError(`resourceVersion must be a decimal number without leading zeros; got ${quote(version)}`);
}

function quote(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : `a value of type ${typeof value}`;
}
