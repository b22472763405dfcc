import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { HealingPolicyStatus } from '../../../operators/healing/healing-policy.js';
import { run } from '../../cluster/host.js';
import { type GivenCluster, givenOperator, isReady, type PodObject, watchCommand } from './given-cluster.js';
import { ObjectWatch, type WatchedObject } from './object-watch.js';

/** Groups of the objects that Kubernetes itself has. Those of add-ons are left out: their CRDs come with the add-ons. */
const builtIn = /^(v1|(apps|batch|autoscaling|policy)\/v\d|[a-z.]+\.k8s\.io\/v\d)$/;
/** Workloads that stubs can stand in for. `payments` needs a node of Karpenter's, TLS and a program of its own. */
const services = ['catalog', 'inventory', 'orders', 'web'];
const namespaces = ['shop', 'tranship-logging'];

interface Probe {
  exec?: { readonly command: readonly string[] };
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly resources?: Readonly<Record<'limits' | 'requests', Record<string, string> | undefined>>;
  readonly ports?: readonly { readonly containerPort: number }[];
  imagePullPolicy?: string;
  env?: { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: {
    replicas?: number;
    csi?: object;
    mountOptions?: readonly string[];
    hostPath?: object;
    readonly data?: readonly { readonly secretKey: string }[];
    readonly target?: { readonly name: string };
    readonly template?: {
      readonly spec: {
        readonly nodeSelector?: Record<string, string>;
        readonly containers: readonly Container[];
        readonly initContainers?: readonly Container[];
      };
    };
  };
}

interface PolicyObject extends WatchedObject {
  readonly status?: HealingPolicyStatus;
}

const inShop = '--namespace=shop';
let given: GivenCluster;
let folder: string;
let pods: ObjectWatch<PodObject>;
let policies: ObjectWatch<PolicyObject>;

beforeAll(async () => {
  given = await givenOperator();
  folder = mkdtempSync(join(tmpdir(), 'tranship-account-'));
  pods = new ObjectWatch<PodObject>(watchCommand(given), '/api/v1/namespaces/shop/pods', () => undefined);
  const path = '/apis/tranship.dev/v1/namespaces/shop/healingpolicies';
  policies = new ObjectWatch<PolicyObject>(watchCommand(given), path, () => undefined);
});

afterAll(async () => {
  pods.stop();
  policies.stop();
  rmSync(folder, { recursive: true });
  // Pods of the account take as long to stop as on ECS: up to two minutes.
  const now = ['--grace-period=0', '--force', '--wait=false', '--all'];
  for (const namespace of namespaces) {
    await given.kubectl.text(['delete', 'deployments,daemonsets,cronjobs', '--all', `--namespace=${namespace}`]);
    await given.kubectl.text(['delete', 'pods', ...now, `--namespace=${namespace}`]);
  }
  await given.kubectl.text(['delete', 'persistentvolume/shop.catalog.images', '--wait=false']);
  await given.kubectl.text(['delete', 'namespace', ...namespaces, '--timeout=120s']);
});

/** What `tranship port` writes, as objects. */
async function portedAccount(): Promise<readonly Manifest[]> {
  const out = join(folder, 'ported');
  const port = ['build/bin/tranship.js', 'port', 'charts/apps/example-account', '--kubernetes', '1.36', '--out', out];
  await run([process.execPath, ...port]);
  const files = [out, join(out, 'shop')].flatMap((each) =>
    readdirSync(each)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => join(each, name)),
  );
  return files.flatMap((file) =>
    parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as Manifest),
  );
}

function containersOf({ spec }: Manifest): readonly Container[] {
  const { containers = [], initContainers = [] } = spec?.template?.spec ?? {};
  return [...initContainers, ...containers];
}

/**
 * As the account is on AWS, so far as this cluster can have it: this machine's architecture, two tasks of each service,
 * a folder instead of the file system, no disk of 30 GB, Secrets that are there, images that are loaded and listen where they
 * are asked to, and `true` instead of the programs in them that check them.
 */
