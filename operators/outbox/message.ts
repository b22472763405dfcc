import type { KubernetesEvent } from '../runtime/event-recorder.js';
import { type OutboxEntry, OUTBOX, readOutboxEntry } from './entry.js';

/** What a sink delivers. */
export interface OutboxMessage {
  /** The uid of the Event: the same however often it is delivered, so that receivers know a repetition. */
  readonly id: string;
  readonly detailType: OutboxEntry['detailType'];
  /** Milliseconds since 1970. */
  readonly time: number;
  /** JSON text. */
  readonly detail: string;
}

/** EventBridge takes no more than 256 KB a request, and ten messages share one. Source: EventBridge quotas. */
const LONGEST_DETAIL = 24_000;

/**
 * What is delivered for an Event.
 *
 * @param cluster stands in `detail.clusterArn`
 * @returns undefined if the Event carries no entry, or one that is too long to be one of ours
 */
export function messageOf(event: KubernetesEvent, cluster: string): OutboxMessage | undefined {
  const { annotations = {}, uid = '' } = event.metadata;
  const entry = readOutboxEntry(Object.hasOwn(annotations, OUTBOX) ? annotations[OUTBOX] : undefined);
  if (entry === undefined || uid === '') return undefined;
  const time = Date.parse(event.eventTime);
  const detail = JSON.stringify({
    ...entry.detail,
    id: uid,
    clusterArn: cluster,
    updatedAt: event.eventTime,
  });
  if (detail.length > LONGEST_DETAIL || !Number.isFinite(time)) return undefined;
  return { id: uid, detailType: entry.detailType, time, detail };
}
