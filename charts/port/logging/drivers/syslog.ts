import type { ContainerDraft } from '../../pod-draft.js';
import { AGENT_TODO, agentField, type DriverOptions } from '../driver-options.js';
import type { Routing } from '../log-route.js';
import { NODE_NAME, takeAddress } from './address.js';
import { plainTag, takeDelivery } from './docker-options.js';

/** Facility codes. Source: RFC 5424, table 1, and the names of syslog(3). */
const FACILITIES = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  '',
  '',
  '',
  '',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
];
const DAEMON = 3;

/**
 * Syslog over the network.
 *
 * Source: Docker documentation, "Syslog logging driver"; Fluent Bit documentation, "Syslog".
 * @returns undefined when there is no server to send to
 */
export function routeSyslog(options: DriverOptions, draft: ContainerDraft): Routing | undefined {
  const target = options.take('syslog-address');
  const address = takeAddress(target, ['udp', 'tcp', 'tcp+tls'], '514');
  const facility = options.take('syslog-facility');
  const named = FACILITIES.indexOf(facility.text ?? 'daemon');
  const code = /^(?:1?\d|2[0-3])$/.test(facility.text ?? '') ? Number(facility.text) : named;
  if (code < 0)
    facility.field.near(
      agentField('OUTPUT', 'Syslog_Facility_Preset'),
      'not a facility; daemon is used',
      'correct the name',
    );
  else
    facility.field.needsAddon(agentField('OUTPUT', 'Syslog_Facility_Preset'), 'applied by the log agent', AGENT_TODO);
  const format = options.take('syslog-format');
  const modern = /^rfc5424/.test(format.text ?? '');
  format.field.needsAddon(agentField('OUTPUT', 'Syslog_Format'), 'written by the log agent', AGENT_TODO);
  const skip = options.take('syslog-tls-skip-verify');
  skip.field.needsAddon(agentField('OUTPUT', 'TLS.Verify'), 'applied by the log agent', AGENT_TODO);
  for (const [option, property] of [
    ['syslog-tls-ca-cert', 'ca_file'],
    ['syslog-tls-cert', 'crt_file'],
    ['syslog-tls-key', 'key_file'],
  ] as const) {
    options
      .take(option)
      .field.none(
        'a file of the container instance',
        `mount it into the log agent and set tls.${property} of this OUTPUT`,
      );
  }
  const tag = options.take('tag');
  const application = plainTag(tag, draft);
  if (application !== undefined)
    tag.field.needsAddon(agentField('OUTPUT', 'Syslog_AppName_Preset'), 'applied by the log agent', AGENT_TODO);
  else
    tag.field.near(
      agentField('OUTPUT', 'Syslog_AppName_Preset'),
      'the log agent knows no id here; the name of the container is used',
      'use a tag of plain text',
    );
  for (const option of ['labels', 'env', 'labels-regex', 'env-regex']) {
    options.take(option).field.none('a syslog message has no place for it; Docker puts it only into the tag');
  }
  takeDelivery(options);
  if (address === undefined) return undefined;
  return {
    aws: false,
    output: {
      plugin: 'syslog',
      properties: [
        ['Host', address.host],
        ['Port', address.port],
        ['Mode', address.scheme === 'tcp+tls' ? 'tls' : address.scheme],
        ['TLS.Verify', (skip.text ?? '') === '' ? 'On' : 'Off'],
        ['Syslog_Format', modern ? 'rfc5424' : 'rfc3164'],
        ['Syslog_Facility_Preset', String(code < 0 ? DAEMON : code)],
        ['Syslog_Hostname_Preset', [NODE_NAME]],
        ['Syslog_AppName_Preset', application ?? draft.spec.name],
        ['Syslog_Message_Key', 'log'],
      ],
    },
  };
}
