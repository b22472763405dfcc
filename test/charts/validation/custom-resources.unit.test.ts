import { describe, expect, test } from '@jest/globals';
import { createManifestValidator } from '../../../charts/validation/validate.js';
import { type Json, set } from './manifests.js';

const validator = createManifestValidator('1.34');

function custom(apiVersion: string, kind: string, spec: Json): Json {
  return { apiVersion, kind, metadata: { name: 'web', namespace: 'shop' }, spec };
}

const VALID: Readonly<Record<string, () => Json>> = {
  ExternalSecret: () =>
    custom('external-secrets.io/v1', 'ExternalSecret', {
      refreshPolicy: 'OnChange',
      secretStoreRef: { name: 'aws', kind: 'SecretStore' },
      target: {
        name: 'web',
        creationPolicy: 'Owner',
        template: { type: 'kubernetes.io/dockerconfigjson', data: { a: '{{ .b }}' } },
      },
      data: [
        {
          secretKey: 'token',
          remoteRef: { key: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:a', property: 'token' },
        },
      ],
    }),
  SecretStore: () =>
    custom('external-secrets.io/v1', 'SecretStore', {
      provider: {
        aws: { service: 'SecretsManager', region: 'eu-west-1', auth: { jwt: { serviceAccountRef: { name: 'web' } } } },
      },
    }),
  ScaledObject: () =>
    custom('keda.sh/v1alpha1', 'ScaledObject', {
      scaleTargetRef: { name: 'web' },
      minReplicaCount: 0,
      maxReplicaCount: 10,
      triggers: [{ type: 'aws-cloudwatch', metadata: { namespace: 'AWS/SQS' }, authenticationRef: { name: 'aws' } }],
    }),
  TriggerAuthentication: () =>
    custom('keda.sh/v1alpha1', 'TriggerAuthentication', { podIdentity: { provider: 'aws' } }),
  TargetGroupBinding: () =>
    custom('elbv2.k8s.aws/v1beta1', 'TargetGroupBinding', {
      serviceRef: { name: 'web', port: 80 },
      targetGroupARN: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef',
      targetType: 'ip',
    }),
  SecurityGroupPolicy: () =>
    custom('vpcresources.k8s.aws/v1beta1', 'SecurityGroupPolicy', {
      podSelector: { matchLabels: { app: 'web' } },
      securityGroups: { groupIds: ['sg-0123'] },
    }),
  PodIdentityAssociation: () =>
    custom('eks.services.k8s.aws/v1alpha1', 'PodIdentityAssociation', {
      clusterName: 'main',
      namespace: 'shop',
      serviceAccount: 'web',
      roleARN: 'arn:aws:iam::111122223333:role/web',
    }),
  VolumeSnapshot: () =>
    custom('snapshot.storage.k8s.io/v1', 'VolumeSnapshot', { source: { volumeSnapshotContentName: 'first' } }),
  GMSACredentialSpec: () => ({
    apiVersion: 'windows.k8s.io/v1',
    kind: 'GMSACredentialSpec',
    metadata: { name: 'web' },
    credspec: { DomainJoinConfig: { DnsName: 'example.com' } },
  }),
};

describe('custom resources', () => {
  test.each(Object.entries(VALID))('%s passes when it is as its definition says', (_kind, make) => {
    expect(validator.validate(make())).toEqual([]);
  });

  test.each([
    [
      'ExternalSecret',
      'spec.data[0].remoteRef.propery',
      'x',
      'spec.data[0].remoteRef.propery',
      'did you mean property?',
    ],
    [
      'ExternalSecret',
      'spec.target.creationPolicy',
      'Mine',
      'spec.target.creationPolicy',
      'allowed: Owner, Orphan, Merge, None',
    ],
    ['ExternalSecret', 'spec.data[0].remoteRef.key', undefined, 'spec.data[0].remoteRef.key', 'is missing'],
    ['ExternalSecret', 'spec.data[0].secretKey', 'a b', 'spec.data[0].secretKey', 'does not match'],
    [
      'SecretStore',
      'spec.provider.aws.service',
      'S3',
      'spec.provider.aws.service',
      'allowed: SecretsManager, ParameterStore',
    ],
    ['SecretStore', 'spec.provider.vault', { server: 'a' }, 'spec.provider', 'at most 1 are allowed'],
    ['ScaledObject', 'spec.triggers', undefined, 'spec.triggers', 'is missing'],
    ['ScaledObject', 'spec.maxReplicaCount', '10', 'spec.maxReplicaCount', 'must be an integer'],
    ['TriggerAuthentication', 'spec.podIdentity.provider', 'ec2', 'spec.podIdentity.provider', 'is not allowed'],
    ['TargetGroupBinding', 'spec.serviceRef.port', 8.5, 'spec.serviceRef.port', 'must be an integer or a string'],
    ['SecurityGroupPolicy', 'spec.securityGroups.groupIds', [], 'spec.securityGroups.groupIds', 'at least 1'],
    ['PodIdentityAssociation', 'spec.roleArn', 'x', 'spec.roleArn', 'did you mean roleARN?'],
    ['PodIdentityAssociation', 'spec.serviceAccount', undefined, 'spec.serviceAccount', 'is missing'],
    ['GMSACredentialSpec', 'spec', {}, 'spec', 'unknown field'],
    ['VolumeSnapshot', 'metadata.name', 'A', 'metadata.name', 'must be a DNS name'],
  ])('%s with %s %j is refused', (kind, path, value, at, message) => {
    const manifest = VALID[kind]?.() ?? {};
    set(manifest, path, value);
    expect(validator.validate(manifest)).toContainEqual(
      expect.objectContaining({ path: at, message: expect.stringContaining(message) }),
    );
  });
});
