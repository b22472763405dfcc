import type { SourceNode } from '../../source/source-node.js';
import { asText, at, implied, list, object, textMap, textOf } from '../derived/nodes.js';
import { credentialsOf, dependsOnOf, healthCheckOf, sidecarMountPoints } from './container-parts.js';
import { imageOf } from './image.js';
import { cloudWatchLogs, logConfigurationOf, logRouterOf, tracingCollectorOf } from './logging.js';
import type { Manifest } from './manifest.js';
import type { Ports, Target } from './ports.js';
import { storageOf } from './storage.js';
import { applyOverrides } from './taskdef-overrides.js';
import { environmentFilesOf, environmentOf, secretsOf } from './variables.js';

/** CPU units and MiB of a task when the manifest does not say. App Runner's own are larger. */
const TASK_SIZE = { cpu: 256, memory: 512 };
const APP_RUNNER_SIZE = { cpu: 1024, memory: 2048 };

const WINDOWS: ReadonlyMap<string, string> = new Map([
  ['windows', 'WINDOWS_SERVER_2019_CORE'],
  ['windows_server_2019_core', 'WINDOWS_SERVER_2019_CORE'],
  ['windows_server_2019_full', 'WINDOWS_SERVER_2019_FULL'],
  ['windows_server_2022_core', 'WINDOWS_SERVER_2022_CORE'],
  ['windows_server_2022_full', 'WINDOWS_SERVER_2022_FULL'],
]);

/**
 * The task definition of a workload in register form: the main container, the log router, the tracing collector and the
 * sidecars in the order of their names, as Copilot writes them, with its overrides applied. The family is the workload's
 * name, which is also its DNS name; Copilot's own puts application and environment before it.
 *
 * @param served the port that Service Connect serves
 */
export function taskDefinitionOf(manifest: Manifest, ports: Ports, served: Target | undefined): SourceNode {
  const { root } = manifest;
  const storage = storageOf(manifest);
  const size = manifest.type === 'Request-Driven Web Service' ? APP_RUNNER_SIZE : TASK_SIZE;
  const role = manifest.options.parameters.get(`taskRole.${manifest.name}`);
  const image = manifest.get('image');
  const main = object(root, [
    ['name', manifest.get('name') === undefined ? implied(manifest.name, root) : asText(manifest.get('name'))],
    ['image', imageOf(manifest, image, manifest.name, root)],
    ['entryPoint', manifest.words(manifest.get('entrypoint'))],
    ['command', manifest.words(manifest.get('command'))],
    ['portMappings', ports.mappingsOf(manifest.name, served, root)],
    ['environment', environmentOf(manifest, manifest.get('variables'))],
    ['environmentFiles', environmentFilesOf(manifest, manifest.get('env_file'), manifest.name)],
    ['secrets', secretsOf(manifest, manifest.get('secrets'))],
    ['logConfiguration', logConfigurationOf(manifest)],
    ['mountPoints', storage.mountPoints],
    ['dockerLabels', textMap(at(image, 'labels'))],
    ['dependsOn', dependsOnOf(at(image, 'depends_on'))],
    ['healthCheck', healthCheckOf(manifest, at(image, 'healthcheck'))],
    ['readonlyRootFilesystem', storage.readonlyRootFilesystem],
    ['repositoryCredentials', credentialsOf(at(image, 'credentials'))],
  ]);
  const sidecars = manifest
    .sorted(manifest.get('sidecars'))
    .map(({ key, value }) => sidecarOf(manifest, ports, served, key, value));
  const definition = object(root, [
    ['family', implied(manifest.name, root)],
    ['runtimePlatform', platformOf(manifest)],
    ['networkMode', implied('awsvpc', root)],
    ['requiresCompatibilities', list(root, [implied('FARGATE', root)])],
    ['cpu', manifest.get('cpu') ?? implied(String(size.cpu), root)],
    ['memory', manifest.get('memory') ?? implied(String(size.memory), root)],
    ['taskRoleArn', role === undefined ? undefined : implied(role, root)],
    ['executionRoleArn', executionRoleOf(manifest)],
    ['ephemeralStorage', storage.ephemeralStorage],
    ['containerDefinitions', list(root, [main, logRouterOf(manifest), tracingCollectorOf(manifest), ...sidecars])],
    ['volumes', storage.volumes],
  ]);
  return applyOverrides(manifest, definition);
}

/**
 * The execution role that Copilot makes for every workload and that ECS asks for: from `--parameter executionRole.NAME`,
 * else the name that its stack gives it, without the random end.
 */
function executionRoleOf(manifest: Manifest): SourceNode {
  const known = manifest.options.parameters.get(`executionRole.${manifest.name}`);
  return known === undefined
    ? manifest.named(`${manifest.resourceName}-ExecutionRole`, manifest.root)
    : implied(known, manifest.root);
}

function sidecarOf(
  manifest: Manifest,
  ports: Ports,
  served: Target | undefined,
  name: string,
  sidecar: SourceNode,
): SourceNode | undefined {
  if (sidecar.kind !== 'object') return undefined;
  return object(sidecar, [
    ['name', implied(name, sidecar)],
    ['image', imageOf(manifest, at(sidecar, 'image'), name, sidecar)],
    ['essential', at(sidecar, 'essential')],
    ['entryPoint', manifest.words(at(sidecar, 'entrypoint'))],
    ['command', manifest.words(at(sidecar, 'command'))],
    ['portMappings', ports.mappingsOf(name, served, sidecar)],
    ['environment', environmentOf(manifest, at(sidecar, 'variables'))],
    ['environmentFiles', environmentFilesOf(manifest, at(sidecar, 'env_file'), name)],
    ['secrets', secretsOf(manifest, at(sidecar, 'secrets'))],
    ['logConfiguration', cloudWatchLogs(manifest, sidecar)],
    ['mountPoints', sidecarMountPoints(at(sidecar, 'mount_points'))],
    ['dockerLabels', textMap(at(sidecar, 'labels'))],
    ['dependsOn', dependsOnOf(at(sidecar, 'depends_on'))],
    ['healthCheck', healthCheckOf(manifest, at(sidecar, 'healthcheck'))],
    ['repositoryCredentials', credentialsOf(at(sidecar, 'credentialsParameter'))],
  ]);
}

/** `os/arch`, or the two as a map; nothing is said when the manifest does not. */
function platformOf(manifest: Manifest): SourceNode | undefined {
  const platform = manifest.get('platform');
  if (platform === undefined) return undefined;
  const [system, architecture] = platform.kind === 'scalar' ? (textOf(platform) ?? '').split('/') : [];
  const family = (system ?? textOf(at(platform, 'osfamily')) ?? 'linux').toLowerCase();
  const processor = (architecture ?? textOf(at(platform, 'architecture')) ?? 'x86_64').toLowerCase();
  const from = (key: string): readonly SourceNode[] =>
    [at(platform, key) ?? (platform.kind === 'scalar' ? platform : undefined)].filter((node) => node !== undefined);
  return object(platform, [
    [
      'operatingSystemFamily',
      { ...implied(WINDOWS.get(family) ?? family.toUpperCase(), platform), origins: from('osfamily') },
    ],
    [
      'cpuArchitecture',
      { ...implied(/^arm/.test(processor) ? 'ARM64' : 'X86_64', platform), origins: from('architecture') },
    ],
  ]);
}
