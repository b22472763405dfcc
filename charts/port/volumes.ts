import type { Volume } from '@aws-sdk/client-ecs';
import type { Field } from '../ecs/field.js';
import type { TaskDefinition } from '../ecs/model/ahead-of-sdk.js';
import { defaulted, unread } from './not-known.js';
import type { PodDraft, PortContext } from './pod-draft.js';
import { applyMounts } from './volumes/mounts.js';
import { dockerVolume } from './volumes/docker.js';
import { ebsVolume, type VolumeConfiguration } from './volumes/ebs.js';
import { efsVolume } from './volumes/efs.js';
import { fsxVolume } from './volumes/fsx.js';
import { hostVolume } from './volumes/host.js';
import { s3filesVolume } from './volumes/s3files.js';
import type { VolumeScope } from './volumes/volume-scope.js';

type Kind = Exclude<keyof Volume, 'name'>;

/** Makes the pod volume of one kind. @returns its name */
type Make = (scope: VolumeScope, configuration: VolumeConfiguration | undefined) => string;

/** How each kind of volume is made, in the order in which a volume that claims to be several is taken for one. */
const KINDS: ReadonlyMap<Kind, Make> = new Map<Kind, Make>([
  ['efsVolumeConfiguration', efsVolume],
  ['s3filesVolumeConfiguration', s3filesVolume],
  ['fsxWindowsFileServerVolumeConfiguration', fsxVolume],
  ['configuredAtLaunch', ebsVolume],
  ['dockerVolumeConfiguration', dockerVolume],
  ['host', hostVolume],
]);

/**
 * `volumes` of the task definition, `volumeConfigurations` of the service or RunTask call, and `mountPoints` and
 * `volumesFrom` of the containers.
 *
 * Source: ECS API `Volume`; Kubernetes `PodSpec.volumes`.
 */
export function applyVolumes(definition: Field<TaskDefinition>, pod: PodDraft, context: PortContext): void {
  const configurations = volumeConfigurations(context);
  const volumes = new Map<string, string>();
  const handles = new Map<string, string>();
  const used = new Set<string>();
  unread(definition.get('volumes'));
  for (const volume of definition.get('volumes').items()) {
    const ecsName = volume.get('name').value;
    if (ecsName === undefined || ecsName === '') {
      if (unread(volume)) continue;
      volume.none('a volume without a name: nothing can mount it');
      continue;
    }
    if (volumes.has(ecsName)) {
      volume.none(`a second volume named ${ecsName}: the first one is used`);
      continue;
    }
    const label = context.label('volume', ecsName);
    const scope: VolumeScope = { definition, volume, ecsName, label, pod, context, handles };
    volume.get('name').same('PodSpec.volumes.name', label === ecsName ? undefined : `renamed to ${label}`);
    const kind = kindOf(volume);
    if (kind === 'configuredAtLaunch') used.add(ecsName);
    volumes.set(ecsName, (KINDS.get(kind) ?? hostVolume)(scope, configurations.get(ecsName)));
    markOthers(volume, kind);
  }
  for (const [name, configuration] of configurations) {
    if (!used.has(name)) configuration.none('configures no volume of the task definition that is configuredAtLaunch');
  }
  applyMounts(pod, context, volumes);
}

/** Accounts for what the volume says beside its kind. */
function markOthers(volume: Field<Volume>, kind: Kind): void {
  defaulted(volume.get('configuredAtLaunch'), 'false is used, as by default in ECS');
  for (const other of KINDS.keys()) {
    const field = volume.get(other);
    if (other === 'configuredAtLaunch' && field.value === false) field.same([], 'false, the default');
    else if (!unread(field) && other !== kind) field.none(`a volume is of one kind; ${kind} is used`);
  }
}

function kindOf(volume: Field<Volume>): Kind {
  const kind = [...KINDS.keys()].find(
    (key) => volume.get(key).exists && !(key === 'configuredAtLaunch' && volume.get(key).value !== true),
  );
  return kind ?? 'host';
}

/** By volume name; of two for one volume, the first counts and the second is marked. */
function volumeConfigurations(context: PortContext): ReadonlyMap<string, VolumeConfiguration> {
  const { service, runTask } = context.workload;
  const configurations = new Map<string, VolumeConfiguration>();
  if (service !== undefined) unread(service.definition.get('volumeConfigurations'));
  if (runTask !== undefined) unread(runTask.definition.get('volumeConfigurations'));
  const list: readonly VolumeConfiguration[] = [
    ...(service?.definition.get('volumeConfigurations').items() ?? []),
    ...(runTask?.definition.get('volumeConfigurations').items() ?? []),
  ];
  for (const configuration of list) {
    const name = configuration.get('name').value ?? '';
    if (configurations.has(name)) configuration.none(`a second configuration of volume ${name}: the first one is used`);
    else configurations.set(name, configuration);
  }
  return configurations;
}
