import type { Condition, HealingPolicy, ReplacementRecord, WorkloadMemory } from '../healing/healing-policy.js';
import type { ObservedPod } from '../healing/observation.js';
import { compileSelector } from '../healing/selection.js';
import { milliseconds } from '../healing/words.js';
import type { KubernetesEvent } from '../runtime/event-recorder.js';
import { whyNotSelected } from './why-not-selected.js';

/** What an explanation is made from, as far as the cluster still has it. */
export interface ExplainFacts {
  readonly namespace: string;
  readonly name: string;
  readonly now: number;
  /** Absent when it is gone. */
  readonly pod?: ObservedPod;
  /** Of the namespace. */
  readonly policies: readonly HealingPolicy[];
  /** Events of the operator about this pod. */
  readonly events: readonly KubernetesEvent[];
  /** What could not be asked, as sentences. */
  readonly gaps: readonly string[];
}

/** What happened to a pod and why; the JSON output is this. Times are RFC 3339, durations milliseconds. */
export interface Explanation {
  readonly pod: {
    readonly namespace: string;
    readonly name: string;
    readonly state: 'Ready' | 'NotReady' | 'Pending' | 'Ended' | 'Terminating' | 'Quarantined' | 'Gone';
    readonly uid?: string;
    readonly node?: string;
  };
  /** One sentence. */
  readonly summary: string;
  readonly policies: readonly PolicyView[];
  /** Oldest first. */
  readonly replacements: readonly ReplacementView[];
  readonly held: readonly HeldView[];
  /** Oldest first. */
  readonly events: readonly {
    readonly at: string;
    readonly reason: string;
    readonly action: string;
    readonly note: string;
  }[];
  readonly gaps: readonly string[];
}

/** A policy of the namespace and what it has to do with the pod. */
export interface PolicyView {
  readonly name: string;
  readonly selects: boolean;
  /** Why it does not select the pod. */
  readonly whyNot?: string;
  readonly conditions: readonly Pick<Condition, 'type' | 'status' | 'reason' | 'message'>[];
  /** What is remembered of the pod's workload. */
  readonly memory?: WorkloadMemory;
}

/** The path of one replacement. */
export interface ReplacementView {
  readonly policy: string;
  readonly record: ReplacementRecord;
  /** Whether the pod asked for is the one that was replaced, or the one that came in its place. */
  readonly role: 'replaced' | 'replacement';
  readonly steps: readonly Step[];
  /** Where it stands. */
  readonly state: 'decided' | 'asked' | 'starting' | 'done';
  /** From the signal to the new pod being Ready. */
  readonly totalMs?: number;
}

export interface Step {
  readonly step: 'signal' | 'decision' | 'action' | 'ready';
  readonly at: string;
  /** Since the step before. */
  readonly afterMs?: number;
  readonly text: string;
}

export interface HeldView {
  readonly policy: string;
  readonly cause: string;
  readonly reason: string;
  readonly message: string;
  readonly retryAt?: string;
  /** Until then. */
  readonly inMs?: number;
}

/** Puts together what the records of the policies, the Events and the pod tell. It asks nobody. */
export function explain(facts: ExplainFacts): Explanation {
  const { namespace, name, pod, now, events, gaps } = facts;
  const replacements = facts.policies.flatMap((policy) => replacementsOf(policy, name, pod)).toSorted(byDecision);
  const policies = facts.policies.map((policy) => policyView(policy, pod, replacements));
  const held = facts.policies.flatMap((policy) => heldOf(policy, name, now));
  const state = stateOf(pod);
  return {
    pod: {
      namespace,
      name,
      state,
      ...(pod === undefined ? {} : { uid: pod.uid }),
      ...(pod?.node === undefined ? {} : { node: pod.node }),
    },
    summary: summaryOf(state, policies, replacements, held, events.length),
    policies,
    replacements,
    held,
    events: events
      .map(({ eventTime, reason, action, note }) => ({ at: eventTime, reason, action, note }))
      .toSorted((a, b) => (a.at < b.at ? -1 : 1)),
    gaps,
  };
}

function replacementsOf(policy: HealingPolicy, name: string, pod: ObservedPod | undefined): readonly ReplacementView[] {
  return (policy.status?.replacements ?? [])
    .filter((record) => record.pod === name || record.replacement === name)
    .map((record) => {
      const end = milliseconds(record.readyAt);
      const start = milliseconds(record.signalAt);
      return {
        policy: policy.metadata.name,
        record,
        role: record.pod === name ? 'replaced' : 'replacement',
        steps: stepsOf(record),
        state: progressOf(record, pod),
        ...(end === undefined || start === undefined ? {} : { totalMs: Math.max(0, end - start) }),
      };
    });
}

/** The status says that an action was done only with its next write; that the pod goes says so before. */
function progressOf(record: ReplacementRecord, pod: ObservedPod | undefined): ReplacementView['state'] {
  if (record.readyAt !== undefined) return 'done';
  if (record.actedAt !== undefined) return record.replacement === undefined ? 'asked' : 'starting';
  const stays = pod?.uid === record.uid && pod.deletingSince === undefined && pod.quarantinedAt === undefined;
  return stays ? 'decided' : 'asked';
}

