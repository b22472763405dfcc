import { describe, expect, it } from '@jest/globals';
import type { HealingPolicySpec } from '../../../operators/healing/healing-policy.js';
import {
  aCrashedPod,
  ago,
  anEndedContainer,
  aNode,
  aPod,
  aRecord,
  aRestartedContainer,
  at,
  aWorkload,
  given,
  healthyPods,
  NOW,
} from './given.js';

const crashed = aCrashedPod('web-1');
const among = (pod = crashed, others = 3) => [pod, ...healthyPods(others)];

describe('a pod that does its work', () => {
  it('is left alone', () => {
    const { verdict } = given({ pods: healthyPods(4) });
    expect(verdict.decisions).toEqual([]);
    expect(verdict.nextLookAt).toBeUndefined();
    expect(verdict.memory).toEqual({
      workloads: [],
      replacements: [],
      pods: { selected: 4, ready: 4, unhealthy: 0, replacing: 0 },
    });
  });
});

describe('a failed pod', () => {
  it('is evicted, with the values seen', () => {
    expect(given({ pods: among() }).of('web-1')).toMatchObject({
      type: 'Replace',
      action: 'Evict',
      cause: 'EssentialContainerExited',
      workload: 'Deployment/web',
      evidence: 'container app exited with 1 after 95 s, and waits (CrashLoopBackOff)',
      signalAt: ago(5),
    });
  });

  it('is not looked at when the policy does not select it', () => {
    expect(given({ pods: among(aCrashedPod('web-1', { labels: { app: 'other' } })) }).verdict.decisions).toEqual([]);
  });

  it('is held when another policy selects it too', () => {
    expect(given({ pods: among(), contested: ['shop/web-1'] }).of('web-1')).toMatchObject({
      type: 'Hold',
      reason: 'PolicyConflict',
    });
  });

  it('is held when it has no owner, and when its owner is not known to start another one', () => {
    const { owner: _, ...bare } = crashed;
    expect(given({ pods: among(bare) }).of('web-1')).toMatchObject({ type: 'Hold', reason: 'NoOwner' });
    const job = aCrashedPod('web-1', { owner: { kind: 'Job', name: 'import', uid: 'job-1' } });
    expect(given({ pods: among(job) }).of('web-1')).toMatchObject({
      reason: 'NoOwner',
      message: 'it is not known that Job/import would start another one',
    });
  });

  it('is left to its end when it is terminating', () => {
    expect(given({ pods: among(aCrashedPod('web-1', { deletingSince: ago(1) })) }).of('web-1')).toBeUndefined();
  });

  it('is not replaced twice while the cache still shows it', () => {
    const status = { replacements: [aRecord('web-1', { actedAt: at(1), decidedAt: at(1) })] };
    expect(given({ pods: among(), status }).of('web-1')).toMatchObject({ type: 'Hold', reason: 'Terminating' });
  });

  it('of a workload that wants none is left to its controller', () => {
    expect(given({ pods: [crashed], workloads: [aWorkload({ desired: 0 })] }).verdict.decisions).toEqual([]);
  });
});

describe('a policy that must not act', () => {
  it('decides in a dry run all that it would do, and does none of it', () => {
    const spec: Partial<HealingPolicySpec> = { mode: 'DryRun', failedPods: { keep: 0 } };
    const { verdict, of } = given({ pods: [...among(), aPod('web-9', { phase: 'Failed' })], spec });
    expect(of('web-1')).toMatchObject({
      type: 'Hold',
      reason: 'DryRun',
      message: 'spec.mode is DryRun; otherwise: Evict',
      evidence: expect.stringContaining('exited with 1'),
    });
    expect(verdict.decisions).toHaveLength(1);
  });

  it('that is paused holds, and shows why it would act', () => {
    expect(given({ pods: among(), spec: { paused: true } }).of('web-1')).toMatchObject({ reason: 'Paused' });
  });

  it.each<[string, Partial<HealingPolicySpec>, string]>([
    ['a selector that is empty', { selector: {} }, 'spec.selector'],
    ['a budget of none', { budget: { maxUnavailable: 0 } }, 'spec.budget.maxUnavailable is 0'],
    ['a budget of 0%', { budget: { maxReplacements: '0%' } }, 'spec.budget.maxReplacements is "0%"'],
    ['a budget that is no number', { budget: { maxUnavailable: 'many' } }, 'a percentage from 1% to 100%'],
    ['a negative time', { throttle: { initialSeconds: -1 } }, 'a whole number from 1'],
  ])('that is invalid, as with %s, holds everything', (_, spec, message) => {
    const { verdict, of } = given({ pods: among(), spec });
    expect(of('web-1')).toMatchObject({ reason: 'PolicyInvalid', message: expect.stringContaining(message) });
    expect(verdict.decisions).toHaveLength(1);
  });

  it('with an operator that is not known holds everything', () => {
    const matchExpressions = JSON.parse('[{ "key": "app", "operator": "Like", "values": ["web"] }]');
    expect(given({ pods: among(), spec: { selector: { matchExpressions } } }).of('web-1')).toMatchObject({
      reason: 'PolicyInvalid',
    });
  });
});

