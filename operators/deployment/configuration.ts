/** Longer annotations are no work of the port, and are not parsed. */
const LONGEST = 65_536;

/** What an ECS service says of failing deployments, with ECS's defaults filled in. Source: ECS API `DeploymentCircuitBreaker`. */
export interface CircuitBreaker {
  /** False when the service has none: deployments are then followed, and never failed. */
  readonly enabled: boolean;
  /** Go back to the last revision whose deployment completed. */
  readonly rollback: boolean;
  readonly threshold: Threshold;
  /** A healthy task ends a row of failures; otherwise all failures of the deployment count. */
  readonly resetOnHealthyTask: boolean;
}

/** Source: ECS API `ThresholdConfiguration`. */
export interface Threshold {
  readonly type: 'COUNT' | 'BOUNDED_PERCENT' | 'UNBOUNDED_PERCENT';
  readonly value: number;
}

const DEFAULT_THRESHOLD: Threshold = { type: 'BOUNDED_PERCENT', value: 50 };
const BOUNDS = { least: 3, most: 200 };
const INT32 = 2 ** 31 - 1;
const OFF: CircuitBreaker = {
  enabled: false,
  rollback: false,
  threshold: DEFAULT_THRESHOLD,
  resetOnHealthyTask: true,
};

/**
 * Reads the annotation `tranship.dev/deployment-configuration`, which the port writes in ECS's names. Whoever may write a
 * Deployment may have written it: what cannot be understood is no reason to take a version back.
 *
 * @returns undefined where the annotation is absent: the Deployment is then none of ours
 * @example
 * readConfiguration('{"deploymentCircuitBreaker":{"enable":true,"rollback":true}}');
 * // { enabled: true, rollback: true, threshold: { type: 'BOUNDED_PERCENT', value: 50 }, resetOnHealthyTask: true }
 */
export function readConfiguration(text: string | undefined): CircuitBreaker | undefined {
  if (text === undefined) return undefined;
  const breaker = own(parse(text), 'deploymentCircuitBreaker');
  if (own(breaker, 'enable') !== true) return OFF;
  const threshold = thresholdOf(own(breaker, 'thresholdConfiguration'));
  if (threshold === undefined) return OFF;
  return {
    enabled: true,
    rollback: own(breaker, 'rollback') === true,
    threshold,
    resetOnHealthyTask: own(breaker, 'resetOnHealthyTask') !== false,
  };
}

/**
 * How many failures fail a deployment.
 *
 * Source: ECS API `ThresholdConfiguration`: a count; or a share of the desired count, rounded up, which is kept between 3
 * and 200 when it is bounded.
 * @example thresholdOf 50 % of 4 tasks, bounded: 3; of 1000: 200; unbounded: 2 and 500
 */
export function failuresAllowed({ type, value }: Threshold, desired: number): number {
  const share = Math.ceil((desired * value) / 100);
  switch (type) {
    case 'COUNT':
      return value;
    case 'UNBOUNDED_PERCENT':
      return Math.max(1, share);
    default:
      return Math.min(BOUNDS.most, Math.max(BOUNDS.least, share));
  }
}

function thresholdOf(given: unknown): Threshold | undefined {
  if (given === undefined) return DEFAULT_THRESHOLD;
  const type = own(given, 'type') ?? DEFAULT_THRESHOLD.type;
  const value = own(given, 'value') ?? (type === 'COUNT' ? undefined : DEFAULT_THRESHOLD.value);
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > INT32) return undefined;
  return type === 'COUNT' || type === 'BOUNDED_PERCENT' || type === 'UNBOUNDED_PERCENT' ? { type, value } : undefined;
}

function parse(text: string): unknown {
  if (text.length > LONGEST) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function own(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
    return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}
