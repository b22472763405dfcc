import type { ContainerDraft } from '../../pod-draft.js';
import { AGENT_TODO, agentField, type DriverOptions } from '../driver-options.js';
import type { Routing } from '../log-route.js';
import { NODE_NAME, takeAddress } from './address.js';
import { dockerRecord, isWord, plainTag, takeAttributes, takeDelivery } from './docker-options.js';

/**
 * Graylog Extended Log Format.
 *
 * Source: Docker documentation, "Graylog Extended Format logging driver"; Fluent Bit documentation, "GELF".
 * @returns undefined when there is no server to send to
 */
export function routeGelf(options: DriverOptions, draft: ContainerDraft): Routing | undefined {
  const address = takeAddress(options.take('gelf-address'), ['udp', 'tcp'], '12201');
  const compression = options.take('gelf-compression-type');
  if (compression.text === 'zlib')
    compression.field.near(agentField('OUTPUT', 'Compress'), 'the log agent compresses with gzip', AGENT_TODO);
  else compression.field.needsAddon(agentField('OUTPUT', 'Compress'), 'applied by the log agent, for UDP', AGENT_TODO);
  options.take('gelf-compression-level').field.near(agentField('OUTPUT', 'Compress'), 'the log agent has one level');
  options
    .take('gelf-tcp-max-reconnect')
    .field.near(agentField('OUTPUT', 'Retry_Limit'), 'the log agent tries five times');
  options.take('gelf-tcp-reconnect-delay').field.near([], 'the log agent waits longer each time it tries');
  const tag = options.take('tag');
  const text = plainTag(tag, draft);
  const tagged = text !== undefined && isWord(text);
  if (tagged) tag.field.needsAddon(agentField('FILTER', 'Record'), 'the field _tag of the message', AGENT_TODO);
  else
    tag.field.none(
      'the log agent sends only a tag of plain text',
      'use one without an id, of letters, digits and ./:@%+=,-_',
    );
  takeDelivery(options);
  const attributes = takeAttributes(options, draft);
  if (address === undefined) return undefined;
  return {
    aws: false,
    filters: [
      dockerRecord(draft),
      ...attributes,
      {
        plugin: 'record_modifier',
        properties: [['Record', ['host ', NODE_NAME]], ...(tagged ? [['Record', `tag ${text}`] as const] : [])],
      },
    ],
    output: {
      plugin: 'gelf',
      properties: [
        ['Host', address.host],
        ['Port', address.port],
        ['Mode', address.scheme],
        ['Gelf_Short_Message_Key', 'log'],
        ['Gelf_Host_Key', 'host'],
        ['Compress', compression.text === 'none' ? 'Off' : 'On'],
      ],
    },
  };
}
