import type { Field } from '../field.js';
import type { ContainerDefinition } from '../model/ahead-of-sdk.js';
import type { Refusals } from './refusals.js';

/** What a container is checked against beside itself. */
export interface ContainerSurroundings {
  readonly networkMode: string | undefined;
  readonly fargate: boolean;
  readonly volumes: ReadonlySet<string>;
  readonly containers: ReadonlySet<string>;
  /** True when the input holds containers that are not known, so that a name may well be one of theirs. */
  readonly open: boolean;
}

/** ECS names: letters, digits, hyphens and underscores, at most 255. Source: ECS API `ContainerDefinition.name`. */
const NAME = /^[A-Za-z0-9_-]{1,255}$/;

/** What ECS refuses in one container definition. Source: ECS API reference and its ClientException messages. */
export function validateContainer(
  container: Field<ContainerDefinition>,
  around: ContainerSurroundings,
  refusals: Refusals,
): void {
  const name = container.get('name');
  if (name.value === undefined || name.value === '')
    refusals.refuse(container, 'missing-name', 'Container.name should not be null or empty', 'add "name"');
  else if (name.placeholder === undefined && !NAME.test(name.value) && !/[<{$]/.test(name.value)) {
    refusals.refuse(
      name,
      'invalid-name',
      `Container.name contains invalid characters: ${JSON.stringify(name.value)}`,
      'use up to 255 letters, digits, hyphens and underscores',
    );
  }
  const image = container.get('image');
  if (image.value === undefined || image.value.trim() === '')
    refusals.refuse(container, 'missing-image', 'Container.image should not be null or empty', 'add "image"');
  else if (/\s/.test(image.value) && image.placeholder === undefined && !/[<{$]/.test(image.value))
    refusals.refuse(image, 'invalid-image', `not an image: ${JSON.stringify(image.value)}`);
  validateMemory(container, refusals);
  validateHealthCheck(container, refusals);
  validateMounts(container, around, refusals);
  validatePorts(container, around, refusals);
  validateSecrets(container, refusals);
  const restart = container.get('restartPolicy');
  refusals.range(restart.get('restartAttemptPeriod'), 60, 1800, ' seconds');
  if ((restart.get('ignoredExitCodes').value?.length ?? 0) > 50)
    refusals.refuse(restart.get('ignoredExitCodes'), 'too-many', 'more than 50 exit codes');
  if (restart.exists && !restart.get('enabled').exists)
    refusals.refuse(restart, 'missing-field', 'restartPolicy.enabled is required', 'add "enabled": true');
  if (around.fargate) {
    refusals.range(container.get('stopTimeout'), 2, 120, ' seconds on Fargate');
    refusals.range(container.get('startTimeout'), 2, 120, ' seconds on Fargate');
    if (container.get('privileged').value === true)
      refusals.refuse(
        container.get('privileged'),
        'not-on-fargate',
        'privileged containers are not supported on Fargate',
      );
    for (const key of ['devices', 'sharedMemorySize', 'tmpfs', 'maxSwap', 'swappiness'] as const) {
      const field = container.get('linuxParameters').get(key);
      const empty = Array.isArray(field.value) && field.value.length === 0;
      if (field.exists && !empty)
        refusals.refuse(field, 'not-on-fargate', `linuxParameters.${key} is not supported on Fargate`, 'remove it');
    }
  }
}

function validateMemory(container: Field<ContainerDefinition>, refusals: Refusals): void {
  const memory = container.get('memory');
  const reservation = container.get('memoryReservation');
  if (memory.value !== undefined && reservation.value !== undefined && memory.value < reservation.value) {
    refusals.refuse(
      memory,
      'memory-below-reservation',
      `'memory' (${memory.value}) must not be less than 'memoryReservation' (${reservation.value})`,
    );
  }
  for (const field of [memory, reservation, container.get('cpu')]) {
    if (field.value !== undefined && field.value < 0)
      refusals.refuse(field, 'out-of-range', `${field.value} is negative`);
  }
}

function validateHealthCheck(container: Field<ContainerDefinition>, refusals: Refusals): void {
  const check = container.get('healthCheck');
  if (!check.exists) return;
  const command = check.get('command');
  const [form, ...rest] = command.value ?? [];
  if (form === undefined)
    refusals.refuse(check, 'missing-field', 'healthCheck.command is required', 'add "command": ["CMD-SHELL", "…"]');
  else if (form !== 'CMD' && form !== 'CMD-SHELL' && form !== 'NONE') {
    refusals.refuse(
      command,
      'invalid-health-check',
      `a health check command must begin with CMD, CMD-SHELL or NONE, not ${JSON.stringify(form)}`,
      'write ["CMD-SHELL", "the command"]',
    );
  } else if (form !== 'NONE' && rest.length === 0)
    refusals.refuse(command, 'invalid-health-check', `nothing follows ${form}`, 'add the command');
  refusals.range(check.get('interval'), 5, 300, ' seconds');
  refusals.range(check.get('timeout'), 2, 60, ' seconds');
  refusals.range(check.get('retries'), 1, 10);
  refusals.range(check.get('startPeriod'), 0, 300, ' seconds');
}

function validateMounts(
  container: Field<ContainerDefinition>,
  around: ContainerSurroundings,
  refusals: Refusals,
): void {
  for (const mount of container.get('mountPoints').items()) {
    const volume = mount.get('sourceVolume');
    if (
      volume.value !== undefined &&
      volume.value !== '' &&
      volume.placeholder === undefined &&
      !around.volumes.has(volume.value)
    ) {
      refusals.refuse(
        volume,
        'unknown-volume',
        `Unknown volume '${volume.value}'`,
        `known volumes: ${[...around.volumes].join(', ') || 'none'}`,
      );
    }
  }
  for (const from of container.get('volumesFrom').items()) {
    const source = from.get('sourceContainer');
    if (source.value !== undefined && source.value !== '' && !around.open && !around.containers.has(source.value)) {
      refusals.refuse(
        source,
        'unknown-container',
        `volumesFrom names container '${source.value}', which does not exist`,
        knownContainers(around),
      );
    }
  }
}

function validatePorts(container: Field<ContainerDefinition>, around: ContainerSurroundings, refusals: Refusals): void {
  for (const mapping of container.get('portMappings').items()) {
    const port = mapping.get('containerPort');
    const host = mapping.get('hostPort');
    refusals.range(port, 1, 65535);
    refusals.range(host, 0, 65535);
    const fixed = host.value !== undefined && host.value !== 0;
    if (
      (around.networkMode === 'awsvpc' || around.networkMode === 'host') &&
      fixed &&
      port.value !== undefined &&
      host.value !== port.value
    ) {
      refusals.refuse(
        host,
        'port-mismatch',
        `when networkMode=${around.networkMode}, the host ports and container ports in port mappings must match: ${host.value} is not ${port.value}`,
        'remove hostPort',
      );
    }
    const range = mapping.get('containerPortRange');
    if (range.value === undefined) continue;
    if (port.exists)
      refusals.refuse(
        range,
        'port-and-range',
        'containerPort and containerPortRange exclude each other',
        'keep one of them',
      );
    const [, low, high] = /^(\d{1,5})-(\d{1,5})$/.exec(range.value) ?? [];
    if (low === undefined || Number(low) < 1 || Number(high) > 65535 || Number(low) > Number(high)) {
      refusals.refuse(
        range,
        'invalid-range',
        `not a range of ports: ${JSON.stringify(range.value)}`,
        'write it as "8000-8010"',
      );
    }
  }
  for (const link of container.get('links').items()) {
    const target = (link.value ?? '').split(':', 1)[0] ?? '';
    if (around.networkMode !== undefined && around.networkMode !== 'bridge')
      refusals.refuse(
        link,
        'links-need-bridge',
        `Links are not supported when networkMode=${around.networkMode}`,
        'remove the links',
      );
    else if (!around.open && !around.containers.has(target))
      refusals.refuse(
        link,
        'unknown-container',
        `links names container '${target}', which does not exist`,
        knownContainers(around),
      );
  }
}

function validateSecrets(container: Field<ContainerDefinition>, refusals: Refusals): void {
  const variables = new Set(
    container
      .get('environment')
      .items()
      .map((item) => item.get('name').value),
  );
  for (const secret of container.get('secrets').items()) {
    const name = secret.get('name');
    if (name.value !== undefined && variables.has(name.value)) {
      refusals.refuse(
        name,
        'duplicate-secret',
        `The secret name must be unique and not shared with any environment variable set on the container, such as '${name.value}'`,
      );
    }
    if (name.value !== undefined) variables.add(name.value);
    if (!secret.get('valueFrom').exists) refusals.refuse(secret, 'missing-field', 'secrets[].valueFrom is required');
  }
}

/** `known containers: a, b`, for the fix of a wrong name. */
export function knownContainers(around: Pick<ContainerSurroundings, 'containers'>): string {
  return `containers of the task: ${[...around.containers].join(', ')}`;
}
