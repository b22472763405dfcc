import type { PortContext } from '../../pod-draft.js';
import { awsArn, type Grant } from '../agent-identity.js';
import { dockerRecord } from '../drivers/docker-options.js';
import { writeLogs } from '../drivers/awslogs.js';
import { AGENT_TODO, agentField } from '../driver-options.js';
import { fromGoRegexp } from '../go-regexp.js';
import { plainName, type RoutePlugin, type RouteValue, type Routing } from '../log-route.js';
import type { Client, ClientOption } from './client.js';

const FIELD = /^[A-Za-z_]\w{0,99}$/;
const STREAM = /^[^:*$\s]{1,400}$/;

/** Properties that each of the outputs has; `workers` is the agent's own choice. */
const COMMON: readonly (readonly [string, RegExp])[] = [
  ['region', /^[a-z]{2}(?:-[a-z]+)+-\d$/],
  ['role_arn', /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/],
  ['log_key', FIELD],
  ['retry_limit', /^(?:[1-9]\d{0,2}|no_limits|no_retries)$/i],
];

const TIME: readonly (readonly [string, RegExp])[] = [
  ['time_key', FIELD],
  ['time_key_format', /^[\w%:./ -]{1,64}$/],
];

/** Plugins that the log agent takes over, by their names, old ones in Go included. */
const PLUGINS: ReadonlyMap<string, string> = new Map([
  ['cloudwatch', 'cloudwatch_logs'],
  ['cloudwatch_logs', 'cloudwatch_logs'],
  ['firehose', 'kinesis_firehose'],
  ['kinesis_firehose', 'kinesis_firehose'],
  ['kinesis', 'kinesis_streams'],
  ['kinesis_streams', 'kinesis_streams'],
]);

