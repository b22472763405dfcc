import { dnsLabel, keyName } from '../names.js';
import { defaulted, unread } from '../not-known.js';
import { dockerEbs, isEbsDriver } from './docker-ebs.js';
import { dockerOptions, type DockerOptions } from './docker-options.js';
import { efsPersistentVolume, UNKNOWN_FILE_SYSTEM } from './efs.js';
import { hostPath } from './host.js';
import { addStaticVolume } from './static-volume.js';
import { addVolume, type VolumeScope } from './volume-scope.js';

/** Where volumes that Docker shared between the tasks of an instance lie on a node, each under its own name. */
const SHARED_VOLUMES = {
  linux: '/var/lib/tranship/volumes/',
  windows: 'C:\\ProgramData\\tranship\\volumes\\',
} as const;

const NO_LABELS = 'nothing in Kubernetes reads labels of a Docker volume';

/**
 * `dockerVolumeConfiguration`. Docker's own `local` driver has a direct counterpart for each thing it can do: a directory
 * of the task or of the node, a memory file system, a bind mount, an NFS mount. The volume plugins for EFS and EBS become
 * the CSI drivers; of any other driver, the claim names a StorageClass for somebody to provide, so that no pod quietly
 * starts on an empty directory.
 *
 * Source: ECS API `DockerVolumeConfiguration`; Docker documentation, "docker volume create".
 *
 * @returns the pod volume's name
 */
export function dockerVolume(scope: VolumeScope): string {
  const docker = scope.volume.get('dockerVolumeConfiguration');
  docker.get('labels').none(NO_LABELS);
  unread(docker.get('driverOpts'));
  defaulted(docker.get('scope'), 'the volume belongs to the task, as by default in ECS');
  defaulted(docker.get('autoprovision'), 'false is used, as by default in ECS');
  const driver = docker.get('driver').value ?? 'local';
  const options = dockerOptions(docker.get('driverOpts'));
  if (driver === 'local' || driver === '') return localVolume(scope, options);
  if (/(?:^|\/)efs(?::|$)/.test(driver) || (driver === 'amazon-ecs-volume-plugin' && options.type === 'efs'))
    return efsPlugin(scope, options);
  if (isEbsDriver(driver)) return dockerEbs(scope, options);
  return foreignDriver(scope, driver);
}

function localVolume(scope: VolumeScope, options: DockerOptions): string {
  const { context, volume, ecsName } = scope;
  const docker = volume.get('dockerVolumeConfiguration');
  const scopeField = docker.get('scope');
  const shared = scopeField.value === 'shared';
  docker.get('driver').same('PodSpec.volumes', "Docker's own driver");
  if (options.type === 'tmpfs') {
    options.mark((field) => field.same('PodSpec.volumes.emptyDir.medium'));
    scopeField.same('PodSpec.volumes.emptyDir');
    docker.get('autoprovision').same('PodSpec.volumes.emptyDir');
    return addVolume(scope, {
      emptyDir: { medium: 'Memory', ...(options.size === undefined ? {} : { sizeLimit: options.size }) },
    });
  }
  if (options.type === 'nfs' || options.type === 'nfs4') return nfsVolume(scope, options);
  const bound = options.bind ? options.device : undefined;
  if (bound === undefined) options.mark((field) => field.none('no counterpart for this option of the local driver'));
  if (context.fargate && (shared || bound !== undefined)) {
    const lost = 'EKS Fargate has no host that pods could share; the pod gets an empty directory';
    scopeField.mark({
      fidelity: 'none',
      kubernetes: ['PodSpec.volumes.emptyDir'],
      lost,
      todo: 'run these pods on nodes',
    });
    options.mark((field) => field.none(lost));
    docker.get('autoprovision').same([], 'nothing to provision');
    return addVolume(scope, { emptyDir: {} });
  }
  if (bound !== undefined) {
    options.mark((field) =>
      field.near(
        'PodSpec.volumes.hostPath',
        'what the ECS instances have at this path must be on the EKS nodes',
        'check the path on the nodes',
      ),
    );
    scopeField.same('PodSpec.volumes.hostPath');
    docker.get('autoprovision').same('PodSpec.volumes.hostPath');
    return addVolume(scope, hostPath(scope, bound));
  }
  if (!shared) {
    scopeField.near(
      'PodSpec.volumes.emptyDir',
      'starts empty: Docker copies what the image has at the mount path into it, Kubernetes does not',
    );
    docker.get('autoprovision').same([], 'volumes of a task are always made');
    if (!scopeField.exists)
      volume
        .get('name')
        .near(
          ['PodSpec.volumes.name', 'PodSpec.volumes.emptyDir'],
          'starts empty: Docker copies what the image has at the mount path into it, Kubernetes does not',
        );
    return addVolume(scope, { emptyDir: {} });
  }
  const path = `${SHARED_VOLUMES[context.windows ? 'windows' : 'linux']}${keyName(ecsName)}`;
  scopeField.near(
    'PodSpec.volumes.hostPath',
    `the directory ${path} of the node, shared by the pods there that name it; what the ECS instances hold is not on the nodes`,
    'use EFS if pods must find their data on any node',
  );
  const provision = docker.get('autoprovision');
  provision.same('PodSpec.volumes.hostPath.type');
  context.findings.require('pod-security-privileged', `host path of volume ${ecsName} of ${context.title}`);
  return addVolume(scope, { hostPath: { path, type: provision.value === true ? 'DirectoryOrCreate' : 'Directory' } });
}

