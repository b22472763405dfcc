import { describe, expect, test } from '@jest/globals';
import { KUBERNETES_VERSIONS, type KubernetesVersion } from '../../../charts/port/kubernetes-version.js';
import { createManifestValidator, type ManifestValidator } from '../../../charts/validation/validate.js';
import { changed } from './manifests.js';

const validators = new Map<KubernetesVersion, ManifestValidator>(
  KUBERNETES_VERSIONS.map((version) => [version, createManifestValidator(version)]),
);

const restartRule = (action: string): object => ({ action, exitCodes: { operator: 'In', values: [42] } });
const container = (extra: object): object[] => [{ name: 'main', image: 'a', ...extra }];

/** A feature, where it stands and how it is used, and the first version that has it on; `undefined` when none has. */
const FEATURES: readonly (readonly [string, string, string, unknown, KubernetesVersion | undefined])[] = [
  ['a sidecar', 'Pod', 'spec.initContainers', container({ restartPolicy: 'Always' }), '1.33'],
  [
    'a sleep before the end',
    'Pod',
    'spec.containers',
    container({ lifecycle: { preStop: { sleep: { seconds: 5 } } } }),
    '1.33',
  ],
  [
    'a sleep of no time',
    'Pod',
    'spec.containers',
    container({ lifecycle: { preStop: { sleep: { seconds: 0 } } } }),
    '1.33',
  ],
  [
    'an environment variable with odd characters',
    'Pod',
    'spec.containers',
    container({ env: [{ name: '9 a:b', value: 'x' }] }),
    '1.33',
  ],
  ['resources of a pod', 'Pod', 'spec.resources', { requests: { memory: '2Gi' } }, '1.34'],
  ['traffic to the same node', 'Service', 'spec.trafficDistribution', 'PreferSameNode', '1.34'],
  ['a class of volume attributes', 'PersistentVolumeClaim', 'spec.volumeAttributesClassName', 'gold', '1.34'],
  ['a claim of devices', 'Pod', 'spec.resourceClaims', [{ name: 'gpu', resourceClaimName: 'gpu' }], '1.34'],
  ['a restart policy of a container', 'Pod', 'spec.containers', container({ restartPolicy: 'OnFailure' }), '1.35'],
  [
    'an init container that starts again on failure',
    'Pod',
    'spec.initContainers',
    container({ restartPolicy: 'OnFailure' }),
    '1.35',
  ],
  [
    'a restart by exit code',
    'Pod',
    'spec.containers',
    container({ restartPolicy: 'Never', restartPolicyRules: [restartRule('Restart')] }),
    '1.35',
  ],
  [
    'a variable from a file',
    'Pod',
    'spec.containers',
    container({ env: [{ name: 'A', valueFrom: { fileKeyRef: { key: 'A', volumeName: 'cache', path: 'a' } } }] }),
    '1.35',
  ],
  ['another host name', 'Pod', 'spec.hostnameOverride', 'web.shop', '1.35'],
  ['an image as a volume', 'Pod', 'spec.volumes[1]', { name: 'files', image: { reference: 'files:1' } }, '1.35'],
  ['a tolerance of scaling', 'HorizontalPodAutoscaler', 'spec.behavior.scaleDown.tolerance', '0.05', '1.35'],
  [
    'a restart of the whole pod',
    'Pod',
    'spec.containers',
    container({ restartPolicy: 'Never', restartPolicyRules: [restartRule('RestartAllContainers')] }),
    '1.36',
  ],
  [
    'a restart rule of a sidecar',
    'Pod',
    'spec.initContainers',
    container({ restartPolicy: 'Always', restartPolicyRules: [restartRule('Restart')] }),
    '1.36',
  ],
  ['a service whose name starts with a digit', 'Service', 'metadata.name', '3scale', '1.36'],
  ['an ingress to such a service', 'Ingress', 'spec.rules[0].http.paths[0].backend.service.name', '3scale', '1.36'],
  ['a toleration by comparison', 'Pod', 'spec.tolerations', [{ key: 'a', operator: 'Gt', value: '3' }], undefined],
  ['a stop signal', 'Pod', 'spec.containers', container({ lifecycle: { stopSignal: 'SIGINT' } }), undefined],
];

describe('what a version has on', () => {
  for (const version of KUBERNETES_VERSIONS) {
    test.each(FEATURES)(`Kubernetes ${version}: %s`, (_feature, kind, path, value, since) => {
      const findings = validators.get(version)?.validate(changed(kind, path, value));
      const isOn = since !== undefined && KUBERNETES_VERSIONS.indexOf(version) >= KUBERNETES_VERSIONS.indexOf(since);
      expect(findings?.length === 0).toBe(isOn);
    });
  }

  test('is refused by one version and dropped in silence by the next', () => {
    const manifest = changed('Pod', 'spec.containers', container({ restartPolicy: 'Never' }));
    expect(validators.get('1.33')?.validate(manifest)[0]?.message).toContain('Never is refused by Kubernetes 1.33');
    expect(validators.get('1.34')?.validate(manifest)[0]?.message).toContain('Never is dropped by Kubernetes 1.34');
  });

  test('is said in the message, with the version that changes it', () => {
    const rules = container({ restartPolicy: 'Never', restartPolicyRules: [restartRule('RestartAllContainers')] });
    const messages = (version: KubernetesVersion): readonly string[] =>
      validators
        .get(version)
        ?.validate(changed('Pod', 'spec.containers', rules))
        .map(({ message }) => message) ?? [];
    expect(messages('1.33').join()).toContain('unknown field in Kubernetes 1.33, it exists from 1.34 on');
    expect(messages('1.34').join()).toContain('ContainerRestartRules is on from 1.35');
    expect(messages('1.35').join()).toContain('RestartAllContainersOnContainerExits is on from 1.36; use Restart');
  });
});

describe('restart rules', () => {
  test.each([
    [
      'need a policy beside them',
      { restartPolicyRules: [restartRule('Restart')] },
      'is required beside restartPolicyRules',
    ],
    ['need exit codes', { restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart' }] }, 'is required'],
    [
      'know two operators',
      {
        restartPolicy: 'Never',
        restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'Gt', values: [1] } }],
      },
      'allowed: In, NotIn',
    ],
    [
      'are at most 20',
      { restartPolicy: 'Never', restartPolicyRules: Array.from({ length: 21 }, () => restartRule('Restart')) },
      'at most 20',
    ],
    ['know three policies', { restartPolicy: 'Sometimes' }, 'allowed: Always, Never, OnFailure'],
  ])('%s', (_rule, extra, message) => {
    const findings = validators.get('1.36')?.validate(changed('Pod', 'spec.containers', container(extra)));
    expect(findings).toContainEqual(expect.objectContaining({ message: expect.stringContaining(message) }));
  });
});
