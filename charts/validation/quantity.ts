const QUANTITY = /^([+-]?)(\d{0,60})(?:\.(\d{0,60}))?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d{1,2})?$/;

const DECIMAL_EXPONENTS: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);

const BINARY_EXPONENTS: ReadonlyMap<string, bigint> = new Map([
  ['Ki', 10n],
  ['Mi', 20n],
  ['Gi', 30n],
  ['Ti', 40n],
  ['Pi', 50n],
  ['Ei', 60n],
]);

/** Values are counted in n, 10^-9, the smallest unit that Kubernetes keeps. */
const PLACES = 9;

/**
 * The value of a Kubernetes quantity as an integer count of its smallest unit, n (10^-9), so that quantities compare exactly.
 * What is smaller is rounded away from zero, as the API server does.
 *
 * Grammar: a decimal number with one suffix of `n u m k M G T P E Ki Mi Gi Ti Pi Ei` or an exponent. Exponents beyond 99 and
 * numbers of more than 60 digits are refused, where upstream caps them: no resource is that large.
 *
 * @returns `undefined` when the text is no quantity
 * @example parseQuantity('500m') // 500_000_000n
 * Source: apimachinery pkg/api/resource/quantity.go, ParseQuantity
 */
export function parseQuantity(value: unknown): bigint | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  const match = QUANTITY.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const binary = BINARY_EXPONENTS.get(suffix);
  const exponent = binary === undefined ? (DECIMAL_EXPONENTS.get(suffix) ?? Number(suffix.slice(1))) : 0;
  const digits = BigInt(`${whole}${fraction}`) << (binary ?? 0n);
  const count = shiftPlaces(digits, PLACES + exponent - fraction.length);
  return sign === '-' ? -count : count;
}

function shiftPlaces(digits: bigint, places: number): bigint {
  if (places >= 0) return digits * 10n ** BigInt(places);
  const divisor = 10n ** BigInt(-places);
  return (digits + divisor - 1n) / divisor;
}

/**
 * @returns below zero when `a` is less, zero when equal, above when more; `undefined` when one is no quantity
 * @example compareQuantities('1Gi', '1G') // 1
 */
export function compareQuantities(a: unknown, b: unknown): -1 | 0 | 1 | undefined {
  const left = parseQuantity(a);
  const right = parseQuantity(b);
  if (left === undefined || right === undefined) return undefined;
  return left === right ? 0 : left < right ? -1 : 1;
}
