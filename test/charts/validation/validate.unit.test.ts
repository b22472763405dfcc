import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { KUBERNETES_VERSIONS } from '../../../charts/port/kubernetes-version.js';
import { createManifestValidator, validateManifest } from '../../../charts/validation/validate.js';
import { changed, set, valid, validManifests } from './manifests.js';

const validator = createManifestValidator('1.35');

describe('a valid manifest', () => {
  test.each(KUBERNETES_VERSIONS)('of every kind passes for Kubernetes %s', (version) => {
    const { validate } = createManifestValidator(version);
    for (const manifest of Object.values(validManifests())) expect(validate(manifest)).toEqual([]);
  });

  test('keeps its place and value: validation changes nothing', () => {
    const manifest = valid('Deployment');
    validator.validate(manifest);
    expect(manifest).toEqual(valid('Deployment'));
  });
});

describe('the schema', () => {
  test('refuses an unknown field and names the nearest one that exists', () => {
    const manifest = changed('Deployment', 'spec.template.spec.containers[0].livenesProbe', {});
    expect(validator.validate(manifest)).toEqual([
      {
        object: 'Deployment shop/web',
        path: 'spec.template.spec.containers[0].livenesProbe',
        message: 'unknown field "livenesProbe" in Kubernetes 1.35; did you mean livenessProbe?',
      },
    ]);
  });

  test('lists known fields when none is near', () => {
    const [finding] = validator.validate(changed('PodDisruptionBudget', 'spec.zzz', 1));
    expect(finding?.message).toContain('known fields: maxUnavailable, minAvailable');
  });

  test('says from which version on a field exists', () => {
    const manifest = changed('Pod', 'spec.hostnameOverride', 'web');
    expect(validateManifest(manifest, '1.33').map(({ message }) => message)).toContain(
      'unknown field in Kubernetes 1.33, it exists from 1.34 on; leave it out or target 1.34',
    );
  });

  test.each([
    ['spec.replicas', '2', 'is a string, must be an integer'],
    ['spec.replicas', 2.5, 'is a number, must be an integer'],
    ['spec.replicas', 5_000_000_000, '5000000000 is no 32-bit integer'],
    ['spec.paused', null, 'is null, must be a boolean'],
    ['spec.template.spec.containers', {}, 'is an object, must be a list'],
    ['spec.template.spec.containers[0].imagePullPolicy', 'Alwys', 'did you mean Always?'],
    ['spec.template.spec.containers[0].ports[0].protocol', 'HTTP', 'allowed: SCTP, TCP, UDP'],
    ['spec.template.spec.containers[0].resources.limits.memory', '1GB', 'is no quantity such as 500m, 2 or 512Mi'],
    ['spec.strategy.rollingUpdate.maxSurge', true, 'is a boolean, must be an integer or a string'],
  ])('refuses %s: %j', (path, value, message) => {
    expect(validator.validate(changed('Deployment', path, value))).toContainEqual(
      expect.objectContaining({ path, message: expect.stringContaining(message) }),
    );
  });

  test('names a field that is missing', () => {
    expect(validator.validate(changed('Deployment', 'spec.selector', undefined))).toEqual([
      { object: 'Deployment shop/web', path: 'spec.selector', message: 'is missing, it is required' },
    ]);
  });

  test('quotes keys that are no plain names in a path', () => {
    const manifest = changed('Deployment', 'metadata.labels["app.kubernetes.io/part-of"]', 7);
    expect(validator.validate(manifest)[0]?.path).toBe('metadata.labels["app.kubernetes.io/part-of"]');
  });

  test('takes the status of an object as it comes', () => {
    expect(validator.validate(changed('Deployment', 'status', { replicas: 1, anything: true }))).toEqual([]);
  });

  test('refuses Secret data that is no base64, without showing it', () => {
    const findings = validator.validate(changed('Secret', 'data.token', 'hunter2!'));
    expect(findings).toEqual([expect.objectContaining({ path: 'data.token', message: 'the value is no base64 text' })]);
  });
});

