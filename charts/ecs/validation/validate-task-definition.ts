import { type Condition, edgesOf, findCycle } from '../container-graph.js';
import type { Diagnostic } from '../diagnostic.js';
import type { Field } from '../field.js';
import type { ContainerDefinition, TaskDefinition } from '../model/ahead-of-sdk.js';
import { parseTaskCpu, parseTaskMemory } from '../task-size.js';
import { validateExpressions } from './validate-placement.js';
import { Refusals } from './refusals.js';
import { type ContainerSurroundings, knownContainers, validateContainer } from './validate-container.js';

/**
 * What ECS would refuse in a task definition, each with ECS's reason at its place in the input. The manifests of a
 * refused definition are not rendered.
 *
 * Source: ECS API `RegisterTaskDefinition` and the messages of its ClientException.
 *
 * @param partial true when only the containers are known, so that nothing outside of them can be missed
 */
export function validateTaskDefinition(definition: Field<TaskDefinition>, partial = false): readonly Diagnostic[] {
  const refusals = new Refusals();
  const containers = definition.get('containerDefinitions');
  const items = containers.items();
  const family = definition.get('family');
  if (
    family.value !== undefined &&
    family.placeholder === undefined &&
    !/^[A-Za-z0-9_-]{1,255}$/.test(family.value) &&
    !/[<{$]/.test(family.value)
  ) {
    refusals.refuse(
      family,
      'invalid-family',
      `Family contains invalid characters: ${JSON.stringify(family.value)}`,
      'use up to 255 letters, digits, hyphens and underscores',
    );
  }
  if (items.length === 0 && !containers.isOpen) {
    refusals.refuse(
      containers.exists ? containers : definition,
      'no-containers',
      'Container list cannot be empty',
      'add at least one container definition',
    );
  }
  const fargate = definition.get('requiresCompatibilities').value?.includes('FARGATE') === true;
  const volumes = definition.get('volumes').items();
  const around: ContainerSurroundings = {
    networkMode: definition.get('networkMode').value,
    fargate,
    volumes: new Set(volumes.flatMap((volume) => volume.get('name').value ?? [])),
    containers: new Set(items.flatMap((container) => container.get('name').value ?? [])),
    open: containers.isOpen || items.some((container) => container.get('name').placeholder !== undefined),
  };
  for (const container of items)
    validateContainer(container, partial ? { ...around, volumes: volumesOf(container) } : around, refusals);
  validateNames(items, refusals);
  if (items.length > 0 && !around.open && items.every((container) => container.get('essential').value === false)) {
    refusals.refuse(
      containers,
      'no-essential-container',
      'a task definition must have at least one essential container',
      'set "essential": true on one',
    );
  }
  validateDependencies(definition, around, refusals);
  validateFireLens(items, around.open, refusals);
  if (!partial) validateRoles(definition, items, fargate, refusals);
  if (fargate) validateFargateSize(definition, refusals);
  else validateSize(definition, items, partial, refusals);
  validateVolumes(definition, refusals);
  refusals.range(definition.get('ephemeralStorage').get('sizeInGiB'), 20, 200, ' GiB');
  validateExpressions(definition.get('placementConstraints').items(), refusals);
  return refusals.diagnostics;
}

function volumesOf(container: Field<ContainerDefinition>): ReadonlySet<string> {
  return new Set(
    container
      .get('mountPoints')
      .items()
      .flatMap((mount) => mount.get('sourceVolume').value ?? []),
  );
}

function validateNames(items: readonly Field<ContainerDefinition>[], refusals: Refusals): void {
  const seen = new Set<string>();
  for (const container of items) {
    const name = container.get('name');
    if (name.value !== undefined && seen.has(name.value))
      refusals.refuse(
        name,
        'duplicate-container',
        `Container names should be unique within a task definition: '${name.value}'`,
      );
    if (name.value !== undefined) seen.add(name.value);
  }
}

function validateDependencies(
  definition: Field<TaskDefinition>,
  around: ContainerSurroundings,
  refusals: Refusals,
): void {
  const items = definition.get('containerDefinitions').items();
  const byName = new Map(items.map((container) => [container.get('name').value ?? '', container]));
  for (const container of items) {
    for (const dependency of container.get('dependsOn').items()) {
      const target = dependency.get('containerName');
      const condition = dependency.get('condition');
      if (target.value === undefined) {
        refusals.refuse(dependency, 'missing-field', 'dependsOn[].containerName is required');
        continue;
      }
      if (!condition.exists)
        refusals.refuse(
          dependency,
          'missing-field',
          'dependsOn[].condition is required',
          'one of START, COMPLETE, SUCCESS, HEALTHY',
        );
      const depended = byName.get(target.value);
      if (target.value === container.get('name').value)
        refusals.refuse(target, 'self-dependency', `container '${target.value}' depends on itself`);
      else if (depended === undefined && around.open) continue;
      else if (depended === undefined)
        refusals.refuse(
          target,
          'unknown-container',
          `dependsOn names container '${target.value}', which does not exist in the task definition`,
          knownContainers(around),
        );
      else validateCondition(condition, depended, target.value, refusals);
    }
  }
  const edges = edgesOf(definition);
  const cycle = findCycle(edges);
  const place = cycle === undefined ? undefined : byName.get(cycle[0] ?? '');
  if (cycle !== undefined && place !== undefined) {
    const field = place.get('dependsOn').exists ? place.get('dependsOn') : place;
    refusals.refuse(
      field,
      'dependency-cycle',
      `the container dependencies form a cycle: ${cycle.join(' → ')}`,
      'remove one of them',
    );
  }
}

function validateCondition(
  condition: Field<Condition>,
  target: Field<ContainerDefinition>,
  name: string,
  refusals: Refusals,
): void {
  if (condition.value === 'HEALTHY' && !target.get('healthCheck').exists) {
    refusals.refuse(
      condition,
      'healthy-without-check',
      `the condition HEALTHY needs a health check, and container '${name}' has none`,
      `give '${name}' a healthCheck, or depend on START`,
    );
  }
  if ((condition.value === 'COMPLETE' || condition.value === 'SUCCESS') && target.get('essential').value !== false) {
    refusals.refuse(
      condition,
      'essential-must-run',
      `an essential container cannot be waited for with ${condition.value}: '${name}' is essential`,
      `set "essential": false on '${name}'`,
    );
  }
}

function validateFireLens(items: readonly Field<ContainerDefinition>[], open: boolean, refusals: Refusals): void {
  const routers = items.filter((container) => container.get('firelensConfiguration').exists);
  const second = routers[1];
  if (second !== undefined)
    refusals.refuse(
      second.get('firelensConfiguration'),
      'two-log-routers',
      'at most one container of a task can have a firelensConfiguration',
    );
  for (const container of items) {
    const log = container.get('logConfiguration');
    const driver = log.get('logDriver');
    if (log.exists && !driver.exists && log.placeholder === undefined && driver.node === undefined)
      refusals.refuse(log, 'missing-field', 'logConfiguration.logDriver is required');
    if (driver.value === 'awsfirelens' && routers.length === 0 && !open) {
      refusals.refuse(
        driver,
        'no-log-router',
        'the awsfirelens log driver needs a container with a firelensConfiguration in the task',
        'add the log router container',
      );
    }
    const options = log.get('options').value;
    if (
      driver.value === 'awslogs' &&
      log.get('options').placeholder === undefined &&
      options?.['awslogs-group'] === undefined
    ) {
      refusals.refuse(
        log,
        'missing-option',
        "Log driver awslogs requires option: 'awslogs-group'",
        'add options["awslogs-group"]',
      );
    }
  }
}

function validateRoles(
  definition: Field<TaskDefinition>,
  items: readonly Field<ContainerDefinition>[],
  fargate: boolean,
  refusals: Refusals,
): void {
  if (definition.get('executionRoleArn').node !== undefined) return;
  const secret = items.map((container) => container.get('secrets').items()[0]).find((item) => item !== undefined);
  if (secret !== undefined) {
    refusals.refuse(
      secret,
      'no-execution-role',
      "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'",
      'add "executionRoleArn"',
    );
  }
  const logs = items
    .map((container) => container.get('logConfiguration').get('logDriver'))
    .find((driver) => driver.value === 'awslogs');
  if (fargate && logs !== undefined) {
    refusals.refuse(
      logs,
      'no-execution-role',
      'Fargate requires task definition to have execution role ARN to support log driver awslogs',
      'add "executionRoleArn"',
    );
  }
}

/** CPU units and the MiB that Fargate offers with them. Source: ECS documentation, "Task CPU and memory". */
const FARGATE_SIZES: ReadonlyMap<number, (mebibytes: number) => boolean> = new Map([
  [256, (m) => [512, 1024, 2048].includes(m)],
  [512, (m) => m >= 1024 && m <= 4096 && m % 1024 === 0],
  [1024, (m) => m >= 2048 && m <= 8192 && m % 1024 === 0],
  [2048, (m) => m >= 4096 && m <= 16384 && m % 1024 === 0],
  [4096, (m) => m >= 8192 && m <= 30720 && m % 1024 === 0],
  [8192, (m) => m >= 16384 && m <= 61440 && m % 4096 === 0],
  [16384, (m) => m >= 32768 && m <= 122880 && m % 8192 === 0],
]);

function validateFargateSize(definition: Field<TaskDefinition>, refusals: Refusals): void {
  const cpu = definition.get('cpu');
  const memory = definition.get('memory');
  const mode = definition.get('networkMode');
  if (mode.value !== 'awsvpc' && mode.placeholder === undefined)
    refusals.refuse(
      mode.exists ? mode : definition,
      'fargate-network',
      "Fargate only supports network mode 'awsvpc'",
      'set "networkMode": "awsvpc"',
    );
  for (const field of [cpu, memory])
    if (field.node === undefined)
      refusals.refuse(
        definition,
        'missing-size',
        `Fargate requires that '${field === cpu ? 'cpu' : 'memory'}' be defined at the task level`,
      );
  if (unknown(cpu) || unknown(memory)) return;
  const units = parseTaskCpu(cpu.value);
  const mebibytes = parseTaskMemory(memory.value);
  if (units === undefined || mebibytes === undefined) {
    const wrong = units === undefined ? cpu : memory;
    refusals.refuse(
      wrong,
      'invalid-size',
      `Invalid task size: ${JSON.stringify(wrong.value)}`,
      'write cpu as "1024" or "1 vCPU", memory as "2048" or "2 GB"',
    );
  } else if (FARGATE_SIZES.get(units)?.(mebibytes) !== true && units <= 16384) {
    refusals.refuse(
      cpu,
      'no-fargate-size',
      `No Fargate configuration exists for given values: ${units} CPU, ${mebibytes} memory`,
    );
  }
}

function unknown(field: Field<string>): boolean {
  return field.node === undefined || field.placeholder !== undefined || /[<{$]/.test(field.value ?? '');
}

function validateSize(
  definition: Field<TaskDefinition>,
  items: readonly Field<ContainerDefinition>[],
  partial: boolean,
  refusals: Refusals,
): void {
  const cpu = definition.get('cpu');
  const memory = definition.get('memory');
  if (!unknown(cpu) && parseTaskCpu(cpu.value) === undefined && cpu.value !== '0')
    refusals.refuse(
      cpu,
      'invalid-size',
      `Invalid 'cpu' setting for task: ${JSON.stringify(cpu.value)}`,
      'write "1024" or "1 vCPU"',
    );
  if (!unknown(memory) && parseTaskMemory(memory.value) === undefined && memory.value !== '0')
    refusals.refuse(
      memory,
      'invalid-size',
      `Invalid 'memory' setting for task: ${JSON.stringify(memory.value)}`,
      'write "2048" or "2 GB"',
    );
  if (partial || memory.node !== undefined) return;
  for (const container of items) {
    if (container.get('memory').node !== undefined || container.get('memoryReservation').node !== undefined) continue;
    refusals.refuse(
      container,
      'no-memory',
      `Invalid setting for container '${container.get('name').value ?? ''}'. At least one of 'memory' or 'memoryReservation' must be specified`,
    );
  }
}

const VOLUME_KINDS = [
  'host',
  'dockerVolumeConfiguration',
  'efsVolumeConfiguration',
  's3filesVolumeConfiguration',
  'fsxWindowsFileServerVolumeConfiguration',
] as const;

function validateVolumes(definition: Field<TaskDefinition>, refusals: Refusals): void {
  const seen = new Set<string>();
  for (const volume of definition.get('volumes').items()) {
    const name = volume.get('name');
    if (name.value !== undefined && seen.has(name.value))
      refusals.refuse(
        name,
        'duplicate-volume',
        `Volume names should be unique within a task definition: '${name.value}'`,
      );
    if (name.value !== undefined) seen.add(name.value);
    const kinds = VOLUME_KINDS.filter((kind) => volume.get(kind).exists && !isEmpty(volume.get(kind).value));
    if (kinds.length > 1)
      refusals.refuse(volume, 'two-volume-kinds', `a volume takes one configuration, not ${kinds.join(' and ')}`);
    const efs = volume.get('efsVolumeConfiguration');
    const authorization = efs.get('authorizationConfig');
    if (authorization.get('iam').value === 'ENABLED' && efs.get('transitEncryption').value !== 'ENABLED') {
      refusals.refuse(
        authorization.get('iam'),
        'efs-encryption',
        'transit encryption must be enabled when IAM authorization is used',
        'set "transitEncryption": "ENABLED"',
      );
    }
    const root = efs.get('rootDirectory').value;
    if (authorization.get('accessPointId').exists && root !== undefined && root !== '/' && root !== '') {
      refusals.refuse(
        efs.get('rootDirectory'),
        'efs-root',
        'rootDirectory must be omitted or / when an access point is used',
      );
    }
  }
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
