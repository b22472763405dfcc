import type { SourceNode } from '../../source/source-node.js';
import { at, implied, itemsOf, list, made, numberOf, object, textOf } from '../derived/nodes.js';
import { mebibytes } from './bytes.js';
import type { Project } from './project.js';

/** MiB that ecs-cli gives a container when nothing limits it. Source: `reconcile_container_def.go` of aws/amazon-ecs-cli. */
const DEFAULT_MEMORY = 512;

/** The resources of a container in the order in which one source overrides the next. */
export interface Resources {
  readonly cpu?: SourceNode | undefined;
  readonly memory?: SourceNode | undefined;
  readonly memoryReservation?: SourceNode | undefined;
  readonly resourceRequirements?: SourceNode | undefined;
}

/**
 * CPU, memory and GPUs of a container: `ecs-params.yml` before the service's own fields before `deploy.resources`. Cores
 * become CPU units, 1024 a core.
 */
export function resourcesOf(project: Project, name: string, service: SourceNode): Resources {
  const param = (key: string): SourceNode | undefined => project.param('services', name, key);
  const limits = at(service, 'deploy', 'resources', 'limits');
  const reservations = at(service, 'deploy', 'resources', 'reservations');
  const by = 'a field that ecs-cli prefers';
  const cpu = project.first(
    by,
    positive(project, param('cpu_shares')),
    at(service, 'cpu_shares'),
    units(project, at(service, 'cpus')),
    units(project, at(reservations, 'cpus')),
    units(project, at(limits, 'cpus')),
  );
  const reservation = project.first(
    by,
    mebibytes(project, param('mem_reservation')),
    mebibytes(project, at(service, 'mem_reservation')),
    mebibytes(project, at(reservations, 'memory')),
  );
  const limit = project.first(
    by,
    mebibytes(project, param('mem_limit')),
    mebibytes(project, at(service, 'mem_limit')),
    mebibytes(project, at(limits, 'memory')),
  );
  const taskMemory = project.param('task_size', 'mem_limit');
  const fallback =
    reservation === undefined && taskMemory === undefined
      ? implied(DEFAULT_MEMORY, service)
      : project.version < 3 && at(service, 'mem_reservation') !== undefined
        ? reservation
        : undefined;
  return {
    cpu,
    memory: limit ?? fallback,
    memoryReservation: reservation,
    resourceRequirements: gpusOf(project, param('gpu'), reservations, service),
  };
}

/** A number of cores as CPU units. */
function units(project: Project, node: SourceNode | undefined): SourceNode | undefined {
  if (node === undefined) return undefined;
  const cores = numberOf(node);
  if (cores !== undefined && cores >= 0) return made(Math.round(cores * 1024), node);
  project.reject(node, 'cpus is a number of cores, such as 0.5');
  return undefined;
}

function positive(project: Project, node: SourceNode | undefined): SourceNode | undefined {
  if (node === undefined || numberOf(node) !== 0) return node;
  project.coverage.same(node, [], '0 shares stand for none given');
  return undefined;
}

function gpusOf(
  project: Project,
  param: SourceNode | undefined,
  reservations: SourceNode | undefined,
  service: SourceNode,
): SourceNode | undefined {
  const devices = itemsOf(at(reservations, 'devices'));
  const isGpu = (device: SourceNode): boolean =>
    itemsOf(at(device, 'capabilities')).some((capability) => textOf(capability) === 'gpu');
  const counts = devices.filter(isGpu).map((device) => {
    project.coverage.same(at(device, 'capabilities'), ['Container.resources.limits'], 'asks for a GPU');
    project.coverage.same(at(device, 'driver'), ['Container.resources.limits'], 'the device plugin brings the driver');
    const count = at(device, 'count');
    const ids = itemsOf(at(device, 'device_ids'));
    project.coverage.none(at(device, 'device_ids'), 'a pod asks for a number of GPUs and not for certain ones');
    if (numberOf(count) !== undefined) return count;
    project.coverage.none(count, 'a pod cannot ask for all GPUs of its node; one is asked for');
    return implied(Math.max(1, ids.length), device);
  });
  for (const device of devices) if (!isGpu(device)) project.coverage.none(device, 'ECS reserves no devices but GPUs');
  const value = project.first('ecs-params.yml', param, ...counts);
  if (value === undefined) return undefined;
  return list(service, [
    object(value, [
      ['type', implied('GPU', value)],
      ['value', value],
    ]),
  ]);
}
