import { describe, expect, it } from '@jest/globals';
import { port, prerequisites, type Run, source, spec } from './run-volumes.js';

describe('a volume configured at launch', () => {
  const volumes = [{ name: 'scratch', configuredAtLaunch: true }];
  const service = (managedEBSVolume: object, more: object = {}): Run => ({
    service: { serviceName: 'web', volumeConfigurations: [{ name: 'scratch', managedEBSVolume }], ...more },
  });

  it('is an EBS volume of the pod, formatted as ECS formats it', () => {
    const outcome = port(
      volumes,
      service({ sizeInGiB: 20, volumeType: 'gp3', iops: 4000, throughput: 250, encrypted: true, roleArn: 'ebs' }),
    );
    const name = outcome.manifest('StorageClass').metadata.name;
    expect(source(outcome)).toEqual({
      ephemeral: {
        volumeClaimTemplate: {
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: name,
            resources: { requests: { storage: '20Gi' } },
          },
        },
      },
    });
    expect(outcome.manifest('StorageClass')).toMatchObject({
      provisioner: 'ebs.csi.aws.com',
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: 'Delete',
      parameters: {
        'csi.storage.k8s.io/fstype': 'xfs',
        type: 'gp3',
        iops: '4000',
        throughput: '250',
        encrypted: 'true',
      },
    });
    expect(outcome.entry('volumeConfigurations[0].managedEBSVolume.roleArn').fidelity).toBe('none');
    expect(prerequisites(outcome)).toEqual(['ebs-csi-driver']);
  });

  it('shares a StorageClass with volumes of the same parameters only', () => {
    const classOf = (managed: object, run: Run = {}): string =>
      port(volumes, { ...service(managed), ...run }).manifest('StorageClass').metadata.name;
    expect(classOf({ sizeInGiB: 20, volumeType: 'gp3' }, { name: 'api', namespace: 'other' })).toBe(
      classOf({ volumeType: 'gp3', sizeInGiB: 99 }),
    );
    expect(classOf({ sizeInGiB: 20, volumeType: 'gp3' })).not.toBe(classOf({ sizeInGiB: 20, volumeType: 'io2' }));
  });

  it('is NTFS on Windows, unless another file system is asked for', () => {
    expect(
      port(volumes, { ...service({ sizeInGiB: 1 }), windows: true }).manifest('StorageClass')['parameters'],
    ).toMatchObject({ 'csi.storage.k8s.io/fstype': 'ntfs' });
    expect(
      port(volumes, service({ sizeInGiB: 1, filesystemType: 'ext4' })).manifest('StorageClass')['parameters'],
    ).toMatchObject({ 'csi.storage.k8s.io/fstype': 'ext4' });
  });

  it('takes a key by its ARN, where ECS takes its id or alias too', () => {
    const keyOf = (kmsKeyId: string): unknown =>
      (
        port(volumes, service({ sizeInGiB: 1, kmsKeyId })).manifest('StorageClass')['parameters'] as Record<
          string,
          string
        >
      )['kmsKeyId'];
    expect(keyOf('arn:aws:kms:eu-west-1:1:key/a')).toBe('arn:aws:kms:eu-west-1:1:key/a');
    expect(keyOf('1234abcd-12ab-34cd-56ef-1234567890ab')).toBe(
      'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    );
    expect(keyOf('alias/shop')).toBe('arn:aws:kms:eu-west-1:111122223333:alias/shop');
  });

  it('is made from a snapshot by a pair of objects that stands for it', () => {
    const outcome = port(volumes, service({ snapshotId: 'snap-0123456789abcdef0', volumeInitializationRate: 200 }));
    expect(source(outcome)).toMatchObject({
      ephemeral: {
        volumeClaimTemplate: {
          spec: { dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'web.scratch' } },
        },
      },
    });
    expect(spec(outcome.manifest('VolumeSnapshotContent'))).toMatchObject({
      source: { snapshotHandle: 'snap-0123456789abcdef0' },
      volumeSnapshotRef: { name: 'web.scratch', namespace: 'shop' },
    });
    expect(outcome.context.findings.assumptions.join()).toContain('no size');
    expect(prerequisites(outcome)).toContain('snapshot-controller');
  });

  it('carries tags, those of the task definition when they are to be propagated', () => {
    const managed = {
      sizeInGiB: 1,
      tagSpecifications: [
        {
          resourceType: 'volume',
          propagateTags: 'TASK_DEFINITION',
          tags: [
            { key: 'team', value: 'a' },
            { key: 'x=y', value: 'b' },
          ],
        },
      ],
    };
    const outcome = port(volumes, service(managed), {
      tags: [
        { key: 'cost', value: '7' },
        { key: 'team', value: 'b' },
      ],
    });
    expect(outcome.manifest('StorageClass')['parameters']).toMatchObject({
      tagSpecification_1: 'cost=7',
      tagSpecification_2: 'team=a',
    });
    expect(outcome.entry('volumeConfigurations[0].managedEBSVolume.tagSpecifications[0].tags[1].key').fidelity).toBe(
      'none',
    );
    const ofService = port(
      volumes,
      service(
        { sizeInGiB: 1, tagSpecifications: [{ resourceType: 'volume', propagateTags: 'SERVICE' }] },
        { tags: [{ key: 's', value: '1' }] },
      ),
    );
    expect(ofService.manifest('StorageClass')['parameters']).toMatchObject({ tagSpecification_1: 's=1' });
  });

  it('outlives a RunTask call that says so', () => {
    const reclaim = (terminationPolicy?: object): unknown =>
      port(volumes, {
        runTask: {
          taskDefinition: 'web',
          volumeConfigurations: [
            { name: 'scratch', managedEBSVolume: { sizeInGiB: 1, roleArn: 'r', terminationPolicy } },
          ],
        },
      }).manifest('StorageClass')['reclaimPolicy'];
    expect(reclaim({ deleteOnTermination: false })).toBe('Retain');
    expect(reclaim({ deleteOnTermination: true })).toBe('Delete');
    expect(reclaim()).toBe('Delete');
  });

  it('is an empty directory where nothing in the input configures it, and on EKS Fargate, as a loss', () => {
    const alone = port(volumes);
    expect(source(alone)).toEqual({ emptyDir: {} });
    expect(alone.entry('volumes[0].configuredAtLaunch')).toMatchObject({
      fidelity: 'none',
      todo: expect.stringContaining('service or RunTask'),
    });
    const fargate = port(volumes, { ...service({ sizeInGiB: 1 }), fargate: true });
    expect(source(fargate)).toEqual({ emptyDir: {} });
    expect(fargate.entry('volumeConfigurations[0].managedEBSVolume.sizeInGiB').fidelity).toBe('none');
  });

  it('leaves a configuration of no such volume on record', () => {
    const { entry } = port([{ name: 'other' }], service({ sizeInGiB: 1 }));
    expect(entry('volumeConfigurations[0].name').lost).toContain('configures no volume');
  });
});