function forTestCluster(manifest: Manifest): readonly object[] {
  const { spec } = manifest;
  if (manifest.kind === 'ExternalSecret') {
    const stringData = Object.fromEntries((spec?.data ?? []).map(({ secretKey }) => [secretKey, 'a stub']));
    const metadata = { name: spec?.target?.name, namespace: manifest.metadata.namespace };
    return [{ apiVersion: 'v1', kind: 'Secret', metadata, stringData }];
  }
  if (!builtIn.test(manifest.apiVersion)) return [];
  const selector = spec?.template?.spec.nodeSelector;
  if (selector !== undefined) selector['kubernetes.io/arch'] = process.arch === 'arm64' ? 'arm64' : 'amd64';
  if (spec?.replicas !== undefined) spec.replicas = 2;
  if (spec?.csi !== undefined) {
    delete spec.csi;
    delete spec.mountOptions;
    spec.hostPath = { path: '/tmp' };
  }
  for (const container of containersOf(manifest)) {
    container.imagePullPolicy = 'IfNotPresent';
    for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe])
      if (probe?.exec !== undefined) probe.exec = { command: ['true'] };
    for (const amounts of [container.resources?.limits, container.resources?.requests])
      delete amounts?.['ephemeral-storage'];
    // Without a port of its own a stub takes any: the containers of a pod share them.
    const ports = container.ports ?? [{ containerPort: 0 }];
    const value = ports.map(({ containerPort }) => containerPort).join(',');
    container.env = [...(container.env ?? []), { name: 'STUB_PORTS', value }];
  }
  return [manifest];
}

describe('the example account, ported and applied to a real cluster', () => {
  test('comes up, with stubs in place of its images', async () => {
    const account = await portedAccount();
    await given.cluster.load('stub', [...new Set(account.flatMap(containersOf).map(({ image }) => image))]);
    const file = join(folder, 'account.json');
    const items = account
      .toSorted((a, b) => Number(b.kind === 'Namespace') - Number(a.kind === 'Namespace'))
      .flatMap(forTestCluster);
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    await given.kubectl.text(['apply', '--server-side', '--filename', file]);
    await given.kubectl.apply([
      {
        apiVersion: 'tranship.dev/v1',
        kind: 'HealingPolicy',
        metadata: { name: 'account', namespace: 'shop' },
        spec: { selector: { matchLabels: { 'app.kubernetes.io/managed-by': 'tranship' } } },
      },
    ]);
    const deployments = services.map((name) => `deployment/${name}`);
    const words = ['wait', ...deployments, '--for=condition=Available', inShop, '--timeout=300s'];
    const met = services.map((name) => `deployment.apps/${name} condition met\n`);
    expect(await given.kubectl.text(words)).toBe(met.join(''));
  });

  test('is healed: a task whose essential container is killed is replaced whole', async () => {
    const isOfCatalog = ({ metadata }: PodObject): boolean => metadata.labels?.['app.kubernetes.io/name'] === 'catalog';
    const readyOf = (all: readonly PodObject[]): readonly PodObject[] =>
      all.filter((pod) => isOfCatalog(pod) && isReady(pod));
    const [failed] = await pods.until('two tasks of catalog are Ready', (all) => readyOf(all).length === 2, 300);
    const victim = readyOf(pods.objects)[0] ?? failed;
    if (victim === undefined) throw new Error('catalog has no task');
    const { name: pod, uid } = victim.metadata;
    await given.faults.killContainer({ namespace: 'shop', pod, container: 'catalog' }, 'SIGKILL');
    await pods.until(
      'another task runs in its place',
      (all) => all.every(({ metadata }) => metadata.uid !== uid) && readyOf(all).length === 2,
      300,
    );
    const [policy] = await policies.until(
      'the policy says that the new task is Ready',
      ([one]) =>
        one?.status?.replacements?.some((record) => record.uid === uid && record.readyAt !== undefined) === true,
    );
    const record = policy?.status?.replacements?.find((one) => one.uid === uid);
    expect(record).toMatchObject({ cause: 'EssentialContainerExited', workload: 'Deployment/catalog' });
    const words = [process.execPath, 'build/bin/tranship.js', 'explain', `pod/${pod}`, inShop];
    const explanation = await run(words, { env: { KUBECONFIG: given.cluster.kubeconfig } });
    expect(explanation).toMatch(/ signal (.*\n)*.* decision (.*\n)*.* action (.*\n)*.* ready /);
  });
});