describe('the budget', () => {
  it('lets so many failed pods be replaced at a time, the oldest failure first', () => {
    const failed = [30, 20, 10].map((seconds, index) =>
      aCrashedPod(`web-${index}`, {
        containers: [anEndedContainer({ finishedAt: ago(seconds) })],
      }),
    );
    const { of } = given({ pods: [...failed, ...healthyPods(5)] });
    expect([of('web-0'), of('web-1'), of('web-2')]).toMatchObject([
      { type: 'Replace' },
      { type: 'Replace' },
      { type: 'Hold', reason: 'BudgetExhausted', message: expect.stringContaining('at most 2') },
    ]);
  });

  it('counts what is under way from before', () => {
    const status = { replacements: [aRecord('gone', { actedAt: at(20), decidedAt: at(20) })] };
    expect(given({ pods: among(), workloads: [aWorkload()], status }).of('web-1')).toMatchObject({
      reason: 'BudgetExhausted',
      message: '1 replacements are under way, of at most 1 (budget.maxReplacements)',
    });
  });

  it('is free again when the new pod is Ready', () => {
    const status = { replacements: [aRecord('gone', { actedAt: at(60), decidedAt: at(60) })] };
    const fresh = aPod('web-2', { createdAt: ago(59), startedAt: ago(58), readySince: ago(50), node: 'node-b' });
    const { of, verdict } = given({ pods: [crashed, fresh, ...healthyPods(2)], status });
    expect(of('web-1')).toMatchObject({ type: 'Replace' });
    expect(verdict.memory.replacements).toEqual([
      { ...status.replacements[0], replacement: 'web-2', replacementNode: 'node-b', readyAt: at(50) },
    ]);
  });

  it('is free again when the workload misses no pod, though none can be told to be the new one', () => {
    const status = { replacements: [aRecord('gone', { actedAt: at(20), decidedAt: at(20) })] };
    const { verdict } = given({ pods: healthyPods(4), status });
    expect(verdict.memory.pods).toMatchObject({ replacing: 0 });
    expect(verdict.memory.replacements).toEqual([{ ...status.replacements[0], readyAt: at(0) }]);
  });

  it('does not need more of it for a new pod that fails too: it takes the place of the one before', () => {
    const status = { replacements: [aRecord('gone', { actedAt: at(60), decidedAt: at(60), replacement: 'web-1' })] };
    const pods = [aCrashedPod('web-1', { createdAt: ago(59) }), aCrashedPod('web-2'), ...healthyPods(2)];
    const { of } = given({ pods, status });
    expect(of('web-1')).toMatchObject({ type: 'Replace' });
    expect(of('web-2')).toMatchObject({ type: 'Hold' });
  });

  it('counts a chain of failed replacements once', () => {
    const status = {
      replacements: [
        aRecord('gone', { actedAt: at(300), decidedAt: at(300), replacement: 'web-1' }),
        aRecord('web-1', { actedAt: at(200), decidedAt: at(200), replacement: 'web-2' }),
        aRecord('web-2', { actedAt: at(100), decidedAt: at(100) }),
      ],
    };
    const last = aCrashedPod('web-3', { createdAt: ago(99), startedAt: ago(99) });
    const { of, verdict } = given({ pods: [last, ...healthyPods(3)], status });
    expect(verdict.memory.pods).toMatchObject({ replacing: 1 });
    expect(verdict.memory.replacements?.map(({ replacement }) => replacement)).toEqual(['web-1', 'web-2', 'web-3']);
    expect(of('web-3')).toMatchObject({ type: 'Replace' });
  });

  it('counts pods that end without a record while their workload misses them: an operator may have died before it wrote one', () => {
    const pods = [crashed, aPod('web-2', { deletingSince: ago(3) }), ...healthyPods(2)];
    expect(given({ pods, workloads: [aWorkload()] }).of('web-1')).toMatchObject({ reason: 'BudgetExhausted' });
  });

  it('does not wait for pods that end on a node that is down', () => {
    const pods = [crashed, aPod('web-2', { deletingSince: ago(3), node: 'node-b' }), ...healthyPods(2)];
    const nodes = [aNode('node-a'), aNode('node-b', { ready: false }), aNode('node-c')];
    expect(given({ pods, nodes, workloads: [aWorkload()] }).of('web-1')).toMatchObject({ type: 'Replace' });
  });

  it('lets no Ready pod go while others are missing', () => {
    const old = aPod('web-1', { createdAt: ago(90_000) });
    const spec = { causes: { maximumAge: { seconds: 86_400 } } };
    const missing = aPod('web-2', { ready: false, readySince: ago(7200) });
    expect(given({ pods: [old, ...healthyPods(3)], spec }).of('web-1')).toMatchObject({
      type: 'Replace',
      cause: 'MaximumAge',
    });
    expect(given({ pods: [old, missing, ...healthyPods(2)], spec }).of('web-1')).toMatchObject({
      reason: 'BudgetExhausted',
      message: expect.stringContaining('budget.maxUnavailable'),
    });
  });
});

