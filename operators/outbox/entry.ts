/**
 * What of a decision leaves the cluster, in the words that ECS has for it. It travels in an annotation of the decision's
 * Event; the Events that carry the label are the outbox.
 *
 * Source: Amazon ECS events for EventBridge, "ECS Task State Change", "ECS Service Action", "ECS Deployment State Change".
 * @example
 * const entry: OutboxEntry = {
 *   detailType: 'ECS Service Action',
 *   detail: { eventType: 'WARN', eventName: 'SERVICE_TASK_START_IMPAIRED', reason: 'restart intensity exceeded' },
 * };
 * events.record({ ...event, ...outboxMarks(entry) });
 */
export interface OutboxEntry {
  readonly detailType: 'ECS Task State Change' | 'ECS Service Action' | 'ECS Deployment State Change';
  /** JSON. `clusterArn`, `id` and `eventTime` are added when it is delivered. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The label on Events that are to be delivered, with value `v1`, and the annotation with the entry as JSON. */
export const OUTBOX = 'tranship.dev/outbox';

const DETAIL_TYPES: ReadonlySet<unknown> = new Set<OutboxEntry['detailType']>([
  'ECS Task State Change',
  'ECS Service Action',
  'ECS Deployment State Change',
]);

/** The label and the annotation that put an Event into the outbox. */
export function outboxMarks(entry: OutboxEntry): {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
} {
  return { labels: { [OUTBOX]: 'v1' }, annotations: { [OUTBOX]: JSON.stringify(entry) } };
}

/** Reads the annotation. Anybody who may write Events may have written it. @returns undefined if it is no entry */
export function readOutboxEntry(text: string | undefined): OutboxEntry | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('detailType' in value) || !('detail' in value))
      return undefined;
    const { detailType, detail } = value;
    if (!DETAIL_TYPES.has(detailType) || typeof detail !== 'object' || detail === null) return undefined;
    return { detailType: detailType as OutboxEntry['detailType'], detail: detail as OutboxEntry['detail'] };
  } catch {
    return undefined;
  }
}
