import type { IContainer } from 'kubernetes-models/v1';
import type { Field } from '../ecs/field.js';
import type { ContainerDefinition, TaskDefinition } from '../ecs/model/ahead-of-sdk.js';
import { parseTaskCpu, parseTaskMemory } from '../ecs/task-size.js';
import { atLeast } from './kubernetes-version.js';
import type { ContainerDraft, PodDraft, PortContext } from './pod-draft.js';

type Quantities = NonNullable<NonNullable<IContainer['resources']>['limits']>;

/** ECS CPU units (1,024 a vCPU) as a Kubernetes quantity: 256 units are `250m`. At least 1m. */
export function cpuQuantity(units: number): string {
  return milliQuantity(milliCpu(units));
}

function milliCpu(units: number): number {
  return Math.max(1, Math.round((units * 1000) / 1024));
}

function milliOf(quantity: string | number | undefined): number {
  const text = String(quantity ?? 0);
  return text.endsWith('m') ? Number(text.slice(0, -1)) : Number(text) * 1000;
}

function milliQuantity(milli: number): string {
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
}

/** MiB as a Kubernetes quantity. */
export function memoryQuantity(mebibytes: number): string {
  return `${mebibytes}Mi`;
}

/**
 * Requests and limits of the containers and of the whole task.
 *
 * A container's `cpu` is a share, so a request without a limit (a hard cap on Windows); `memory` is a limit and, without
 * `memoryReservation`, the reservation. The task's `cpu` and `memory` cap all containers together: pod-level resources
 * from Kubernetes 1.34 on, before that (and on Windows) they are given to the containers.
 *
 * Source: ECS API `ContainerDefinition.cpu|memory|memoryReservation`, `TaskDefinition.cpu|memory`; KEP-2837.
 */
export function applyResources(definition: Field<TaskDefinition>, pod: PodDraft, context: PortContext): void {
  for (const draft of pod.containers) applyContainer(draft, context);
  applyTaskSize(definition, pod, context);
  applyEphemeralStorage(definition, pod, context);
}

function applyContainer(draft: ContainerDraft, context: PortContext): void {
  const { definition } = draft;
  const requests: Quantities = {};
  const limits: Quantities = {};
  const cpu = definition.get('cpu');
  if (cpu.value !== undefined && cpu.value > 0) {
    requests['cpu'] = cpuQuantity(cpu.value);
    if (context.windows) limits['cpu'] = cpuQuantity(cpu.value);
    const fields = ['Container.resources.requests.cpu', ...(context.windows ? ['Container.resources.limits.cpu'] : [])];
    cpu.near(fields, `${cpu.value} of 1,024 units a vCPU are ${cpuQuantity(cpu.value)}, by weight when CPU is scarce`);
  } else cpu.same([], 'no share is reserved, and no request is made');
  const memory = definition.get('memory');
  const reservation = definition.get('memoryReservation');
  const limit = positive(memory.value);
  const reserved = positive(reservation.value) ?? limit;
  if (limit !== undefined) limits['memory'] = memoryQuantity(limit);
  if (reserved !== undefined)
    requests['memory'] = memoryQuantity(limit === undefined ? reserved : Math.min(reserved, limit));
  memory.same(
    reservation.exists
      ? 'Container.resources.limits.memory'
      : ['Container.resources.limits.memory', 'Container.resources.requests.memory'],
  );
  reservation.same('Container.resources.requests.memory');
  applyDevices(definition, limits, draft, context);
  if (Object.keys(requests).length > 0) draft.spec.resources = { ...draft.spec.resources, requests };
  if (Object.keys(limits).length > 0) draft.spec.resources = { ...draft.spec.resources, limits };
}

