import { NODE_IP, NODE_NAME } from './drivers/address.js';
import { LITERALS, type Property, renderSections, type Section } from './fluent-bit-config.js';
import { type LogRoute, type RoutePlugin, withAccessors } from './log-route.js';
import { multilineName, multilineParser } from './multiline.js';

/** A file of the agent's configuration. */
export interface ConfigFile {
  readonly name: string;
  readonly text: string;
}

/** Where the agent keeps how far it has read and what it has not sent yet; a directory of the node. */
export const STATE = '/var/lib/tranship-log-agent';

/** Where the image looks for its configuration. */
export const CONFIG = '/fluent-bit/etc';

/** Facts about the pod, from tags of the form `pod.NAMESPACE.POD.UID.CONTAINER`. */
const ACCESSORS = { uid: '$TAG[3]', container: '$TAG[4]' } as const;

/** Above this number, outputs share one thread: each of 2,000 with one of its own runs out of file descriptors. */
const THREADED_OUTPUTS = 64;

/** What any one output may keep on the node while its destination cannot be reached. */
const BACKLOG = '64M';

/** Characters of routes in one file; files are packed into ConfigMaps, which kubectl can apply up to 256 KiB. */
const FILE_LENGTH = 150_000;

/**
 * The configuration of the node's log agent: reads the files of the routes' namespaces, tags records by pod and container,
 * and gives each destination one output with what it matches. It asks the Kubernetes API for nothing: the path of a log
 * file says namespace, pod, UID and container.
 *
 * The files depend on nothing but the routes, and not on their order.
 *
 * Source: Fluent Bit documentation, "Tail", "CloudWatch"; kubelet `/var/log/pods/NAMESPACE_POD_UID/CONTAINER/N.log`.
 */
export function agentConfig(routes: readonly LogRoute[]): readonly ConfigFile[] {
  const namespaces = [...new Set(routes.map(({ namespace }) => namespace))].sort();
  const outputs = grouped(routes, (route) => route.output);
  const filters = filterGroups(routes);
  const inputs = namespaces.map((namespace) => input(namespace));
  const multilines = [...new Set(routes.flatMap(({ firstLine }) => firstLine ?? []))].sort();
  const sections: Section[] = [
    ...multilines.map((firstLine) =>
      multilineFilter(
        firstLine,
        routes.filter((route) => route.firstLine === firstLine),
      ),
    ),
    ...filters.map(({ plugin, routes: users }) => section('FILTER', plugin, users)),
    ...outputs.map(({ plugin, routes: users }) => section('OUTPUT', plugin, users, delivery(plugin, outputs.length))),
  ];
  const files = split(sections);
  const includes = files.map(({ name }): Section => ({ include: `${CONFIG}/${name}` }));
  return [
    { name: 'fluent-bit.conf', text: `${LITERALS}\n${renderSections([SERVICE, ...inputs, ...includes])}` },
    { name: 'parsers.conf', text: renderSections([JSON_PARSER, ...multilines.map(multilineParser)]) },
    ...files,
  ];
}

const SERVICE: Section = {
  name: 'SERVICE',
  properties: [
    ['Flush', '1'],
    ['Grace', '30'],
    ['Log_Level', 'warn'],
    ['Parsers_File', `${CONFIG}/parsers.conf`],
    ['HTTP_Server', 'On'],
    ['HTTP_Listen', '0.0.0.0'],
    ['HTTP_Port', '2020'],
    ['storage.path', `${STATE}/buffer`],
    ['storage.sync', 'normal'],
    ['storage.max_chunks_up', '64'],
    ['storage.backlog.mem_limit', '32M'],
  ],
};

const JSON_PARSER: Section = {
  name: 'PARSER',
  properties: [
    ['Name', 'json'],
    ['Format', 'json'],
  ],
};