function stepsOf(record: ReplacementRecord): readonly Step[] {
  const { signalAt, decidedAt, actedAt, readyAt, evidence, cause, action, replacement, replacementNode } = record;
  const where = replacementNode === undefined ? '' : ` on ${replacementNode}`;
  const steps: (Omit<Step, 'at'> & { readonly at: string | undefined })[] = [
    { step: 'signal', at: signalAt, text: evidence },
    { step: 'decision', at: decidedAt, text: `${cause}: ${ACTIONS[action].decided}` },
    { step: 'action', at: actedAt, text: ACTIONS[action].done },
    {
      step: 'ready',
      at: readyAt,
      text: replacement === undefined ? 'no pod is missing any more' : `${replacement} is Ready${where}`,
    },
  ];
  const known = steps.flatMap((step) => (step.at === undefined ? [] : [{ ...step, at: step.at }]));
  return known.map((step, index) => {
    const before = milliseconds(known[index - 1]?.at);
    const at = milliseconds(step.at);
    return before === undefined || at === undefined ? step : { ...step, afterMs: Math.max(0, at - before) };
  });
}

const ACTIONS = {
  Evict: { decided: 'evict it', done: 'the API server took the eviction' },
  DeleteFailed: { decided: 'delete it, since it has ended', done: 'the API server took the deletion' },
  Quarantine: {
    decided: 'take it out of its Service and its owner, and keep it for inspection',
    done: 'its labels were taken from it',
  },
} as const satisfies Record<ReplacementRecord['action'], { readonly decided: string; readonly done: string }>;

function policyView(
  policy: HealingPolicy,
  pod: ObservedPod | undefined,
  replacements: readonly ReplacementView[],
): PolicyView {
  const { name } = policy.metadata;
  const selects = compileSelector(policy.spec?.selector);
  const selected =
    pod === undefined
      ? replacements.some((each) => each.policy === name)
      : typeof selects === 'function' && selects(pod.labels);
  const workload = replacements.findLast((each) => each.policy === name)?.record.workload;
  const memory = policy.status?.workloads?.find((each) => each.workload === workload);
  return {
    name,
    selects: selected,
    ...(selected || pod === undefined ? {} : { whyNot: whyNotSelected(policy.spec?.selector, pod.labels) }),
    conditions: (policy.status?.conditions ?? []).map(({ type, status, reason, message }) => ({
      type,
      status,
      reason,
      message,
    })),
    ...(memory === undefined ? {} : { memory }),
  };
}

function heldOf(policy: HealingPolicy, name: string, now: number): readonly HeldView[] {
  return (policy.status?.held ?? [])
    .filter(({ pod }) => pod === name)
    .map(({ cause, reason, message, retryAt }) => {
      const at = milliseconds(retryAt);
      return {
        policy: policy.metadata.name,
        cause,
        reason,
        message,
        ...(retryAt === undefined ? {} : { retryAt }),
        ...(at === undefined ? {} : { inMs: Math.max(0, at - now) }),
      };
    });
}

function stateOf(pod: ObservedPod | undefined): Explanation['pod']['state'] {
  if (pod === undefined) return 'Gone';
  if (pod.quarantinedAt !== undefined) return 'Quarantined';
  if (pod.deletingSince !== undefined) return 'Terminating';
  if (pod.phase === 'Failed' || pod.phase === 'Succeeded') return 'Ended';
  if (pod.phase === 'Pending') return 'Pending';
  return pod.ready ? 'Ready' : 'NotReady';
}

function summaryOf(
  state: Explanation['pod']['state'],
  policies: readonly PolicyView[],
  replacements: readonly ReplacementView[],
  held: readonly HeldView[],
  events: number,
): string {
  const latest = replacements.findLast(({ role }) => role === 'replaced');
  if (latest !== undefined) {
    const { cause, replacement } = latest.record;
    const by = replacement === undefined ? '' : ` by ${replacement}`;
    const under = `(${cause}), under policy ${latest.policy}`;
    if (latest.state === 'decided') return `it is about to be replaced ${under}`;
    return latest.state === 'done' ? `it was replaced${by} ${under}` : `it is being replaced${by} ${under}`;
  }
  const [hold] = held;
  if (hold !== undefined) return `something is wrong with it (${hold.cause}), and nothing is done: ${hold.reason}`;
  if (state === 'Gone') {
    return events > 0
      ? 'it is gone; only Events tell of it'
      : 'it is gone, and neither a record nor an Event of the operator tells of it';
  }
  if (policies.length === 0) return 'no HealingPolicy is in its namespace, so nothing is ever done about it';
  const selecting = policies.filter(({ selects }) => selects);
  if (selecting.length === 0) return 'no HealingPolicy selects it, so nothing is ever done about it';
  if (selecting.length > 1) return `${selecting.length} policies select it, so none of them touches it`;
  return 'nothing that the policy acts upon is wrong with it';
}

function byDecision(a: ReplacementView, b: ReplacementView): number {
  return (milliseconds(a.record.decidedAt) ?? 0) - (milliseconds(b.record.decidedAt) ?? 0);
}
