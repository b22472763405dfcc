import type { ContainerDraft } from '../../pod-draft.js';
import { AGENT_TODO, agentField, type DriverOption, type DriverOptions } from '../driver-options.js';
import type { RoutePlugin, RouteValue, Routing } from '../log-route.js';
import { NODE_NAME, takeAddress } from './address.js';
import { dockerRecord, isWord, plainTag, takeAttributes, takeDelivery } from './docker-options.js';

/**
 * Splunk's HTTP Event Collector.
 *
 * Source: Docker documentation, "Splunk logging driver"; Fluent Bit documentation, "Splunk".
 * @returns undefined when there is no collector to send to
 */
export function routeSplunk(options: DriverOptions, draft: ContainerDraft): Routing | undefined {
  const address = takeAddress(options.take('splunk-url'), ['https', 'http'], '8088');
  const token = options.takeSecret('splunk-token');
  token.field.needsAddon(
    agentField('OUTPUT', 'splunk_token'),
    'the log agent has the token, not the container runtime',
    AGENT_TODO,
  );
  const verify = options.take('splunk-insecureskipverify');
  const insecure = /^(?:1|t|true)$/i.test(verify.text ?? '');
  verify.field.needsAddon(agentField('OUTPUT', 'tls.verify'), 'applied by the log agent', AGENT_TODO);
  const common = options.take('splunk-caname');
  common.field.needsAddon(agentField('OUTPUT', 'tls.vhost'), 'applied by the log agent', AGENT_TODO);
  options
    .take('splunk-capath')
    .field.none(
      'a file of the container instance',
      'mount the certificate into the log agent and set tls.ca_file of this OUTPUT',
    );
  options
    .take('splunk-verify-connection')
    .field.near([], 'the log agent starts without asking Splunk, and tries again while it does not answer');
  const gzip = options.take('splunk-gzip');
  gzip.field.needsAddon(agentField('OUTPUT', 'compress'), 'applied by the log agent', AGENT_TODO);
  options.take('splunk-gzip-level').field.near(agentField('OUTPUT', 'compress'), 'the log agent has one level');
  options
    .take('splunk-index-acknowledgment')
    .field.none('the log agent takes the answer of the collector as receipt, not that of the index');
  const tag = options.take('tag');
  const format = formatOf(options.take('splunk-format'), tag, plainTag(tag, draft));
  takeDelivery(options);
  const filters = [dockerRecord(draft), ...takeAttributes(options, draft), ...format.filters];
  const places = [
    ['event_source', options.takeSecret('splunk-source')],
    ['event_sourcetype', options.takeSecret('splunk-sourcetype')],
    ['event_index', options.takeSecret('splunk-index')],
  ] as const;
  const metadata = places.flatMap(([key, option]) => fixed(key, option));
  if (address === undefined || token.value === undefined) return undefined;
  return {
    aws: false,
    filters,
    output: {
      plugin: 'splunk',
      properties: [
        ['Host', address.host],
        ['Port', address.port],
        ['TLS', address.scheme === 'https' ? 'On' : 'Off'],
        ['TLS.Verify', insecure ? 'Off' : 'On'],
        ...(common.text === undefined ? [] : [['TLS.VHost', common.text] as const]),
        ['splunk_token', [token.value]],
        ['event_host', [NODE_NAME]],
        ...metadata,
        ...format.properties,
        ...(/^(?:1|t|true)$/i.test(gzip.text ?? '') ? [['compress', 'gzip'] as const] : []),
      ],
    },
  };
}

/** Fluent Bit takes a $ in these properties for a field of the record. */
function fixed(
  key: string,
  option: ReturnType<DriverOptions['takeSecret']>,
): readonly (readonly [string, RouteValue])[] {
  if (option.value === undefined) return [];
  if (typeof option.value === 'string' && option.value.includes('$')) {
    option.field.none('the log agent takes $ for a field of the record', 'give a value without it');
    return [];
  }
  option.field.needsAddon(agentField('OUTPUT', key), 'applied by the log agent', AGENT_TODO);
  return [[key, [option.value]]];
}

/** `inline` sends an object with `line` in it, `json` the line's own object, `raw` the line alone. */
function formatOf(
  format: DriverOption,
  tag: DriverOption,
  text: string | undefined,
): { readonly filters: readonly RoutePlugin[]; readonly properties: readonly (readonly [string, string])[] } {
  if (format.text === 'raw') {
    format.field.needsAddon(
      agentField('OUTPUT', 'event_key'),
      'the line is sent without tag and attributes before it',
      AGENT_TODO,
    );
    tag.field.none('the event is the line alone');
    return { filters: [], properties: [['event_key', '$log']] };
  }
  const plain = text !== undefined && isWord(text);
  if (plain) tag.field.needsAddon(agentField('FILTER', 'Record'), 'a field of the event', AGENT_TODO);
  else
    tag.field.none(
      'the log agent sends only a tag of plain text',
      'use one without an id, of letters, digits and ./:@%+=,-_',
    );
  const tagged: readonly RoutePlugin[] = plain
    ? [{ plugin: 'record_modifier', properties: [['Record', `tag ${text}`]] }]
    : [];
  if (format.text === 'json') {
    format.field.needsAddon(
      agentField('FILTER', 'Parser'),
      'a line that is a JSON object becomes the event itself, with source and attributes beside its keys',
      AGENT_TODO,
    );
    const parse: RoutePlugin = {
      plugin: 'parser',
      properties: [
        ['Key_Name', 'log'],
        ['Parser', 'json'],
        ['Reserve_Data', 'On'],
      ],
    };
    return { filters: [...tagged, parse], properties: [] };
  }
  format.field.needsAddon(
    agentField('FILTER', 'Rename'),
    'the event is an object with line, source and attributes',
    AGENT_TODO,
  );
  return { filters: [...tagged, { plugin: 'modify', properties: [['Rename', 'log line']] }], properties: [] };
}