function applyDevices(
  definition: Field<ContainerDefinition>,
  limits: Quantities,
  draft: ContainerDraft,
  context: PortContext,
): void {
  for (const requirement of definition.get('resourceRequirements').items()) {
    const type = requirement.get('type');
    const value = requirement.get('value');
    const count = /^\d+$/.test(value.value ?? '') ? Number(value.value) : undefined;
    if (type.value === 'GPU' && count !== undefined) {
      limits['nvidia.com/gpu'] = String(count);
      type.needsAddon(
        'Container.resources.limits',
        'a GPU is an extended resource',
        'install the NVIDIA device plugin on GPU nodes',
      );
      value.same('Container.resources.limits["nvidia.com/gpu"]');
      context.findings.require('nvidia-device-plugin', `${context.title}: container ${draft.spec.name}`);
    } else if (type.value === 'NeuronDevice') {
      limits['aws.amazon.com/neuron'] = String(count ?? 1);
      type.needsAddon(
        'Container.resources.limits',
        'a Neuron device is an extended resource',
        'install the Neuron device plugin',
      );
      if (count === undefined)
        value.near(
          'Container.resources.limits["aws.amazon.com/neuron"]',
          '"ALL" has no equivalent: one device is asked for',
          'set the number of devices of your instance type',
        );
      else value.same('Container.resources.limits["aws.amazon.com/neuron"]');
      context.findings.require('neuron-device-plugin', `${context.title}: container ${draft.spec.name}`);
    } else if (type.value === 'GPU') {
      requirement.none(
        'only a whole number of GPUs can be asked for',
        'set limits["nvidia.com/gpu"] to the number of your instance type',
      );
    } else requirement.none('Elastic Inference has been discontinued by AWS');
    const mps = requirement.get('sharingStrategy').get('nvidiaMps');
    const memory = mps.get('memory');
    const percent = mps.get('maxComputePercent');
    const env = (draft.spec.env ??= []);
    if (memory.value !== undefined) env.push({ name: 'CUDA_MPS_PINNED_DEVICE_MEM_LIMIT', value: `0=${memory.value}M` });
    if (percent.value !== undefined)
      env.push({ name: 'CUDA_MPS_ACTIVE_THREAD_PERCENTAGE', value: String(percent.value) });
    const todo = 'switch on MPS sharing in the NVIDIA device plugin';
    memory.needsAddon('Container.env', 'limits the memory, but the scheduler does not count it', todo);
    percent.needsAddon('Container.env', 'limits the threads, but the scheduler does not count them', todo);
  }
}

function applyTaskSize(definition: Field<TaskDefinition>, pod: PodDraft, context: PortContext): void {
  const cpuField = definition.get('cpu');
  const memoryField = definition.get('memory');
  const cpu = context.windows && !context.fargate ? undefined : parseTaskCpu(cpuField.value);
  const memory = context.windows && !context.fargate ? undefined : parseTaskMemory(memoryField.value);
  if (context.windows) {
    cpuField.near([], 'ECS ignores the task size on Windows; the containers keep their own');
    memoryField.near([], 'ECS ignores the task size on Windows; the containers keep their own');
  }
  if (cpu === undefined && memory === undefined) {
    cpuField.none('not a CPU size');
    memoryField.none('not a memory size');
    return;
  }
  const [only, ...others] = pod.containers;
  if (only !== undefined && others.length === 0) {
    fill(only, cpu, memory);
    cpuField.same(
      ['Container.resources.limits.cpu', 'Container.resources.requests.cpu'],
      'the only container has the whole task',
    );
    memoryField.same(
      ['Container.resources.limits.memory', 'Container.resources.requests.memory'],
      'the only container has the whole task',
    );
  } else if (atLeast(context.options.kubernetes, '1.34') && !context.windows) {
    if (context.workload.scaling.length > 0) shareRequests(pod, cpu, memory);
    const quantities: Quantities = {};
    // Rounded one by one, the containers may ask for a little more than the task: the API server compares the sums.
    const requested = pod.containers.reduce((total, d) => total + milliOf(d.spec.resources?.requests?.['cpu']), 0);
    const reserved = pod.containers.reduce((total, d) => total + reservedOf(d, 'memory'), 0);
    if (cpu !== undefined) quantities['cpu'] = milliQuantity(Math.max(milliCpu(cpu), requested));
    if (memory !== undefined)
      quantities['memory'] = memoryQuantity(Math.max(memory, reserved, ...pod.containers.map(limitOf)));
    pod.spec.resources = { limits: { ...quantities }, requests: { ...quantities } };
    cpuField.same('PodSpec.resources.limits.cpu');
    memoryField.same('PodSpec.resources.limits.memory');
    context.findings.require('kubernetes-version', `${context.title}: pod-level resources (1.34)`);
  } else {
    shareRequests(pod, cpu, memory);
    for (const draft of pod.containers) limitTo(draft, memory);
    cpuField.near(
      'Container.resources.requests.cpu',
      'shared out over the containers; together they may use more',
      'render for Kubernetes 1.34 or newer',
    );
    memoryField.near(
      'Container.resources.limits.memory',
      'each container may use the whole of it; together they may use more',
      'render for Kubernetes 1.34 or newer',
    );
  }
}

