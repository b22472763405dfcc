import type { SourceMember, SourceNode } from '../../source/source-node.js';
import { at, booleanOf, implied, list, made, membersOf, object, textOf } from '../derived/nodes.js';
import type { Project } from './project.js';

const CONDITIONS: ReadonlyMap<string, string> = new Map([
  ['service_started', 'START'],
  ['service_healthy', 'HEALTHY'],
  ['service_completed_successfully', 'SUCCESS'],
]);

/**
 * `dependsOn` of a container: that of `ecs-params.yml`, else the service's `depends_on`, which ecs-cli leaves out though
 * ECS can keep the order. A service whose health nothing checks is waited for until it has started.
 */
export function dependsOnOf(project: Project, name: string, service: SourceNode): SourceNode | undefined {
  const params = project.param('services', name, 'depends_on');
  const own = at(service, 'depends_on');
  if (params?.kind === 'array') {
    project.coverage.same(own, [], 'overridden by ecs-params.yml');
    return list(
      params,
      params.items.map((item) =>
        object(item, [
          ['containerName', at(item, 'container_name')],
          ['condition', at(item, 'condition')],
        ]),
      ),
    );
  }
  if (own === undefined) return undefined;
  if (own.kind === 'array') {
    return list(
      own,
      own.items.map((item) =>
        object(item, [
          ['containerName', item],
          ['condition', implied('START', item)],
        ]),
      ),
    );
  }
  return list(
    own,
    membersOf(own).map((member) => conditional(project, member)),
  );
}

function conditional(project: Project, member: SourceMember): SourceNode {
  const { key, value } = member;
  const node = at(value, 'condition');
  const given = textOf(node) ?? 'service_started';
  project.coverage.none(at(value, 'restart'), 'ECS does not restart a container because another one was');
  project.coverage.none(at(value, 'required'), 'ECS starts no container without those it depends on');
  let condition = CONDITIONS.get(given);
  if (condition === undefined) {
    project.say(
      'warning',
      'invalid-value',
      node ?? value,
      `${JSON.stringify(given)} is not one of ${[...CONDITIONS.keys()].join(', ')}; service_started is taken`,
    );
    condition = 'START';
  }
  if (condition === 'HEALTHY' && !hasHealthCheck(project, key)) {
    project.say(
      'warning',
      'no-health-check',
      node ?? value,
      `service ${key} has no healthcheck and ECS does not use that of the image; it is waited for until it has started`,
      undefined,
      `give ${key} a healthcheck`,
    );
    condition = 'START';
  }
  return object(value, [
    ['containerName', implied(key, value)],
    ['condition', node === undefined ? implied(condition, value) : made(condition, node)],
  ]);
}

function hasHealthCheck(project: Project, name: string): boolean {
  if (project.param('services', name, 'healthcheck') !== undefined) return true;
  const own = at(project.services.find(({ key }) => key === name)?.value, 'healthcheck');
  return own !== undefined && booleanOf(at(own, 'disable')) !== true && at(own, 'test') !== undefined;
}

/**
 * `essential` of a container: as `ecs-params.yml` says. Without that all are, but for one that another service waits for
 * until it has completed: ECS allows that for containers only that are not essential.
 */
export function essentialOf(project: Project, name: string, service: SourceNode): SourceNode {
  const given = project.param('services', name, 'essential');
  if (given !== undefined) return given;
  const awaited = project.services.some(
    ({ value, key }) =>
      project.param('services', key, 'depends_on') === undefined &&
      textOf(at(value, 'depends_on', name, 'condition')) === 'service_completed_successfully',
  );
  return implied(!awaited, service);
}
