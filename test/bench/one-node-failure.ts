import type { KubernetesApi } from '../../operators/runtime/api.js';
import type { Kubectl } from '../cluster/kubectl.js';
import { stubImage } from '../cluster/images.js';
import { namespaceFor } from '../cluster/namespace.js';
import { PodWatch } from './fleet.js';

const BAD_NODE = 'node-a';

/** Seconds from the first crash until a pod is Ready, or that none was in so many. */
export type Recovery = { readonly seconds: number } | { readonly notWithin: number };

/**
 * A pod that crashes at once on one node and nowhere else, on real nodes: how long until it is Ready, healed by the
 * operator and left to Kubernetes alone.
 *
 * It starts on that node because the others are closed to new pods; they are opened when it has crashed.
 */
export async function oneNodeFailure(
  kubectl: Kubectl,
  api: KubernetesApi,
  limitSeconds: number,
): Promise<{ readonly healed: Recovery; readonly plain: Recovery }> {
  const others = ['node-b', 'node-c'];
  const [healedIn, plainIn] = await Promise.all([namespaceFor(kubectl, 'healed'), namespaceFor(kubectl, 'plain')]);
  const open = (): Promise<string> => kubectl.text(['uncordon', ...others]);
  await kubectl.text(['cordon', ...others]);
  const watches = [new PodWatch(api, healedIn), new PodWatch(api, plainIn)] as const;
  try {
    await kubectl.apply([policy(healedIn), deployment(healedIn), deployment(plainIn)]);
    const crashed = await Promise.all([firstCrash(kubectl, healedIn), firstCrash(kubectl, plainIn)]);
    await open();
    const [healed, plain] = await Promise.all(
      watches.map((watch, index) => recovery(watch, crashed[index] ?? 0, limitSeconds)),
    );
    if (healed === undefined || plain === undefined) throw new Error('nothing was measured');
    return { healed, plain };
  } finally {
    for (const watch of watches) watch.stop();
    await open();
    await kubectl.text(['delete', 'namespace', healedIn, plainIn, '--wait=false']);
  }
}

async function recovery(watch: PodWatch, crashedAt: number, limitSeconds: number): Promise<Recovery> {
  const isSo = await watch.until(() => watch.ready().some(({ node }) => node !== BAD_NODE), limitSeconds);
  return isSo ? { seconds: (Date.now() - crashedAt) / 1000 } : { notWithin: limitSeconds };
}

/** When its container ended first, as the kubelet told it, to the second. */
async function firstCrash(kubectl: Kubectl, namespace: string): Promise<number> {
  const pods = ['pods', '--selector=app=web', `--namespace=${namespace}`];
  const started = '.status.containerStatuses[0].lastState.terminated.startedAt';
  const ended = '.status.containerStatuses[0].state.terminated.finishedAt';
  for (const until = Date.now() + 120_000; Date.now() < until; ) {
    const time = await kubectl
      .text(['get', ...pods, `--output=jsonpath={.items[0]${ended}}{.items[0]${started}}`])
      .catch(() => '');
    if (time !== '') return Date.parse(time.slice(0, 20));
  }
  throw new Error(`no pod of ${namespace} has crashed on ${BAD_NODE} within 120 s`);
}

function policy(namespace: string): object {
  return {
    apiVersion: 'tranship.dev/v1',
    kind: 'HealingPolicy',
    metadata: { name: 'web', namespace },
    spec: { selector: { matchLabels: { app: 'web' } } },
  };
}

function deployment(namespace: string): object {
  const env = [
    { name: 'STUB_FAIL_ON_NODE', value: BAD_NODE },
    { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
  ];
  const readinessProbe = { httpGet: { path: '/health', port: 8080 }, periodSeconds: 1, timeoutSeconds: 5 };
  const labels = { app: 'web' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { 'tranship.dev/essential': 'app' } },
        spec: {
          terminationGracePeriodSeconds: 2,
          containers: [{ name: 'app', image: stubImage, imagePullPolicy: 'IfNotPresent', env, readinessProbe }],
        },
      },
    },
  };
}
