import type { Component } from './control-plane.js';
import type { Kubectl } from './kubectl.js';
import { join } from 'node:path';
import type { Binaries } from './binaries.js';
import { type ClusterLayout, nodeRegion } from './layout.js';

/** Annotation of the nodes that kwok plays; it leaves all others alone. */
export const kwokAnnotation = 'kwok.x-k8s.io/node';

/** Pods that one such node takes. */
export const podsOfKwokNode = 110;

/** The process that plays the kubelets of kwok's nodes. */
export function kwokProcess(layout: ClusterLayout, binaries: Binaries): Component {
  return {
    component: 'kwok',
    log: join(layout.folder, 'logs', 'kwok.log'),
    health: `http://${layout.host}:10247/healthz`,
    command: [
      binaries.kwok,
      ...[`--kubeconfig=${layout.kubeconfig}`, '--manage-all-nodes=false', `--server-address=${layout.host}:10247`],
      ...[`--manage-nodes-with-annotation-selector=${kwokAnnotation}=fake`, '--node-lease-duration-seconds=40'],
      ...[`--config=${binaries.kwokStages}`],
    ],
  };
}

/**
 * A node that kwok plays, in one of three zones in turn. Its taint keeps pods away that do not tolerate it, so nothing
 * that has to run ends there.
 *
 * @param index from 0
 */
export function kwokNode(index: number): object {
  const name = `kwok-${index}`;
  const zone = `${nodeRegion}${'abc'.charAt(index % 3)}`;
  const resources = { cpu: '32', memory: '256Gi', pods: String(podsOfKwokNode) };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { [kwokAnnotation]: 'fake' },
      labels: {
        type: 'kwok',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'topology.kubernetes.io/region': nodeRegion,
        'topology.kubernetes.io/zone': zone,
      },
    },
    spec: { taints: [{ key: kwokAnnotation, value: 'fake', effect: 'NoSchedule' }] },
    status: { capacity: resources, allocatable: resources },
  };
}

/** Adds or deletes nodes so that there are as many as wanted. */
export async function scaleKwokNodes(kubectl: Kubectl, wanted: number): Promise<void> {
  const names = (await kubectl.text(['get', 'nodes', '--selector=type=kwok', '--output=name'])).trim().split('\n');
  const present = new Set(names.filter((name) => name !== '').map((name) => name.replace('node/', '')));
  const indices = Array.from({ length: wanted }, (_, index) => index);
  const missing = indices.filter((index) => !present.has(`kwok-${index}`));
  const keep = new Set(indices.map((index) => `kwok-${index}`));
  const surplus = [...present].filter((name) => !keep.has(name));
  if (surplus.length > 0) await kubectl.text(['delete', 'node', ...surplus]);
  if (missing.length > 0) await kubectl.apply(missing.map(kwokNode));
  if (wanted > 0)
    await kubectl.text(['wait', '--for=condition=Ready', 'nodes', '--selector=type=kwok', '--timeout=300s']);
}
