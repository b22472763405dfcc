import { describe, expect, it } from '@jest/globals';
import { applyVolumes } from '../../../charts/port/volumes.js';
import { createManifestValidator } from '../../../charts/validation/validate.js';
import { runConcern } from './run-concern.js';
import { port } from './run-volumes.js';

describe('volumes', () => {
  it('that are broken are tolerated and told of', () => {
    const { pod, entry, untouched } = port([
      { host: { sourcePath: '/a' } },
      { name: 'a' },
      { name: 'a', host: { sourcePath: '/b' } },
      { name: 'b', efsVolumeConfiguration: {} },
    ]);
    expect(pod.volumes.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(entry('volumes[0].host.sourcePath').lost).toContain('without a name');
    expect(entry('volumes[2].host.sourcePath').lost).toContain('second volume');
    expect(untouched()).toEqual(['family']);
  });

  it('whose values are not known yet say what stands in their place', () => {
    const text =
      '{"volumes": [{"name": "d", "efsVolumeConfiguration": {"fileSystemId": "fs-12345678", "transitEncryption": ${TLS}}}, {"name": "e", "host": ${HOST}}], "containerDefinitions": [{"name": "w", "mountPoints": ${MOUNTS}, "volumesFrom": [{"sourceContainer": "w", "readOnly": ${RO}}]}]}';
    const { entry, untouched } = runConcern(applyVolumes, { text });
    expect(entry('volumes[0].efsVolumeConfiguration.transitEncryption').fidelity).toBe('near');
    expect(entry('volumes[1].host').fidelity).toBe('none');
    expect(entry('containerDefinitions[0].mountPoints').fidelity).toBe('none');
    expect(untouched()).toEqual(['containerDefinitions[0].name']);
  });

  it('of every kind and with every field leave nothing unsaid and make valid objects', () => {
    const all = {
      host: { sourcePath: '/data' },
      dockerVolumeConfiguration: {
        scope: 'task',
        autoprovision: true,
        driver: 'local',
        driverOpts: { o: 'x' },
        labels: { a: 'b' },
      },
      efsVolumeConfiguration: {
        fileSystemId: 'fs-12345678',
        rootDirectory: '/a',
        transitEncryption: 'ENABLED',
        transitEncryptionPort: 2049,
        authorizationConfig: { accessPointId: 'fsap-12345678', iam: 'ENABLED' },
      },
      s3filesVolumeConfiguration: {
        fileSystemArn: 'arn:aws:s3files:eu-west-1:1:file-system/fs-12345678',
        rootDirectory: '/a',
        transitEncryptionPort: 1,
        accessPointArn: 'fsap-12345678',
      },
      fsxWindowsFileServerVolumeConfiguration: {
        fileSystemId: 'fs-12345678',
        rootDirectory: 'share',
        authorizationConfig: { credentialsParameter: 'fsx', domain: 'corp' },
      },
      configuredAtLaunch: true,
    };
    const managedEBSVolume = {
      encrypted: true,
      kmsKeyId: 'alias/a',
      volumeType: 'io2',
      sizeInGiB: 10,
      snapshotId: 'snap-1',
      volumeInitializationRate: 100,
      iops: 100,
      throughput: 125,
      tagSpecifications: [{ resourceType: 'volume', tags: [{ key: 'a', value: 'b' }], propagateTags: 'NONE' }],
      roleArn: 'r',
      filesystemType: 'xfs',
    };
    const kinds = Object.entries(all).map(([kind, value]) => ({ name: kind, [kind]: value }));
    const { untouched, manifests, pod } = port(
      [...kinds, { name: 'all', ...all }],
      { service: { volumeConfigurations: [{ name: 'configuredAtLaunch', managedEBSVolume }] } },
      {
        containerDefinitions: [
          {
            name: 'web',
            mountPoints: [{ sourceVolume: 'all', containerPath: '/a', readOnly: true }],
            volumesFrom: [{ sourceContainer: 'x', readOnly: true }],
          },
        ],
      },
    );
    expect(untouched()).toEqual(['family', 'containerDefinitions[0].name']);
    const podManifest = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web' },
      spec: {
        containers: [{ name: 'web', image: 'nginx', volumeMounts: pod.containers[0]?.spec.volumeMounts }],
        volumes: pod.volumes,
      },
    };
    const validator = createManifestValidator('1.35');
    expect([...manifests, podManifest].flatMap((manifest) => validator.validate(manifest))).toEqual([]);
  });
});
