import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { avoidFailedNodes } from '../../charts/apps/operator/avoid-failed-nodes.js';
import { healingPolicyDefinition } from '../../charts/apps/operator/healing-policy-crd.js';
import { healingPolicyFields } from '../../charts/apps/operator/healing-policy-fields.js';
import { run } from '../cluster/host.js';
import { stubImage } from '../cluster/images.js';
import { Kubectl } from '../cluster/kubectl.js';
import { LocalCluster } from '../cluster/local-cluster.js';
import { namespaceFor } from '../cluster/namespace.js';
import { openCluster } from '../cluster/open.js';
import { poll } from '../cluster/processes.js';

interface Pod {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly nodeName?: string; readonly affinity?: object };
}

const WEB = { matchLabels: { app: 'web' } };
let kubectl: Kubectl;
let namespace: string;

beforeAll(async () => {
  const cluster = await openCluster({ name: process.env['TRANSHIP_CLUSTER'] ?? 'tranship' }, process.env);
  kubectl =
    cluster instanceof LocalCluster ? cluster.processes.kubectl : new Kubectl('kubectl', cluster.kubeconfig, run);
  namespace = await namespaceFor(kubectl, 'admission');
  await kubectl.apply([healingPolicyDefinition(), ...healingPolicyFields(), ...avoidFailedNodes()]);
  await kubectl.text(['wait', 'crd/healingpolicies.tranship.dev', '--for=condition=Established', '--timeout=30s']);
  // Policies of admission are in force some moments after they are stored.
  const inForce = await poll(async () => (await refusal({ selector: WEB, budgets: {} })) !== undefined, 60);
  if (!inForce) throw new Error('healing-policy-fields.tranship.dev is not in force after 60 s');
});

afterAll(async () => {
  await kubectl.text(['delete', 'namespace', namespace, '--wait=false']);
});

function policy(spec: object, name = 'web'): object {
  return { apiVersion: 'tranship.dev/v1', kind: 'HealingPolicy', metadata: { name, namespace }, spec };
}

/**
 * Why the API server refuses a policy, or undefined when it takes it. Sent without strict validation, as most clients do.
 */
async function refusal(spec: object): Promise<string | undefined> {
  const words = ['create', '--dry-run=server', '--validate=false', '--filename=-'];
  return kubectl.text(words, JSON.stringify(policy(spec))).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

describe('a HealingPolicy', () => {
  test.each<[string, object, string]>([
    ['an empty selector', { selector: {} }, 'spec.selector: Invalid value: must not be empty'],
    ['no selector', {}, 'spec.selector: Required value'],
    ['a key that is none', { selector: { matchLabels: { 'a b': 'c' } } }, 'keys must be label keys'],
    ['a value that is none', { selector: { matchLabels: { a: 'b c' } } }, 'spec.selector.matchLabels.a'],
    [
      'In without values',
      { selector: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
      'operator In or NotIn needs at least one value',
    ],
    [
      'Exists with values',
      { selector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] } },
      'operator Exists or DoesNotExist must have no values',
    ],
    [
      'an operator that is none',
      { selector: { matchExpressions: [{ key: 'a', operator: 'Gt' }] } },
      'Unsupported value: "Gt"',
    ],
    ['a budget of 0', { selector: WEB, budget: { maxUnavailable: 0 } }, 'to stop all healing set spec.paused'],
    ['a budget of 0%', { selector: WEB, budget: { maxReplacements: '0%' } }, 'to stop all healing set spec.paused'],
    ['a budget beyond all', { selector: WEB, budget: { maxUnavailable: '101%' } }, 'must not exceed 100%'],
    ['a budget that is no share', { selector: WEB, budget: { maxUnavailable: 'some' } }, 'spec.budget.maxUnavailable'],
    ['a storm guard that is none', { selector: WEB, stormGuard: { zoneUnhealthy: '0%' } }, 'must be from 1% to 100%'],
    [
      'a throttle that shrinks',
      { selector: WEB, throttle: { initialSeconds: 3600 } },
      'initialSeconds must not exceed maximumSeconds, which is 1620 unless it is set',
    ],
    ['a cause that is none', { selector: WEB, quarantine: { causes: ['Boredom'] } }, 'Unsupported value: "Boredom"'],
    ['a mode that is none', { selector: WEB, mode: 'enforce' }, 'supported values: "Enforce", "DryRun"'],
    ['an age of no time', { selector: WEB, causes: { maximumAge: { seconds: 1 } } }, 'greater than or equal to 300'],
    [
      'an unknown field',
      { selector: WEB, budget: { maxUnavailble: 1 } },
      'spec.budget has no field maxUnavailble; it has maxUnavailable, maxReplacements',
    ],
    ['an unknown part', { selector: WEB, budgets: {} }, 'spec has no field budgets'],
    [
      'an unknown field in a list',
      { selector: { matchExpressions: [{ key: 'a', operator: 'Exists', value: 'b' }] } },
      'an item of spec.selector.matchExpressions has a field that is not one of key, operator, values',
    ],
  ])('with %s is refused with the reason', async (_what, spec, reason) => {
    expect(await refusal(spec)).toContain(reason);
  });

  test('that names no more than its pods is taken, and shows the defaults that it gets', async () => {
    await kubectl.apply([policy({ selector: WEB }, 'defaults')]);
    const words = ['get', 'hp', 'defaults', `--namespace=${namespace}`];
    const { spec } = await kubectl.json<{ spec: object }>(words);
    expect(spec).toMatchObject({
      mode: 'Enforce',
      paused: false,
      budget: { maxUnavailable: '25%', maxReplacements: '25%' },
      causes: { exec: { enabled: false, afterSeconds: 3600 }, crashLoop: { maxRestarts: 5, periodSeconds: 600 } },
      throttle: { initialSeconds: 10, maximumSeconds: 1620 },
    });
    const [heading] = (await kubectl.text(words)).split('\n');
    expect(heading?.split(/\s+/)).toEqual(['NAME', 'MODE', 'PODS', 'UNHEALTHY', 'REPLACING', 'ACCEPTED', 'AGE']);
    await kubectl.text(['delete', 'hp', 'defaults', `--namespace=${namespace}`]);
  });

  test('is explained by kubectl', async () => {
    // Published some seconds after the definition.
    let text = '';
    const explained = await poll(async () => {
      text = await kubectl.text(['explain', 'hp.spec.budget']).catch(() => '');
      return text.includes('maxUnavailable');
    }, 60);
    expect(explained).toBe(true);
    expect(text.replaceAll(/\s+/g, ' ')).toContain('One budget for all causes.');
    expect(text).toContain('Default: 25%.');
  });
});

