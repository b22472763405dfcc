import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { eventBridgeSink } from '../../../operators/outbox/eventbridge-sink.js';
import type { OutboxMessage } from '../../../operators/outbox/message.js';
import { snsSink } from '../../../operators/outbox/sns-sink.js';

const message = (id: string): OutboxMessage => ({
  id,
  detailType: 'ECS Task State Change',
  time: Date.UTC(2026, 0, 1),
  detail: `{"id":"${id}"}`,
});
const SIGNAL = new AbortController().signal;
const region = { region: 'eu-west-1' };

describe('an EventBridge bus', () => {
  it('gets messages with source tranship and the detail-types of ECS', async () => {
    const client = new EventBridgeClient(region);
    const mock = mockClient(client);
    mock.on(PutEventsCommand).resolves({ Entries: [{ EventId: 'e1' }] });
    expect(await eventBridgeSink(client, 'ops').deliver([message('a')], SIGNAL)).toEqual([]);
    expect(mock.commandCalls(PutEventsCommand)[0]?.args[0].input).toEqual({
      Entries: [
        {
          EventBusName: 'ops',
          Source: 'tranship',
          DetailType: 'ECS Task State Change',
          Detail: '{"id":"a"}',
          Time: new Date(Date.UTC(2026, 0, 1)),
        },
      ],
    });
  });

  it('tells which messages of a batch were not taken, and which never will be', async () => {
    const client = new EventBridgeClient(region);
    mockClient(client)
      .on(PutEventsCommand)
      .resolves({
        FailedEntryCount: 2,
        Entries: [{ EventId: 'e1' }, { ErrorCode: 'ThrottlingException' }, { ErrorCode: 'MalformedDetail' }],
      });
    const refusals = await eventBridgeSink(client, 'ops').deliver(['a', 'b', 'c', 'd'].map(message), SIGNAL);
    expect(refusals.map(({ message: { id }, code, final }) => [id, code, final])).toEqual([
      ['b', 'ThrottlingException', false],
      ['c', 'MalformedDetail', true],
      ['d', 'NoAnswer', false],
    ]);
  });
});

describe('an SNS topic', () => {
  it('gets the envelope that EventBridge would deliver', async () => {
    const client = new SNSClient(region);
    const mock = mockClient(client);
    mock.on(PublishBatchCommand).resolves({ Successful: [{ Id: '0', MessageId: 'm', SequenceNumber: '1' }] });
    await snsSink(client, 'arn:aws:sns:eu-west-1:111122223333:healing').deliver([message('a')], SIGNAL);
    const [entry] = mock.commandCalls(PublishBatchCommand)[0]?.args[0].input.PublishBatchRequestEntries ?? [];
    expect(JSON.parse(entry?.Message ?? '')).toEqual({
      version: '0',
      id: 'a',
      'detail-type': 'ECS Task State Change',
      source: 'tranship',
      time: '2026-01-01T00:00:00.000Z',
      resources: [],
      detail: { id: 'a' },
    });
    expect(entry?.MessageDeduplicationId).toBeUndefined();
  });

  it('drops repetitions itself where it is a FIFO topic', async () => {
    const client = new SNSClient(region);
    const mock = mockClient(client);
    mock
      .on(PublishBatchCommand)
      .resolves({ Successful: [], Failed: [{ Id: '0', Code: 'Throttled', SenderFault: false }] });
    const refusals = await snsSink(client, 'arn:aws:sns:eu-west-1:111122223333:healing.fifo').deliver(
      [message('a')],
      SIGNAL,
    );
    expect(refusals).toMatchObject([{ code: 'Throttled', final: false }]);
    const [entry] = mock.commandCalls(PublishBatchCommand)[0]?.args[0].input.PublishBatchRequestEntries ?? [];
    expect(entry).toMatchObject({ MessageDeduplicationId: 'a', MessageGroupId: 'tranship' });
  });
});
