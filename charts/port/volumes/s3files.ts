import { parseTemplatedArn } from '../../ecs/templated-arn.js';
import { csiHandle, installDriver, requireDriver, UNKNOWN_FILE_SYSTEM } from './efs.js';
import { addStaticVolume } from './static-volume.js';
import type { VolumeScope } from './volume-scope.js';

const HANDLE = 'PersistentVolume.spec.csi.volumeHandle';

/**
 * `s3filesVolumeConfiguration`: an S3 file system, mounted by the EFS CSI driver from 3.0.0 on. Such mounts are always
 * encrypted and always by IAM, in ECS with the task role.
 *
 * Source: ECS API `S3FilesVolumeConfiguration`; aws-efs-csi-driver examples/kubernetes/s3files; amazon-ecs-agent
 * `taskresource/volume/dockervolume_s3files.go`.
 *
 * @returns the pod volume's name
 */
export function s3filesVolume(scope: VolumeScope): string {
  const files = scope.volume.get('s3filesVolumeConfiguration');
  const fileSystem = files.get('fileSystemArn');
  const directory = files.get('rootDirectory');
  const accessPoint = files.get('accessPointArn');
  const id = lastPart(fileSystem.value) || UNKNOWN_FILE_SYSTEM;
  requireDriver(scope);
  const node = 'EFS CSI node role';
  fileSystem.needsAddon(
    HANDLE,
    "mounted by the EFS CSI driver, version 3 or newer, as the driver's node pods and not as the task role",
    `${installDriver(scope)}allow the ${node} what the task role may do on the file system; admit NFS (TCP 2049) from the nodes to its mount targets`,
  );
  scope.context.findings.trust({
    role: node,
    change: `grant s3files:ClientMount and s3files:ClientWrite on ${fileSystem.value ?? 'the S3 file system'}`,
  });
  if (directory.value?.includes(':') === true)
    directory.none('a colon separates the parts of a volume handle', 'reach the directory by an access point');
  else directory.same(HANDLE);
  accessPoint.same(HANDLE);
  files
    .get('transitEncryptionPort')
    .near([], 'the driver picks a free port: with a fixed one, a node could mount the file system for one pod only');
  const volumeHandle = csiHandle(['s3files', id], directory.value, lastPart(accessPoint.value));
  return addStaticVolume(scope, {
    handle: `efs.csi.aws.com ${volumeHandle}`,
    source: { csi: { driver: 'efs.csi.aws.com', volumeHandle } },
  });
}

/** `fs-…` of `arn:aws:s3files:REGION:ACCOUNT:file-system/fs-…`, and `fsap-…` of an access point's ARN. */
function lastPart(arn: string | undefined): string | undefined {
  if (arn === undefined || arn === '') return undefined;
  return (parseTemplatedArn(arn)?.resource ?? arn).replace(/^.*\//s, '');
}
