import type { SourceNode } from '../../source/source-node.js';
import { asText, at, booleanOf, implied, list, made, numberOf, object, textOf } from '../derived/nodes.js';
import type { Project } from './project.js';

/**
 * `healthCheck` of a container: the service's own with what `ecs-params.yml` overrides. A test given as one string runs in
 * a shell; `disable: true` and `NONE` turn off what the image brings, which ECS never looks at.
 */
export function healthCheckOf(project: Project, name: string, service: SourceNode): SourceNode | undefined {
  const own = at(service, 'healthcheck');
  const param = project.param('services', name, 'healthcheck');
  if (own === undefined && param === undefined) return undefined;
  const disabled = booleanOf(at(own, 'disable')) === true || textOf(project.strings(at(own, 'test'))[0]) === 'NONE';
  if (disabled && param === undefined) {
    project.coverage.same(own, [], 'no health check, and ECS does not use that of the image');
    return undefined;
  }
  project.coverage.same(at(own, 'disable'), [], 'the health check is on');
  project.coverage.none(at(own, 'start_interval'), 'ECS checks at one interval, also while the container starts');
  const by = 'ecs-params.yml';
  const field = (key: string): SourceNode | undefined =>
    project.first(by, timeOf(project, at(param, key)), timeOf(project, at(own, key)));
  const command = project.first(by, at(param, 'command') ?? at(param, 'test'), at(own, 'test'));
  return object(own ?? param ?? service, [
    ['command', commandOf(project, command)],
    ['interval', field('interval')],
    ['timeout', field('timeout')],
    ['retries', project.first(by, at(param, 'retries'), at(own, 'retries'))],
    ['startPeriod', field('start_period')],
  ]);
}

/** Seconds, written as a duration or, in `ecs-params.yml`, as a number. */
function timeOf(project: Project, node: SourceNode | undefined): SourceNode | undefined {
  const number = numberOf(node);
  return node !== undefined && number !== undefined ? made(Math.floor(number), node) : project.seconds(node);
}

function commandOf(project: Project, command: SourceNode | undefined): SourceNode | undefined {
  if (command === undefined) return undefined;
  const words = project.strings(command);
  const [only] = words;
  if (command.kind === 'array' && words.length !== 1) return command;
  return only === undefined ? undefined : list(command, [implied('CMD-SHELL', only), asText(only)]);
}
