import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import { NAME } from '../runtime/names.js';
import type { OperatorContext, OperatorFeature } from '../runtime/operator.js';
import type { Telemetry } from '../runtime/telemetry.js';
import { Cursor } from './cursor.js';
import { eventBridgeSink } from './eventbridge-sink.js';
import { Outbox, type OutboxObserver } from './outbox.js';
import type { Sink } from './sink.js';
import { snsSink } from './sns-sink.js';

/** Where decisions are told. Without a bus and a topic, nowhere. */
export interface OutboxSettings {
  /** EventBridge bus, by name or ARN. */
  readonly eventBus?: string | undefined;
  /** SNS topic, by ARN. */
  readonly topic?: string | undefined;
  /** @default - that of the ARN, or else what the AWS SDK finds */
  readonly region?: string | undefined;
  /** Stands in `detail.clusterArn`. @default kubernetes */
  readonly cluster?: string | undefined;
}

/** Name of the ConfigMap in the operator's namespace; its role allows no other. */
const CURSOR = 'tranship-outbox-cursor';

/**
 * The outbox as a part of the operator: it delivers while this process leads. Credentials are those that the AWS SDK finds,
 * as of EKS Pod Identity or of the service account's role.
 *
 * @returns undefined where neither bus nor topic is set
 */
export function outboxFeature(context: OperatorContext, settings: OutboxSettings): OperatorFeature | undefined {
  const sinks = sinksOf(settings);
  if (sinks.length === 0) return undefined;
  const { api, clock, random, log, namespace, operatorNamespace, telemetry } = context;
  const observe = observeOutbox(telemetry);
  let outbox: Outbox | undefined;
  telemetry.gauge(
    NAME.metric.outboxLag,
    'Age of the oldest decision that is not delivered',
    () => (outbox?.lagMs ?? 0) / 1000,
    {},
  );
  return {
    name: 'outbox',
    caches: {},
    controllers: [
      {
        run: async (term) => {
          outbox = new Outbox({
            api,
            sinks,
            cursor: new Cursor(api, { namespace: operatorNamespace, name: CURSOR }),
            clock,
            random,
            log,
            cluster: settings.cluster ?? 'kubernetes',
            observe,
            ...(namespace === undefined ? {} : { namespace }),
          });
          await outbox.run(term);
          outbox = undefined;
        },
      },
    ],
  };
}

function sinksOf({ eventBus, topic, region }: OutboxSettings): readonly Sink[] {
  const at = (arn: string): { readonly region?: string } => {
    const named = region ?? (arn.startsWith('arn:') ? arn.split(':')[3] : undefined);
    return named === undefined || named === '' ? {} : { region: named };
  };
  return [
    ...(eventBus === undefined ? [] : [eventBridgeSink(new EventBridgeClient(at(eventBus)), eventBus)]),
    ...(topic === undefined ? [] : [snsSink(new SNSClient(at(topic)), topic)]),
  ];
}

function observeOutbox({ meter }: Telemetry): OutboxObserver {
  const { metric, attribute } = NAME;
  const delivered = meter.createCounter(metric.outboxDelivered, { description: 'Decisions delivered, by sink' });
  const errors = meter.createCounter(metric.outboxErrors, { description: 'Deliveries refused, by sink and code' });
  return {
    delivered: (sink) => delivered.add(1, { [attribute.result]: sink }),
    failed: (sink, code) => errors.add(1, { [attribute.result]: sink, [attribute.code]: code }),
  };
}