function input(namespace: string): Section {
  return {
    name: 'INPUT',
    properties: [
      ['Name', 'tail'],
      ['Tag', 'pod.<namespace>.<pod>.<uid>.<container>'],
      [
        'Tag_Regex',
        '^/var/log/pods/(?<namespace>[^_/]+)_(?<pod>[^_/]+)_(?<uid>[^_/]+)/(?<container>[^/]+)/[0-9]+\\.log$',
      ],
      ['Path', `/var/log/pods/${namespace}_*/*/*.log`],
      ['multiline.parser', 'cri'],
      ['DB', `${STATE}/${namespace}.db`],
      ['Read_from_Head', 'On'],
      ['Refresh_Interval', '5'],
      ['Rotate_Wait', '30'],
      ['Skip_Long_Lines', 'On'],
      ['Mem_Buf_Limit', '50M'],
      ['storage.type', 'filesystem'],
    ],
  };
}

/** What has the same plugin and properties, with the routes that use it; in an order of its own. */
interface Group {
  readonly plugin: RoutePlugin;
  readonly routes: readonly LogRoute[];
}

function grouped(
  routes: readonly LogRoute[],
  pluginOf: (route: LogRoute) => RoutePlugin | undefined,
): readonly Group[] {
  const groups = new Map<string, { plugin: RoutePlugin; routes: LogRoute[] }>();
  for (const route of routes) {
    const plugin = pluginOf(route);
    if (plugin === undefined) continue;
    const key = JSON.stringify(plugin);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { plugin, routes: [route] });
    else group.routes.push(route);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

/** First filters of all routes, then second ones: the order within each route is kept. */
function filterGroups(routes: readonly LogRoute[]): readonly Group[] {
  const rounds = Math.max(0, ...routes.map(({ filters }) => filters.length));
  return Array.from({ length: rounds }, (_, round) => grouped(routes, (route) => route.filters[round])).flat();
}

function section(
  name: 'FILTER' | 'OUTPUT',
  { plugin, properties }: RoutePlugin,
  routes: readonly LogRoute[],
  more: readonly Property[] = [],
): Section {
  const own = properties.map(([key, value]): Property => [key, withAccessors(value, ACCESSORS)]);
  return { name, properties: [['Name', plugin], ['Match_Regex', [{ syntax: match(routes) }]], ...own, ...more] };
}

function multilineFilter(firstLine: string, routes: readonly LogRoute[]): Section {
  return {
    name: 'FILTER',
    properties: [
      ['Name', 'multiline'],
      ['Match_Regex', [{ syntax: match(routes) }]],
      ['multiline.key_content', 'log'],
      ['multiline.parser', multilineName(firstLine)],
    ],
  };
}

/** Regular expression of the tags of the routes' records. */
function match(routes: readonly LogRoute[]): string {
  const tags = routes.map(({ namespace, pods, container }) => `${namespace}\\.${pods}\\.[^.]+\\.${container}`);
  return `^pod\\.(?:${[...new Set(tags)].sort().join('|')})$`;
}

/** How an output is to try again, where its route does not say. */
function delivery({ properties }: RoutePlugin, outputs: number): readonly Property[] {
  const retries = properties.some(([key]) => key.toLowerCase() === 'retry_limit');
  return [
    ...(retries ? [] : [['Retry_Limit', '5'] as const]),
    ['storage.total_limit_size', BACKLOG],
    ...(outputs > THREADED_OUTPUTS ? [['Workers', '0'] as const] : []),
  ];
}

function split(sections: readonly Section[]): readonly ConfigFile[] {
  const texts: string[] = [];
  for (const rendered of sections.map((one) => renderSections([one]))) {
    const last = texts.at(-1);
    if (last === undefined || last.length + rendered.length > FILE_LENGTH) texts.push(rendered);
    else texts[texts.length - 1] = `${last}\n${rendered}`;
  }
  return texts.map((text, index) => ({ name: `routes-${index + 1}.conf`, text }));
}

/** Variables of every agent beside those of its routes. */
export const NODE_VARIABLES = [
  { name: NODE_NAME.variable, valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
  { name: NODE_IP.variable, valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
] as const;
