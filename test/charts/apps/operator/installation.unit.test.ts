import { App } from 'cdk8s';
import { describe, expect, test } from '@jest/globals';
import { OperatorChart, operatorManifests, renderOperator } from '../../../../charts/apps/operator/index.js';
import { KUBERNETES_VERSIONS } from '../../../../charts/port/kubernetes-version.js';
import { manifestKey } from '../../../../charts/port/manifest.js';
import { createManifestValidator } from '../../../../charts/validation/validate.js';
import { readOptions } from '../../../../operators/runtime/options.js';
import { ALL, find, installation } from './installation.js';

describe("the operator's installation", () => {
  test.each(KUBERNETES_VERSIONS)('is valid for Kubernetes %s', (kubernetes) => {
    const validator = createManifestValidator(kubernetes);
    const manifests = installation({ kubernetes }).filter(({ kind }) => kind !== 'PrometheusRule');
    expect(manifests.flatMap((manifest) => validator.validate(manifest))).toEqual([]);
  });

  test.each([
    ['1.35', true, 0],
    ['1.36', true, 2],
    ['1.36', false, 0],
  ] as const)(
    'for %s, when nodes may be avoided: %s, has %i objects that make pods avoid nodes',
    (kubernetes, avoidNodes, count) => {
      const kinds = installation({ kubernetes, avoidNodes }).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind.startsWith('MutatingAdmissionPolicy'))).toHaveLength(count);
    },
  );

  test('can be applied in the order of its files: the namespace first, and nothing of a kind that it defines itself', () => {
    const paths = renderOperator(ALL).map(({ path }) => path);
    expect(paths).toEqual([...paths].sort());
    expect(installation()[0]?.kind).toBe('Namespace');
    expect(installation().filter(({ kind }) => kind === 'HealingPolicy')).toEqual([]);
  });

  test('has each object once, labelled, and in its namespace if it has one', () => {
    const manifests = installation({ namespace: 'healing' });
    expect(new Set(manifests.map(manifestKey)).size).toBe(manifests.length);
    for (const { kind, metadata } of manifests) {
      expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/part-of': 'tranship' });
      expect([kind, metadata.namespace ?? 'healing']).toEqual([kind, 'healing']);
    }
  });

  test('comes out of a cdk8s app the same', () => {
    const chart = new OperatorChart(new App(), 'operator', ALL);
    const own = installation().map((manifest) => JSON.parse(JSON.stringify(manifest)) as unknown);
    expect(chart.toJson()).toEqual(expect.arrayContaining(own));
    expect(chart.toJson()).toHaveLength(own.length);
  });

  test('renders the same bytes each time', () => {
    expect(renderOperator(ALL)).toEqual(renderOperator(ALL));
    expect([...operatorManifests(ALL).keys()]).toEqual(renderOperator(ALL).map(({ path }) => path));
  });
});

interface PodSpec {
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly priorityClassName: string;
  readonly containers: readonly {
    readonly ports: readonly { readonly name: string }[];
    readonly env: readonly { readonly name: string; readonly value?: string }[];
    readonly securityContext: Readonly<Record<string, unknown>>;
    readonly [field: string]: unknown;
  }[];
  readonly volumes?: readonly unknown[];
  readonly [field: string]: unknown;
}

describe("the operator's pods", () => {
  const { template } = find('Deployment')['spec'] as { template: { spec: PodSpec } };
  const pod = template.spec;
  const [container] = pod.containers;

  // Source: Pod Security Standards, Restricted.
  test('are restricted, as their namespace enforces', () => {
    expect(find('Namespace').metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod.securityContext['runAsUser']).not.toBe(0);
    expect(container?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    for (const field of ['hostNetwork', 'hostPID', 'hostIPC', 'hostUsers', 'volumes'])
      expect(pod[field]).toBeUndefined();
  });

  test('are given settings that the operator takes, and none that it does not know', () => {
    const env = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value ?? 'tranship-system']));
    expect(readOptions([], env)).toMatchObject({
      operatorNamespace: 'tranship-system',
      healthPort: 8080,
      webhookPort: 9443,
      eventBus: ALL.eventBus,
      topic: ALL.topic,
      region: ALL.region,
      otlpEndpoint: ALL.otlpEndpoint,
    });
  });

  test('serve what the Services and probes name', () => {
    const ports = (container?.ports ?? []).map(({ name }) => name);
    const targets = installation()
      .filter(({ kind }) => kind === 'Service')
      .map((service) => (service['spec'] as { ports: { targetPort: string }[] }).ports[0]?.targetPort);
    expect(new Set(targets)).toEqual(new Set(ports));
  });

  test('reach the API server, DNS, AWS and the collector, and nothing else', () => {
    const { egress } = find('NetworkPolicy')['spec'] as { egress: { ports: { port: number }[] }[] };
    expect(egress.flatMap(({ ports }) => ports.map(({ port }) => port))).toEqual([443, 6443, 53, 53, 80, 4318]);
  });

  test('do without the doors to AWS and the collector where neither is asked for', () => {
    const { image, namespace, kubernetes, avoidNodes } = ALL;
    const bare = [...operatorManifests({ image, namespace, kubernetes, avoidNodes }).values()].flat();
    const { egress } = find('NetworkPolicy', undefined, bare)['spec'] as { egress: { ports: { port: number }[] }[] };
    expect(egress.flatMap(({ ports }) => ports.map(({ port }) => port))).toEqual([443, 6443, 53, 53]);
  });
});

describe('the exec webhook', () => {
  test('never keeps anybody out of a pod, for longer than two seconds', () => {
    const { webhooks } = find('ValidatingWebhookConfiguration') as unknown as { webhooks: object[] };
    expect(webhooks).toMatchObject([
      { failurePolicy: 'Ignore', timeoutSeconds: 2, sideEffects: 'NoneOnDryRun', rules: [{ operations: ['CONNECT'] }] },
    ]);
  });

  test('has no path and no authority in the manifest: the leader writes both', () => {
    const { webhooks } = find('ValidatingWebhookConfiguration') as unknown as {
      webhooks: { clientConfig: { service: object } }[];
    };
    expect(webhooks[0]?.clientConfig).toEqual({
      service: { namespace: 'tranship-system', name: 'tranship-exec-webhook', port: 443 },
    });
  });
});
