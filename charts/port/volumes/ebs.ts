import type {
  ServiceVolumeConfiguration,
  TaskManagedEBSVolumeConfiguration,
  TaskVolumeConfiguration,
} from '@aws-sdk/client-ecs';
import type { Field } from '../../ecs/field.js';
import { isArn } from '../../ecs/arn.js';
import { partitionOf, UNKNOWN_ACCOUNT } from '../iam-role.js';
import { defaulted, unread } from '../not-known.js';
import type { PortContext } from '../pod-draft.js';
import { UNKNOWN_REGION } from '../secret-store.js';
import { ebsTags } from './ebs-tags.js';
import { addSnapshot } from './snapshot.js';
import { storageClassFor } from './storage-class.js';
import { addVolume, type VolumeScope } from './volume-scope.js';

/** `volumeConfigurations[]` of a service or a RunTask call; the latter also say what happens to the volume afterwards. */
export type VolumeConfiguration = Field<ServiceVolumeConfiguration | TaskVolumeConfiguration>;

type ManagedVolume = Field<TaskManagedEBSVolumeConfiguration>;

const CLASS = 'StorageClass.parameters';
const CLAIM = 'PodSpec.volumes.ephemeral.volumeClaimTemplate';

/**
 * A volume `configuredAtLaunch`: an EBS volume for each task that goes when the task goes. A generic ephemeral volume does
 * the same for pods; what kind of EBS volume it is stands in a StorageClass.
 *
 * Source: ECS API `ServiceManagedEBSVolumeConfiguration` and `TaskManagedEBSVolumeConfiguration`; aws-ebs-csi-driver docs/parameters.md.
 *
 * @param configuration absent when neither a service nor a RunTask call of the input configures the volume
 * @returns the pod volume's name
 */
export function ebsVolume(scope: VolumeScope, configuration: VolumeConfiguration | undefined): string {
  const { context, volume, ecsName } = scope;
  const atLaunch = volume.get('configuredAtLaunch');
  const managed: ManagedVolume | undefined = configuration?.get('managedEBSVolume');
  if (configuration === undefined || managed?.exists !== true) {
    if (managed !== undefined) unread(managed);
    configuration?.get('name').none('configures nothing: no managedEBSVolume');
    atLaunch.mark({
      fidelity: 'none',
      kubernetes: ['PodSpec.volumes.emptyDir'],
      lost: 'the input does not say what volume to attach, so the pod gets an empty directory on the node',
      todo: 'port the task definition together with the service or RunTask call that configures the volume',
    });
    return addVolume(scope, { emptyDir: {} });
  }
  if (context.fargate) {
    const lost = 'EKS Fargate attaches no EBS volumes; the pod gets an empty directory of its ephemeral storage';
    const mark = {
      fidelity: 'none',
      kubernetes: ['PodSpec.volumes.emptyDir'],
      lost,
      todo: 'run these pods on nodes',
    } as const;
    atLaunch.mark(mark);
    configuration.mark(mark);
    return addVolume(scope, { emptyDir: {} });
  }
  context.findings.require('ebs-csi-driver', `volume ${ecsName} of ${context.title}`);
  atLaunch.needsAddon(
    CLAIM,
    'the EBS CSI driver makes a volume for each pod and deletes it with the pod',
    'install the EBS CSI driver',
  );
  configuration.get('name').same('PodSpec.volumes.name');
  managed
    .get('roleArn')
    .none(
      "the EBS CSI driver's own role makes and attaches volumes",
      "give the driver's role AmazonEBSCSIDriverPolicy, and the key's grants when volumes are encrypted",
    );
  const parameters = parametersOf(managed, context);
  for (const [index, tag] of ebsTags(managed.get('tagSpecifications'), scope.definition, context).entries())
    parameters.set(`tagSpecification_${index + 1}`, tag);
  const termination = managed.get('terminationPolicy').get('deleteOnTermination');
  defaulted(termination, 'the volume is deleted with the pod');
  termination.same('StorageClass.reclaimPolicy');
  const storageClassName = storageClassFor(context, { parameters, retain: termination.value === false });
  const dataSource = addSnapshot(scope, managed.get('snapshotId'));
  return addVolume(scope, {
    ephemeral: {
      volumeClaimTemplate: {
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName,
          resources: { requests: { storage: sizeOf(managed, scope) } },
          ...(dataSource === undefined ? {} : { dataSource }),
        },
      },
    },
  });
}

function parametersOf(managed: ManagedVolume, context: PortContext): Map<string, string> {
  const parameters = new Map<string, string>();
  const filesystem = managed.get('filesystemType');
  defaulted(filesystem, 'the default of ECS is used');
  // ECS formats as xfs (ntfs on Windows) where the driver would take ext4.
  parameters.set('csi.storage.k8s.io/fstype', filesystem.value ?? (context.windows ? 'ntfs' : 'xfs'));
  filesystem.same(`${CLASS}["csi.storage.k8s.io/fstype"]`);
  const type = managed.get('volumeType');
  if (type.value !== undefined && type.value !== '') parameters.set('type', type.value);
  type.same(`${CLASS}.type`);
  for (const name of ['iops', 'throughput', 'volumeInitializationRate', 'encrypted'] as const) {
    const field = managed.get(name);
    defaulted(field, "the driver's default is used");
    if (field.value !== undefined) parameters.set(name, String(field.value));
    field.same(`${CLASS}.${name}`);
  }
  const key = managed.get('kmsKeyId');
  if (key.value === '') key.same([], 'empty: the default key');
  else if (key.value !== undefined) {
    const arn = keyArn(key.value, context);
    parameters.set('kmsKeyId', arn);
    if (arn === key.value) key.same(`${CLASS}.kmsKeyId`);
    else
      key.near(
        `${CLASS}.kmsKeyId`,
        `written as ${arn}: the driver takes only ARNs`,
        'check region and account of the ARN',
      );
  }
  return parameters;
}

function sizeOf(managed: ManagedVolume, { context, ecsName }: VolumeScope): string {
  const size = managed.get('sizeInGiB');
  defaulted(size, '1Gi is written');
  size.same(`${CLAIM}.spec.resources.requests.storage`);
  if (size.value !== undefined && size.value > 0) return `${size.value}Gi`;
  context.findings.assume(
    `volume ${ecsName} of ${context.title} has no size in the input; 1Gi is written, put the size of its snapshot there`,
  );
  return '1Gi';
}

/** ECS takes a key's id, alias or ARN, the driver only an ARN. */
function keyArn(key: string, context: PortContext): string {
  if (isArn(key) || !/^[\w/-]+$/.test(key)) return key;
  const resource = key.startsWith('alias/') ? key : `key/${key}`;
  return `arn:${partitionOf(context.region)}:kms:${context.region ?? UNKNOWN_REGION}:${context.account ?? UNKNOWN_ACCOUNT}:${resource}`;
}
