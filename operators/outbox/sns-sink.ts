import { PublishBatchCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { OutboxMessage } from './message.js';
import { type Refusal, type Sink, SOURCE } from './sink.js';

/** What is wrong with the message itself. Source: SNS API `BatchResultErrorEntry.Code`. */
const FINAL: ReadonlySet<string> = new Set(['InvalidParameter', 'InvalidParameterValue', 'InvalidMessageContents']);

/**
 * An SNS topic. A message is the envelope that EventBridge would deliver, so that one consumer reads both; its attribute
 * `detail-type` serves filter policies. A FIFO topic drops repetitions itself.
 *
 * @param topic ARN
 */
export function snsSink(client: SNSClient, topic: string): Sink {
  const fifo = topic.endsWith('.fifo');
  return {
    name: 'sns',
    deliver: async (messages, signal): Promise<readonly Refusal[]> => {
      const { Failed = [], Successful = [] } = await client.send(
        new PublishBatchCommand({
          TopicArn: topic,
          PublishBatchRequestEntries: messages.map((message, index) => ({
            Id: String(index),
            Message: envelope(message),
            MessageAttributes: { 'detail-type': { DataType: 'String', StringValue: message.detailType } },
            ...(fifo ? { MessageGroupId: SOURCE, MessageDeduplicationId: message.id } : {}),
          })),
        }),
        { abortSignal: signal },
      );
      const taken = new Set(Successful.map(({ Id }) => Id));
      const codes = new Map(Failed.map(({ Id, Code }) => [Id, Code ?? 'NoAnswer']));
      return messages.flatMap((message, index) => {
        const code = codes.get(String(index)) ?? 'NoAnswer';
        return taken.has(String(index)) ? [] : [{ message, code, final: FINAL.has(code) }];
      });
    },
  };
}

/** Source: EventBridge, "Events structure". */
function envelope({ id, detailType, time, detail }: OutboxMessage): string {
  const head = {
    version: '0',
    id,
    'detail-type': detailType,
    source: SOURCE,
    time: new Date(time).toISOString(),
    resources: [],
  };
  return `${JSON.stringify(head).slice(0, -1)},"detail":${detail}}`;
}
