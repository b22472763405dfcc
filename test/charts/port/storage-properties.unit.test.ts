import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { applyEnvironmentFiles } from '../../../charts/port/environment-files.js';
import { applyIdentity } from '../../../charts/port/identity.js';
import { DEFAULT_PORT_OPTIONS } from '../../../charts/port/options.js';
import { applySecrets } from '../../../charts/port/secrets.js';
import { applyVolumes } from '../../../charts/port/volumes.js';
import { createManifestValidator } from '../../../charts/validation/validate.js';
import { anyStructure, jsonOf } from './any-structure.js';
import { type Outcome, runConcern } from './run-concern.js';

const validator = createManifestValidator('1.35');

/** Without what a template expression begins with: that would change what the rest of the document says. */
const text = fc.string().map((given) => given.replace(/[{<$]/g, '-'));
const reference = fc.oneof(
  fc.constantFrom(
    '/shop/db',
    'arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf:key:stage:id',
    'arn:aws:ssm:${Region}:1:parameter/a:3',
    'arn:aws:s3:::bucket/dir/web.env',
    '${Secret}:a.b|c::',
    'arn:aws:iam::111122223333:role/team/web',
    '<role>',
    ':::',
  ),
  text,
);
const path = fc.oneof(
  fc.constantFrom(
    '/data',
    '/',
    '/a:b',
    'a/../..',
    'C:\\x',
    '\\\\.\\pipe\\x',
    '/var/run/docker.sock',
    '${Path}',
    '/x.conf',
  ),
  text,
);
const name = fc.constantFrom('data', 'My_Data', 'x'.repeat(255), 'b', '');
const given = new Map<string, fc.Arbitrary<unknown>>([
  ...[
    'valueFrom',
    'value',
    'credentialsParameter',
    'taskRoleArn',
    'executionRoleArn',
    'kmsKeyId',
    'fileSystemArn',
    'accessPointArn',
  ].map((field): [string, fc.Arbitrary<unknown>] => [field, reference]),
  ...['sourcePath', 'containerPath', 'rootDirectory'].map((field): [string, fc.Arbitrary<unknown>] => [field, path]),
  ...['name', 'sourceVolume', 'sourceContainer'].map((field): [string, fc.Arbitrary<unknown>] => [field, name]),
  ['image', fc.constantFrom('nginx', 'r.io/web:1', '{{ registry }}/web', '1.dkr.ecr.eu-west-1.amazonaws.com/web')],
  ['driver', fc.constantFrom('local', 'rexray/ebs', 'amazon-ecs-volume-plugin', 'vendor/plugin:1', '--', '')],
  [
    'driverOpts',
    fc.dictionary(
      fc.constantFrom('type', 'o', 'device', 'size', 'volumetype', 'iops', 'fstype', '__proto__'),
      fc.constantFrom(
        'nfs',
        'efs',
        'tmpfs',
        'bind',
        'addr=h,ro',
        'size=1g',
        'fs-12345678:/a',
        ':/a/../b',
        '5',
        'gp3',
        '',
      ),
    ),
  ],
  [
    'credentialSpecs',
    fc.array(fc.constantFrom('credentialspec:arn:aws:s3:::b/web.json', 'credentialspecdomainless:x', 'y'), {
      maxLength: 2,
    }),
  ],
]);
const containers = fc.array(
  anyStructure('ecs.ContainerDefinition', given, [
    'name',
    'image',
    'secrets',
    'environmentFiles',
    'repositoryCredentials',
    'credentialSpecs',
    'mountPoints',
    'volumesFrom',
  ]),
  { maxLength: 3 },
);
const task = fc.record({
  ...Object.fromEntries(
    ['volumes'].map((field) => [field, fc.array(anyStructure('ecs.Volume', given), { maxLength: 4 })]),
  ),
  roles: anyStructure('ecs.RegisterTaskDefinitionRequest', given, ['taskRoleArn', 'executionRoleArn', 'tags']),
  containerDefinitions: containers,
});
const service = anyStructure('ecs.CreateServiceRequest', given, ['volumeConfigurations', 'tags']);
const how = fc.record({
  windows: fc.boolean(),
  fargate: fc.boolean(),
  region: fc.constantFrom('eu-west-1', 'cn-north-1', undefined),
  account: fc.constantFrom('111122223333', undefined),
  identity: fc.constantFrom('pod-identity' as const, 'irsa' as const),
});

function run(
  content: { readonly roles: object },
  calls: object,
  { identity, ...more }: { identity: 'pod-identity' | 'irsa' },
): Outcome {
  const { roles, ...rest } = content;
  return runConcern(
    (definition, pod, context) => {
      applyVolumes(definition, pod, context);
      applySecrets(definition, pod, context);
      applyEnvironmentFiles(definition, pod, context);
      applyIdentity(definition, pod, context);
    },
    { text: jsonOf({ ...rest, ...roles }) },
    { service: { text: jsonOf(calls) }, options: { ...DEFAULT_PORT_OPTIONS, identity }, ...more },
  );
}

/** The pod as the API server would see it, with what other concerns add. */
function podOf({ pod }: Outcome): object {
  const named = new Map(pod.containers.map((container, index) => [`c${index}`, container]));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      ...pod.spec,
      containers: [...named].map(([container, { spec }]) => ({ ...spec, name: container, image: 'nginx' })),
      volumes: pod.volumes,
    },
  };
}

describe('whatever a task says of storage, secrets and roles', () => {
  it('each field is accounted for, the objects are valid and the same every time', () => {
    fc.assert(
      fc.property(task, service, how, (content, calls, context) => {
        const outcome = run(content, calls, context);
        const others = /(^|\.)(image|tags.*)$|^containerDefinitions\[\d+\]\.name$|^tags\b/;
        expect(outcome.untouched().filter((leaf) => !others.test(leaf))).toEqual([]);
        const objects = [...outcome.manifests, ...(outcome.pod.containers.length === 0 ? [] : [podOf(outcome)])];
        expect(objects.flatMap((object) => validator.validate(object))).toEqual([]);
        expect(run(content, calls, context).manifests).toEqual(outcome.manifests);
      }),
      { numRuns: 300 },
    );
  });
});
