import { createHash } from 'node:crypto';
import { type OutboxEntry, outboxMarks } from '../outbox/entry.js';
import type { RecordedEvent } from '../runtime/event-recorder.js';
import type { Clean, Decision, Hold, Replace } from './decision.js';
import type { Cause, HealingPolicy, HoldReason } from './healing-policy.js';
import { HEALING, writeTime } from './names.js';
import type { ObservedPod } from './observation.js';

/** Holds that somebody should hear of. The others end by themselves and stand in the policy's status. */
const TOLD: ReadonlySet<HoldReason> = new Set<HoldReason>([
  'DryRun',
  'NoOwner',
  'RestartIntensityExceeded',
  'Terminal',
  'DisruptionBudget',
  'Refused',
]);

/** What ECS gives as the `stopCode` of a task. Source: ECS API `Task.stopCode`. */
const STOP_CODES: Readonly<Record<Cause, string>> = {
  UnhealthyNode: 'TerminationNotice',
  OutOfMemory: 'EssentialContainerExited',
  EssentialContainerExited: 'EssentialContainerExited',
  CrashLoop: 'EssentialContainerExited',
  ImageCannotBePulled: 'TaskFailedToStart',
  CannotBeConfigured: 'TaskFailedToStart',
  Unhealthy: 'ServiceSchedulerInitiated',
  Drift: 'ServiceSchedulerInitiated',
  Exec: 'ServiceSchedulerInitiated',
  MaximumAge: 'ServiceSchedulerInitiated',
};

/** What an Event says besides the decision. */
export interface EventContext {
  readonly policy: HealingPolicy;
  readonly now: number;
  readonly traceId?: string;
}

/**
 * The Event of a decision; undefined for a hold of which nobody need hear. Its name follows from the pod's uid, the cause
 * and the restarts: however often the same is decided, it is one Event.
 */
export function eventOf(decision: Decision, context: EventContext): NamedEvent | undefined {
  const { pod } = decision;
  if (decision.type === 'Hold' && !TOLD.has(decision.reason)) return undefined;
  const { policy, traceId } = context;
  const { namespace, name, uid } = pod;
  const entry = outboxEntryOf(decision, context);
  const marks = entry === undefined ? undefined : outboxMarks(entry);
  return {
    name: eventName(decision),
    labels: { [HEALING.policyLabel]: labelValue(policy.metadata.name), ...marks?.labels },
    annotations: {
      ...marks?.annotations,
      ...(traceId === undefined ? {} : { [HEALING.traceAnnotation]: traceId }),
    },
    type: decision.type === 'Clean' ? 'Normal' : 'Warning',
    ...wordsOf(decision),
    regarding: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid },
    related: {
      apiVersion: 'tranship.dev/v1',
      kind: 'HealingPolicy',
      namespace,
      name: policy.metadata.name,
      uid: policy.metadata.uid ?? '',
    },
  };
}

/** An Event that is written once, under a name of its own. */
export type NamedEvent = RecordedEvent & { readonly name: string };

/** @example `web-1.0b5d0d1c9c3f4a2e` */
export function eventName(decision: Decision): string {
  const { pod } = decision;
  const restarts = pod.containers.reduce((sum, { restartCount }) => sum + restartCount, 0);
  const what =
    decision.type === 'Hold'
      ? [decision.type, decision.cause, decision.reason]
      : decision.type === 'Clean'
        ? [decision.type, decision.why]
        : [decision.type, decision.cause, restarts];
  const digest = createHash('sha256')
    .update(JSON.stringify([pod.uid, ...what]))
    .digest('hex');
  return `${pod.name.slice(0, 200)}.${digest.slice(0, 16)}`;
}

function wordsOf(decision: Decision): Pick<RecordedEvent, 'reason' | 'action' | 'note'> {
  switch (decision.type) {
    case 'Replace':
      return { reason: decision.cause, action: decision.action, note: decision.evidence };
    case 'Hold':
      return {
        reason: decision.reason,
        action: 'Hold',
        note: `${decision.cause}: ${decision.evidence}; ${decision.message}`,
      };
    default:
      return { reason: decision.why, action: 'Delete', note: decision.evidence };
  }
}

/** What leaves the cluster: replacements, and holds at which ECS too says that a service cannot start tasks. */
function outboxEntryOf(decision: Replace | Hold | Clean, context: EventContext): OutboxEntry | undefined {
  if (decision.type === 'Replace') return taskStateChange(decision, context);
  if (decision.type === 'Clean') return undefined;
  const { cause, reason } = decision;
  if (reason !== 'RestartIntensityExceeded' && reason !== 'Terminal') return undefined;
  return {
    detailType: 'ECS Service Action',
    detail: {
      eventType: 'WARN',
      eventName: cause === 'CannotBeConfigured' ? 'SERVICE_TASK_CONFIGURATION_FAILURE' : 'SERVICE_TASK_START_IMPAIRED',
      reason: decision.message,
      ...ownFields(decision, context),
    },
  };
}

function taskStateChange(decision: Replace, context: EventContext): OutboxEntry {
  const { pod, cause, evidence, action, workload } = decision;
  return {
    detailType: 'ECS Task State Change',
    detail: {
      taskArn: `${pod.namespace}/${pod.name}/${pod.uid}`,
      group: `service:${workload}`,
      containerInstanceArn: pod.node,
      startedAt: pod.startedAt === undefined ? undefined : writeTime(pod.startedAt),
      lastStatus: lastStatusOf(pod),
      desiredStatus: 'STOPPED',
      stopCode: STOP_CODES[cause],
      stoppedReason: evidence,
      containers: pod.containers.map(({ name, image, state, lastExit }) => ({
        name,
        image,
        lastStatus: state === 'running' ? 'RUNNING' : state === 'terminated' ? 'STOPPED' : 'PENDING',
        exitCode: lastExit?.exitCode,
        reason: lastExit?.reason,
      })),
      action,
      ...ownFields(decision, context),
    },
  };
}

function ownFields(decision: Replace | Hold, { policy, now, traceId }: EventContext): Record<string, unknown> {
  return {
    namespace: decision.pod.namespace,
    pod: decision.pod.name,
    policy: policy.metadata.name,
    cause: decision.cause,
    evidence: decision.evidence,
    signalAt: writeTime(decision.signalAt),
    decidedAt: writeTime(now),
    ...(traceId === undefined ? {} : { traceId }),
  };
}

/** Source: Amazon ECS task lifecycle. */
function lastStatusOf({ phase, deletingSince }: ObservedPod): string {
  if (phase === 'Failed' || phase === 'Succeeded') return 'STOPPED';
  if (deletingSince !== undefined) return 'STOPPING';
  return phase === 'Pending' ? 'PENDING' : 'RUNNING';
}

/** Names may be longer than values of labels, and then are cut. */
export function labelValue(name: string): string {
  return name.slice(0, 63).replace(/[^A-Za-z0-9]+$/, '');
}
