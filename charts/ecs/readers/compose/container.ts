import type { SourceNode } from '../../source/source-node.js';
import { asText, at, implied, itemsOf, list, made, membersOf, object, textOf } from '../derived/nodes.js';
import { mebibytes } from './bytes.js';
import { dependsOnOf, essentialOf } from './dependencies.js';
import { environmentOf, extraHostsOf, paramSecretsOf, systemControlsOf, ulimitsOf } from './environment.js';
import { healthCheckOf } from './health-check.js';
import { portMappingsOf } from './ports.js';
import type { Project } from './project.js';
import { resourcesOf } from './resources.js';
import { markUnsupported } from './unsupported.js';
import { tmpfsOf, type Volumes } from './volumes.js';

/** The container definition of a service. Source: `reconcile_container_def.go` of aws/amazon-ecs-cli. */
export function containerOf(project: Project, name: string, service: SourceNode, volumes: Volumes): SourceNode {
  const param = (...keys: readonly string[]): SourceNode | undefined => project.param('services', name, ...keys);
  const field = (key: string): SourceNode | undefined => at(service, key);
  markUnsupported(project, service);
  const resources = resourcesOf(project, name, service);
  const mounts = volumes.mountsOf(field('volumes'));
  const credentials = param('repository_credentials', 'credentials_parameter');
  return object(service, [
    ['name', implied(name, service)],
    ['image', imageOf(project, name, service)],
    ['essential', essentialOf(project, name, service)],
    ['entryPoint', project.words(field('entrypoint'))],
    ['command', project.words(field('command'))],
    ['cpu', resources.cpu],
    ['memory', resources.memory],
    ['memoryReservation', resources.memoryReservation],
    ['resourceRequirements', resources.resourceRequirements],
    ['environment', environmentOf(project, field('environment'))],
    ['secrets', paramSecretsOf(param('secrets'))],
    ['portMappings', portMappingsOf(project, field('ports'))],
    ['mountPoints', mounts.mountPoints],
    ['volumesFrom', volumesFromOf(project, field('volumes_from'))],
    ['dependsOn', dependsOnOf(project, name, service)],
    ['healthCheck', healthCheckOf(project, name, service)],
    ['links', linksOf(project, field('links'))],
    ['logConfiguration', logConfigurationOf(project, name, service)],
    ['firelensConfiguration', firelensOf(param('firelens_configuration'))],
    [
      'repositoryCredentials',
      credentials === undefined ? undefined : object(credentials, [['credentialsParameter', credentials]]),
    ],
    ['hostname', asText(field('hostname'))],
    ['user', asText(field('user'))],
    ['workingDirectory', asText(field('working_dir'))],
    ['privileged', field('privileged')],
    ['readonlyRootFilesystem', field('read_only')],
    ['pseudoTerminal', field('tty')],
    ['interactive', field('stdin_open')],
    ['stopTimeout', project.seconds(field('stop_grace_period'))],
    ['dnsServers', listOf(project, field('dns'))],
    ['dnsSearchDomains', listOf(project, field('dns_search'))],
    ['dockerLabels', project.map(field('labels'))],
    ['dockerSecurityOptions', listOf(project, field('security_opt'))],
    ['extraHosts', extraHostsOf(project, field('extra_hosts'))],
    ['systemControls', systemControlsOf(project, field('sysctls'))],
    ['ulimits', ulimitsOf(field('ulimits'))],
    ['linuxParameters', linuxParametersOf(project, name, service, mounts.tmpfs)],
  ]);
}

function imageOf(project: Project, name: string, service: SourceNode): SourceNode | undefined {
  const image = at(service, 'image');
  const build = at(service, 'build');
  if (image !== undefined) {
    project.coverage.near(
      build,
      ['Container.image'],
      'kubectl does not build; the image that is named is pulled',
      'build the image and push it under its name',
    );
    return asText(image);
  }
  if (build === undefined) {
    project.say(
      'refused',
      'missing-field',
      service,
      `service ${name} has neither image nor build`,
      `services.${name}`,
      'name an image; for a file that only overrides another, port the output of docker compose config',
    );
    return undefined;
  }
  const parameter = `image.${name}`;
  project.coverage.near(
    build,
    ['Container.image'],
    'kubectl does not build the image',
    `build and push it and pass --parameter ${parameter}=URI`,
  );
  return project.parameter(parameter, `\${image of ${name}}`, build);
}

function listOf(project: Project, node: SourceNode | undefined): SourceNode | undefined {
  return node === undefined ? undefined : list(node, project.strings(node));
}

/** A link to a container outside the task, such as `db` of another project, has nothing to point to. */
function linksOf(project: Project, node: SourceNode | undefined): SourceNode | undefined {
  return node === undefined ? undefined : list(node, project.strings(node).map(asText));
}

