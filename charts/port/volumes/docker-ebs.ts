import type { IPersistentVolumeClaimSpec } from 'kubernetes-models/v1';
import type { DockerOptions } from './docker-options.js';
import { storageClassFor } from './storage-class.js';
import { addVolume, type VolumeScope } from './volume-scope.js';

/** REX-Ray's EBS driver and its forks. */
export function isEbsDriver(driver: string): boolean {
  return /(?:^|\/)ebs(?::|$)/.test(driver);
}

/**
 * A Docker volume on EBS by REX-Ray. A volume of the task becomes a generic ephemeral volume. A shared one is an EBS volume
 * that REX-Ray finds by its name and moves from instance to instance; it becomes a claim that provisions a new volume,
 * because only AWS knows the id of the old one.
 *
 * Source: REX-Ray documentation, "Storage providers, EBS": options `size`, `volumetype`, `iops`.
 *
 * @returns the pod volume's name
 */
export function dockerEbs(scope: VolumeScope, options: DockerOptions): string {
  const { context, volume, ecsName, label } = scope;
  const docker = volume.get('dockerVolumeConfiguration');
  const shared = docker.get('scope').value === 'shared';
  const parameters = new Map([['csi.storage.k8s.io/fstype', fileSystem(options)]]);
  const type = options.other.get('volumetype');
  const iops = options.other.get('iops');
  if (type !== undefined && type !== '') parameters.set('type', type);
  if (iops !== undefined && /^\d+$/.test(iops)) parameters.set('iops', iops);
  const gibibytes = /^[1-9]\d{0,5}$/.test(options.other.get('size') ?? '') ? options.other.get('size') : undefined;
  context.findings.require('ebs-csi-driver', `volume ${ecsName} of ${context.title}`);
  const storageClassName = storageClassFor(context, { parameters, retain: shared });
  docker
    .get('driver')
    .needsAddon('StorageClass.provisioner', 'the plugin becomes the EBS CSI driver', 'install the EBS CSI driver');
  options.mark((option) =>
    option.near(
      ['StorageClass.parameters', 'PersistentVolumeClaim.spec.resources'],
      'size, volumetype, iops and fstype are carried; other options are left to the driver',
    ),
  );
  docker.get('autoprovision').same('StorageClass', 'the driver makes the volume');
  const spec: IPersistentVolumeClaimSpec = {
    accessModes: ['ReadWriteOnce'],
    storageClassName,
    // REX-Ray's own default size.
    resources: { requests: { storage: `${gibibytes ?? '16'}Gi` } },
  };
  if (!shared) {
    docker.get('scope').same('PodSpec.volumes.ephemeral');
    return addVolume(scope, { ephemeral: { volumeClaimTemplate: { spec } } });
  }
  const claimName = `${context.name}.${label}`;
  docker
    .get('scope')
    .near(
      'PersistentVolumeClaim',
      'a new, empty EBS volume: only AWS knows the id of the one that REX-Ray finds by its name',
      `to keep the data, bind claim ${context.namespace}/${claimName} to a PersistentVolume for that volume's id`,
    );
  context.add({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: claimName, namespace: context.namespace },
    spec,
  });
  return addVolume(scope, { persistentVolumeClaim: { claimName } });
}

function fileSystem(options: DockerOptions): string {
  const given = options.other.get('fstype') ?? options.other.get('fs-type') ?? '';
  return ['ext3', 'ext4', 'xfs'].includes(given) ? given : 'ext4';
}