function nfsVolume(scope: VolumeScope, options: DockerOptions): string {
  const docker = scope.volume.get('dockerVolumeConfiguration');
  const [, host, directory = ''] = /^(?:([^:]*):)?(.*)$/s.exec(options.device ?? '') ?? [];
  const path = directory.startsWith('/') ? directory : `/${directory}`;
  const server = options.mount.get('addr') || host || 'NFS_SERVER';
  const mountOptions = options.flags.filter((flag) => !/^(?:addr|rw)(?:=|$)/.test(flag));
  options.mark((field) =>
    field.near(
      ['PersistentVolume.spec.nfs', 'PersistentVolume.spec.mountOptions'],
      'mounted by the kubelet, with the NFS client of the node',
      'admit NFS from the nodes to the server',
    ),
  );
  docker.get('scope').same('PersistentVolume.spec.nfs', 'an NFS mount holds the same files for every task');
  docker.get('autoprovision').same('PersistentVolume.spec.nfs');
  return addStaticVolume(scope, {
    handle: `nfs ${server} ${path} ${mountOptions.join(',')}`,
    source: { nfs: { server, path } },
    mountOptions,
  });
}

function efsPlugin(scope: VolumeScope, options: DockerOptions): string {
  const docker = scope.volume.get('dockerVolumeConfiguration');
  const [fileSystemId, rootDirectory] = (options.device ?? scope.ecsName).split(':');
  const accessPointId = options.mount.get('accesspoint');
  options.mark((field) =>
    field.near(
      'PersistentVolume.spec.csi.volumeHandle',
      'mounted by the EFS CSI driver; other mount options than tls, iam and accesspoint are left to it',
    ),
  );
  docker
    .get('driver')
    .needsAddon(
      'PersistentVolume.spec.csi.driver',
      'the plugin becomes the EFS CSI driver',
      "install the EFS CSI driver; admit NFS (TCP 2049) from the nodes to the mount targets' security group",
    );
  docker.get('scope').same('PersistentVolume.spec.csi', 'a file system holds the same files for every task');
  docker.get('autoprovision').same('PersistentVolume.spec.csi', 'the file system exists already');
  return efsPersistentVolume(scope, {
    fileSystemId: fileSystemId || UNKNOWN_FILE_SYSTEM,
    ...(rootDirectory === undefined ? {} : { rootDirectory }),
    ...(accessPointId === undefined ? {} : { accessPointId }),
    encrypted: options.flags.includes('tls') || options.flags.includes('iam') || accessPointId !== undefined,
    iam: options.flags.includes('iam'),
  });
}

function foreignDriver(scope: VolumeScope, driver: string): string {
  const { context, label, volume, ecsName } = scope;
  const docker = volume.get('dockerVolumeConfiguration');
  const storageClassName = dnsLabel(driver);
  const claimName = `${context.name}.${label}`;
  docker
    .get('driver')
    .needsAddon(
      'PersistentVolumeClaim.spec.storageClassName',
      `Kubernetes has no Docker volume drivers; the pods wait for a StorageClass ${storageClassName}`,
      `install a CSI driver that does what ${driver} did, and name its StorageClass in claim ${context.namespace}/${claimName}`,
    );
  docker
    .get('driverOpts')
    .none('options of a driver that Kubernetes does not know', `set them in the StorageClass of volume ${ecsName}`);
  docker.get('scope').near('PersistentVolumeClaim', 'one claim that all pods of the workload share');
  docker.get('autoprovision').same('PersistentVolumeClaim', 'the StorageClass provisions it');
  context.add({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: claimName, namespace: context.namespace },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage: '1Gi' } } },
  });
  return addVolume(scope, { persistentVolumeClaim: { claimName } });
}
