import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLocal } from './faults.js';
import type { LocalCluster } from './local-cluster.js';
import type { Kubectl } from './kubectl.js';
import { stubImage } from './images.js';
import { namespaceFor } from './namespace.js';
import { poll } from './processes.js';

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly nodeName?: string };
    readonly status: { readonly phase: string };
  }[];
}

const zones = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];

describe('the test cluster', () => {
  let cluster: LocalCluster;
  let kubectl: Kubectl;
  let namespace: string;

  beforeAll(async () => {
    cluster = await openLocal(process.env);
    kubectl = cluster.processes.kubectl;
    namespace = await namespaceFor(kubectl, 'cluster');
    await kubectl.apply(webObjects(namespace));
    await kubectl.text(['rollout', 'status', 'deployment/web', `--namespace=${namespace}`, '--timeout=120s']);
  });

  afterAll(async () => {
    await kubectl.text(['delete', 'namespace', namespace, '--wait=false']);
  });

  it('has Ready nodes in three zones', async () => {
    const status = await cluster.status();
    expect(status.healthy).toBe(true);
    const labels = await kubectl.text([
      'get',
      'nodes',
      '--selector=type!=kwok',
      '--output=jsonpath={.items[*].metadata.labels.topology\\.kubernetes\\.io/zone}',
    ]);
    expect(labels.split(' ').toSorted()).toEqual(zones);
  });

  it('spreads a Deployment over the zones, and its Service answers by DNS name from each of its pods on every node', async () => {
    const pods = await podsOf('app=web');
    expect(pods.map((pod) => pod.spec.nodeName ?? '').toSorted()).toEqual(['node-a', 'node-b', 'node-c']);
    for (const caller of pods) {
      const answered = new Set<string>();
      const all = await poll(async () => {
        const answer = await inPod(caller.metadata.name, [
          'curl',
          '-fsS',
          `http://web.${namespace}.svc.cluster.local/`,
        ]);
        answered.add((JSON.parse(answer) as { readonly node: string }).node);
        return answered.size === 3;
      }, 60);
      expect({ caller: caller.spec.nodeName, all, answered: [...answered].toSorted() }).toEqual({
        caller: caller.spec.nodeName,
        all: true,
        answered: ['node-a', 'node-b', 'node-c'],
      });
    }
  });

  it('runs commands in containers and gives their logs', async () => {
    const [pod] = await podsOf('app=web');
    const name = pod?.metadata.name ?? '';
    expect(await inPod(name, ['hostname'])).toBe(`${name}\n`);
    expect(await kubectl.text(['logs', name, `--namespace=${namespace}`])).toContain('stub: listens on 8080');
  });

  it('takes a pod whose readiness probe fails out of its Service, and puts it back', async () => {
    const [pod] = await podsOf('app=web');
    const name = pod?.metadata.name ?? '';
    const post = (path: string) =>
      inPod(name, ['node', '-e', `fetch('http://127.0.0.1:8080${path}', { method: 'POST' })`]);
    await post('/unhealthy');
    expect(await poll(async () => (await readyEndpoints()) === 2, 60)).toBe(true);
    await post('/healthy');
    expect(await poll(async () => (await readyEndpoints()) === 3, 60)).toBe(true);
  });

  it('refuses an eviction that a PodDisruptionBudget does not allow', async () => {
    const [pod] = await podsOf('app=web');
    const name = pod?.metadata.name ?? '';
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
    const eviction = JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } });
    await expect(kubectl.text(['create', '--raw', path, '--filename=-'], eviction)).rejects.toThrow(
      /disruption budget/,
    );
    await kubectl.text(['delete', 'poddisruptionbudget', 'web', `--namespace=${namespace}`]);
    await kubectl.text(['create', '--raw', path, '--filename=-'], eviction);
    await kubectl.text(['wait', `pod/${name}`, '--for=delete', `--namespace=${namespace}`, '--timeout=60s']);
  });

  it('ends a container that takes more memory than its limit, and says OOMKilled', async () => {
    await kubectl.apply([hungryPod(namespace)]);
    await kubectl.text([
      'wait',
      'pod/hungry',
      '--for=jsonpath={.status.phase}=Failed',
      `--namespace=${namespace}`,
      '--timeout=60s',
    ]);
    const path = '{.status.containerStatuses[0].state.terminated.reason}';
    expect(await kubectl.text(['get', 'pod/hungry', `--namespace=${namespace}`, `--output=jsonpath=${path}`])).toBe(
      'OOMKilled',
    );
  });

  it('runs pods on nodes of kwok, which only pods that tolerate them reach', async () => {
    await cluster.scale(3);
    await kubectl.apply([fakeDeployment(namespace)]);
    await kubectl.text(['rollout', 'status', 'deployment/fake', `--namespace=${namespace}`, '--timeout=60s']);
    const pods = await podsOf('app=fake');
    expect(pods).toHaveLength(30);
    expect(pods.every((pod) => pod.spec.nodeName?.startsWith('kwok-') === true)).toBe(true);
    const real = await podsOf('app=web');
    expect(real.some((pod) => pod.spec.nodeName?.startsWith('kwok-') === true)).toBe(false);
  });

  async function podsOf(selector: string): Promise<PodList['items']> {
    return (await kubectl.json<PodList>(['get', 'pods', `--selector=${selector}`, `--namespace=${namespace}`])).items;
  }

  async function readyEndpoints(): Promise<number> {
    interface Slices {
      readonly items: readonly {
        readonly endpoints: readonly { readonly conditions: { readonly ready: boolean } }[] | null;
      }[];
    }
    const words = ['get', 'endpointslices', '--selector=kubernetes.io/service-name=web', `--namespace=${namespace}`];
    const { items } = await kubectl.json<Slices>(words);
    return items.flatMap((slice) => slice.endpoints ?? []).filter((endpoint) => endpoint.conditions.ready).length;
  }

  function inPod(name: string, command: readonly string[]): Promise<string> {
    return kubectl.text(['exec', name, `--namespace=${namespace}`, '--', ...command]);
  }
});

function webObjects(namespace: string): readonly object[] {
  const labels = { app: 'web' };
  const spread = {
    maxSkew: 1,
    topologyKey: 'topology.kubernetes.io/zone',
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: { matchLabels: labels },
    nodeTaintsPolicy: 'Honor',
  };
  const container = {
    name: 'web',
    image: stubImage,
    env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
    ports: [{ containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/health', port: 8080 }, periodSeconds: 1 },
  };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace },
      spec: {
        replicas: 3,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { topologySpreadConstraints: [spread], containers: [container] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web', namespace },
      spec: { minAvailable: 3, selector: { matchLabels: labels } },
    },
  ];
}

function hungryPod(namespace: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'hungry', namespace, labels: { app: 'hungry' } },
    spec: {
      restartPolicy: 'Never',
      containers: [
        {
          name: 'hungry',
          image: stubImage,
          command: ['node', '-e', 'const kept = []; for (;;) kept.push(Buffer.alloc(1048576, 1));'],
          resources: { limits: { memory: '96Mi' } },
        },
      ],
    },
  };
}

function fakeDeployment(namespace: string): object {
  const labels = { app: 'fake' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'fake', namespace },
    spec: {
      replicas: 30,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          nodeSelector: { type: 'kwok' },
          tolerations: [{ key: 'kwok.x-k8s.io/node', operator: 'Exists' }],
          containers: [{ name: 'fake', image: 'fake' }],
        },
      },
    },
  };
}
