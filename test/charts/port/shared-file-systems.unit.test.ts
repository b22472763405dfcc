import { describe, expect, it } from '@jest/globals';
import { distinct } from './run-concern.js';
import { port, prerequisites, source, spec } from './run-volumes.js';

describe('an EFS volume', () => {
  const efs = (configuration: object): object => ({
    name: 'data',
    efsVolumeConfiguration: { fileSystemId: 'fs-0123456789abcdef0', ...configuration },
  });

  it('is a static PersistentVolume that only its own claim can have', () => {
    const outcome = port([efs({ rootDirectory: '/shop' })]);
    expect(source(outcome)).toEqual({ persistentVolumeClaim: { claimName: 'web.data' } });
    expect(outcome.manifest('PersistentVolume')).toEqual({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'shop.web.data' },
      spec: {
        capacity: { storage: '5Gi' },
        accessModes: ['ReadWriteMany'],
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: '',
        volumeMode: 'Filesystem',
        claimRef: { namespace: 'shop', name: 'web.data' },
        csi: {
          driver: 'efs.csi.aws.com',
          volumeHandle: 'fs-0123456789abcdef0:/shop',
          volumeAttributes: { encryptInTransit: 'false' },
        },
      },
    });
    expect(spec(outcome.manifest('PersistentVolumeClaim'))).toMatchObject({
      storageClassName: '',
      volumeName: 'shop.web.data',
    });
    expect(prerequisites(outcome)).toEqual(['efs-csi-driver']);
    expect(outcome.entry('volumes[0].efsVolumeConfiguration.fileSystemId').todo).toContain('security group');
  });

  it.each([
    [{}, 'fs-0123456789abcdef0', 'false'],
    [{ rootDirectory: '/' }, 'fs-0123456789abcdef0', 'false'],
    [{ rootDirectory: 'shop' }, 'fs-0123456789abcdef0:/shop', 'false'],
    [{ transitEncryption: 'ENABLED' }, 'fs-0123456789abcdef0', 'true'],
    [{ transitEncryption: 'DISABLED' }, 'fs-0123456789abcdef0', 'false'],
    [
      { transitEncryption: 'ENABLED', authorizationConfig: { accessPointId: 'fsap-0123456789abcdef0' } },
      'fs-0123456789abcdef0::fsap-0123456789abcdef0',
      'true',
    ],
  ])(
    'with %j has the handle %s and encryption %s, where ECS has it off by default and the driver on',
    (configuration, volumeHandle, encryptInTransit) => {
      expect(spec(port([efs(configuration)]).manifest('PersistentVolume'))).toMatchObject({
        csi: { volumeHandle, volumeAttributes: { encryptInTransit } },
      });
    },
  );

  it('that authenticates by IAM does so as the nodes, which the report calls a loss', () => {
    const { manifest, entry, context } = port([
      efs({ transitEncryption: 'ENABLED', authorizationConfig: { iam: 'ENABLED' } }),
    ]);
    expect(spec(manifest('PersistentVolume'))['mountOptions']).toEqual(['iam']);
    expect(entry('volumes[0].efsVolumeConfiguration.authorizationConfig.iam')).toMatchObject({
      fidelity: 'none',
      kubernetes: ['PersistentVolume.spec.mountOptions'],
    });
    expect(context.findings.trustChanges.map(({ role }) => role)).toEqual(['EFS CSI node role']);
  });

  it('leaves the local port of encryption to the driver', () => {
    const { manifest, entry } = port([efs({ transitEncryption: 'ENABLED', transitEncryptionPort: 2999 })]);
    expect(JSON.stringify(manifest('PersistentVolume'))).not.toContain('2999');
    expect(entry('volumes[0].efsVolumeConfiguration.transitEncryptionPort').fidelity).toBe('near');
  });

  it('needs no driver to be installed on EKS Fargate', () => {
    expect(prerequisites(port([efs({})], { fargate: true }))).toEqual([]);
  });

  it('on the same directory as another shares its pod volume: a pod with two claims on one handle never starts', () => {
    const outcome = port(
      [efs({}), { ...efs({}), name: 'again' }],
      {},
      {
        containerDefinitions: [
          {
            name: 'web',
            mountPoints: [
              { sourceVolume: 'data', containerPath: '/a' },
              { sourceVolume: 'again', containerPath: '/b' },
            ],
          },
        ],
      },
    );
    expect(outcome.pod.volumes.map(({ name }) => name)).toEqual(['data']);
    expect(outcome.pod.containers[0]?.spec.volumeMounts?.map(({ name }) => name)).toEqual(['data', 'data']);
    expect(outcome.manifests).toHaveLength(2);
  });

  it('has a name of its own in the cluster, whatever namespaces and workloads are called', () => {
    const runs = [
      port([{ ...efs({}), name: 'c' }], { namespace: 'a-b', name: 'w' }),
      port([{ ...efs({}), name: 'c' }], { namespace: 'a', name: 'b-w' }),
      port([{ ...efs({}), name: 'w-c' }], { namespace: 'a', name: 'b' }),
    ];
    expect(distinct(runs.flatMap(({ manifests }) => manifests))).toHaveLength(6);
  });
});

describe('an S3 Files volume', () => {
  it('is mounted by the EFS CSI driver, by its id out of the ARN', () => {
    const { manifest, entry } = port([
      {
        name: 'bucket',
        s3filesVolumeConfiguration: {
          fileSystemArn: 'arn:aws:s3files:eu-west-1:111122223333:file-system/fs-0123456789abcdef0',
          rootDirectory: '/in',
          accessPointArn:
            'arn:aws:s3files:eu-west-1:111122223333:file-system/fs-0123456789abcdef0/access-point/fsap-0123456789abcdef0',
        },
      },
    ]);
    expect(spec(manifest('PersistentVolume'))['csi']).toEqual({
      driver: 'efs.csi.aws.com',
      volumeHandle: 's3files:fs-0123456789abcdef0:/in:fsap-0123456789abcdef0',
    });
    expect(entry('volumes[0].s3filesVolumeConfiguration.fileSystemArn').lost).toContain('not as the task role');
  });
});

describe('an FSx for Windows volume', () => {
  const fsx = (rootDirectory: string): object => ({
    name: 'files',
    fsxWindowsFileServerVolumeConfiguration: {
      fileSystemId: 'fs-0123456789abcdef0',
      rootDirectory,
      authorizationConfig: {
        credentialsParameter: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:fsx-AbCdEf',
        domain: 'corp.example.com',
      },
    },
  });

  it('is an SMB share with credentials that are fetched, not written', () => {
    const outcome = port([fsx('share\\in\\box')], { windows: true });
    expect(spec(outcome.manifest('PersistentVolume'))['csi']).toEqual({
      driver: 'smb.csi.k8s.io',
      volumeHandle: 'shop/web/files',
      volumeAttributes: { source: '//fs-0123456789abcdef0.corp.example.com/share', subDir: 'in/box' },
      nodeStageSecretRef: { name: 'web.fsx-files.secrets-manager', namespace: 'shop' },
    });
    expect(spec(outcome.manifest('ExternalSecret'))['target']).toMatchObject({
      template: { data: { username: '{{ .username }}', password: '{{ .password }}', domain: 'corp.example.com' } },
    });
    expect(prerequisites(outcome)).toEqual(['smb-csi-driver', 'external-secrets']);
    expect(outcome.entry('volumes[0].fsxWindowsFileServerVolumeConfiguration.fileSystemId').todo).toContain(
      'describe-file-systems',
    );
  });
});
