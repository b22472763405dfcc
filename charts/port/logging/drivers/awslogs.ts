import type { ContainerDraft, PortContext } from '../../pod-draft.js';
import { UNKNOWN_REGION } from '../../secret-store.js';
import { awsArn, type Grant } from '../agent-identity.js';
import { AGENT_TODO, agentField, type DriverOption, type DriverOptions } from '../driver-options.js';
import { fromGoRegexp, type Pattern } from '../go-regexp.js';
import { plainName, type PodFact, type Routing, type RouteValue } from '../log-route.js';
import { datetimePattern } from '../multiline.js';
import { dockerTag, takeDelivery } from './docker-options.js';

const BY_AGENT = 'sent by the log agent of the node, with its own role';

/**
 * CloudWatch Logs. Streams keep the form `PREFIX/CONTAINER/ID`, with the pod's UID where the task's id was.
 *
 * Source: ECS API `LogConfiguration.options`; Docker documentation, "Amazon CloudWatch Logs logging driver".
 *
 * @returns undefined when the destination is not known, and the permissions that the agent needs
 */
export function routeAwslogs(
  options: DriverOptions,
  draft: ContainerDraft,
  context: PortContext,
): { readonly routing: Routing; readonly grants: readonly Grant[] } | undefined {
  const group = options.take('awslogs-group');
  const region = regionOf(options.take('awslogs-region'), context);
  const create = options.take('awslogs-create-group');
  const stream = streamOf(options, draft, context);
  const firstLine = firstLineOf(options, context);
  const optional = [...endpointOf(options.take('awslogs-endpoint')), ...formatOf(options.take('awslogs-format'))];
  const createGroup = /^(?:1|t|true)$/i.test(create.text ?? '');
  create.field.needsAddon(agentField('OUTPUT', 'auto_create_group'), BY_AGENT, AGENT_TODO);
  options.take('awslogs-create-stream').field.near([], 'the log agent always creates the stream');
  options
    .take('awslogs-credentials-endpoint')
    .field.none('the log agent has its own role', 'allow that role to write to the log group');
  options
    .take('awslogs-force-flush-interval-seconds')
    .field.near('ConfigMap.data (log agent): SERVICE.Flush', 'the log agent sends every second');
  options.take('awslogs-max-buffered-events').field.near([], 'the log agent reads from files and needs no such limit');
  takeDelivery(options);
  if (group.text === undefined) return undefined;
  const placeholder = group.field.placeholder !== undefined || /\$\{|\{\{|[<>]/.test(group.text);
  if (!placeholder && !/^[\w./#-]{1,512}$/.test(group.text)) {
    group.field.none('not a name that CloudWatch Logs takes', 'correct the name of the log group');
    return undefined;
  }
  group.field.needsAddon(
    agentField('OUTPUT', 'log_group_name'),
    BY_AGENT,
    placeholder ? `give the value and port again; ${AGENT_TODO}` : AGENT_TODO,
  );
  const [streamKey, streamValue] = stream.prefix;
  const output = {
    plugin: 'cloudwatch_logs',
    properties: [
      ['region', region],
      ['log_group_name', group.text],
      [streamKey, streamValue],
      ...(stream.template === undefined ? [] : [['log_stream_template', stream.template] as const]),
      ['log_key', 'log'],
      ['auto_create_group', String(createGroup)],
      ...optional,
    ],
  } satisfies Routing['output'];
  const routing: Routing = { output, aws: true, ...(firstLine === undefined ? {} : { firstLine }) };
  return { routing, grants: [writeLogs(context, region, group.text, createGroup)] };
}

/** Permission to write to one log group. A `*` stands for the streams only. */
export function writeLogs(context: PortContext, region: string, group: string, create: boolean): Grant {
  const arn = awsArn(context, 'logs', region, `log-group:${group}`);
  return {
    purpose: `write to log group ${group}${create ? ' and create it' : ''}`,
    actions: [
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      ...(create ? ['logs:CreateLogGroup', 'logs:PutRetentionPolicy'] : []),
    ],
    resources: [...(create ? [arn] : []), `${arn}:log-stream:*`],
  };
}

function regionOf(option: DriverOption, context: PortContext): string {
  const region = option.text ?? context.region;
  if (region === undefined) {
    context.findings.assume(
      `the region of the logs of ${context.title} is not in the input; put it in place of ${UNKNOWN_REGION} in the log agent's ConfigMap`,
    );
  }
  option.field.needsAddon(agentField('OUTPUT', 'region'), BY_AGENT, AGENT_TODO);
  return region ?? UNKNOWN_REGION;
}

interface Stream {
  /** Required by the plugin; also what is used when the template cannot be filled in. */
  readonly prefix: readonly ['log_stream_name' | 'log_stream_prefix', string];
  readonly template?: RouteValue;
}

/** Without a prefix Docker names the stream after the container's id or the tag; with one, ECS names it. */
function streamOf(options: DriverOptions, draft: ContainerDraft, context: PortContext): Stream {
  const name = options.take('awslogs-stream');
  const prefix = options.take('awslogs-stream-prefix');
  const tag = options.take('tag');
  const container: string | PodFact = plainName(draft) === draft.spec.name ? { pod: 'container' } : plainName(draft);
  const template = agentField('OUTPUT', 'log_stream_template');
  if (prefix.text !== undefined) {
    const text = accessorFree(prefix.text);
    const changed =
      text === prefix.text ? '' : `; characters that a stream or its template cannot have became _: ${text}`;
    prefix.field.needsAddon(
      template,
      `the stream is ${text}/${plainName(draft)}/POD_UID: the pod's UID stands for the task's id${changed}`,
      AGENT_TODO,
    );
    name.field.near([], 'awslogs-stream-prefix names the stream');
    tag.field.near([], 'awslogs-stream-prefix names the stream');
    return { prefix: ['log_stream_prefix', `${text}/`], template: [`${text}/`, container, '/', { pod: 'uid' }] };
  }
  if (name.text !== undefined) {
    name.field.needsAddon(agentField('OUTPUT', 'log_stream_name'), BY_AGENT, AGENT_TODO);
    tag.field.near([], 'awslogs-stream names the stream');
    return { prefix: ['log_stream_name', name.text] };
  }
  const read = tag.text === undefined ? undefined : dockerTag(accessorFree(tag.text), draft);
  // An accessor of the kubernetes filter, which EKS Fargate has for the UID, takes what follows it for a part of itself.
  const fromTag =
    context.fargate && typeof read !== 'string' && read?.slice(0, -1).some((part) => typeof part !== 'string') === true
      ? undefined
      : read;
  if (tag.text !== undefined && fromTag === undefined)
    tag.field.none('the template asks for what the log agent does not know', 'use awslogs-stream-prefix');
  else tag.field.near(template, 'names the stream; the pod’s UID stands for the id of the container', AGENT_TODO);
  // Docker would use the container's id, which changes with every restart; ECS users find streams by container and task.
  return {
    prefix: ['log_stream_prefix', `${plainName(draft)}/`],
    template: fromTag ?? [container, '/', { pod: 'uid' }],
  };
}

/** Text without what a stream's name cannot have, and without the $ that would begin a record accessor. */
function accessorFree(text: string): string {
  return text.replace(/[:*$]/g, '_');
}

function firstLineOf(options: DriverOptions, context: PortContext): string | undefined {
  const datetime = options.take('awslogs-datetime-format');
  const multiline = options.take('awslogs-multiline-pattern');
  const option = datetime.text === undefined ? multiline : datetime;
  if (datetime.text !== undefined) multiline.field.near([], 'awslogs-datetime-format counts');
  if (option.text === undefined) return undefined;
  const pattern: Pattern = option === datetime ? datetimePattern(option.text) : fromGoRegexp(option.text);
  if ('problem' in pattern) {
    option.field.none(
      `lines are not joined: the pattern cannot be carried over, since ${pattern.problem}`,
      'rewrite the pattern',
    );
    return undefined;
  }
  if (context.fargate) {
    option.field.none(
      'lines are not joined: the log router of EKS Fargate has no multiline filter',
      'write one line a record, such as JSON, or run on nodes',
    );
    return undefined;
  }
  option.field.needsAddon(
    agentField('MULTILINE_PARSER', 'Rule'),
    'lines are joined by the log agent; a record ends when no line follows for a second',
    AGENT_TODO,
  );
  return pattern.source;
}

/** The plugin speaks TLS only, and takes host and port apart. */
function endpointOf(option: DriverOption): readonly (readonly [string, string])[] {
  const parsed = /^https:\/\/([\w.-]{1,255})(?::(\d{1,5}))?\/?$/.exec(option.text ?? '');
  if (parsed?.[1] === undefined) {
    option.field.none(
      'the log agent reaches CloudWatch Logs by https:// and a host name only',
      'give such an endpoint',
    );
    return [];
  }
  option.field.needsAddon(agentField('OUTPUT', 'endpoint'), BY_AGENT, AGENT_TODO);
  return [['endpoint', parsed[1]], ...(parsed[2] === undefined ? [] : [['port', parsed[2]] as const])];
}

function formatOf(option: DriverOption): readonly (readonly [string, string])[] {
  if (option.text === undefined) return [];
  // Docker sends this header whatever the value is.
  option.field.needsAddon(agentField('OUTPUT', 'log_format'), BY_AGENT, AGENT_TODO);
  return [['log_format', 'json/emf']];
}
