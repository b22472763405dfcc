import type { ContainerDraft } from '../../pod-draft.js';
import { AGENT_TODO, agentField, type DriverOptions } from '../driver-options.js';
import type { Routing } from '../log-route.js';
import { takeAddress } from './address.js';
import { dockerRecord, dockerTag, takeAttributes, takeDelivery } from './docker-options.js';

/**
 * Fluentd's forward protocol.
 *
 * Source: Docker documentation, "Fluentd logging driver"; Fluent Bit documentation, "Forward".
 * @returns undefined when there is no server to send to
 */
export function routeFluentd(options: DriverOptions, draft: ContainerDraft): Routing | undefined {
  const target = options.take('fluentd-address');
  // The driver's own default: a Fluentd on the instance.
  const text = options.has('fluentd-address') ? target.text : '127.0.0.1';
  const address = takeAddress({ ...target, text }, ['tcp', 'tls'], '24224');
  const tag = options.take('tag');
  // The property is a template of record accessors, which a $ would begin.
  const template = tag.text === undefined ? undefined : dockerTag(tag.text.replaceAll('$', '_'), draft);
  if (template === undefined)
    tag.field.near(
      agentField('OUTPUT', 'Tag'),
      'the template asks for what the log agent does not know; the tag is the UID of the pod',
      'use another tag',
    );
  else
    tag.field.needsAddon(
      agentField('OUTPUT', 'Tag'),
      "applied by the log agent, with the pod's UID for the id of the container",
      AGENT_TODO,
    );
  const acknowledged = options.take('fluentd-request-ack');
  acknowledged.field.needsAddon(agentField('OUTPUT', 'Require_ack_response'), 'applied by the log agent', AGENT_TODO);
  const precise = options.take('fluentd-sub-second-precision');
  precise.field.needsAddon(agentField('OUTPUT', 'Time_as_Integer'), 'applied by the log agent', AGENT_TODO);
  for (const option of ['fluentd-async', 'fluentd-async-connect', 'fluentd-async-reconnect-interval']) {
    options.take(option).field.near([], 'the container never waits for the connection: the log agent makes it');
  }
  options
    .take('fluentd-buffer-limit')
    .field.near([], 'the log agent reads from files instead of keeping lines in memory');
  options.take('fluentd-max-retries').field.near(agentField('OUTPUT', 'Retry_Limit'), 'the log agent tries five times');
  options.take('fluentd-retry-wait').field.near([], 'the log agent waits longer each time it tries');
  options.take('fluentd-write-timeout').field.near([], 'the log agent has its own time limits');
  options.take('fluentd-read-timeout').field.near([], 'the log agent has its own time limits');
  takeDelivery(options);
  const attributes = takeAttributes(options, draft);
  if (address === undefined) return undefined;
  return {
    aws: false,
    filters: [dockerRecord(draft), ...attributes],
    output: {
      plugin: 'forward',
      properties: [
        ['Host', address.host],
        ['Port', address.port],
        ...(address.scheme === 'tls' ? [['TLS', 'On'] as const] : []),
        ['Tag', template ?? [{ pod: 'uid' }]],
        ['Require_ack_response', /^(?:1|t|true)$/i.test(acknowledged.text ?? '') ? 'true' : 'false'],
        ['Time_as_Integer', /^(?:1|t|true)$/i.test(precise.text ?? '') ? 'false' : 'true'],
      ],
    },
  };
}
