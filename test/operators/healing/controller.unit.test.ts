import { describe, expect, it } from '@jest/globals';
import { eventsOf, type HealingEventLike } from './recorded.js';
import { HEALING } from '../../../operators/healing/names.js';
import type { RawPod } from '../../../operators/healing/project-pod.js';
import { ApiError } from '../../../operators/runtime/api-error.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import { Cluster, NAMESPACE, NEVER, POLICY_KEY } from './cluster.js';

const condition = (cluster: Cluster, type: string, policy = 'heal'): unknown[] => {
  const found = cluster.policy(policy).status?.conditions?.find((each) => each.type === type);
  return [found?.status, found?.reason];
};

describe('the healing of a policy', () => {
  it('replaces a failed pod with three writes: the Event, the status, the eviction', async () => {
    const cluster = new Cluster(4);
    cluster.crashPod('web-1');
    cluster.refresh();
    await cluster.reconciler().reconcile(POLICY_KEY, NEVER);
    expect(cluster.writes()).toEqual(['create events', 'apply healingpolicies', 'evict pods']);
    expect(cluster.active().map(({ metadata }) => metadata.name)).toEqual(['web-2', 'web-3', 'web-4']);
  });

  it('tells in the Event what was seen, and puts it into the outbox in the words of ECS', async () => {
    const cluster = new Cluster(4);
    cluster.crashPod('web-1');
    cluster.refresh();
    await cluster.reconciler().reconcile(POLICY_KEY, NEVER);
    const [event] = eventsOf(cluster) as [HealingEventLike];
    expect(event).toMatchObject({
      reason: 'EssentialContainerExited',
      action: 'Evict',
      type: 'Warning',
      regarding: { kind: 'Pod', name: 'web-1', uid: 'uid-web-1-1' },
      related: { kind: 'HealingPolicy', name: 'heal' },
      metadata: { labels: { 'tranship.dev/outbox': 'v1', 'tranship.dev/policy': 'heal' } },
    });
    expect(JSON.parse(event.metadata.annotations?.['tranship.dev/outbox'] ?? '')).toMatchObject({
      detailType: 'ECS Task State Change',
      detail: {
        taskArn: 'shop/web-1/uid-web-1-1',
        group: 'service:Deployment/web',
        desiredStatus: 'STOPPED',
        lastStatus: 'RUNNING',
        stopCode: 'EssentialContainerExited',
        containers: [{ name: 'app', exitCode: 1 }],
      },
    });
  });

  it('writes the node to avoid before it asks for the eviction', async () => {
    const cluster = new Cluster(4);
    cluster.crashPod('web-1');
    cluster.refresh();
    const avoided: unknown[] = [];
    cluster.beforeCall = ({ verb }) => {
      if (verb === 'evict') avoided.push(cluster.policy().status?.workloads?.[0]?.avoidNodes[0]?.node);
      return undefined;
    };
    await cluster.reconciler().reconcile(POLICY_KEY, NEVER);
    expect(avoided).toEqual(['node-b']);
  });

  it('says in the status that it replaces, before it asks', async () => {
    const cluster = new Cluster(4);
    cluster.crashPod('web-1');
    cluster.refresh();
    await cluster.reconciler().reconcile(POLICY_KEY, NEVER);
    expect(condition(cluster, 'Healing')).toEqual(['True', 'Replacing']);
    expect(cluster.policy().status?.pods?.replacing).toBe(1);
  });

  it('follows the new pod until it is Ready, writes that once and at once, and then is at rest', async () => {
    const cluster = new Cluster(4);
    const reconciler = cluster.reconciler();
    cluster.crashPod('web-1');
    cluster.refresh();
    await reconciler.reconcile(POLICY_KEY, NEVER);
    await cluster.clock.advance(2000);
    cluster.refresh();
    await reconciler.reconcile(POLICY_KEY, NEVER);
    expect(cluster.writes()).toHaveLength(3);
    cluster.turn();
    cluster.refresh();
    await reconciler.reconcile(POLICY_KEY, NEVER);
    expect(cluster.writes().slice(3)).toEqual(['apply healingpolicies']);
    expect(cluster.policy().status?.replacements).toMatchObject([{ pod: 'web-1', replacement: 'web-5' }]);
    expect(cluster.policy().status?.replacements?.[0]?.readyAt).toBeDefined();
    const { length } = cluster.calls;
    for (let round = 0; round < 3; round += 1) {
      cluster.refresh();
      await reconciler.reconcile(POLICY_KEY, NEVER);
      await cluster.clock.advance(60_000);
    }
    expect(cluster.calls.slice(length)).toEqual([]);
  });

  it('does nothing twice while the cache still shows the pod as it was', async () => {
    const cluster = new Cluster(4);
    const reconciler = cluster.reconciler();
    cluster.crashPod('web-1');
    cluster.refresh();
    await reconciler.reconcile(POLICY_KEY, NEVER);
    cluster.policies.refresh();
    await reconciler.reconcile(POLICY_KEY, NEVER);
    await reconciler.reconcile(POLICY_KEY, NEVER);
    expect(cluster.writes().filter((write) => write === 'evict pods')).toHaveLength(1);
  });

  it('does not decide before the cache shows the status that it wrote', async () => {
    const cluster = new Cluster(4);
    const reconciler = cluster.reconciler();
    cluster.crashPod('web-1');
    cluster.refresh();
    await reconciler.reconcile(POLICY_KEY, NEVER);
    const { length } = cluster.calls;
    expect(await reconciler.reconcile(POLICY_KEY, NEVER)).toEqual({ requeueAfterMs: 250 });
    expect(cluster.calls).toHaveLength(length);
  });

  it('leaves a pod that has changed since the cache saw it, and looks again', async () => {
    const cluster = new Cluster(4);
    cluster.crashPod('web-1');
    cluster.refresh();
    cluster.server.patch(
      RESOURCE.pod,
      { namespace: NAMESPACE, name: 'web-1' },
      { metadata: { labels: { seen: 'late' } } },
    );
    const result = await cluster.reconciler().reconcile(POLICY_KEY, NEVER);
    expect(cluster.active()).toHaveLength(4);
    expect(result.requeueAfterMs).toBe(250);
  });

  it('hears somebody who pauses the policy at the moment when it is about to act', async () => {
    const cluster = new Cluster(4);
    cluster.crashPod('web-1');
    cluster.refresh();
    cluster.server.patch(RESOURCE.healingPolicy, { namespace: NAMESPACE, name: 'heal' }, { spec: { paused: true } });
    await cluster.reconciler().reconcile(POLICY_KEY, NEVER);
    expect(cluster.writes()).not.toContain('evict pods');
  });

  it('holds a pod that a disruption budget keeps, says so, and does not ask again at once', async () => {
    const cluster = new Cluster(4);
    cluster.beforeCall = ({ verb }) =>
      verb === 'evict'
        ? new ApiError('DisruptionBudget', 'budget web allows no disruption', { status: 429 })
        : undefined;
    const reconciler = cluster.reconciler();
    cluster.crashPod('web-1');
    cluster.refresh();
    expect(await reconciler.reconcile(POLICY_KEY, NEVER)).toEqual({ requeueAfterMs: 30_000 });
    await cluster.clock.advance(29_000);
    cluster.refresh();
    await reconciler.reconcile(POLICY_KEY, NEVER);
    expect(cluster.writes().filter((write) => write === 'evict pods')).toHaveLength(1);
    await cluster.clock.advance(2000);
    cluster.refresh();
    await reconciler.reconcile(POLICY_KEY, NEVER);
    expect(cluster.writes().filter((write) => write === 'evict pods')).toHaveLength(2);
    expect(cluster.policy().status).toMatchObject({
      replacements: [],
      workloads: [],
      held: [{ pod: 'web-1', reason: 'DisruptionBudget' }],
    });
    expect(eventsOf(cluster).map(({ reason }) => reason)).toContain('DisruptionBudget');
  });

  it('goes on with other pods where the server refuses one for ever, be it for two budgets or for want of a right', async () => {
    for (const [error, reason] of [
      [
        new ApiError('Unavailable', 'This pod has more than one PodDisruptionBudget', { status: 500 }),
        'DisruptionBudget',
      ],
      [new ApiError('Forbidden', 'the operator cannot create pods/eviction', { status: 403 }), 'Refused'],
    ] as const) {
      const cluster = new Cluster(6, { budget: { maxReplacements: 1 } });
      cluster.beforeCall = ({ verb, name }) => (verb === 'evict' && name?.name === 'web-1' ? error : undefined);
      const reconciler = cluster.reconciler();
      for (const name of ['web-1', 'web-2']) cluster.crashPod(name);
      cluster.refresh();
      await reconciler.reconcile(POLICY_KEY, NEVER);
      cluster.refresh();
      expect(cluster.policy().status?.held).toContainEqual(expect.objectContaining({ pod: 'web-1', reason }));
      await reconciler.reconcile(POLICY_KEY, NEVER);
      expect(cluster.active().map(({ metadata }) => metadata.name)).toEqual([
        'web-1',
        'web-3',
        'web-4',
        'web-5',
        'web-6',
      ]);
    }
  });

  it('looks up whether an eviction was done when its answer was lost', async () => {
    const cluster = new Cluster(4);
    let lost = 0;
    cluster.beforeCall = ({ verb }) => (verb === 'evict' && (lost += 1) === 1 ? 'lost answer' : undefined);
    const reconciler = cluster.reconciler();
    cluster.crashPod('web-1');
    cluster.refresh();
    await expect(reconciler.reconcile(POLICY_KEY, NEVER)).rejects.toMatchObject({ code: 'ConnectionLost' });
    cluster.policies.refresh();
    await reconciler.reconcile(POLICY_KEY, NEVER);
    expect(cluster.writes().filter((write) => write === 'evict pods')).toHaveLength(1);
    await cluster.clock.advance(31_000);
    cluster.turn();
    cluster.refresh();
    await reconciler.reconcile(POLICY_KEY, NEVER);
    expect(cluster.policy().status?.replacements).toMatchObject([{ pod: 'web-1', actedAt: expect.anything() }]);
  });

  it('takes a pod in quarantine out of every selector, keeps its labels, and removes it when its time is over', async () => {
    const cluster = new Cluster(4, { quarantine: { causes: ['EssentialContainerExited'], keepSeconds: 60 } });
    const reconciler = cluster.reconciler();
    cluster.crashPod('web-1');
    cluster.refresh();
    await reconciler.reconcile(POLICY_KEY, NEVER);
    const name = { namespace: NAMESPACE, name: 'web-1' };
    const { metadata } = cluster.server.read<RawPod>(RESOURCE.pod, name) ?? { metadata: { name: '' } };
    expect(metadata.labels).toEqual({ [HEALING.quarantinedLabel]: '20260101T000000Z' });
    expect(JSON.parse(metadata.annotations?.[HEALING.formerLabelsAnnotation] ?? '')).toEqual({
      app: 'web',
      'pod-template-hash': 'r1',
    });
    cluster.turn();
    cluster.refresh();
    expect(cluster.ready()).toBe(4);
    await cluster.clock.advance(61_000);
    await reconciler.reconcile(POLICY_KEY, NEVER);
    expect(cluster.server.read<RawPod>(RESOURCE.pod, name)?.metadata.deletionTimestamp).toBeDefined();
    expect(cluster.writes()).not.toContain('evict pods');
  });

  it('touches no pod when the policy is paused or only tried, and shows what it would do', async () => {
    for (const [spec, reason] of [
      [{ paused: true }, 'Paused'],
      [{ mode: 'DryRun' as const }, 'DryRun'],
    ] as const) {
      const cluster = new Cluster(4, spec);
      cluster.crashPod('web-1');
      cluster.refresh();
      await cluster.reconciler().reconcile(POLICY_KEY, NEVER);
      expect(cluster.active()).toHaveLength(4);
      expect(condition(cluster, 'Healing')).toEqual(['False', reason]);
      expect(cluster.policy().status?.held).toMatchObject([{ pod: 'web-1', reason }]);
    }
  });

  it('touches no pod that two policies select, and both say so', async () => {
    const cluster = new Cluster(4);
    cluster.putPolicy('other');
    cluster.crashPod('web-1');
    cluster.refresh();
    const reconciler = cluster.reconciler();
    await reconciler.reconcile(POLICY_KEY, NEVER);
    await reconciler.reconcile(`${NAMESPACE}/other`, NEVER);
    expect(cluster.active()).toHaveLength(4);
    expect(condition(cluster, 'Conflicted')).toEqual(['True', 'PoliciesOverlap']);
    expect(condition(cluster, 'Conflicted', 'other')).toEqual(['True', 'PoliciesOverlap']);
  });

  it.each([
    [{ selector: {} }, 'SelectorEmpty'],
    [{ selector: { matchExpressions: [{ key: 'app', operator: 'In' as const }] } }, 'PolicyInvalid'],
    [{ budget: { maxUnavailable: '0%' } }, 'PolicyInvalid'],
  ])('does nothing under the invalid policy %j, and says %s', async (spec, reason) => {
    const cluster = new Cluster(4, spec);
    cluster.crashPod('web-1');
    cluster.refresh();
    await cluster.reconciler().reconcile(POLICY_KEY, NEVER);
    expect(condition(cluster, 'Accepted')).toEqual(['False', reason]);
    expect(condition(cluster, 'Healing')).toEqual(['False', reason]);
    expect(cluster.active()).toHaveLength(4);
  });

  it('says that a storm stops healing as soon as it does', async () => {
    const cluster = new Cluster(4);
    const reconciler = cluster.reconciler();
    await reconciler.reconcile(POLICY_KEY, NEVER);
    for (const name of ['web-1', 'web-2', 'web-3']) cluster.crashPod(name);
    cluster.refresh();
    await reconciler.reconcile(POLICY_KEY, NEVER);
    expect(condition(cluster, 'Healing')).toEqual(['False', 'Storm']);
    expect(cluster.active()).toHaveLength(4);
  });

  it('forgets a policy that is gone', async () => {
    const cluster = new Cluster(1);
    const reconciler = cluster.reconciler();
    await reconciler.reconcile(POLICY_KEY, NEVER);
    expect(reconciler.size).toBe(1);
    cluster.server.remove(RESOURCE.healingPolicy, { namespace: NAMESPACE, name: 'heal' });
    cluster.refresh();
    expect(await reconciler.reconcile(POLICY_KEY, NEVER)).toEqual({});
    expect(reconciler.size).toBe(0);
  });
});
