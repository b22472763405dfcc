import type { SourceNode } from '../../source/source-node.js';
import { asText, at, implied, list, made, membersOf, numberOf, object, textOf } from '../derived/nodes.js';
import { containerOf, markUnknownServices } from './container.js';
import type { Project } from './project.js';
import { Volumes } from './volumes.js';

/** The one task definition of a project in register form; its containers are the services. */
export function taskDefinitionOf(project: Project): SourceNode {
  const { root } = project;
  const volumes = new Volumes(project);
  const containers = project.services.map(({ key, value }) => containerOf(project, key, value, volumes));
  markUnknownServices(project);
  const constraints = project.param('placement_constraints');
  return object(root, [
    ['family', implied(project.name, root)],
    ['runtimePlatform', platformOf(project)],
    ['networkMode', networkModeOf(project)],
    ['taskRoleArn', project.param('task_role_arn')],
    ['executionRoleArn', project.param('task_execution_role')],
    ['cpu', project.param('task_size', 'cpu_limit')],
    ['memory', project.param('task_size', 'mem_limit')],
    ['pidMode', sharingOf(project, 'pid', 'pid_mode')],
    ['ipcMode', sharingOf(project, 'ipc', 'ipc_mode')],
    ['placementConstraints', constraints === undefined ? undefined : placementOf(constraints)],
    ['containerDefinitions', list(root, containers)],
    ['volumes', volumes.node(root)],
  ]);
}

/**
 * The service that runs the task, when the input says anything of it: `run_params` of `ecs-params.yml`, or replicas.
 * Undefined otherwise, since ecs-cli runs a task as well as a service from the same files.
 */
export function serviceOf(project: Project): SourceNode | undefined {
  const params = at(project.params, 'run_params');
  const desiredCount = replicasOf(project);
  if (params === undefined && desiredCount === undefined) return undefined;
  const where = params ?? project.root;
  const placement = at(params, 'task_placement');
  return object(where, [
    ['serviceName', implied(project.name, where)],
    ['taskDefinition', implied(project.name, where)],
    ['desiredCount', desiredCount ?? implied(1, where)],
    [
      'networkConfiguration',
      networkConfigurationOf(project, at(params, 'network_configuration', 'awsvpc_configuration')),
    ],
    ['placementStrategy', placementOf(at(placement, 'strategy'))],
    ['placementConstraints', placementOf(at(placement, 'constraints'))],
    ['serviceRegistries', registriesOf(project, at(params, 'service_discovery'))],
  ]);
}

/** One task holds each service once: only the replicas of an only service are those of the task. */
function replicasOf(project: Project): SourceNode | undefined {
  const given = project.services.map(({ value }) => at(value, 'deploy', 'replicas'));
  const [only] = given;
  if (project.services.length === 1 && only !== undefined) return only;
  for (const replicas of given) {
    if (replicas === undefined) continue;
    project.coverage.none(
      replicas,
      'all services share one task, which holds each of them once',
      'port services that scale by themselves from compose files of their own',
    );
  }
  return undefined;
}

/** The mode of `ecs-params.yml`; else host when a service says so, since a pod has one network. */
function networkModeOf(project: Project): SourceNode | undefined {
  const param = project.param('ecs_network_mode');
  let mode = param;
  for (const { value } of project.services) {
    const own = at(value, 'network_mode');
    const text = textOf(own);
    if (own === undefined) continue;
    if (param === undefined && mode === undefined && text === 'host') mode = own;
    else if (text === textOf(mode) || text === 'bridge')
      project.coverage.same(own, ['PodSpec.hostNetwork'], 'all containers of the task share one network mode');
    else
      project.coverage.none(
        own,
        'all containers of a task share one network mode, which is another one',
        'set ecs_network_mode in ecs-params.yml',
      );
  }
  return mode;
}

