import { describe, expect, it } from '@jest/globals';
import { port, prerequisites, source, spec } from './run-volumes.js';

describe('a bind mount', () => {
  it.each([
    [{ name: 'a' }, 'volumes[0].name'],
    [{ name: 'a', host: {} }, 'volumes[0].host'],
    [{ name: 'a', host: { sourcePath: '' } }, 'volumes[0].host.sourcePath'],
  ])(
    'without a path on the host (%j) is an empty directory, into which nothing of the image is copied',
    (volume, path) => {
      const outcome = port([volume]);
      expect(source(outcome)).toEqual({ emptyDir: {} });
      expect(outcome.entry(path)).toMatchObject({ fidelity: 'near', lost: expect.stringContaining('starts empty') });
    },
  );

  it.each([
    ['/data', { path: '/data', type: 'DirectoryOrCreate' }],
    ['/proc/', { path: '/proc/', type: 'DirectoryOrCreate' }],
    ['/var/run/docker.sock', { path: '/var/run/docker.sock', type: 'Socket' }],
    ['/etc/localtime', { path: '/etc/localtime' }],
    ['/opt/app.conf', { path: '/opt/app.conf' }],
    ['/dev/fuse', { path: '/dev/fuse' }],
    ['/a/../../etc', { path: '/etc', type: 'DirectoryOrCreate' }],
    ['relative', { path: '/relative', type: 'DirectoryOrCreate' }],
    ['C:\\data', { path: 'C:\\data', type: 'DirectoryOrCreate' }],
    ['\\\\.\\pipe\\docker_engine', { path: '\\\\.\\pipe\\docker_engine' }],
    ['${DATA}', { path: '${DATA}', type: 'DirectoryOrCreate' }],
  ])('of %s is a path of the node', (sourcePath, hostPath) => {
    const outcome = port([{ name: 'a', host: { sourcePath } }]);
    expect(source(outcome)).toEqual({ hostPath });
    expect(prerequisites(outcome)).toEqual(['pod-security-privileged']);
  });

  it.each(['/var/run/docker.sock', '/var/lib/docker/containers', '/var/lib/ecs', '/cgroup'])(
    'of %s is a loss: EKS nodes have no such thing',
    (sourcePath) => {
      expect(port([{ name: 'a', host: { sourcePath } }]).entry('volumes[0].host.sourcePath').fidelity).toBe('none');
    },
  );

  it('of a host path is an empty directory on EKS Fargate, as a loss', () => {
    const outcome = port([{ name: 'a', host: { sourcePath: '/data' } }], { fargate: true });
    expect(source(outcome)).toEqual({ emptyDir: {} });
    expect(outcome.entry('volumes[0].host.sourcePath').fidelity).toBe('none');
  });
});

describe('a Docker volume', () => {
  const docker = (dockerVolumeConfiguration: object): object => ({ name: 'My_Data', dockerVolumeConfiguration });

  it.each<[string, object, object]>([
    ['of the task', { scope: 'task' }, { emptyDir: {} }],
    ['that says nothing', {}, { emptyDir: {} }],
    [
      'shared and made when missing',
      { scope: 'shared', autoprovision: true, driver: 'local' },
      { hostPath: { path: '/var/lib/tranship/volumes/My_Data', type: 'DirectoryOrCreate' } },
    ],
    [
      'shared and already there',
      { scope: 'shared' },
      { hostPath: { path: '/var/lib/tranship/volumes/My_Data', type: 'Directory' } },
    ],
    [
      'in memory',
      { driverOpts: { type: 'tmpfs', device: 'tmpfs', o: 'size=64m,uid=1000' } },
      { emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
    ],
    [
      'bound to a path',
      { scope: 'shared', driverOpts: { type: 'none', o: 'bind', device: '/srv/data' } },
      { hostPath: { path: '/srv/data', type: 'DirectoryOrCreate' } },
    ],
  ])('%s is %j', (_, configuration, expected) => {
    const outcome = port([docker(configuration)]);
    expect(source(outcome)).toEqual(expected);
    expect(outcome.untouched().filter((path) => path.startsWith('volumes'))).toEqual([]);
  });

  it('on NFS is mounted as NFS', () => {
    const { manifest } = port([
      docker({ driverOpts: { type: 'nfs', o: 'addr=10.0.0.5,nfsvers=4.1,rw', device: ':/exports/data' } }),
    ]);
    expect(spec(manifest('PersistentVolume'))).toMatchObject({
      nfs: { server: '10.0.0.5', path: '/exports/data' },
      mountOptions: ['nfsvers=4.1'],
    });
  });

  it('of the EFS plugin is an EFS volume', () => {
    const { manifest } = port([
      docker({
        driver: 'amazon-ecs-volume-plugin',
        driverOpts: { type: 'efs', device: 'fs-12345678:/in', o: 'tls,iam,accesspoint=fsap-12345678' },
      }),
    ]);
    expect(spec(manifest('PersistentVolume'))).toMatchObject({
      csi: { volumeHandle: 'fs-12345678:/in:fsap-12345678', volumeAttributes: { encryptInTransit: 'true' } },
      mountOptions: ['iam'],
    });
  });

  it('of REX-Ray is an EBS volume: of the pod, or one that is kept', () => {
    const driver = { driver: 'rexray/ebs', driverOpts: { volumetype: 'gp2', size: '5' } };
    const task = port([docker({ scope: 'task', ...driver })]);
    expect(source(task)).toMatchObject({
      ephemeral: { volumeClaimTemplate: { spec: { resources: { requests: { storage: '5Gi' } } } } },
    });
    const shared = port([docker({ scope: 'shared', autoprovision: true, ...driver })]);
    expect(source(shared)).toEqual({ persistentVolumeClaim: { claimName: 'web.my-data' } });
    expect(shared.manifest('StorageClass')).toMatchObject({ parameters: { type: 'gp2' }, reclaimPolicy: 'Retain' });
    expect(shared.entry('volumes[0].dockerVolumeConfiguration.scope').todo).toContain('to keep the data');
  });

  it('of a driver that nobody knows waits for a StorageClass instead of starting on an empty directory', () => {
    const { manifest, entry } = port([docker({ scope: 'shared', driver: 'vendor/plugin:1', driverOpts: { a: 'b' } })]);
    expect(spec(manifest('PersistentVolumeClaim'))).toMatchObject({ storageClassName: 'vendor-plugin-1' });
    expect(entry('volumes[0].dockerVolumeConfiguration.driver').fidelity).toBe('needs-addon');
  });
});
