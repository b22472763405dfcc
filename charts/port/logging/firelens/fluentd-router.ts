import { valueProblem } from '../fluent-bit-config.js';
import type { Client, ClientOption } from './client.js';
import { clientTag, POD_LOGS, POD_UID, type RouterConfig, STATE } from './router-config.js';

/** A Fluentd directive: `<name argument>` with parameters and directives in it. */
interface Directive {
  readonly name: string;
  readonly argument?: string;
  readonly parameters?: readonly (readonly [string, string])[];
  readonly inside?: readonly Directive[];
}

/**
 * Why a text cannot stand as a Fluentd parameter's value, or undefined when it can. A quotation mark that is not closed
 * would go on over the lines that follow.
 */
export function fluentdProblem(text: string): string | undefined {
  const unclosed = /^["']/.test(text) && !/^(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/.test(text);
  return unclosed ? 'begins with a quotation mark that is not closed' : valueProblem(text);
}

/**
 * The Fluentd configuration that the ECS agent would write for a task's router, as {@link fluentBitRouter}.
 *
 * Source: amazon-ecs-agent `agent/taskresource/firelens/firelensconfig_unix.go`; Fluentd documentation, "Config File".
 */
export function fluentdRouter(config: RouterConfig): string {
  const directives: Directive[] = [];
  if (config.network)
    directives.push({
      name: 'source',
      parameters: [
        ['@type', 'forward'],
        ['bind', '127.0.0.1'],
        ['port', '24224'],
      ],
    });
  else
    directives.push({
      name: 'source',
      parameters: [
        ['@type', 'unix'],
        ['path', `${STATE}/fluent.sock`],
      ],
    });
  for (const client of config.tailed) directives.push(tail(client), record(client));
  for (const [kind, name] of [
    ['include', 'regexp'],
    ['exclude', 'exclude'],
  ] as const) {
    for (const client of config.clients) {
      const option = client[kind];
      if (option === undefined || fluentdProblem(option.text) !== undefined) continue;
      directives.push({
        name: 'filter',
        argument: `${clientTag(client)}**`,
        parameters: [['@type', 'grep']],
        inside: [
          {
            name,
            parameters: [
              ['key', 'log'],
              ['pattern', option.text],
            ],
          },
        ],
      });
    }
  }
  if (config.fields.length > 0) {
    directives.push({
      name: 'filter',
      argument: '**',
      parameters: [['@type', 'record_transformer']],
      inside: [{ name: 'record', parameters: config.fields }],
    });
  }
  const before = directives.map((directive) => render(directive)).join('\n');
  const include = config.include === undefined ? '' : `\n@include ${config.include}\n`;
  const outputs = config.clients.flatMap((client) => output(client)).map((directive) => render(directive));
  return [before + include, ...outputs].join('\n');
}

/** What stock Fluentd can read of the runtime's files: lines longer than 16 KiB come in pieces. */
function tail(client: Client): Directive {
  const container = client.draft.spec.name;
  return {
    name: 'source',
    parameters: [
      ['@type', 'tail'],
      ['path', `${POD_LOGS}/${container}/*.log`],
      ['pos_file', `${STATE}/${container}.pos`],
      ['tag', `"${clientTag(client)}-#{ENV['${POD_UID}']}"`],
      ['read_from_head', 'true'],
      ['refresh_interval', '1'],
    ],
    inside: [
      {
        name: 'parse',
        parameters: [
          ['@type', 'regexp'],
          ['expression', '/^(?<time>[^ ]+) (?<source>stdout|stderr) [FP] (?<log>.*)$/'],
          ['time_format', '%Y-%m-%dT%H:%M:%S.%N%:z'],
        ],
      },
    ],
  };
}

function record(client: Client): Directive {
  return {
    name: 'filter',
    argument: `${clientTag(client)}**`,
    parameters: [['@type', 'record_transformer']],
    inside: [{ name: 'record', parameters: [['container_name', client.draft.spec.name]] }],
  };
}

function output(client: Client): readonly Directive[] {
  const type = client.options.find(({ key }) => key === '@type');
  if (type === undefined) return [];
  const rest = client.options.filter(
    (option) => option !== type && (option.text === undefined || fluentdProblem(option.text) === undefined),
  );
  return [
    {
      name: 'match',
      argument: `${clientTag(client)}**`,
      parameters: [['@type', valueOf(type)], ...rest.map((option) => [option.key, valueOf(option)] as const)],
    },
  ];
}

function valueOf({ text, variable }: ClientOption): string {
  return variable === undefined ? (text ?? '') : `"#{ENV['${variable}']}"`;
}

function render(directive: Directive, indent = ''): string {
  const { name, argument, parameters = [], inside = [] } = directive;
  const lines = [
    `${indent}<${name}${argument === undefined ? '' : ` ${argument}`}>`,
    ...parameters.map(([key, value]) => `${indent}  ${key} ${value}`),
  ];
  return `${lines.join('\n')}\n${inside.map((child) => render(child, `${indent}  `)).join('')}${indent}</${name}>\n`;
}
