import type { ObservedPod } from '../healing/observation.js';
import { timestamp } from '../healing/words.js';
import { type CircuitBreaker, failuresAllowed } from './configuration.js';
import type { CompletedRevision, DeploymentState, FailedRevision } from './deployment-state.js';
import type { ObservedDeployment, ObservedReplicaSet } from './project-deployment.js';
import { type Counted, countFailures } from './count-failures.js';
import { healthyAt } from './task-failures.js';

/** What is seen of a Deployment; times are milliseconds since 1970. */
export interface DeploymentObservation {
  readonly now: number;
  readonly deployment: ObservedDeployment;
  /** Its ReplicaSets. */
  readonly replicaSets: readonly ObservedReplicaSet[];
  /** Pods of the ReplicaSet whose template is the Deployment's. */
  readonly pods: readonly ObservedPod[];
}

/** What to do about it: one patch that changes the Deployment and says in its state what was done. */
export interface DeploymentPlan {
  /** The state to write; the one that was read, where nothing changed. */
  readonly state: DeploymentState | undefined;
  /**
   * `Rollback` gives it the template of `to`; `Pause` lets it start no more pods; `Resume` ends that. `Record` only
   * writes the state, and `Nothing` not even that.
   */
  readonly action: 'Nothing' | 'Record' | 'Pause' | 'Resume' | 'Rollback';
  readonly to?: CompletedRevision;
  /** Milliseconds; when to look again though nothing changes. */
  readonly nextLookAt?: number;
}

/** Failed revisions that are remembered. */
const MOST_FAILED = 5;

/**
 * Follows the deployments of a service as ECS's deployment circuit breaker does.
 *
 * A new template begins a deployment. Failures of its pods are counted; a healthy one ends a row of them. When there are as
 * many as the threshold says, the deployment has failed: the Deployment goes back to the last revision that completed, or
 * is paused where it shall not, or where there is none. It has completed when all its pods are healthy; that revision is
 * where the next rollback goes to.
 *
 * A revision that failed and comes back, as from a repository that still has it, is paused and not tried again: until the
 * template changes, or somebody resumes it. A Deployment that somebody else has paused is left alone.
 *
 * Source: ECS API `DeploymentCircuitBreaker`.
 */
export function decideDeployment(
  observation: DeploymentObservation,
  breaker: CircuitBreaker,
  state: DeploymentState | undefined,
): DeploymentPlan {
  const { deployment, now } = observation;
  if (state === undefined) return first(observation, breaker);
  if (state.held === true) return held(observation, breaker, state);
  if (deployment.paused) return { state, action: 'Nothing' };
  if (deployment.template !== state.template) {
    const earlier = state.failed?.find(({ template }) => template === deployment.template);
    if (earlier === undefined || !breaker.enabled) return begin(observation, breaker, state, 'Record');
    return pause({ ...state, template: deployment.template }, again(earlier), now);
  }
  if (state.rolloutState !== 'IN_PROGRESS') return { state, action: 'Nothing' };
  const counted = countFailures(observation, breaker, state);
  const failed = breaker.enabled ? failureOf(observation, breaker, counted) : undefined;
  if (failed !== undefined) return fail(counted.state, failed, breaker, now);
  const completes = completesAt(observation);
  if (completes !== undefined && completes <= now) return complete(observation, breaker, counted.state);
  const changed = counted.state !== state;
  const next = [completes, ...counted.nextAt].filter((time) => time !== undefined && time > now).map(Number);
  return {
    state: counted.state,
    action: changed ? 'Record' : 'Nothing',
    ...(next.length === 0 ? {} : { nextLookAt: Math.min(...next) }),
  };
}

/** A Deployment that runs as it should when it is first seen has completed; nothing is said of it. */
function first(observation: DeploymentObservation, breaker: CircuitBreaker): DeploymentPlan {
  const { deployment, now } = observation;
  if (deployment.paused) return { state: undefined, action: 'Nothing' };
  const completes = completesAt(observation);
  return completes !== undefined && completes <= now
    ? complete(observation, breaker, begun(observation, breaker, undefined))
    : begin(observation, breaker, undefined, 'Record');
}

/** A Deployment that we paused: its revision failed. */
function held(observation: DeploymentObservation, breaker: CircuitBreaker, state: DeploymentState): DeploymentPlan {
  const { deployment } = observation;
  const { held: _, failed = [], ...free } = state;
  // Whoever resumes it wants it tried once more.
  if (!deployment.paused) {
    const others = failed.filter(({ template }) => template !== deployment.template);
    return begin(observation, breaker, { ...free, failed: others }, 'Record');
  }
  const isKnown = failed.some(({ template }) => template === deployment.template);
  if (!breaker.enabled || !isKnown) return begin(observation, breaker, { ...free, failed }, 'Resume');
  const same = state.template === deployment.template;
  return { state: same ? state : { ...state, template: deployment.template }, action: same ? 'Nothing' : 'Record' };
}

function begin(
  observation: DeploymentObservation,
  breaker: CircuitBreaker,
  before: DeploymentState | undefined,
  action: 'Record' | 'Resume',
): DeploymentPlan {
  // What there is to see of the new pods is looked at after this is written.
  return { state: begun(observation, breaker, before), action, nextLookAt: observation.now + 1000 };
}

