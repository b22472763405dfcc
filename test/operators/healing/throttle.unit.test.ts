import { describe, expect, it } from '@jest/globals';
import { delayOf } from '../../../operators/healing/throttle.js';
import { settingsOf } from '../../../operators/healing/settings.js';
import type { ReplacementRecord, WorkloadMemory } from '../../../operators/healing/healing-policy.js';
import { aCrashedPod, ago, aNode, aPod, aRecord, at, aWorkload, given, healthyPods, NOW } from './given.js';

/** A pod that came in place of one that was replaced, and fails itself. */
const fresh = (over = {}) => aCrashedPod('web-2', { createdAt: ago(7), startedAt: ago(7), node: 'node-b', ...over });
/** The first replacement, of a pod long gone. */
const first = (secondsAgo: number, over: Partial<ReplacementRecord> = {}): ReplacementRecord =>
  aRecord('web-1', { actedAt: at(secondsAgo), decidedAt: at(secondsAgo), replacement: 'web-2', ...over });
const aMemory = (over: Partial<WorkloadMemory> = {}): WorkloadMemory => ({
  workload: 'Deployment/web',
  revision: 'r1',
  failures: 1,
  restarts: [],
  avoidNodes: [],
  ...over,
});

describe('the delay between replacements', () => {
  it('doubles from 10 s up to 27 minutes, as on ECS', () => {
    const settings = settingsOf({ selector: {} });
    expect([0, 1, 2, 7, 8, 1e9].map((failures) => delayOf(failures, settings) / 1000)).toEqual([
      10, 20, 40, 1280, 1620, 1620,
    ]);
  });

  it('applies when the new pod fails as well', () => {
    expect(
      given({ pods: [fresh(), ...healthyPods(3)], status: { replacements: [first(8)] } }).of('web-2'),
    ).toMatchObject({
      type: 'Hold',
      reason: 'Throttled',
      message: `new pods fail as well (1 in a row): not before ${at(-2)}`,
      retryAt: NOW + 2000,
    });
    expect(
      given({ pods: [fresh(), ...healthyPods(3)], status: { replacements: [first(10)] } }).of('web-2'),
    ).toMatchObject({
      type: 'Replace',
    });
  });

  it('does not apply to another pod, whose failure is its first', () => {
    const status = { replacements: [first(8, { readyAt: at(6) })] };
    const pods = [aCrashedPod('web-7'), aPod('web-2', { createdAt: ago(7) }), ...healthyPods(4)];
    expect(given({ pods, status }).of('web-7')).toMatchObject({ type: 'Replace' });
  });

  it('applies to all pods of a workload once its new pods have failed', () => {
    const status = {
      replacements: [
        first(30),
        aRecord('web-2', { actedAt: at(5), decidedAt: at(5), signalAt: at(6), readyAt: at(1) }),
      ],
    };
    const { of, verdict } = given({ pods: [aCrashedPod('web-7'), ...healthyPods(4)], status });
    expect(of('web-7')).toMatchObject({ reason: 'Throttled', retryAt: NOW + 15_000 });
    expect(verdict.memory.workloads).toMatchObject([{ failures: 1, restarts: [at(30), at(5)], notBefore: at(-15) }]);
  });

  it('counts each record once, however often it is looked at', () => {
    const status = {
      replacements: [first(30), aRecord('web-2', { actedAt: at(5), decidedAt: at(5), signalAt: at(6) })],
    };
    const pods = healthyPods(4);
    const once = given({ pods, status }).verdict.memory;
    expect(given({ pods, status: once }).verdict.memory).toEqual(once);
  });

  it('does not count a new pod that worked for long before it failed', () => {
    const late = aRecord('web-2', { actedAt: at(5), decidedAt: at(5), signalAt: at(6) });
    const { verdict } = given({
      pods: healthyPods(4),
      status: { replacements: [first(2000, { readyAt: at(1990) }), late] },
    });
    expect(verdict.memory.workloads).toMatchObject([{ failures: 0 }]);
  });

  it('is over with a new revision', () => {
    const status = { workloads: [aMemory({ failures: 6, restarts: [at(5)], revision: 'r0' })] };
    expect(given({ pods: [aCrashedPod('web-1'), ...healthyPods(3)], status }).of('web-1')).toMatchObject({
      type: 'Replace',
    });
  });

  it('is over when all pods were Ready for ten minutes', () => {
    const memory = aMemory({ failures: 6, restarts: [at(700)] });
    expect(given({ pods: healthyPods(4), status: { workloads: [memory] } }).verdict.memory.workloads).toEqual([]);
    const recent = { ...memory, restarts: [at(599)] };
    const { verdict } = given({ pods: healthyPods(4), status: { workloads: [recent] } });
    expect(verdict.memory.workloads).toMatchObject([{ failures: 6 }]);
    expect(verdict.nextLookAt).toBe(NOW + 1000);
  });
});

