import type { Manifest } from '../manifest.js';
import { renderSections, type Section } from './fluent-bit-config.js';
import { type LogRoute, type RoutePlugin, type RouteValue, withAccessors } from './log-route.js';

/** What EKS takes of the ConfigMap's content. Source: Amazon EKS User Guide, "Start AWS Fargate logging for your cluster". */
const MAXIMUM_LENGTH = 5300;

const NAMESPACE = 'aws-observability';

/**
 * The configuration of the log router that AWS runs beside pods on EKS Fargate: one ConfigMap of at most 5300 characters
 * for the whole cluster. EKS would ignore a longer one, and every log with it, so routes that have no room are left out
 * and named in an annotation.
 *
 * The pod's UID comes from the kubernetes filter, which may not follow any other text; what a line looks like comes from
 * the parser, since this router passes on the runtime's own format.
 *
 * Source: Amazon EKS User Guide, "Start AWS Fargate logging for your cluster".
 *
 * @param routes in order of importance when there is no room for all
 */
export function fargateLogging(routes: readonly LogRoute[]): readonly Manifest[] {
  const kept: LogRoute[] = [];
  const left: string[] = [];
  for (const route of routes) {
    if (lengthOf(dataOf([...kept, route])) <= MAXIMUM_LENGTH) kept.push(route);
    else left.push(`${route.namespace}/${route.workload}/${route.container}`);
  }
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels: { 'aws-observability': 'enabled' } } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'aws-logging',
        namespace: NAMESPACE,
        ...(left.length === 0 ? {} : { annotations: { 'tranship.dev/routes-without-room': left.join(', ') } }),
      },
      data: dataOf(kept),
    },
  ];
}

function lengthOf(data: Readonly<Record<string, string>>): number {
  return Object.entries(data).reduce((length, [key, text]) => length + key.length + text.length, 0);
}

const PARSERS: readonly Section[] = [
  {
    name: 'PARSER',
    properties: [
      ['Name', 'cri'],
      ['Format', 'regex'],
      ['Regex', '^(?<time>[^ ]+) (?<stream>stdout|stderr) (?<_p>[FP]) (?<log>.*)$'],
      ['Time_Key', 'time'],
      ['Time_Format', '%Y-%m-%dT%H:%M:%S.%L%z'],
    ],
  },
];

const FILTERS: readonly Section[] = [
  {
    name: 'FILTER',
    properties: [
      ['Name', 'parser'],
      ['Match', '*'],
      ['Key_Name', 'log'],
      ['Parser', 'cri'],
    ],
  },
  {
    name: 'FILTER',
    properties: [
      ['Name', 'kubernetes'],
      ['Match', 'kube.*'],
      ['Buffer_Size', '0'],
      ['Labels', 'Off'],
      ['Annotations', 'Off'],
      ['Kube_Meta_Cache_TTL', '300s'],
    ],
  },
];

function dataOf(routes: readonly LogRoute[]): Readonly<Record<string, string>> {
  const filters = routes.flatMap((route) => route.filters.map((filter) => section('FILTER', filter, route)));
  const outputs = routes.map((route) => section('OUTPUT', route.output, route));
  return {
    'filters.conf': renderSections([...FILTERS, ...filters], ' '),
    flb_log_cw: 'false',
    'output.conf': renderSections(outputs, ' '),
    'parsers.conf': renderSections(PARSERS, ' '),
  };
}

function section(name: 'FILTER' | 'OUTPUT', { plugin, properties }: RoutePlugin, route: LogRoute): Section {
  const match = `^kube\\.var\\.log\\.containers\\.${route.pods}_${route.namespace}_${route.container}-[0-9a-f]+\\.log$`;
  const own = properties.map(([key, value]) => [key, withContainer(value, route.container)] as const);
  return { name, properties: [['Name', plugin], ['Match_Regex', [{ syntax: match }]], ...own] };
}

/** An accessor takes text behind it for a part of itself, so the container's name is written out. */
function withContainer(value: RouteValue, container: string): ReturnType<typeof withAccessors> {
  if (typeof value === 'string') return value;
  const written = value.map((part) =>
    typeof part !== 'string' && 'pod' in part && part.pod === 'container' ? container : part,
  );
  return withAccessors(written, { uid: "$kubernetes['pod_id']", container });
}
