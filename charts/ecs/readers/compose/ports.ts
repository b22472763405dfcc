import type { SourceNode } from '../../source/source-node.js';
import { asText, at, implied, list, made, object, textOf } from '../derived/nodes.js';
import type { Project } from './project.js';

/** More ports than anyone publishes one by one; a longer range is a mistake or an attack. */
const MAXIMUM_RANGE = 200;

/**
 * `portMappings` of a container from the short form (`8080:80/udp`, `127.0.0.1:8000-8002:80-82`) and the long one.
 * Source: Compose specification, "ports"; `ConvertToPortMappings` of aws/amazon-ecs-cli.
 */
export function portMappingsOf(project: Project, node: SourceNode | undefined): SourceNode | undefined {
  if (node === undefined) return undefined;
  return list(
    node,
    project
      .strings(node)
      .flatMap((item) => (item.kind === 'object' ? longForm(project, item) : shortForm(project, item))),
  );
}

function shortForm(project: Project, item: SourceNode): readonly SourceNode[] {
  if (item.kind === 'scalar' && item.placeholder !== undefined) {
    project.coverage.none(
      item,
      `the value of ${item.placeholder} is not known`,
      `pass --parameter ${item.placeholder}=PORT`,
    );
    return [];
  }
  const text = textOf(item) ?? '';
  const match = /^(?:(.*):)?(\d{1,5})(?:-(\d{1,5}))?(?:\/([A-Za-z]+))?$/.exec(text.trim());
  const first = Number(match?.[2]);
  const last = Number(match?.[3] ?? match?.[2]);
  const host = /(?:^|:)(\d{1,5})(?:-(\d{1,5}))?$/.exec(match?.[1] ?? '');
  const hostGiven = match?.[1] !== undefined && match[1] !== '' && !/^[\d.]+:$/.test(match[1]);
  if (match === null || last < first || last > 65_535 || (hostGiven && host === null)) {
    project.reject(item, 'a port has the form [[ADDRESS:]HOST:]CONTAINER[/tcp|/udp]');
    return [];
  }
  if (last - first >= MAXIMUM_RANGE) {
    project.reject(item, `a range has at most ${MAXIMUM_RANGE} ports`);
    return [];
  }
  if (host !== null && host.index > 0) {
    project.say('note', 'host-address', item, 'the address that the port is bound to is left out, as ecs-cli does');
  }
  const hostFirst = host === null ? undefined : Number(host[1]);
  return Array.from({ length: last - first + 1 }, (_, index) =>
    object(item, [
      ['containerPort', made(first + index, item)],
      ['hostPort', hostFirst === undefined ? undefined : made(hostFirst + index, item)],
      ['protocol', match[4] === undefined ? implied('tcp', item) : made(match[4].toLowerCase(), item)],
    ]),
  );
}

function longForm(project: Project, item: SourceNode): readonly SourceNode[] {
  const { coverage } = project;
  coverage.none(at(item, 'host_ip'), 'the address that the port is bound to is left out, as ecs-cli does');
  coverage.none(at(item, 'mode'), 'publishing through a swarm has no counterpart');
  return [
    object(item, [
      ['name', at(item, 'name')],
      ['containerPort', at(item, 'target')],
      ['hostPort', at(item, 'published')],
      ['protocol', asText(at(item, 'protocol')) ?? implied('tcp', item)],
      ['appProtocol', appProtocol(project, at(item, 'app_protocol'))],
    ]),
  ];
}

function appProtocol(project: Project, node: SourceNode | undefined): SourceNode | undefined {
  if (node === undefined || ['http', 'http2', 'grpc'].includes(textOf(node) ?? '')) return node;
  project.coverage.none(node, 'ECS knows http, http2 and grpc only');
  return undefined;
}
