import { describe, expect, it } from '@jest/globals';
import { observe } from '../../../operators/healing/observe.js';
import type { RawPod } from '../../../operators/healing/project-pod.js';
import { compileSelector } from '../../../operators/healing/selection.js';
import { RESOURCE, type KubernetesObject } from '../../../operators/runtime/resource.js';
import { Cluster, NAMESPACE } from './cluster.js';

describe('an observation', () => {
  it('has the pods of the policy, their workload with its revision, and the nodes', () => {
    const cluster = new Cluster(2);
    const seen = observe(cluster.caches, cluster.policy(), new Map(), cluster.clock.now());
    expect(seen.pods.map(({ name }) => name)).toEqual(['web-1', 'web-2']);
    expect([...seen.workloads.values()]).toMatchObject([
      { id: 'Deployment/web', desired: 2, revision: 'r1', rolling: false },
    ]);
    expect(seen.workloadOfOwner.get('rs-web-r1')).toBe('Deployment/web');
    expect([...seen.nodes.keys()]).toEqual(['node-a', 'node-b', 'node-c']);
  });

  it('shows a pod that was asked to go as leaving, before the cache does', () => {
    const cluster = new Cluster(1);
    const uid = cluster.active()[0]?.metadata.uid ?? '';
    const seen = observe(cluster.caches, cluster.policy(), new Map([[uid, { at: 5, as: 'deleting' }]]), 6);
    expect(seen.pods[0]?.deletingSince).toBe(5);
  });

  it.each([
    [
      'a variable that admission added',
      {
        env: [
          { name: 'A', value: '1' },
          { name: 'AWS_ROLE_ARN', value: 'x' },
        ],
      },
      true,
    ],
    ['another value', { env: [{ name: 'A', value: '2' }] }, false],
    ['a missing variable', { env: [] }, false],
    ['another command', { env: [{ name: 'A', value: '1' }], command: ['sleep'] }, false],
  ])('compares a pod with %s to its template: equal is %s', (_, container, equal) => {
    const cluster = new Cluster(1);
    const template = { spec: { containers: [{ name: 'app', image: 'shop/web:1', env: [{ name: 'A', value: '1' }] }] } };
    cluster.server.patch(RESOURCE.deployment, { namespace: NAMESPACE, name: 'web' }, { spec: { template } });
    cluster.server.patch<RawPod>(
      RESOURCE.pod,
      { namespace: NAMESPACE, name: 'web-1' },
      {
        spec: { containers: [{ name: 'app', image: 'shop/web:1', ...container }] },
      },
    );
    cluster.refresh();
    const seen = observe(cluster.caches, cluster.policy(), new Map(), cluster.clock.now());
    const wanted = seen.workloads.get('Deployment/web')?.template.get('app')?.configDigest;
    expect(seen.pods[0]?.containers[0]?.configDigest === wanted).toBe(equal);
  });

  it('takes a ReplicaSet without a Deployment, and a StatefulSet, for a workload of its own', () => {
    const cluster = new Cluster(1);
    cluster.server.patch<KubernetesObject>(
      RESOURCE.replicaSet,
      { namespace: NAMESPACE, name: 'web-r1' },
      {
        metadata: { ownerReferences: null },
      },
    );
    cluster.refresh();
    const seen = observe(cluster.caches, cluster.policy(), new Map(), cluster.clock.now());
    expect([...seen.workloads.keys()]).toEqual(['ReplicaSet/web-r1']);
  });
});

describe('a selector', () => {
  it('matches as Kubernetes has it', () => {
    const selects = compileSelector({
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['a', 'b'] },
        { key: 'track', operator: 'NotIn', values: ['canary'] },
        { key: 'legacy', operator: 'DoesNotExist' },
        { key: 'app', operator: 'Exists' },
      ],
    });
    if (typeof selects !== 'function') throw new Error(selects.message);
    expect(selects({ app: 'web', tier: 'a' })).toBe(true);
    expect(selects({ app: 'web', tier: 'c' })).toBe(false);
    expect(selects({ app: 'web', tier: 'a', track: 'canary' })).toBe(false);
    expect(selects({ app: 'web', tier: 'a', legacy: '' })).toBe(false);
    expect(selects(Object.create({ app: 'web', tier: 'a' }) as Record<string, string>)).toBe(false);
  });
});
