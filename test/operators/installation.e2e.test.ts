import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_OPERATOR_OPTIONS, renderOperator } from '../../charts/apps/operator/index.js';
import { run } from '../cluster/host.js';
import { stubImage } from '../cluster/images.js';
import { Kubectl } from '../cluster/kubectl.js';
import { LocalCluster } from '../cluster/local-cluster.js';
import { namespaceFor } from '../cluster/namespace.js';
import { openCluster } from '../cluster/open.js';
import { poll } from '../cluster/processes.js';
import { productImage } from '../cluster/product-image.js';

const SYSTEM = 'tranship-system';
const IN_SYSTEM = `--namespace=${SYSTEM}`;
let folder: string;
let kubectl: Kubectl;
let namespace: string;

beforeAll(async () => {
  const cluster = await openCluster({ name: process.env['TRANSHIP_CLUSTER'] ?? 'tranship' }, process.env);
  kubectl =
    cluster instanceof LocalCluster ? cluster.processes.kubectl : new Kubectl('kubectl', cluster.kubeconfig, run);
  namespace = await namespaceFor(kubectl, 'installation');
  folder = join(mkdtempSync(join(tmpdir(), 'tranship-installation-')), 'operator');
  mkdirSync(folder);
  const files = renderOperator({ ...DEFAULT_OPERATOR_OPTIONS, kubernetes: '1.36', image: productImage });
  for (const { path, text } of files) writeFileSync(join(folder, path), text);
});

afterAll(async () => {
  await kubectl.text(['delete', 'namespace', namespace, '--wait=false']);
  await kubectl.text(['delete', '--filename', folder, '--ignore-not-found', '--timeout=120s']);
  rmSync(folder, { recursive: true });
});

interface Lists {
  readonly items: readonly { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> } }[];
}

describe('kubectl apply -f of the folder', () => {
  test('installs an operator of which two replicas are ready and one leads', async () => {
    await kubectl.text(['apply', '--filename', folder]);
    await kubectl.text(['rollout', 'status', 'deployment/tranship-operator', IN_SYSTEM, '--timeout=220s']);
    const words = ['get', 'lease/tranship-operator', IN_SYSTEM, '--output=jsonpath={.spec.holderIdentity}'];
    const held = await poll(async () => (await kubectl.text(words).catch(() => '')) !== '', 60);
    expect(held).toBe(true);
    expect(await kubectl.text(words)).toMatch(/^tranship-operator-/);
  });

  test('may be repeated: nothing changes, and what the operator wrote stays', async () => {
    const secret = ['get', 'secret/tranship-exec-webhook-certificate', IN_SYSTEM, '--output=jsonpath={.data}'];
    expect(await poll(async () => (await kubectl.text(secret)).includes('tls.key'), 60)).toBe(true);
    const before = await kubectl.text(secret);
    const printed = await kubectl.text(['apply', '--filename', folder]);
    const lines = printed.trim().split('\n');
    expect(lines.filter((line) => !/ (unchanged|configured)$/.test(line))).toEqual([]);
    expect(await kubectl.text(secret)).toBe(before);
  });

  test('gives each replica the rights that it needs: its log has no refusal', async () => {
    const log = await kubectl.text(['logs', 'deployment/tranship-operator', IN_SYSTEM, '--all-pods=true', '--tail=-1']);
    expect(log).toContain('leadership acquired');
    expect(log.split('\n').filter((line) => /forbidden/i.test(line))).toEqual([]);
  });

  test('lets an exec into a pod leave its mark, and lets it through', async () => {
    const labels = { app: 'watched' };
    const container = { name: 'app', image: stubImage, imagePullPolicy: 'IfNotPresent' };
    await kubectl.apply([
      {
        apiVersion: 'tranship.dev/v1',
        kind: 'HealingPolicy',
        metadata: { name: 'watched', namespace },
        spec: { selector: { matchLabels: labels }, causes: { exec: { enabled: true, afterSeconds: 3600 } } },
      },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'watched', namespace },
        spec: {
          replicas: 1,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [container], terminationGracePeriodSeconds: 1 } },
        },
      },
    ]);
    await kubectl.text(['rollout', 'status', 'deployment/watched', `--namespace=${namespace}`, '--timeout=60s']);
    const annotations = async (): Promise<Readonly<Record<string, string>>> => {
      const { items } = await kubectl.json<Lists>([
        'get',
        'pods',
        '--selector=app=watched',
        `--namespace=${namespace}`,
      ]);
      return items[0]?.metadata.annotations ?? {};
    };
    const exec = ['exec', 'deployment/watched', `--namespace=${namespace}`, '--', 'node', '--print', '6 * 7'];
    const noted = await poll(async () => {
      expect(await kubectl.text(exec)).toBe('42\n');
      return 'tranship.dev/exec' in (await annotations());
    }, 90);
    expect(noted).toBe(true);
    expect(await annotations()).toMatchObject({
      'tranship.dev/exec': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      'tranship.dev/exec-by': expect.stringMatching(/./),
    });
  });

  test('accepts the policy, and its columns say so', async () => {
    const words = ['get', 'hp', 'watched', `--namespace=${namespace}`, '--no-headers'];
    const accepted = await poll(async () => /^watched +Enforce +1 +0 +0 +True /.test(await kubectl.text(words)), 90);
    expect(await kubectl.text(words)).toMatch(/^watched +Enforce +1 +0 +0 +True /);
    expect(accepted).toBe(true);
  });
});