function begun(
  { deployment, now }: DeploymentObservation,
  breaker: CircuitBreaker,
  before: DeploymentState | undefined,
): DeploymentState {
  return {
    template: deployment.template,
    rolloutState: 'IN_PROGRESS',
    circuitBreaker: breaker.enabled ? 'MONITORING' : 'DISABLED',
    since: timestamp(now),
    failureCount: 0,
    failures: {},
    ...(before?.completed === undefined ? {} : { completed: before.completed }),
    ...(before?.failed === undefined || before.failed.length === 0 ? {} : { failed: before.failed }),
  };
}

const AGAIN = 'its deployment failed before';

function again({ at, evidence }: FailedRevision): string {
  return evidence.startsWith(AGAIN) ? evidence : `${AGAIN}, at ${at}: ${evidence}`;
}

/** Why the deployment has failed, in one sentence. */
function failureOf(
  { deployment, pods }: DeploymentObservation,
  breaker: CircuitBreaker,
  { state, evidence }: Counted,
): string | undefined {
  const threshold = failuresAllowed(breaker.threshold, deployment.desired);
  if (state.failureCount >= threshold)
    return `${state.failureCount} tasks failed, of at most ${threshold} (${breaker.threshold.type} ${breaker.threshold.value})${evidence === undefined ? '' : `; ${evidence}`}`;
  const started = pods.filter((pod) => pod.node !== undefined && !pod.ready && pod.deletingSince === undefined);
  const [pod] = started;
  return deployment.deadlineExceeded && pod !== undefined
    ? `no progress within progressDeadlineSeconds, and ${started.length} of its pods run and are not Ready, as ${pod.name}`
    : undefined;
}

function fail(state: DeploymentState, evidence: string, breaker: CircuitBreaker, now: number): DeploymentPlan {
  const { completed, template } = state;
  if (!breaker.rollback || completed === undefined || completed.template === template)
    return pause({ ...state, circuitBreaker: 'TRIGGERED' }, evidence, now);
  const outcome = `rolled back to ReplicaSet ${completed.replicaSet}`;
  return {
    action: 'Rollback',
    to: completed,
    state: {
      template: completed.template,
      rolloutState: 'IN_PROGRESS',
      circuitBreaker: 'MONITORING',
      since: timestamp(now),
      failureCount: 0,
      failures: {},
      completed,
      failed: remember(state, { template, at: timestamp(now), evidence, outcome }),
    },
  };
}

/** The revision to which a rollback was to go is not there any more: the deployment stays failed. */
export function withoutTarget(plan: DeploymentPlan, before: DeploymentState, now: number): DeploymentPlan {
  const evidence = plan.state?.failed?.at(-1)?.evidence ?? 'its tasks failed';
  const { completed: _, ...rest } = before;
  const gone = `${evidence}; ReplicaSet ${plan.to?.replicaSet ?? ''}, to go back to, is gone (spec.revisionHistoryLimit)`;
  return pause({ ...rest, circuitBreaker: 'TRIGGERED' }, gone, now);
}

function pause(state: DeploymentState, evidence: string, now: number): DeploymentPlan {
  const at = timestamp(now);
  const failed = remember(state, { template: state.template, at, evidence, outcome: 'paused' });
  return {
    action: 'Pause',
    state: { ...state, rolloutState: 'FAILED', circuitBreaker: 'TRIGGERED', since: at, held: true, failed },
  };
}

function remember({ failed = [] }: DeploymentState, newest: FailedRevision): readonly FailedRevision[] {
  return [...failed.filter(({ template }) => template !== newest.template), newest].slice(-MOST_FAILED);
}

/** When all wanted pods are of the template, available and healthy, if nothing happens to them. */
function completesAt({ deployment, pods, now }: DeploymentObservation): number | undefined {
  if (!deployment.complete || deployment.template === '') return undefined;
  const live = pods.filter((pod) => pod.deletingSince === undefined && pod.phase === 'Running');
  if (live.length < deployment.desired) return undefined;
  // A pod that failed and recovered counts once it has been Ready for as long as its failure was forgiven after.
  const times = live.map((pod) => healthyAt(pod, deployment.minReadySeconds) ?? recoveredAt(pod));
  return times.some((time) => time === undefined) ? undefined : Math.max(now, ...times.map(Number));
}

/** Source: the kubelet's own reset of its restart delay. */
const RECOVERED_MS = 600_000;

function recoveredAt(pod: ObservedPod): number | undefined {
  return pod.ready && pod.readySince !== undefined ? pod.readySince + RECOVERED_MS : undefined;
}

function complete(observation: DeploymentObservation, breaker: CircuitBreaker, state: DeploymentState): DeploymentPlan {
  const { deployment, replicaSets, now } = observation;
  const replicaSet = replicaSets.find(({ template }) => template === deployment.template);
  const { healthyAt: _, ...rest } = state;
  const at = timestamp(now);
  // Without pods nothing was shown: what completed before stays the revision to go back to.
  const shown = deployment.desired > 0 ? replicaSet : undefined;
  const completed = shown && { template: deployment.template, replicaSet: shown.name, at };
  const failed = (state.failed ?? []).filter(({ template }) => template !== deployment.template);
  return {
    action: 'Record',
    state: {
      ...rest,
      rolloutState: 'COMPLETED',
      circuitBreaker: breaker.enabled ? 'MONITORING_COMPLETE' : 'DISABLED',
      since: at,
      failureCount: 0,
      failures: {},
      ...(completed === undefined ? {} : { completed }),
      ...(failed.length === 0 ? {} : { failed }),
    },
  };
}
