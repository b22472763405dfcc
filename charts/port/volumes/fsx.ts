import { parseSecretReference } from '../../ecs/secret-reference.js';
import { externalSecretFor } from '../external-secret.js';
import { unread } from '../not-known.js';
import { UNKNOWN_FILE_SYSTEM } from './efs.js';
import { addStaticVolume } from './static-volume.js';
import type { VolumeScope } from './volume-scope.js';

/**
 * `fsxWindowsFileServerVolumeConfiguration`: a static PersistentVolume of the SMB CSI driver, with the credentials in a
 * Secret that the External Secrets operator makes. The input has the file system's id, the driver wants its DNS name; the
 * name that Single-AZ 1 file systems have is written, and the report says how to check it.
 *
 * Source: ECS API `FSxWindowsFileServerVolumeConfiguration`; csi-driver-smb docs/driver-parameters.md; amazon-ecs-agent
 * `taskresource/fsxwindowsfileserver`.
 *
 * @returns the pod volume's name
 */
export function fsxVolume(scope: VolumeScope): string {
  const { context, label, ecsName } = scope;
  const fsx = scope.volume.get('fsxWindowsFileServerVolumeConfiguration');
  const id = fsx.get('fileSystemId');
  const directory = fsx.get('rootDirectory');
  const authorization = fsx.get('authorizationConfig');
  const credentials = authorization.get('credentialsParameter');
  const domain = authorization.get('domain');
  unread(authorization);
  const [share, ...path] = (directory.value ?? '').split(/[\\/]+/).filter((part) => part !== '');
  const server = [id.value || UNKNOWN_FILE_SYSTEM, ...(domain.value === undefined ? [] : [domain.value])].join('.');
  const subDir = path.join('/');
  const reference = parseSecretReference(credentials.value ?? '', 'SecretsManager');

  context.findings.require('smb-csi-driver', `volume ${ecsName} of ${context.title}`);
  id.needsAddon(
    'PersistentVolume.spec.csi.volumeAttributes.source',
    `the server is taken to be ${server}`,
    `install the SMB CSI driver; check the name: aws fsx describe-file-systems --file-system-ids ${id.value ?? 'ID'} --query "FileSystems[].DNSName"`,
  );
  directory.same([
    'PersistentVolume.spec.csi.volumeAttributes.source',
    'PersistentVolume.spec.csi.volumeAttributes.subDir',
  ]);
  domain.same('PersistentVolume.spec.csi.nodeStageSecretRef');
  let secret = `${context.name}.fsx-${label}`;
  if (reference === undefined)
    credentials.none(
      'not the ARN of a secret or parameter',
      `create Secret ${context.namespace}/${secret} with username, password and domain`,
    );
  else {
    const items = ['username', 'password'].map((key) => ({ key, reference: { ...reference, jsonKey: key } }));
    const data = {
      username: '{{ .username }}',
      password: '{{ .password }}',
      domain: domain.value?.replaceAll('{{', '') ?? '',
    };
    secret = externalSecretFor(context, `fsx-${label}`, items, { data }).get('username')?.name ?? secret;
    credentials.needsAddon(
      ['PersistentVolume.spec.csi.nodeStageSecretRef', 'ExternalSecret.spec.data'],
      'read when the volume is mounted on a node; a changed password is used from the next mount on',
      'install the External Secrets operator and let it read the secret (see the IAM changes)',
    );
  }
  const source = `//${server}/${share ?? 'share'}`;
  return addStaticVolume(scope, {
    handle: `smb.csi.k8s.io ${source} ${subDir} ${credentials.value ?? ''}`,
    source: {
      csi: {
        driver: 'smb.csi.k8s.io',
        // Only has to be unique: the driver keeps one mount per handle on a node, with the credentials it was first given.
        volumeHandle: `${context.namespace}/${context.name}/${label}`,
        volumeAttributes: { source, ...(subDir === '' ? {} : { subDir }) },
        nodeStageSecretRef: { name: secret, namespace: context.namespace },
      },
    },
    ...(context.windows ? {} : { mountOptions: ['dir_mode=0777', 'file_mode=0777'] }),
  });
}
