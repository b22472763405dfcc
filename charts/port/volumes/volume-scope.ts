import type { IVolume } from 'kubernetes-models/v1';
import type { Volume } from '@aws-sdk/client-ecs';
import type { Field } from '../../ecs/field.js';
import type { TaskDefinition } from '../../ecs/model/ahead-of-sdk.js';
import type { PodDraft, PortContext } from '../pod-draft.js';

/** What a pod volume is, without its name. */
export type VolumeSource = Omit<IVolume, 'name'>;

/** One volume of the task definition and where its translation goes. */
export interface VolumeScope {
  readonly definition: Field<TaskDefinition>;
  readonly volume: Field<Volume>;
  /** The volume's name in ECS. */
  readonly ecsName: string;
  /** DNS label of the volume, unique in the pod. */
  readonly label: string;
  readonly pod: PodDraft;
  readonly context: PortContext;
  /**
   * Pod volumes by CSI driver and volume handle. A pod that mounts a handle through two claims never starts, since the
   * kubelet takes them for one volume; so a second ECS volume on the same handle shares the first one's pod volume.
   */
  readonly handles: Map<string, string>;
}

/** Adds a pod volume. @returns its name, for mounts */
export function addVolume(scope: VolumeScope, source: VolumeSource): string {
  scope.pod.volumes.push({ name: scope.label, ...source });
  return scope.label;
}
