import type { IntOrPercent } from './healing-policy.js';

const PERCENT = /^(0|[1-9]\d{0,3})%$/;

/**
 * A number of pods out of a total.
 *
 * Source: Kubernetes `intstr.GetScaledValueFromIntOrPercent`.
 * @param value a whole number, or a percentage of the total
 * @returns undefined where the value is neither
 * @example `scaled('25%', 5, 'down')` is 1, `scaled('25%', 5, 'up')` is 2, `scaled(3, 5, 'up')` is 3
 */
export function scaled(value: IntOrPercent, total: number, rounding: 'up' | 'down'): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 ? value : undefined;
  const share = percentOf(value);
  if (share === undefined) return undefined;
  const exact = (total * share) / 100;
  return rounding === 'up' ? Math.ceil(exact) : Math.floor(exact);
}

/** The number before the sign. @example `percentOf('55%')` is 55 */
export function percentOf(value: unknown): number | undefined {
  const match = typeof value === 'string' ? PERCENT.exec(value) : null;
  return match?.[1] === undefined ? undefined : Number(match[1]);
}
