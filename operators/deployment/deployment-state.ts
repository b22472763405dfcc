/**
 * What is remembered of a Deployment's rollouts, as JSON in its annotation `tranship.dev/deployment-state`: it survives
 * the operator, is written in one patch with what it tells of, and is there for people to read. Times are RFC 3339.
 */
export interface DeploymentState {
  /** Digest of the pod template of this deployment. */
  readonly template: string;
  /** Source: ECS `DeploymentRolloutState`. */
  readonly rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  /** Source: ECS circuit breaker. */
  readonly circuitBreaker: 'MONITORING' | 'TRIGGERED' | 'MONITORING_COMPLETE' | 'DISABLED';
  /** When the deployment began, completed or failed. */
  readonly since: string;
  /** In a row since the newest healthy task, or all of them; see `resetOnHealthyTask`. */
  readonly failureCount: number;
  /** Pods of this deployment that failed, by the end of their name: how often each was counted. */
  readonly failures: Readonly<Record<string, number>>;
  /** The newest failures that were forgiven, because a task became healthy then. */
  readonly healthyAt?: string;
  /** The revision that a rollback goes to. */
  readonly completed?: CompletedRevision;
  /** Revisions whose deployment failed, oldest first: each is held when it comes back. At most 5. */
  readonly failed?: readonly FailedRevision[];
  /** This operator has paused the Deployment, so that a revision that failed starts no more pods. */
  readonly held?: boolean;
}

export interface CompletedRevision {
  readonly template: string;
  readonly replicaSet: string;
  readonly at: string;
}

export interface FailedRevision {
  readonly template: string;
  readonly at: string;
  /** What was seen, in one sentence. */
  readonly evidence: string;
  /** What was done: went back to another ReplicaSet, or paused. */
  readonly outcome: string;
}

const LONGEST = 65_536;
const MOST_FAILED = 5;
const MOST_PODS = 1000;
const ROLLOUT_STATES: ReadonlySet<unknown> = new Set(['IN_PROGRESS', 'COMPLETED', 'FAILED']);
const BREAKER_STATES: ReadonlySet<unknown> = new Set(['MONITORING', 'TRIGGERED', 'MONITORING_COMPLETE', 'DISABLED']);

/**
 * Reads the annotation. Whoever may write the Deployment may have written it.
 *
 * @returns undefined where it is absent or no such state: the Deployment is then looked at as for the first time
 */
export function readState(text: string | undefined): DeploymentState | undefined {
  if (text === undefined || text.length > LONGEST) return undefined;
  const state = parse(text);
  if (!isRecord(state)) return undefined;
  const { template, rolloutState, circuitBreaker, since, failureCount, failures, healthyAt, completed, failed, held } =
    fieldsOf(state);
  if (typeof template !== 'string' || !isTime(since) || !isCount(failureCount)) return undefined;
  if (!ROLLOUT_STATES.has(rolloutState) || !BREAKER_STATES.has(circuitBreaker)) return undefined;
  return {
    template,
    rolloutState: rolloutState as DeploymentState['rolloutState'],
    circuitBreaker: circuitBreaker as DeploymentState['circuitBreaker'],
    since,
    failureCount,
    failures: countsOf(failures),
    ...(isTime(healthyAt) ? { healthyAt } : {}),
    ...(isCompletedRevision(completed) ? { completed } : {}),
    ...(Array.isArray(failed) ? { failed: failed.filter(isFailedRevision).slice(-MOST_FAILED) } : {}),
    ...(held === true ? { held } : {}),
  };
}

/** Writes the annotation; its size is bounded. */
export function writeState({ failures, failed, ...state }: DeploymentState): string {
  const newest = Object.entries(failures).slice(-MOST_PODS);
  return JSON.stringify({
    ...state,
    failures: Object.fromEntries(newest),
    ...(failed === undefined || failed.length === 0 ? {} : { failed: failed.slice(-MOST_FAILED) }),
  });
}

function isCompletedRevision(value: unknown): value is CompletedRevision {
  return isTexts(value, ['template', 'replicaSet', 'at']);
}

function isFailedRevision(value: unknown): value is FailedRevision {
  return isTexts(value, ['template', 'at', 'evidence', 'outcome']);
}

function countsOf(value: unknown): Readonly<Record<string, number>> {
  if (!isRecord(value)) return {};
  // Object.fromEntries defines properties of its own, whatever their names are.
  return Object.fromEntries(
    Object.entries(value)
      .filter((entry): entry is [string, number] => isCount(entry[1]))
      .slice(-MOST_PODS),
  );
}

function isTexts(value: unknown, keys: readonly string[]): value is Readonly<Record<string, string>> {
  return isRecord(value) && keys.every((key) => Object.hasOwn(value, key) && typeof value[key] === 'string');
}

function fieldsOf(value: Readonly<Record<string, unknown>>): Readonly<Partial<Record<keyof DeploymentState, unknown>>> {
  return Object.fromEntries(Object.entries(value));
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && Number.isFinite(Date.parse(value));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