/** What their properties may be, so that no value keeps the agent from starting. */
const PROPERTIES: ReadonlyMap<string, ReadonlyMap<string, RegExp>> = new Map([
  [
    'cloudwatch_logs',
    new Map([
      ...COMMON,
      ['log_group_name', /^[\w./#-]{1,512}$/],
      ['log_stream_name', STREAM],
      ['log_stream_prefix', STREAM],
      ['log_format', /^json\/emf$/],
      ['auto_create_group', /^(?:true|false|on|off|yes|no)$/i],
      ['log_retention_days', /^(?:1|3|5|7|14|30|60|90|120|150|180|365|400|545|731|1827|3653)$/],
    ]),
  ],
  ['kinesis_firehose', new Map([...COMMON, ...TIME, ['delivery_stream', /^[\w.-]{1,64}$/]])],
  ['kinesis_streams', new Map([...COMMON, ...TIME, ['stream', /^[\w.-]{1,128}$/]])],
]);

/**
 * A client's output for the log agent, when the agent can be trusted with it: an AWS destination, with options of which
 * each is known and valid. One agent serves the whole node, and an option that its plugin does not know would keep it
 * from starting; everything else therefore stays with the router, which is the workload's own.
 *
 * The plugins in Go (`cloudwatch`, `firehose`, `kinesis`) take the same options as their successors in C, but for templates.
 *
 * @param alone whether no other container logs through the router, so that `Match *` means this one
 * @param fields to add to each record
 */
export function awsOutput(
  client: Client,
  context: PortContext,
  alone: boolean,
  fields: readonly (readonly [string, string])[],
): { readonly routing: Routing; readonly grants: readonly Grant[] } | undefined {
  const options = new Map<string, ClientOption & { readonly text: string }>();
  for (const option of client.options) {
    if (option.text === undefined || options.has(option.key.toLowerCase())) return undefined;
    options.set(option.key.toLowerCase(), { ...option, text: option.text });
  }
  const plugin = PLUGINS.get(options.get('name')?.text.toLowerCase() ?? '');
  if (plugin === undefined) return undefined;
  const match = options.get('match');
  if (match !== undefined && !(match.text === '*' && alone)) return undefined;
  const properties: (readonly [string, RouteValue])[] = [];
  for (const [key, { text }] of options) {
    if (key === 'name' || key === 'match' || key === 'workers') continue;
    if (PROPERTIES.get(plugin)?.get(key)?.test(text) !== true) return undefined;
    properties.push([key, text]);
  }
  const region = options.get('region')?.text ?? context.region;
  if (region === undefined) return undefined;
  if (!options.has('region')) properties.push(['region', region]);
  const text = (key: string): string | undefined => options.get(key)?.text;
  const grant = grantFor(plugin, text, region, context);
  const filters = filtersFor(client, fields);
  if (grant === undefined || filters === undefined) return undefined;
  if (plugin === 'cloudwatch_logs') {
    const prefix = text('log_stream_prefix');
    if ((prefix === undefined) === (text('log_stream_name') === undefined)) return undefined;
    // Fluent Bit appends the tag; that of FireLens ends in the task's id.
    if (prefix !== undefined)
      properties.push(['log_stream_template', [`${prefix}${plainName(client.draft)}-firelens-`, { pod: 'uid' }]]);
  }
  for (const option of options.values()) {
    const lost =
      option.key.toLowerCase() === 'log_stream_prefix'
        ? `the stream is ${option.text}${plainName(client.draft)}-firelens-POD_UID: the pod's UID stands for the task's id`
        : 'sent by the log agent of the node, with its own role instead of the task role';
    option.field.needsAddon(agentField('OUTPUT', option.key), lost, AGENT_TODO);
  }
  for (const option of [client.include, client.exclude])
    option?.field.needsAddon(
      agentField('FILTER', option.key === 'include-pattern' ? 'Regex' : 'Exclude'),
      'applied by the log agent of the node',
      AGENT_TODO,
    );
  // EKS Fargate has the older plugin for Kinesis only.
  const name = plugin === 'kinesis_streams' && context.fargate ? 'kinesis' : plugin;
  properties.sort(([a], [b]) => (a < b ? -1 : 1));
  return { routing: { aws: true, filters, output: { plugin: name, properties } }, grants: [grant] };
}

function filtersFor(
  client: Client,
  fields: readonly (readonly [string, string])[],
): readonly RoutePlugin[] | undefined {
  const filters: RoutePlugin[] = [dockerRecord(client.draft)];
  for (const [option, property] of [
    [client.include, 'Regex'],
    [client.exclude, 'Exclude'],
  ] as const) {
    if (option === undefined) continue;
    // What both Go and Onigmo take, and read alike.
    if ('problem' in fromGoRegexp(option.text) || /\(\?|\[[^\]]*\[|&&|^\//.test(option.text)) return undefined;
    filters.push({ plugin: 'grep', properties: [[property, `log ${option.text}`]] });
  }
  if (fields.length > 0)
    filters.push({
      plugin: 'record_modifier',
      properties: fields.map(([key, value]) => ['Record', `${key} ${value}`]),
    });
  return filters;
}

function grantFor(
  plugin: string,
  text: (key: string) => string | undefined,
  region: string,
  context: PortContext,
): Grant | undefined {
  const role = text('role_arn');
  if (role !== undefined)
    return { purpose: `assume ${role}, which must trust it`, actions: ['sts:AssumeRole'], resources: [role] };
  if (plugin === 'cloudwatch_logs') {
    const group = text('log_group_name');
    return group === undefined
      ? undefined
      : writeLogs(context, region, group, /^(?:true|on|yes)$/i.test(text('auto_create_group') ?? ''));
  }
  if (plugin === 'kinesis_firehose') {
    const stream = text('delivery_stream');
    return stream === undefined
      ? undefined
      : {
          purpose: `write to Firehose stream ${stream}`,
          actions: ['firehose:PutRecordBatch'],
          resources: [awsArn(context, 'firehose', region, `deliverystream/${stream}`)],
        };
  }
  const stream = text('stream');
  return stream === undefined
    ? undefined
    : {
        purpose: `write to Kinesis stream ${stream}`,
        actions: ['kinesis:PutRecords'],
        resources: [awsArn(context, 'kinesis', region, `stream/${stream}`)],
      };
}
