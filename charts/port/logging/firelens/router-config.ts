import { LITERALS, type Property, renderSections, type Section, type Value } from '../fluent-bit-config.js';
import { plainName } from '../log-route.js';
import type { Client, ClientOption } from './client.js';

/** What a router's configuration is made of, whatever its format. */
export interface RouterConfig {
  readonly clients: readonly Client[];
  /** The clients whose log files the router itself reads. */
  readonly tailed: readonly Client[];
  /** Whether applications can send to port 24224: not in the network modes `host` and `none`, as in ECS. */
  readonly network: boolean;
  /** Fields that ECS adds to every record, without those that name a task. */
  readonly fields: readonly (readonly [string, string])[];
  /** File that the configuration includes. */
  readonly include?: string;
  /** What the inputs may hold in memory, in MB. */
  readonly memoryBufferMegabytes: number;
}

/** Where the pod's own log files are in the router, and where it keeps how far it has read. */
export const POD_LOGS = '/var/log/tranship/pod';
export const STATE = '/var/lib/tranship/firelens';

/** Variables that the router's container has when it reads the pod's logs. */
export const POD_UID = 'TRANSHIP_POD_UID';

/** The tag of a client's records, without the id that follows. */
export function clientTag(client: Client): string {
  return `${plainName(client.draft)}-firelens`;
}

/**
 * The Fluent Bit configuration that the ECS agent would write for a task's router, with the log files of the pod in place
 * of the socket that Docker's driver wrote to. Options keep ECS's meaning: `${NAME}` is a variable of the router.
 *
 * Source: amazon-ecs-agent `agent/taskresource/firelens/firelensconfig_unix.go`.
 */
export function fluentBitRouter(config: RouterConfig): string {
  const sections: Section[] = [];
  if (config.network) {
    sections.push({
      name: 'INPUT',
      properties: [
        ['Name', 'forward'],
        ['Listen', '127.0.0.1'],
        ['Port', '24224'],
      ],
    });
    sections.push({
      name: 'INPUT',
      properties: [
        ['Name', 'tcp'],
        ['Tag', 'firelens-healthcheck'],
        ['Listen', '127.0.0.1'],
        ['Port', '8877'],
      ],
    });
  } else {
    sections.push({
      name: 'INPUT',
      properties: [
        ['Name', 'forward'],
        ['Unix_Path', `${STATE}/fluent.sock`],
      ],
    });
  }
  for (const client of config.tailed) sections.push(...tail(client, config.memoryBufferMegabytes));
  for (const [kind, property] of [
    ['include', 'Regex'],
    ['exclude', 'Exclude'],
  ] as const) {
    for (const client of config.clients) {
      const option = client[kind];
      if (option === undefined) continue;
      sections.push({
        name: 'FILTER',
        properties: [
          ['Name', 'grep'],
          ['Match', `${clientTag(client)}*`],
          [property, [{ syntax: `log ${option.text}` }]],
        ],
      });
    }
  }
  if (config.fields.length > 0) {
    const records = config.fields.map(([key, value]): Property => ['Record', `${key} ${value}`]);
    sections.push({ name: 'FILTER', properties: [['Name', 'record_modifier'], ['Match', '*'], ...records] });
  }
  if (config.include !== undefined) sections.push({ include: config.include });
  if (config.network)
    sections.push({
      name: 'OUTPUT',
      properties: [
        ['Name', 'null'],
        ['Match', 'firelens-healthcheck'],
      ],
    });
  for (const client of config.clients) sections.push(...output(client));
  return `${LITERALS}\n${renderSections(sections)}`;
}

function tail(client: Client, memoryBufferMegabytes: number): readonly Section[] {
  const container = client.draft.spec.name;
  const tag: Value = [`${clientTag(client)}-`, { variable: POD_UID }];
  return [
    {
      name: 'INPUT',
      properties: [
        ['Name', 'tail'],
        ['Tag', tag],
        ['Path', `${POD_LOGS}/${container}/*.log`],
        ['multiline.parser', 'cri'],
        ['DB', `${STATE}/${container}.db`],
        ['Read_from_Head', 'On'],
        ['Refresh_Interval', '1'],
        ['Skip_Long_Lines', 'On'],
        ['Mem_Buf_Limit', `${memoryBufferMegabytes}MB`],
      ],
    },
    {
      name: 'FILTER',
      properties: [
        ['Name', 'modify'],
        ['Match', tag],
        ['Rename', 'stream source'],
        ['Remove', '_p'],
        ['Remove', 'time'],
        ['Add', `container_name ${container}`],
      ],
    },
  ];
}

/** Without the option `Name`, the included file has the output. */
function output(client: Client): readonly Section[] {
  const name = client.options.find(({ key }) => key === 'Name');
  if (name === undefined) return [];
  const rest = client.options.filter((option) => option !== name && !option.key.startsWith('@'));
  const properties = rest.map((option): Property => [option.key, valueOf(option)]);
  return [{ name: 'OUTPUT', properties: [['Name', valueOf(name)], ['Match', `${clientTag(client)}*`], ...properties] }];
}

function valueOf({ text, variable }: ClientOption): Value {
  return variable === undefined ? [{ syntax: text ?? '' }] : [{ variable }];
}
