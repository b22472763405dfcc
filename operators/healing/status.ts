import { isDeepStrictEqual } from 'node:util';
import type { Hold, Verdict } from './decision.js';
import type { Condition, HealingPolicy, HealingPolicyStatus } from './healing-policy.js';
import type { Observation } from './observation.js';
import { keepRecords } from './replacements.js';
import { timestamp } from './words.js';

/** Holds in the status; there may be as many as pods. */
const MOST_HELD = 20;
/** Named in a message. */
const MOST_NAMED = 3;
/** Reasons of condition Healing that come and go with single pods: they are not worth a write of their own. */
const PASSING: ReadonlySet<string> = new Set(['Idle', 'Replacing', 'Holding']);

/** Why a policy is not accepted. */
export interface Fault {
  readonly reason: 'PolicyInvalid' | 'SelectorEmpty';
  readonly message: string;
}

export interface StatusFacts {
  readonly policy: HealingPolicy;
  /** The status that is being followed. */
  readonly before: HealingPolicyStatus | undefined;
  readonly now: number;
  readonly fault?: Fault;
  readonly observation?: Observation;
  readonly verdict?: Verdict;
  /** Of the verdict, and those that came up while acting. */
  readonly holds: readonly Hold[];
  /** Other policies that select pods of this one. */
  readonly rivals: readonly string[];
  /** Replacements that are about to be asked for, beside those under way. @default 0 */
  readonly asked?: number;
}

/** The next status. It repeats nothing that changes by itself with time, so that a policy at rest is not written. */
export function statusOf(facts: StatusFacts): HealingPolicyStatus {
  const { policy, before, fault, verdict, holds } = facts;
  const generation = policy.metadata.generation;
  const held = holds
    .filter(({ reason }) => reason !== 'Terminating')
    .slice(0, MOST_HELD)
    .map(({ pod, cause, reason, message, retryAt }) => ({
      pod: pod.name,
      cause,
      reason,
      message,
      ...(retryAt === undefined ? {} : { retryAt: timestamp(retryAt) }),
    }));
  const { workloads, replacements, pods } = verdict?.memory ?? before ?? {};
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: conditionsOf(facts, fault),
    ...(pods === undefined ? {} : { pods: { ...pods, replacing: pods.replacing + (facts.asked ?? 0) } }),
    workloads: workloads ?? [],
    replacements: keepRecords(replacements ?? []),
    held: steady(held, before?.held ?? []),
  };
}

/** Keeps the words of earlier for what is held as before: evidence counts seconds, and would make each status another one. */
function steady<T extends NonNullable<HealingPolicyStatus['held']>>(held: T, before: T): T {
  const same = (a: T[number], b: T[number]): boolean =>
    a.pod === b.pod && a.cause === b.cause && a.reason === b.reason && a.retryAt === b.retryAt;
  return held.map((each) => before.find((other) => same(each, other)) ?? each) as unknown as T;
}

function conditionsOf(facts: StatusFacts, fault: Fault | undefined): readonly Condition[] {
  const { policy, before, now, rivals, observation } = facts;
  const condition = (type: string, status: boolean, reason: string, message: string): Condition => {
    const known = before?.conditions?.find((each) => each.type === type);
    const value = status ? 'True' : 'False';
    return {
      type,
      status: value,
      reason,
      message,
      lastTransitionTime: known?.status === value ? known.lastTransitionTime : timestamp(now),
      ...(policy.metadata.generation === undefined ? {} : { observedGeneration: policy.metadata.generation }),
    };
  };
  if (fault !== undefined) {
    return [
      condition('Accepted', false, fault.reason, fault.message),
      condition('Conflicted', false, 'NotAccepted', 'not known while the policy is not accepted'),
      condition('Healing', false, fault.reason, 'nothing is done until the policy is accepted'),
    ];
  }
  const contested = observation?.contested.size ?? 0;
  return [
    condition('Accepted', true, 'Valid', acceptedMessage(observation)),
    contested === 0
      ? condition('Conflicted', false, 'NoOverlap', 'no other policy selects these pods')
      : condition(
          'Conflicted',
          true,
          'PoliciesOverlap',
          `${contested} pods are selected by ${listed(rivals)} too, and no policy touches them: change one of the selectors`,
        ),
    condition('Healing', ...healing(facts)),
  ];
}

function acceptedMessage(observation: Observation | undefined): string {
  const [odd, ...more] = (observation?.pods ?? [])
    .filter(({ ignored }) => ignored !== undefined)
    .map(({ name, ignored }) => `pod ${name}: ${ignored?.[0] ?? ''}`)
    .toSorted();
  if (odd === undefined) return 'the policy is valid';
  return `the policy is valid; annotations that cannot be understood are ignored on ${more.length + 1} pods (${odd})`;
}

function healing({
  policy,
  verdict,
  holds,
  asked = 0,
}: StatusFacts): [status: boolean, reason: string, message: string] {
  const { spec } = policy;
  if (spec.paused === true) return [false, 'Paused', 'spec.paused is true: decisions are shown, and no pod is touched'];
  if (spec.mode === 'DryRun') {
    return [false, 'DryRun', 'spec.mode is DryRun: decisions are shown, and no pod is touched'];
  }
  for (const reason of ['Storm', 'ZoneOutage'] as const) {
    const hold = holds.find((each) => each.reason === reason);
    if (hold !== undefined) return [false, reason, hold.message];
  }
  const replacing = (verdict?.memory.pods?.replacing ?? 0) + asked;
  if (replacing > 0) return [true, 'Replacing', `${replacing} replacements are under way`];
  const waiting = holds.filter(({ reason }) => reason !== 'Terminating').length;
  if (waiting > 0) return [true, 'Holding', `${waiting} pods are wrong and held; status.held says why`];
  return [true, 'Idle', 'nothing is wrong with the selected pods'];
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).join(', ');
  return names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more` : shown;
}

/**
 * Whether a status must be written: `now` when what it says of the policy as a whole has changed or the last new pod has
 * become Ready, `soon` when only single pods have changed, which many share one write for, and `never` when it says the
 * same.
 */
export function writingOf(
  before: HealingPolicyStatus | undefined,
  after: HealingPolicyStatus,
): 'now' | 'soon' | 'never' {
  if (isDeepStrictEqual(withoutDelays(before), withoutDelays(after))) return 'never';
  const key = (status: HealingPolicyStatus | undefined): unknown => [
    status?.observedGeneration,
    status?.conditions?.map(({ type, status: value, reason }) => [type, value, PASSING.has(reason) ? '' : reason]),
  ];
  const waits = (status: HealingPolicyStatus | undefined): boolean =>
    status?.replacements?.some(({ readyAt }) => readyAt === undefined) ?? false;
  if (waits(before) && !waits(after)) return 'now';
  return isDeepStrictEqual(key(before), key(after)) ? 'soon' : 'now';
}

/** The end of a delay says itself when it is over, and follows from what is remembered beside it. */
function withoutDelays(status: HealingPolicyStatus | undefined): HealingPolicyStatus | undefined {
  if (status?.workloads === undefined) return status;
  return { ...status, workloads: status.workloads.map(({ notBefore: _dropped, ...workload }) => workload) };
}
