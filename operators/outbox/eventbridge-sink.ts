import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { OutboxMessage } from './message.js';
import { type Refusal, type Sink, SOURCE } from './sink.js';

/** What is wrong with the message itself. Source: EventBridge API `PutEventsResultEntry.ErrorCode`. */
const FINAL: ReadonlySet<string> = new Set(['MalformedDetail', 'InvalidArgument', 'InvalidAccountIdException']);

/**
 * An EventBridge bus. Rules match as they do on events of ECS, but for the source.
 *
 * @param bus name or ARN
 * @example a rule's pattern: `{"source": ["tranship"], "detail-type": ["ECS Task State Change"]}`
 */
export function eventBridgeSink(client: EventBridgeClient, bus: string): Sink {
  return {
    name: 'eventbridge',
    deliver: async (messages, signal): Promise<readonly Refusal[]> => {
      const { Entries = [] } = await client.send(
        new PutEventsCommand({
          Entries: messages.map(({ detailType, detail, time }: OutboxMessage) => ({
            EventBusName: bus,
            Source: SOURCE,
            DetailType: detailType,
            Detail: detail,
            Time: new Date(time),
          })),
        }),
        { abortSignal: signal },
      );
      // The answer has an entry for each one sent, in the same order; one without an id was not taken.
      return messages.flatMap((message, index) => {
        const { EventId, ErrorCode: code = 'NoAnswer' } = Entries[index] ?? {};
        return EventId === undefined ? [{ message, code, final: FINAL.has(code) }] : [];
      });
    },
  };
}