describe('a storm', () => {
  const failed = (count: number) => Array.from({ length: count }, (_, index) => aCrashedPod(`web-${index}`));

  it('holds everything when more than the share is unhealthy', () => {
    const { verdict } = given({ pods: [...failed(3), ...healthyPods(1)] });
    expect(verdict.decisions).toHaveLength(3);
    for (const decision of verdict.decisions)
      expect(decision).toMatchObject({
        reason: 'Storm',
        message: expect.stringContaining('3 of 4 pods are unhealthy'),
      });
  });

  it('is none at the share itself, rounded up', () => {
    expect(given({ pods: [...failed(2), ...healthyPods(1)] }).of('web-0')).toMatchObject({ type: 'Replace' });
  });

  it('is none with so few pods that a share says nothing', () => {
    expect(given({ pods: failed(2) }).of('web-0')).toMatchObject({ type: 'Replace' });
  });

  it('is over when the pods work again in place, and they are replaced within the budget', () => {
    const again = Array.from({ length: 4 }, (_, index) =>
      aPod(`web-${index}`, {
        containers: [aRestartedContainer()],
      }),
    );
    const { verdict } = given({ pods: again });
    expect(verdict.decisions.map((decision) => decision.type)).toEqual(['Replace', 'Hold', 'Hold', 'Hold']);
  });
});

describe('a rollout under way', () => {
  const workloads = [aWorkload({ rolling: true })];

  it('holds what is only upkeep', () => {
    const spec = { causes: { exec: { enabled: true, afterSeconds: 60 } } };
    expect(given({ pods: among(aPod('web-1', { execAt: ago(90) })), spec, workloads }).of('web-1')).toMatchObject({
      reason: 'RolloutInProgress',
    });
  });

  it('does not hold failed pods', () => {
    expect(given({ pods: among(), workloads }).of('web-1')).toMatchObject({ type: 'Replace' });
  });
});

describe('what is decided', () => {
  it('says when to look again', () => {
    const pod = aPod('web-1', { ready: false, readySince: ago(20) });
    const { of, verdict } = given({ pods: among(pod) });
    expect(of('web-1')).toMatchObject({ reason: 'WaitingForTolerance', retryAt: NOW + 40_000 });
    expect(verdict.nextLookAt).toBe(NOW + 40_000);
  });

  it('does not depend on the order in which pods are seen', () => {
    const pods = [aCrashedPod('web-1'), aCrashedPod('web-2'), ...healthyPods(4)];
    expect(given({ pods: pods.toReversed() }).verdict).toEqual(given({ pods }).verdict);
  });
});