describe('restart intensity', () => {
  const restarts = [500, 400, 300, 200, 100].map((seconds) => at(seconds));

  it('ends the healing of a revision whose new pods fail more often than it allows', () => {
    const status = { workloads: [aMemory({ failures: 2, restarts })] };
    const { of, verdict } = given({ pods: [fresh(), ...healthyPods(3)], status });
    expect(of('web-2')).toMatchObject({ type: 'Hold', reason: 'RestartIntensityExceeded' });
    expect(verdict.memory.workloads).toMatchObject([{ endedAt: at(0) }]);
  });

  it('stays so when the period is over, and ends with another revision', () => {
    const status = { workloads: [aMemory({ failures: 2, restarts: [at(5000)], endedAt: at(5000) })] };
    const pods = [fresh(), ...healthyPods(3)];
    expect(given({ pods, status }).of('web-2')).toMatchObject({ reason: 'RestartIntensityExceeded' });
    const next = [fresh({ revision: 'r2' }), ...healthyPods(3)];
    expect(given({ pods: next, status, workloads: [aWorkload({ revision: 'r2' })] }).of('web-2')).toMatchObject({
      type: 'Replace',
    });
  });

  it('is no matter while the new pods work', () => {
    const status = { workloads: [aMemory({ failures: 0, restarts })] };
    expect(given({ pods: [aCrashedPod('web-7'), ...healthyPods(3)], status }).of('web-7')).toMatchObject({
      type: 'Replace',
    });
  });

  it('does not keep pods on a dead node', () => {
    const status = { workloads: [aMemory({ failures: 2, restarts, endedAt: at(100) })] };
    const nodes = [aNode('node-a', { ready: false, readySince: ago(90) }), aNode('node-b')];
    const pods = [aPod('web-1'), ...healthyPods(3).map((pod) => ({ ...pod, node: 'node-b' }))];
    expect(given({ pods, nodes, status }).of('web-1')).toMatchObject({ type: 'Replace', cause: 'UnhealthyNode' });
  });
});

describe('the nodes to avoid', () => {
  const avoided = (situation: Parameters<typeof given>[0]) =>
    given(situation).verdict.memory.workloads?.flatMap(({ avoidNodes }) => avoidNodes);

  it('are those that failed a pod, from before it is replaced until half an hour later', () => {
    expect(avoided({ pods: [aCrashedPod('web-1'), ...healthyPods(3)] })).toEqual([
      { node: 'node-a', until: at(5 - 1800) },
    ]);
    const status = { replacements: [aRecord('gone', { actedAt: at(1799) })] };
    expect(avoided({ pods: healthyPods(4), status })).toEqual([{ node: 'node-a', until: at(-1) }]);
    expect(avoided({ pods: healthyPods(4), status, now: NOW + 1000 })).toEqual([]);
  });

  it('are not those of pods that were replaced for upkeep', () => {
    const status = { replacements: [aRecord('gone', { cause: 'MaximumAge' })] };
    expect(avoided({ pods: healthyPods(4), status })).toEqual([]);
  });

  it('are none when the policy asks for no memory', () => {
    expect(
      avoided({ pods: [aCrashedPod('web-1'), ...healthyPods(3)], spec: { memory: { avoidNodeSeconds: 0 } } }),
    ).toEqual([]);
  });

  it('are never all that take pods: the one that failed longest ago is forgotten', () => {
    const status = {
      workloads: [
        aMemory({
          avoidNodes: [
            { node: 'node-b', until: at(-100) },
            { node: 'node-a', until: at(-50) },
          ],
        }),
      ],
    };
    const nodes = [aNode('node-a'), aNode('node-b'), aNode('node-c', { unschedulable: true })];
    expect(avoided({ pods: healthyPods(4), nodes, status })).toEqual([{ node: 'node-b', until: at(-100) }]);
    expect(avoided({ pods: [aCrashedPod('web-1')], nodes: [aNode('node-a')] })).toEqual([]);
  });
});
