import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseSecretReference } from '../../../charts/ecs/secret-reference.js';
import { DEFAULT_PORT_OPTIONS } from '../../../charts/port/options.js';
import { applySecrets, externalSecretFor } from '../../../charts/port/secrets.js';
import { createManifestValidator } from '../../../charts/validation/validate.js';
import { testContext } from './context.js';
import { distinct, runConcern } from './run-concern.js';

const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db-AbCdEf';
const irsa = { options: { ...DEFAULT_PORT_OPTIONS, identity: 'irsa' as const } };

function task(secrets: readonly object[], more: object = {}): object {
  return { containerDefinitions: [{ name: 'App', image: 'nginx', secrets }], ...more };
}

/** The data of the only ExternalSecret. */
function dataOf(secrets: readonly object[]): unknown {
  return (runConcern(applySecrets, task(secrets)).manifest('ExternalSecret')['spec'] as { data: unknown }).data;
}

describe('secrets of a container', () => {
  it('are fetched into one Secret per store and read from there', () => {
    const { pod, manifests, context } = runConcern(
      applySecrets,
      task([
        { name: 'PASSWORD', valueFrom: `${SECRET}:password::` },
        { name: 'TOKEN', valueFrom: '/shop/token' },
        { name: 'USER', valueFrom: `${SECRET}:user::` },
      ]),
    );
    expect(pod.containers[0]?.spec.env).toEqual([
      { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'web.env.secrets-manager', key: 'app.PASSWORD' } } },
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'web.env.parameter-store', key: 'app.TOKEN' } } },
      { name: 'USER', valueFrom: { secretKeyRef: { name: 'web.env.secrets-manager', key: 'app.USER' } } },
    ]);
    expect(manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'SecretStore secrets-manager.eu-west-1',
      'ExternalSecret web.env.secrets-manager',
      'SecretStore parameter-store.eu-west-1',
      'ExternalSecret web.env.parameter-store',
    ]);
    expect(manifests[1]).toEqual({
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata: { name: 'web.env.secrets-manager', namespace: 'shop' },
      spec: {
        refreshPolicy: 'Periodic',
        refreshInterval: '5m0s',
        secretStoreRef: { kind: 'SecretStore', name: 'secrets-manager.eu-west-1' },
        target: { name: 'web.env.secrets-manager', creationPolicy: 'Owner' },
        data: [
          { secretKey: 'app.PASSWORD', remoteRef: { key: SECRET, property: 'password' } },
          { secretKey: 'app.USER', remoteRef: { key: SECRET, property: 'user' } },
        ],
      },
    });
    expect(context.findings.prerequisites.map(({ id }) => id)).toContain('external-secrets');
  });

  it.each<[string, object]>([
    [`${SECRET}::AWSPREVIOUS:`, { key: SECRET, version: 'AWSPREVIOUS' }],
    [
      `${SECRET}:::9d4cb84b-ad69-40c0-a0ab-cead36b967e8`,
      { key: SECRET, version: 'uuid/9d4cb84b-ad69-40c0-a0ab-cead36b967e8' },
    ],
    [
      'arn:aws:ssm:eu-west-1:111122223333:parameter/shop/token:3',
      { key: 'arn:aws:ssm:eu-west-1:111122223333:parameter/shop/token', version: '3' },
    ],
    ['token', { key: 'token' }],
    ['/shop/token', { key: '/shop/token' }],
  ])('that name %s are asked for as ECS asks for them', (valueFrom, remoteRef) => {
    expect(dataOf([{ name: 'A', valueFrom }])).toEqual([{ secretKey: 'app.A', remoteRef }]);
  });

  it('of a JSON key that means something in a path are taken literally', () => {
    expect(dataOf([{ name: 'A', valueFrom: `${SECRET}:a.b|c#d::` }])).toEqual([
      { secretKey: 'app.A', remoteRef: { key: SECRET, property: 'a.b\\|c\\#d' } },
    ]);
    expect(dataOf([{ name: 'A', valueFrom: `${SECRET}:@this::` }])).toEqual([
      { secretKey: 'app.A', remoteRef: { key: SECRET, property: '\\@this' } },
    ]);
  });

  it('of another region come from a store there', () => {
    const { manifests } = runConcern(
      applySecrets,
      task([{ name: 'A', valueFrom: 'arn:aws:ssm:us-east-1:111122223333:parameter/a' }]),
    );
    expect(manifests.map(({ metadata }) => metadata.name)).toEqual([
      'parameter-store.us-east-1',
      'web.env.parameter-store.us-east-1',
    ]);
    expect(manifests[0]).toMatchObject({
      spec: { provider: { aws: { service: 'ParameterStore', region: 'us-east-1' } } },
    });
  });

  it('are read with the execution role, which the operator assumes', () => {
    const { manifest, context } = runConcern(
      applySecrets,
      task([{ name: 'A', valueFrom: 'a' }], { executionRoleArn: 'web-execution' }),
    );
    expect(manifest('SecretStore')['spec']).toEqual({
      provider: {
        aws: { service: 'ParameterStore', region: 'eu-west-1', role: 'arn:aws:iam::111122223333:role/web-execution' },
      },
    });
    expect(context.findings.trustChanges).toMatchObject([
      { role: 'web-execution', statement: { Action: 'sts:AssumeRole' } },
      { role: 'web-execution', change: expect.stringContaining('ssm:GetParameter where it has ssm:GetParameters') },
    ]);
  });

  it('need a permission of the operator itself where the input has no execution role', () => {
    const { manifest, context } = runConcern(applySecrets, task([{ name: 'A', valueFrom: SECRET }]));
    expect(manifest('SecretStore')['spec']).toEqual({
      provider: { aws: { service: 'SecretsManager', region: 'eu-west-1' } },
    });
    expect(context.findings.trustChanges).toMatchObject([
      {
        role: 'External Secrets operator role',
        change: expect.stringContaining('secretsmanager:GetSecretValue on what Deployment shop/web reads'),
      },
    ]);
  });

  it('are read under a ServiceAccount of the execution role that no pod has, when IRSA is asked for', () => {
    const { manifest, pod } = runConcern(
      applySecrets,
      task([{ name: 'A', valueFrom: 'a' }], { executionRoleArn: 'web-execution' }),
      irsa,
    );
    const account = manifest('ServiceAccount');
    expect(account.metadata.annotations).toEqual({
      'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/web-execution',
    });
    expect(manifest('SecretStore')).toMatchObject({
      spec: { provider: { aws: { auth: { jwt: { serviceAccountRef: { name: account.metadata.name } } } } } },
    });
    expect(pod.spec.serviceAccountName).toBeUndefined();
  });

  it('are read with the role that a RunTask call puts in the place of the execution role', () => {
    const { manifest } = runConcern(
      applySecrets,
      task([{ name: 'A', valueFrom: 'a' }], { executionRoleArn: 'web-execution' }),
      {
        runTask: { taskDefinition: 'web', overrides: { executionRoleArn: 'other' } },
      },
    );
    expect(manifest('SecretStore')).toMatchObject({
      spec: { provider: { aws: { role: 'arn:aws:iam::111122223333:role/other' } } },
    });
  });

  it('share a store with other workloads of the namespace and execution role, and with no others', () => {
    const secrets = [{ name: 'A', valueFrom: 'a' }];
    const stores = [
      runConcern(applySecrets, task(secrets, { executionRoleArn: 'one' })),
      runConcern(applySecrets, task(secrets, { executionRoleArn: 'one' }), { name: 'api' }),
      runConcern(applySecrets, task(secrets, { executionRoleArn: 'two' }), { name: 'admin' }),
    ].flatMap(({ manifests }) => manifests.filter(({ kind }) => kind === 'SecretStore'));
    expect(distinct(stores)).toHaveLength(2);
  });

  it('of two containers under one name stay apart', () => {
    const { manifest } = runConcern(applySecrets, {
      containerDefinitions: [
        { name: 'a', secrets: [{ name: 'X', valueFrom: 'one' }] },
        { name: 'b', secrets: [{ name: 'X', valueFrom: 'two' }] },
      ],
    });
    expect(manifest('ExternalSecret')['spec']).toMatchObject({
      data: [
        { secretKey: 'a.X', remoteRef: { key: 'one' } },
        { secretKey: 'b.X', remoteRef: { key: 'two' } },
      ],
    });
  });

  it('given twice under one name count once, the last one', () => {
    const { pod, entry } = runConcern(
      applySecrets,
      task([
        { name: 'A', valueFrom: 'one' },
        { name: 'A', valueFrom: 'two' },
      ]),
    );
    expect(pod.containers[0]?.spec.env).toHaveLength(1);
    expect(entry('containerDefinitions[0].secrets[0].valueFrom')).toMatchObject({
      fidelity: 'none',
      lost: expect.stringContaining('given twice'),
    });
    expect(
      dataOf([
        { name: 'A', valueFrom: 'one' },
        { name: 'A', valueFrom: 'two' },
      ]),
    ).toMatchObject([{ remoteRef: { key: 'two' } }]);
  });

  it('that a placeholder hides are kept, with a word of what was guessed', () => {
    const { entry, manifest } = runConcern(applySecrets, task([{ name: 'A', valueFrom: '${DB_SECRET_ARN}' }]));
    expect(manifest('ExternalSecret')['spec']).toMatchObject({ data: [{ remoteRef: { key: '${DB_SECRET_ARN}' } }] });
    expect(entry('containerDefinitions[0].secrets[0].valueFrom')).toMatchObject({
      lost: expect.stringContaining('taken for a secret'),
      todo: expect.stringContaining('check the service'),
    });
  });

  it('have a store with a region to fill in when nothing tells it', () => {
    const { manifest, context } = runConcern(applySecrets, task([{ name: 'A', valueFrom: 'a' }]), {
      region: undefined,
    });
    expect(manifest('SecretStore')).toMatchObject({ spec: { provider: { aws: { region: 'REGION' } } } });
    expect(context.findings.assumptions.join()).toContain('region');
  });

  it('that cannot be carried say why', () => {
    const { entry, manifests } = runConcern(
      applySecrets,
      task([
        { name: 'A', valueFrom: 'arn:aws:s3:::b/k' },
        { name: '', valueFrom: 'a' },
        { name: 'a=b', valueFrom: 'a' },
      ]),
      { options: { ...DEFAULT_PORT_OPTIONS, kubernetes: '1.33' } },
    );
    expect(manifests).toEqual([]);
    for (const index of [0, 1, 2])
      expect(entry(`containerDefinitions[0].secrets[${index}].valueFrom`).fidelity).toBe('none');
  });

  it('may have a name with any printable ASCII but "=", in every version as for plain variables', () => {
    const { entry } = runConcern(applySecrets, task([{ name: 'a b', valueFrom: 'a' }]), {
      options: { ...DEFAULT_PORT_OPTIONS, kubernetes: '1.33' },
    });
    expect(entry('containerDefinitions[0].secrets[0].name').fidelity).not.toBe('none');
  });

  it('have keys that Kubernetes takes and that never collide', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[\x20-\x3c\x3e-\x7e]{1,80}$/), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(names, (given) => {
        const data = dataOf(given.map((name) => ({ name, valueFrom: 'a' }))) as { secretKey: string }[];
        expect(new Set(data.map(({ secretKey }) => secretKey)).size).toBe(given.length);
        for (const { secretKey } of data) expect(secretKey).toMatch(/^[-._a-zA-Z0-9]{1,253}$/);
      }),
      { numRuns: 50 },
    );
  });
});