function logConfigurationOf(project: Project, name: string, service: SourceNode): SourceNode | undefined {
  const driver = project.first('logging', at(service, 'logging', 'driver'), at(service, 'log_driver'));
  const options = project.first('logging', at(service, 'logging', 'options'), at(service, 'log_opt'));
  const secrets = project.param('services', name, 'logging', 'secret_options');
  if (driver === undefined) {
    project.coverage.none(options, 'options without a driver have no effect on ECS', 'name the driver');
    project.coverage.none(
      secrets,
      'secret options need a log driver in the compose file',
      'name the driver under logging',
    );
    return undefined;
  }
  return object(driver, [
    ['logDriver', driver],
    ['options', project.map(options)],
    ['secretOptions', paramSecretsOf(secrets)],
  ]);
}

function firelensOf(node: SourceNode | undefined): SourceNode | undefined {
  return node === undefined
    ? undefined
    : object(node, [
        ['type', at(node, 'type')],
        ['options', at(node, 'options')],
      ]);
}

/** `volumes_from`: `[container:]NAME[:ro|rw]`. */
function volumesFromOf(project: Project, node: SourceNode | undefined): SourceNode | undefined {
  if (node === undefined) return undefined;
  return list(
    node,
    project.strings(node).map((item) => {
      const parts = (textOf(item) ?? '').split(':');
      const [source = '', mode] = parts[0] === 'container' ? parts.slice(1) : parts;
      if (source === '') project.reject(item, 'volumes_from has the form [container:]NAME[:ro|rw]');
      return source === ''
        ? undefined
        : object(item, [
            ['sourceContainer', made(source, item)],
            ['readOnly', made(mode === 'ro', item)],
          ]);
    }),
  );
}

const PERMISSIONS: ReadonlyMap<string, string> = new Map([
  ['r', 'read'],
  ['w', 'write'],
  ['m', 'mknod'],
]);

/** `devices`: `HOST[:CONTAINER[:rwm]]`, or the long form. */
function devicesOf(project: Project, node: SourceNode | undefined): SourceNode | undefined {
  if (node === undefined) return undefined;
  return list(
    node,
    project.strings(node).map((item) => {
      const [host, container, letters] =
        item.kind === 'object'
          ? ['source', 'target', 'permissions'].map((key) => textOf(at(item, key)))
          : (textOf(item) ?? '').split(':');
      if (host === undefined || host === '') {
        project.reject(item, 'a device has the form HOST[:CONTAINER[:rwm]]');
        return undefined;
      }
      const permissions = [...new Set(letters ?? '')].flatMap((letter) => PERMISSIONS.get(letter) ?? []);
      return object(item, [
        ['hostPath', made(host, item)],
        ['containerPath', container === undefined ? undefined : made(container, item)],
        [
          'permissions',
          list(
            item,
            permissions.map((permission) => made(permission, item)),
          ),
        ],
      ]);
    }),
  );
}

function linuxParametersOf(
  project: Project,
  name: string,
  service: SourceNode,
  mounted: readonly SourceNode[],
): SourceNode | undefined {
  const add = at(service, 'cap_add');
  const drop = at(service, 'cap_drop');
  const members: readonly (readonly [string, SourceNode | undefined])[] = [
    [
      'capabilities',
      add === undefined && drop === undefined
        ? undefined
        : object(add ?? drop ?? service, [
            ['add', add],
            ['drop', drop],
          ]),
    ],
    ['devices', devicesOf(project, at(service, 'devices'))],
    [
      'initProcessEnabled',
      project.first('ecs-params.yml', project.param('services', name, 'init_process_enabled'), at(service, 'init')),
    ],
    ['sharedMemorySize', mebibytes(project, at(service, 'shm_size'))],
    ['swappiness', at(service, 'mem_swappiness')],
    ['tmpfs', list(service, [...tmpfsOf(project, at(service, 'tmpfs')), ...mounted])],
  ];
  return members.every(([, value]) => value === undefined) ? undefined : object(service, members);
}

/** Marks services of `ecs-params.yml` that the compose file does not have. */
export function markUnknownServices(project: Project): void {
  const names = new Set(project.services.map(({ key }) => key));
  for (const { key, value } of membersOf(project.param('services'))) {
    if (names.has(key)) continue;
    project.coverage.none(value, `the compose file has no service ${key}`);
    if (itemsOf(value).length > 0 || membersOf(value).length > 0) {
      project.say(
        'warning',
        'unknown-service',
        value,
        `ecs-params.yml configures service ${key}, which the compose file does not have`,
      );
    }
  }
}