/** `pidMode` and `ipcMode`: the host's, or that of the task when services share each other's. */
function sharingOf(project: Project, key: 'pid' | 'ipc', paramKey: string): SourceNode | undefined {
  let mode = project.param(paramKey);
  for (const { value } of project.services) {
    const own = at(value, key);
    const text = textOf(own);
    if (own === undefined || text === undefined) continue;
    const wanted = text === 'host' ? 'host' : /^(service:|container:|shareable$)/.test(text) ? 'task' : undefined;
    if (wanted === undefined) project.coverage.same(own, [], 'each container has its own, as on ECS');
    else if (mode === undefined) mode = made(wanted, own);
    else if (textOf(mode) === wanted)
      project.coverage.same(own, ['PodSpec'], 'the same for all containers of the task');
    else project.coverage.none(own, 'the task has another mode for all its containers');
  }
  return mode;
}

/** The architecture that services name; a task has one. */
function platformOf(project: Project): SourceNode | undefined {
  let platform: SourceNode | undefined;
  for (const { value } of project.services) {
    const own = at(value, 'platform');
    if (own === undefined) continue;
    if (platform !== undefined)
      project.coverage.near(own, ['PodSpec.nodeSelector'], 'a task has one platform, that of its first service');
    else platform = own;
  }
  if (platform === undefined) return undefined;
  const [system = 'linux', architecture = 'amd64'] = (textOf(platform) ?? '').toLowerCase().split('/');
  return object(platform, [
    ['operatingSystemFamily', implied(system === 'windows' ? 'WINDOWS_SERVER_2019_CORE' : 'LINUX', platform)],
    ['cpuArchitecture', made(/^(arm|aarch)/.test(architecture) ? 'ARM64' : 'X86_64', platform)],
  ]);
}

/** Constraints or strategies, whose fields have the names of the API. */
function placementOf(section: SourceNode | undefined): SourceNode | undefined {
  if (section?.kind !== 'array') return undefined;
  return list(
    section,
    section.items.map((item) =>
      object(
        item,
        ['type', 'field', 'expression'].map((key) => [key, at(item, key)] as const),
      ),
    ),
  );
}

function networkConfigurationOf(project: Project, section: SourceNode | undefined): SourceNode | undefined {
  if (section === undefined) return undefined;
  if (textOf(project.param('ecs_network_mode')) !== 'awsvpc') {
    project.coverage.none(section, 'ecs-cli uses it with ecs_network_mode awsvpc only');
    return undefined;
  }
  return object(section, [
    [
      'awsvpcConfiguration',
      object(section, [
        ['subnets', at(section, 'subnets')],
        ['securityGroups', at(section, 'security_groups')],
        ['assignPublicIp', asText(at(section, 'assign_public_ip'))],
      ]),
    ],
  ]);
}

/**
 * Service discovery: the name under which Cloud Map lists the tasks stands in place of the registry's ARN, which is made
 * with it and not in the file.
 */
function registriesOf(project: Project, section: SourceNode | undefined): SourceNode | undefined {
  if (section === undefined || membersOf(section).length === 0) return undefined;
  const { coverage } = project;
  const own = at(section, 'service_discovery_service');
  const name = asText(at(own, 'name'));
  for (const namespace of [at(section, 'private_dns_namespace'), at(section, 'public_dns_namespace')]) {
    coverage.none(
      namespace,
      'names in the cluster end in its own domain and not in this namespace',
      'let external-dns keep the names, or change the clients',
    );
  }
  coverage.none(at(own, 'description'), 'a note on the Cloud Map service, which is not made');
  coverage.near(at(own, 'dns_config'), ['Service'], 'the records and how long they hold are those of cluster DNS');
  coverage.near(at(own, 'healthcheck_custom_config'), ['Service'], 'pods that are not ready are left out at once');
  const port = at(section, 'container_port');
  return list(section, [
    object(section, [
      ['registryArn', name ?? implied(project.name, section)],
      ['containerName', at(section, 'container_name')],
      ['containerPort', numberOf(port) === undefined ? undefined : port],
    ]),
  ]);
}
