import type { IContainer, IVolume } from 'kubernetes-models/v1';
import type { Field } from '../ecs/field.js';
import type { ContainerDefinition } from '../ecs/model/ahead-of-sdk.js';
import { memoryQuantity } from './resources.js';
import type { ContainerDraft, PodDraft, PortContext } from './pod-draft.js';

type LinuxParameters = Field<NonNullable<ContainerDefinition['linuxParameters']>>;

/** Devices, tmpfs, shared memory, swap and the init process of `linuxParameters`; capabilities are with security. */
export function applyLinuxParameters(pod: PodDraft, context: PortContext): void {
  for (const draft of pod.containers) {
    const parameters = draft.definition.get('linuxParameters');
    applyInit(parameters, pod);
    applySharedMemory(parameters, draft, pod, context);
    applyTmpfs(parameters, draft, pod, context);
    applyDevices(parameters, draft, pod, context);
    parameters.get('maxSwap').mark(
      parameters.get('maxSwap').value === 0
        ? { fidelity: 'same', kubernetes: [], lost: 'no swap, as Kubernetes has it unless the nodes say otherwise' }
        : {
            fidelity: 'none',
            kubernetes: [],
            lost: 'swap is set per node (memorySwap of the kubelet), not per container',
          },
    );
    parameters.get('swappiness').none('Kubernetes sets no swappiness per container');
  }
}

function applyInit(parameters: LinuxParameters, pod: PodDraft): void {
  const init = parameters.get('initProcessEnabled');
  if (init.value !== true) {
    init.same([], 'no init process, as in Kubernetes');
    return;
  }
  if (pod.spec.hostPID === true) {
    init.near('PodSpec.hostPID', 'in the process namespace of the host, the host’s first process reaps');
    return;
  }
  pod.spec.shareProcessNamespace = true;
  init.near(
    'PodSpec.shareProcessNamespace',
    'the pause process becomes PID 1 and reaps; it forwards no signals, and the containers see each other’s processes',
    'to keep the processes apart, put tini or dumb-init into the image instead',
  );
}

function applySharedMemory(
  parameters: LinuxParameters,
  draft: ContainerDraft,
  pod: PodDraft,
  context: PortContext,
): void {
  const size = parameters.get('sharedMemorySize');
  if (size.value === undefined || size.value <= 0) {
    size.none('not a size');
    return;
  }
  mountMemory(pod, draft, context.label('shared-memory', draft.ecsName), '/dev/shm', size.value);
  size.same('EmptyDirVolumeSource.sizeLimit', 'counts against the memory limit of the container, as on ECS');
}

function applyTmpfs(parameters: LinuxParameters, draft: ContainerDraft, pod: PodDraft, context: PortContext): void {
  for (const [index, tmpfs] of parameters.get('tmpfs').items().entries()) {
    const path = tmpfs.get('containerPath');
    const size = tmpfs.get('size');
    if (
      path.value === undefined ||
      path.value.includes(':') ||
      draft.spec.volumeMounts?.some((m) => m.mountPath === path.value)
    ) {
      tmpfs.none('the path is already mounted, or no Kubernetes mount path');
      continue;
    }
    mountMemory(
      pod,
      draft,
      context.label('tmpfs', `${draft.ecsName}-${index}`),
      path.value,
      Math.max(1, size.value ?? 1),
    );
    path.same('Container.volumeMounts.mountPath');
    size.same('EmptyDirVolumeSource.sizeLimit');
    tmpfs.get('mountOptions').none('mount options of an emptyDir are not in any Kubernetes version of EKS');
  }
}

function mountMemory(pod: PodDraft, draft: ContainerDraft, name: string, mountPath: string, mebibytes: number): void {
  const volume: IVolume = { name, emptyDir: { medium: 'Memory', sizeLimit: memoryQuantity(mebibytes) } };
  pod.volumes.push(volume);
  draft.spec.volumeMounts = [...(draft.spec.volumeMounts ?? []), { name, mountPath }];
}

function applyDevices(parameters: LinuxParameters, draft: ContainerDraft, pod: PodDraft, context: PortContext): void {
  for (const [index, device] of parameters.get('devices').items().entries()) {
    const host = device.get('hostPath');
    const target = device.get('containerPath');
    const mountPath = target.value ?? host.value;
    const mounts: IContainer['volumeMounts'] = draft.spec.volumeMounts ?? [];
    const path = host.value;
    if (
      path === undefined ||
      mountPath === undefined ||
      mountPath.includes(':') ||
      mounts.some((m) => m.mountPath === mountPath)
    ) {
      device.none('not a path that can be mounted');
      continue;
    }
    const name = context.label('device', `${draft.ecsName}-${index}`);
    pod.volumes.push({ name, hostPath: { path } });
    draft.spec.volumeMounts = [...mounts, { name, mountPath }];
    const lost = 'mounted from the node; the container may open it only when it is privileged';
    const todo = 'use a device plugin, which also sets the permissions, or run the container privileged';
    host.near('PodSpec.volumes.hostPath.path', lost, todo);
    target.near('Container.volumeMounts.mountPath', lost, todo);
    device.get('permissions').none('device permissions are set by device plugins only', todo);
    context.findings.require('pod-security-privileged', `${context.title}: device of container ${draft.spec.name}`);
  }
}