/** The one container of a task is capped by the task size as well as by its own limit. */
function fill(draft: ContainerDraft, cpu: number | undefined, memory: number | undefined): void {
  const requests: Quantities = { ...draft.spec.resources?.requests };
  const limits: Quantities = { ...draft.spec.resources?.limits };
  if (cpu !== undefined) {
    limits['cpu'] = cpuQuantity(Math.max(cpu, reservedOf(draft, 'cpu')));
    requests['cpu'] = limits['cpu'];
  }
  if (memory !== undefined) {
    limits['memory'] ??= memoryQuantity(Math.max(memory, reservedOf(draft, 'memory')));
    requests['memory'] ??= limits['memory'];
  }
  draft.spec.resources = { ...draft.spec.resources, requests, limits };
}

/** Gives containers without a reservation an equal part of what the others leave, as Utilization metrics need requests. */
function shareRequests(pod: PodDraft, cpu: number | undefined, memory: number | undefined): void {
  const share = (total: number | undefined, pick: 'cpu' | 'memory', quantity: (value: number) => string): void => {
    if (total === undefined) return;
    const without = pod.containers.filter((draft) => reservedOf(draft, pick) === 0);
    const left = total - pod.containers.reduce((sum, draft) => sum + reservedOf(draft, pick), 0);
    const part = Math.floor(left / without.length);
    if (part < 1) return;
    for (const draft of without) {
      draft.spec.resources = {
        ...draft.spec.resources,
        requests: { ...draft.spec.resources?.requests, [pick]: quantity(part) },
      };
    }
  };
  share(cpu, 'cpu', cpuQuantity);
  share(memory, 'memory', memoryQuantity);
}

function limitTo(draft: ContainerDraft, memory: number | undefined): void {
  if (memory === undefined || draft.spec.resources?.limits?.['memory'] !== undefined) return;
  const limit = Math.max(memory, reservedOf(draft, 'memory'));
  draft.spec.resources = {
    ...draft.spec.resources,
    limits: { ...draft.spec.resources?.limits, memory: memoryQuantity(limit) },
  };
}

function reservedOf(draft: ContainerDraft, pick: 'cpu' | 'memory'): number {
  if (pick === 'cpu') return positive(draft.definition.get('cpu').value) ?? 0;
  const limit = positive(draft.definition.get('memory').value);
  const reservation = positive(draft.definition.get('memoryReservation').value) ?? limit ?? 0;
  return limit === undefined ? reservation : Math.min(limit, reservation);
}

function applyEphemeralStorage(definition: Field<TaskDefinition>, pod: PodDraft, context: PortContext): void {
  const overridden = definition.get('ephemeralStorage').get('sizeInGiB');
  const first = pod.containers.find((draft) => draft.definition.get('essential').value !== false) ?? pod.containers[0];
  const size = positive(overridden.value);
  if (size === undefined || first === undefined) {
    overridden.none('not a size');
    return;
  }
  const quantity = `${size}Gi`;
  const { resources } = first.spec;
  first.spec.resources = {
    ...resources,
    requests: { ...resources?.requests, 'ephemeral-storage': quantity },
    limits: { ...resources?.limits, 'ephemeral-storage': quantity },
  };
  overridden.near(
    'Container.resources.requests["ephemeral-storage"]',
    `reserved on the node for container ${first.spec.name}; a pod that exceeds it is evicted instead of running out of space`,
    'give the nodes root volumes that are large enough',
  );
  if (context.fargate)
    context.findings.require('fargate-profile', `${context.title}: ${quantity} of ephemeral storage, at most 175Gi`);
}

function limitOf(draft: ContainerDraft): number {
  return positive(draft.definition.get('memory').value) ?? 0;
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}