describe('secrets of another purpose', () => {
  it('are fetched by the same means, under their own name', () => {
    const context = testContext();
    const reference = parseSecretReference('/log/key');
    const items = reference === undefined ? [] : [{ key: 'web.apikey', reference }];
    expect(externalSecretFor(context, 'log', items)).toEqual(
      new Map([['web.apikey', { name: 'web.log.parameter-store', key: 'web.apikey' }]]),
    );
  });
});

describe('a task with all of them', () => {
  it.each([['pod-identity' as const], ['irsa' as const]])(
    'leaves nothing unsaid and makes valid objects with %s',
    (identity) => {
      const { untouched, manifests } = runConcern(
        applySecrets,
        {
          executionRoleArn: 'web-execution',
          containerDefinitions: [
            {
              name: 'web',
              image: 'registry.example.com/web',
              secrets: [
                { name: 'A', valueFrom: `${SECRET}:password:AWSCURRENT:` },
                { name: 'B', valueFrom: '{{ssm_arn}}' },
                { name: 'C', valueFrom: 'arn:aws:ssm:${Region}:1:parameter/c' },
              ],
              repositoryCredentials: { credentialsParameter: 'login' },
              credentialSpecs: ['credentialspec:arn:aws:ssm:eu-west-1:1:parameter/spec'],
            },
          ],
        },
        { options: { ...DEFAULT_PORT_OPTIONS, identity } },
      );
      const mine = untouched().filter((path) => /secrets|redential/i.test(path));
      expect(mine).toEqual([]);
      const validator = createManifestValidator('1.35');
      expect(manifests.flatMap((manifest) => validator.validate(manifest))).toEqual([]);
    },
  );
});