describe('a new pod of a workload that a node has failed', () => {
  const NODES = ['node-that-failed', 'other-node-that-failed'];
  const PREFERENCE = {
    weight: 100,
    preference: { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'NotIn', values: NODES }] },
  };
  const memory = (workload: string, revision: string, nodes: readonly string[]): object => ({
    workload,
    revision,
    failures: 1,
    restarts: [],
    avoidNodes: nodes.map((node) => ({ node, until: '2999-01-01T00:00:00Z' })),
  });

  /** What the API server makes of a pod's affinity when the ReplicaSet `web-abc` makes it. */
  async function admitted(
    affinity?: object,
    over: { labels?: object; owner?: object } = {},
  ): Promise<object | undefined> {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-abc', uid: namespace, controller: true };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'web-abc-1',
        namespace,
        labels: { app: 'memory', 'pod-template-hash': 'abc', ...over.labels },
        ownerReferences: [{ ...owner, ...over.owner }],
      },
      spec: { containers: [{ name: 'app', image: stubImage }], ...(affinity === undefined ? {} : { affinity }) },
    };
    const words = ['create', '--dry-run=server', '--output=json', '--filename=-'];
    return (JSON.parse(await kubectl.text(words, JSON.stringify(pod))) as Pod).spec.affinity;
  }

  async function remember(workloads: readonly object[], name = 'memory'): Promise<void> {
    const patch = JSON.stringify({ status: { workloads } });
    const words = ['patch', 'hp', name, `--namespace=${namespace}`, '--subresource=status', '--type=merge'];
    await kubectl.text([...words, `--patch=${patch}`]);
  }

  beforeAll(async () => {
    await kubectl.apply([policy({ selector: { matchLabels: { app: 'memory' } } }, 'memory')]);
    await remember([memory('Deployment/web', 'abc', NODES), memory('StatefulSet/db', 'db-1', NODES.slice(0, 1))]);
    if (!(await poll(async () => (await admitted()) !== undefined, 60))) {
      throw new Error('avoid-failed-nodes.tranship.dev is not in force after 60 s');
    }
  });

  test('prefers other nodes', async () => {
    expect(await admitted()).toEqual({
      nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [PREFERENCE] },
    });
  });

  const required = {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
    },
  };
  const preferred = [{ weight: 1, preference: { matchExpressions: [{ key: 'b', operator: 'Exists' }] } }];
  test.each<[string, object, object]>([
    ['an affinity to pods', { podAffinity: {} }, { podAffinity: {} }],
    ['nodes that it requires', { nodeAffinity: required }, { nodeAffinity: required }],
    [
      'nodes that it prefers',
      { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } },
      { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [...preferred, PREFERENCE] } },
    ],
  ])('keeps %s', async (_what, affinity, kept) => {
    const result = await admitted(affinity);
    expect(result).toMatchObject(kept);
    expect(JSON.stringify(result)).toContain(JSON.stringify(NODES));
  });

  test('of a StatefulSet does so too', async () => {
    const labels = { 'pod-template-hash': undefined, 'controller-revision-hash': 'db-1' };
    const affinity = await admitted(undefined, { labels, owner: { kind: 'StatefulSet', name: 'db' } });
    expect(JSON.stringify(affinity)).toContain(JSON.stringify(NODES.slice(0, 1)));
  });

  test.each<[string, { labels?: object; owner?: object }]>([
    ['of another revision', { labels: { 'pod-template-hash': 'def' }, owner: { name: 'web-def' } }],
    ['of another workload', { owner: { name: 'api-abc' } }],
    ['that the policy does not select', { labels: { app: 'other' } }],
    ['of a DaemonSet', { owner: { kind: 'DaemonSet', name: 'web' } }],
    ['that nobody controls', { owner: { controller: false } }],
  ])('%s stays as it is', async (_which, over) => {
    expect(await admitted(undefined, over)).toBeUndefined();
  });

  test.each<[string, object]>([
    ['is paused', { paused: true }],
    ['is a dry run', { mode: 'DryRun' }],
  ])('stays as it is while the policy %s', async (_what, change) => {
    await kubectl.apply([policy({ selector: { matchLabels: { app: 'memory' } }, ...change }, 'memory')]);
    expect(await poll(async () => (await admitted()) === undefined, 30)).toBe(true);
    await kubectl.apply([policy({ selector: { matchLabels: { app: 'memory' } } }, 'memory')]);
    expect(await poll(async () => (await admitted()) !== undefined, 30)).toBe(true);
  });

  test('runs on another node, and on that node when there is no other', async () => {
    const labels = { app: 'placed' };
    const container = { name: 'app', image: stubImage, imagePullPolicy: 'IfNotPresent' };
    await kubectl.apply([
      policy({ selector: { matchLabels: labels } }, 'placed'),
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'placed', namespace },
        spec: {
          replicas: 1,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [container], terminationGracePeriodSeconds: 1 } },
        },
      },
    ]);
    const running = async (): Promise<Pod> => {
      await kubectl.text(['rollout', 'status', 'deployment/placed', `--namespace=${namespace}`, '--timeout=60s']);
      const words = ['get', 'pods', '--selector=app=placed', `--namespace=${namespace}`];
      const { items } = await kubectl.json<{ items: readonly Pod[] }>(words);
      const [pod] = items;
      if (pod === undefined || items.length > 1) throw new Error(`${items.length} pods are there, and not one`);
      return pod;
    };
    const replace = async ({ metadata }: Pod): Promise<Pod> => {
      await kubectl.text(['delete', 'pod', metadata.name, `--namespace=${namespace}`]);
      return running();
    };
    const first = await running();
    const revision = first.metadata.labels['pod-template-hash'] ?? '';
    const failed = first.spec.nodeName ?? '';
    await remember([memory('Deployment/placed', revision, [failed])], 'placed');
    let second = first;
    const avoided = await poll(async () => {
      second = await replace(second);
      return second.spec.affinity !== undefined;
    }, 60);
    expect(avoided).toBe(true);
    expect(second.spec.nodeName).not.toBe(failed);

    const nodes = await kubectl.json<{ items: readonly { metadata: { name: string } }[] }>(['get', 'nodes']);
    const all = nodes.items.map(({ metadata }) => metadata.name);
    await remember([memory('Deployment/placed', revision, all)], 'placed');
    let third = second;
    const everywhere = await poll(async () => {
      third = await replace(third);
      return JSON.stringify(third.spec.affinity ?? {}).includes(all.join('","'));
    }, 60);
    expect(everywhere).toBe(true);
    expect(third.spec.nodeName).toBeDefined();
  });
});
