import { defaulted, unread } from '../not-known.js';
import { addStaticVolume } from './static-volume.js';
import type { VolumeScope } from './volume-scope.js';

/** An EFS mount, whoever describes it: an EFS volume or the ECS volume plugin's options. */
export interface EfsMount {
  readonly fileSystemId: string;
  /** Directory of the file system; with an access point, below the access point's own. @default '/' */
  readonly rootDirectory?: string;
  readonly accessPointId?: string;
  readonly encrypted: boolean;
  /** Whether the mount authenticates by IAM. */
  readonly iam: boolean;
}

/** What stands for a file system that the input does not name. */
export const UNKNOWN_FILE_SYSTEM = 'FILE_SYSTEM_ID';

const HANDLE = 'PersistentVolume.spec.csi.volumeHandle';

/**
 * `efsVolumeConfiguration`: a static PersistentVolume of the EFS CSI driver. Encryption in transit is always written out:
 * ECS has it off unless it is asked for, the driver on.
 *
 * Source: ECS API `EFSVolumeConfiguration`; aws-efs-csi-driver docs/parameters.md and pkg/driver/node.go, `parseVolumeId`.
 *
 * @returns the pod volume's name
 */
export function efsVolume(scope: VolumeScope): string {
  const efs = scope.volume.get('efsVolumeConfiguration');
  const id = efs.get('fileSystemId');
  const directory = efs.get('rootDirectory');
  const encryption = efs.get('transitEncryption');
  const authorization = efs.get('authorizationConfig');
  const accessPoint = authorization.get('accessPointId');
  const iam = authorization.get('iam');
  defaulted(encryption, 'the mount is not encrypted, as by default in ECS');
  defaulted(iam, 'the mount does not authenticate by IAM');
  unread(authorization);
  const encrypted = encryption.value === 'ENABLED' || (accessPoint.value ?? '') !== '' || iam.value === 'ENABLED';

  id.needsAddon(
    HANDLE,
    'mounted by the EFS CSI driver',
    `${installDriver(scope)}admit NFS (TCP 2049) from the nodes to the mount targets' security group${isFileSystemId(id.value) ? '' : "; put the file system's id into the volume handle"}`,
  );
  if (directory.value?.includes(':') === true)
    directory.none('a colon separates the parts of a volume handle', 'reach the directory by an access point');
  else directory.same(HANDLE);
  encryption.same(
    'PersistentVolume.spec.csi.volumeAttributes.encryptInTransit',
    encrypted ? undefined : 'off as in ECS, where the driver would encrypt; remove the attribute to have it encrypt',
  );
  if (encryption.value === 'DISABLED' && encrypted)
    encryption.near(
      'PersistentVolume.spec.csi.volumeAttributes.encryptInTransit',
      'encrypted all the same: an access point or IAM needs it',
    );
  efs
    .get('transitEncryptionPort')
    .near([], 'the driver picks a free port: with a fixed one, a node could mount the file system for one pod only');
  accessPoint.same(HANDLE);
  if (iam.value === 'ENABLED') {
    const node = 'EFS CSI node role';
    iam.mark({
      fidelity: 'none',
      kubernetes: ['PersistentVolume.spec.mountOptions'],
      lost: "the mount authenticates as the CSI driver's node pods, not as the task role: the file system's policy cannot tell workloads apart",
      todo: `allow the ${node} what the task role may do on the file system; keep workloads apart by access points`,
    });
    scope.context.findings.trust({
      role: node,
      change: `grant elasticfilesystem:ClientMount, ClientWrite and, where root is needed, ClientRootAccess on ${id.value ?? 'the file system'}, and name the role in the file system's policy`,
    });
  } else iam.same([], 'off, as for the CSI driver');
  return efsPersistentVolume(scope, {
    fileSystemId: id.value || UNKNOWN_FILE_SYSTEM,
    rootDirectory: directory.value ?? '/',
    ...(accessPoint.value === undefined || accessPoint.value === '' ? {} : { accessPointId: accessPoint.value }),
    encrypted,
    iam: iam.value === 'ENABLED',
  });
}

/** The volume of an EFS mount. @returns the pod volume's name */
export function efsPersistentVolume(scope: VolumeScope, mount: EfsMount): string {
  requireDriver(scope);
  const volumeHandle = csiHandle([mount.fileSystemId], mount.rootDirectory, mount.accessPointId);
  const encryptInTransit = String(mount.encrypted);
  return addStaticVolume(scope, {
    handle: `efs.csi.aws.com ${volumeHandle} ${encryptInTransit} ${mount.iam}`,
    source: { csi: { driver: 'efs.csi.aws.com', volumeHandle, volumeAttributes: { encryptInTransit } } },
    ...(mount.iam ? { mountOptions: ['iam'] } : {}),
  });
}

/**
 * A volume handle of the driver: file system, directory and access point between colons, with those at the end left out.
 *
 * @example csiHandle(['fs-12345678'], '/data', undefined) // 'fs-12345678:/data'
 * @example csiHandle(['s3files', 'fs-12345678'], '/', 'fsap-12345678') // 's3files:fs-12345678::fsap-12345678'
 */
export function csiHandle(
  fileSystem: readonly string[],
  directory: string | undefined,
  accessPoint: string | undefined,
): string {
  const rooted = directory === undefined || directory === '' || directory.startsWith('/') ? directory : `/${directory}`;
  const below = rooted === undefined || rooted === '/' ? '' : rooted;
  if (accessPoint !== undefined && accessPoint !== '') return [...fileSystem, below, accessPoint].join(':');
  return [...fileSystem, ...(below === '' ? [] : [below])].join(':');
}

/** The CSI driver as a prerequisite, except on EKS Fargate, which has it built in. */
export function requireDriver({ context, ecsName }: VolumeScope): void {
  if (!context.fargate) context.findings.require('efs-csi-driver', `volume ${ecsName} of ${context.title}`);
}

/** What to do about the driver, at the beginning of a sentence; nothing on EKS Fargate, which has it built in. */
export function installDriver({ context }: VolumeScope): string {
  return context.fargate ? '' : 'install the EFS CSI driver; ';
}

/** The driver mounts nothing else. Source: pkg/driver/node.go, `isValidFileSystemId`. */
function isFileSystemId(text: string | undefined): boolean {
  return /^fs-[0-9a-f]{8,40}$/.test(text ?? '');
}