describe('server-side apply', () => {
  test.each([
    [
      'env',
      [
        { name: 'A', value: '1' },
        { name: 'B', value: '1' },
        { name: 'A', value: '2' },
      ],
      'env[2]',
      'repeats the name "A" of item 0',
    ],
    [
      'volumeMounts',
      [
        { name: 'cache', mountPath: '/a' },
        { name: 'keys', mountPath: '/a' },
      ],
      'volumeMounts[1]',
      'repeats the mountPath "/a"',
    ],
    [
      'ports',
      [{ containerPort: 80 }, { containerPort: 80, protocol: 'TCP' }],
      'ports[1]',
      'repeats the containerPort 80, protocol "TCP" of item 0',
    ],
  ])('refuses two items of %s with the same keys', (list, items, at, message) => {
    const manifest = changed('Deployment', `spec.template.spec.containers[0].${list}`, items);
    set(manifest, 'spec.template.spec.containers[0].readinessProbe', undefined);
    expect(validator.validate(manifest)).toContainEqual({
      object: 'Deployment shop/web',
      path: `spec.template.spec.containers[0].${at}`,
      message: expect.stringContaining(message),
    });
  });

  test('takes the same port with another protocol for another item', () => {
    const ports = [
      { containerPort: 53, protocol: 'UDP' },
      { containerPort: 53 },
      { containerPort: 8080, name: 'http' },
    ];
    expect(validator.validate(changed('Deployment', 'spec.template.spec.containers[0].ports', ports))).toEqual([]);
  });

  test.each([
    [
      'containers',
      [
        { name: 'a', image: 'x' },
        { name: 'a', image: 'y' },
      ],
    ],
    [
      'volumes',
      [
        { name: 'cache', emptyDir: {} },
        { name: 'cache', emptyDir: {} },
      ],
    ],
  ])('refuses two %s of one name', (list, items) => {
    const paths = validator.validate(changed('Pod', `spec.${list}`, items)).map(({ path }) => path);
    expect(paths).toContain(`spec.${list}[1]`);
  });

  test('refuses two spread constraints for the same topology and the same answer', () => {
    const constraint = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };
    const both = [constraint, { ...constraint, maxSkew: 2 }];
    expect(validator.validate(changed('Pod', 'spec.topologySpreadConstraints', both))).toEqual([
      expect.objectContaining({ path: 'spec.topologySpreadConstraints[1]' }),
    ]);
    const apart = [constraint, { ...constraint, whenUnsatisfiable: 'ScheduleAnyway' }];
    expect(validator.validate(changed('Pod', 'spec.topologySpreadConstraints', apart))).toEqual([]);
  });
});

describe('what is no object that Kubernetes knows', () => {
  test.each([null, 3, 'text', []])('is a finding, not a crash: %j', (value) => {
    expect(validator.validate(value)).toHaveLength(1);
  });

  test('is told the kind that was probably meant', () => {
    expect(validator.validate({ apiVersion: 'apps/v1', kind: 'Deploymnt', metadata: { name: 'web' } })).toEqual([
      {
        object: 'Deploymnt web',
        path: 'kind',
        message: '"apps/v1 Deploymnt" is not known for Kubernetes 1.35; did you mean apps/v1 Deployment?',
      },
    ]);
    expect(validator.validate({ apiVersion: 'extensions/v1beta1', kind: 'Ingress' })[0]?.message).toContain(
      'did you mean networking.k8s.io/v1 Ingress?',
    );
  });

  test('may be named like something that every JavaScript object has', () => {
    expect(validator.validate({ apiVersion: 'v1', kind: 'constructor' })).toHaveLength(1);
    const manifest: unknown = JSON.parse(
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","__proto__":{"a":1}}}',
    );
    expect(validator.validate(manifest)).toEqual([expect.objectContaining({ path: 'metadata.__proto__' })]);
  });

  test('never makes the validator throw', () => {
    const kinds = Object.values(validManifests());
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.jsonValue(), fc.nat(), (manifest, value, position) => {
        const copy = structuredClone(manifest);
        replaceAt(copy, position, value);
        for (const finding of validator.validate(copy)) expect(typeof finding.message).toBe('string');
      }),
      { numRuns: 500 },
    );
  });
});

describe('secret values', () => {
  test('never appear in a message, whatever is wrong around them', () => {
    const secret = 'hunter2-and-more';
    const container = 'spec.template.spec.containers[0]';
    const manifests = [
      changed('Deployment', `${container}.env[0].value`, [secret]),
      changed('Deployment', `${container}.env[1].value`, secret),
      changed('Deployment', `${container}.env`, [
        { name: 'A', value: secret },
        { name: 'A', value: secret },
      ]),
      changed('Secret', 'data.token', secret),
      changed('Secret', 'stringData', { 'a b': secret }),
      changed('ConfigMap', 'data.x', { secret }),
    ];
    for (const manifest of manifests) {
      const messages = validator.validate(manifest).map(({ message }) => message);
      expect(messages).not.toHaveLength(0);
      expect(messages.join('\n')).not.toContain(secret);
    }
  });
});

/** Puts a value where the nth field of the object is, counted in depth. */
function replaceAt(root: object, position: number, value: unknown): void {
  const places: (readonly [object, string])[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node, key]);
      visit((node as Record<string, unknown>)[key]);
    }
  };
  visit(root);
  const place = places[position % places.length];
  if (place !== undefined) Reflect.set(place[0], place[1], value);
}
