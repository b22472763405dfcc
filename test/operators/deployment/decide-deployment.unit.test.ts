import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { decideDeployment } from '../../../operators/deployment/decide-deployment.js';
import type { DeploymentState } from '../../../operators/deployment/deployment-state.js';
import { ago, anEndedContainer, aRestartedContainer, at, NOW } from '../healing/given.js';
import { aBreaker, aDeployment, aFailingPod, aNewPod, aReplicaSet, aState, aStuckPod, planOf } from './given.js';

const healthy = ['a', 'b', 'c', 'd'].map((suffix) => aNewPod(suffix));

describe('a Deployment that is seen for the first time', () => {
  it('has completed if it runs as it should, and is where a rollback goes to', () => {
    expect(planOf({ deployment: { complete: true }, pods: healthy })).toMatchObject({
      action: 'Record',
      state: {
        rolloutState: 'COMPLETED',
        circuitBreaker: 'MONITORING_COMPLETE',
        completed: { template: 'v2', replicaSet: 'web-v2', at: at(0) },
      },
    });
  });

  it('is being deployed otherwise', () => {
    expect(planOf({ pods: healthy.slice(1) })).toMatchObject({
      action: 'Record',
      state: { rolloutState: 'IN_PROGRESS', circuitBreaker: 'MONITORING', since: at(0), template: 'v2' },
    });
  });

  it('is left alone while somebody has paused it', () => {
    expect(planOf({ deployment: { paused: true } })).toEqual({ state: undefined, action: 'Nothing' });
  });
});

describe('a new template', () => {
  it('begins a deployment, with no failures', () => {
    const state = aState({ template: 'v1', rolloutState: 'COMPLETED', failureCount: 2 });
    expect(planOf({ state, pods: [aFailingPod('a', 1)] })).toMatchObject({
      action: 'Record',
      state: { template: 'v2', rolloutState: 'IN_PROGRESS', failureCount: 0, completed: { template: 'v1' } },
    });
  });
});

describe('failures of new pods', () => {
  it('count when the pod ended just after it ran, each time', () => {
    expect(planOf({ state: aState(), pods: [aFailingPod('a', 2)] })).toMatchObject({
      action: 'Record',
      state: { failureCount: 2, failures: { a: 2 } },
    });
  });

  it('count once, however often they are looked at', () => {
    const state = aState({ failureCount: 2, failures: { a: 2 } });
    expect(planOf({ state, pods: [aFailingPod('a', 2)] })).toMatchObject({ action: 'Nothing', state });
    expect(planOf({ state, pods: [] })).toMatchObject({ action: 'Nothing', state });
  });

  it('count each minute that a pod cannot start', () => {
    const plan = planOf({ state: aState(), pods: [aStuckPod('a', 70)] });
    expect(plan).toMatchObject({ state: { failureCount: 2 }, nextLookAt: NOW + 50_000 });
  });

  it('count when a pod was Ready and is not any more', () => {
    const pod = aNewPod('a', { ready: false, readySince: ago(59) });
    expect(planOf({ state: aState(), pods: [pod] })).toMatchObject({ action: 'Nothing', nextLookAt: NOW + 1000 });
    expect(planOf({ state: aState(), pods: [pod], now: NOW + 1000 })).toMatchObject({ state: { failureCount: 1 } });
  });

  it('do not count where no node takes the pod, and where the rollout ends it', () => {
    const { node: _, startedAt: __, ...pending } = aNewPod('a', { ready: false, phase: 'Pending', containers: [] });
    const containers = [anEndedContainer({ exitCode: 143 }, { state: 'terminated', restartCount: 0 })];
    const ending = aNewPod('b', { deletingSince: ago(1), containers });
    expect(planOf({ state: aState(), pods: [pending, ending] })).toMatchObject({ action: 'Nothing' });
  });

  it('count in a pod that was evicted for it', () => {
    const evicted = { ...aFailingPod('b', 1), deletingSince: ago(1) };
    expect(planOf({ state: aState(), pods: [evicted] })).toMatchObject({ state: { failureCount: 1 } });
  });

  it('do not count from before the deployment began, as in pods that a rollback finds still there', () => {
    const state = aState({ template: 'v1', since: at(60) });
    const deployment = { template: 'v1' };
    const old = { createdAt: ago(9000), startedAt: ago(9000) };
    const long = { ...aNewPod('a', { ...old, containers: [aRestartedContainer({ finishedAt: ago(500) })] }) };
    expect(planOf({ state, deployment, pods: [long] })).toMatchObject({ action: 'Nothing' });
    const again = { ...aFailingPod('b', 7), ...old };
    expect(planOf({ state, deployment, pods: [again] })).toMatchObject({
      state: { failureCount: 1, failures: { b: 7 } },
    });
  });

  it('count in a pod that cannot start since before its deployment was seen to begin', () => {
    const plan = planOf({ state: aState({ since: at(1) }), pods: [aStuckPod('a', 3), aStuckPod('b', 3)] });
    expect(plan).toMatchObject({ state: { failureCount: 2, failures: { a: 1, b: 1 } } });
  });

  it('do not count where the restart policy of ECS restarts in place', () => {
    const restartPolicies = new Map([['app', { attemptPeriodSeconds: 60, ignoredExitCodes: [] }]]);
    const containers = [aRestartedContainer({ startedAt: ago(100), finishedAt: ago(5) })];
    expect(planOf({ state: aState(), pods: [aNewPod('a', { restartPolicies, containers })] })).toMatchObject({
      action: 'Nothing',
    });
  });

  it('are forgiven when a task becomes healthy, 40 seconds after it is Ready', () => {
    const state = aState({ failureCount: 2, failures: { a: 2 } });
    const pods = [aFailingPod('a', 2), aNewPod('b', { readySince: ago(39) })];
    expect(planOf({ state, pods })).toMatchObject({ action: 'Nothing', nextLookAt: NOW + 1000 });
    const plan = planOf({ state, pods, now: NOW + 1000 });
    expect(plan).toMatchObject({ action: 'Record', state: { failureCount: 0, failures: { a: 2 } } });
    expect(planOf({ state: plan.state, pods, now: NOW + 2000 })).toMatchObject({ action: 'Nothing' });
  });

  it('are not forgiven where the service says so', () => {
    const state = aState({ failureCount: 2, failures: { a: 2 } });
    const breaker = { resetOnHealthyTask: false };
    expect(planOf({ state, breaker, pods: [aFailingPod('a', 2), aNewPod('b')] })).toMatchObject({ action: 'Nothing' });
  });
});

describe('a deployment that failed as often as its threshold', () => {
  const pods = [aFailingPod('a', 2), aFailingPod('b', 1)];

  it('goes back to the last revision that completed', () => {
    expect(planOf({ state: aState(), pods })).toEqual({
      action: 'Rollback',
      to: { template: 'v1', replicaSet: 'web-v1', at: at(9000) },
      state: {
        template: 'v1',
        rolloutState: 'IN_PROGRESS',
        circuitBreaker: 'MONITORING',
        since: at(0),
        failureCount: 0,
        failures: {},
        completed: { template: 'v1', replicaSet: 'web-v1', at: at(9000) },
        failed: [
          {
            template: 'v2',
            at: at(0),
            evidence:
              '3 tasks failed, of at most 3 (BOUNDED_PERCENT 50); pod web-v2-b: container app exited with 1 after 1 s, and waits (CrashLoopBackOff)',
            outcome: 'rolled back to ReplicaSet web-v1',
          },
        ],
      },
    });
  });

  it('is paused where the service asks for no rollback, so that no more pods start', () => {
    expect(planOf({ state: aState(), pods, breaker: { rollback: false } })).toMatchObject({
      action: 'Pause',
      state: { rolloutState: 'FAILED', circuitBreaker: 'TRIGGERED', held: true, template: 'v2' },
    });
  });

  it('is paused where nothing has completed before, and where the rollback itself fails', () => {
    const { completed: _, ...fresh } = aState();
    expect(planOf({ state: fresh, pods })).toMatchObject({ action: 'Pause' });
    const completed = { template: 'v2', replicaSet: 'web-v2', at: at(9000) };
    expect(planOf({ state: aState({ completed }), pods })).toMatchObject({ action: 'Pause' });
  });

  it('goes on where the breaker is off', () => {
    expect(planOf({ state: aState(), pods, breaker: { enabled: false } })).toMatchObject({ action: 'Record' });
  });

  it('is left alone while somebody has paused it', () => {
    expect(planOf({ state: aState(), pods, deployment: { paused: true } })).toMatchObject({ action: 'Nothing' });
  });
});

describe('a deployment without progress in time', () => {
  it('has failed when its pods run and are not Ready', () => {
    const pod = aNewPod('a', { ready: false, readySince: ago(150) });
    expect(planOf({ state: aState(), pods: [pod], deployment: { deadlineExceeded: true } })).toMatchObject({
      action: 'Rollback',
      state: { failed: [{ evidence: expect.stringContaining('progressDeadlineSeconds') }] },
    });
  });

  it('has not when no node takes them', () => {
    const { node: _, ...pod } = aNewPod('a', { ready: false, readySince: ago(150), phase: 'Pending' });
    expect(planOf({ state: aState(), pods: [pod], deployment: { deadlineExceeded: true } }).action).toBe('Nothing');
  });
});

describe('a revision that failed', () => {
  const failed = [
    { template: 'v2', at: at(500), evidence: '3 tasks failed', outcome: 'rolled back to ReplicaSet web-v1' },
  ];
  const back = aState({ template: 'v1', rolloutState: 'COMPLETED', failed });
  const held = aState({ rolloutState: 'FAILED', held: true, failed });

  it('is held when it comes back', () => {
    expect(planOf({ state: back })).toMatchObject({
      action: 'Pause',
      state: {
        held: true,
        template: 'v2',
        failed: [{ evidence: `its deployment failed before, at ${at(500)}: 3 tasks failed`, outcome: 'paused' }],
      },
    });
  });

  it('stays held, however often it comes back', () => {
    expect(planOf({ state: held, deployment: { paused: true } })).toEqual({ state: held, action: 'Nothing' });
  });

  it('is tried once more when somebody resumes it', () => {
    const plan = planOf({ state: held });
    expect(plan).toMatchObject({ action: 'Record', state: { rolloutState: 'IN_PROGRESS', failureCount: 0 } });
    expect(plan.state).not.toHaveProperty('held');
    expect(plan.state).not.toHaveProperty('failed');
  });

  it('gives way to another template, which is resumed', () => {
    const plan = planOf({ state: held, deployment: { paused: true, template: 'v3' } });
    expect(plan).toMatchObject({ action: 'Resume', state: { template: 'v3', rolloutState: 'IN_PROGRESS', failed } });
    expect(plan.state).not.toHaveProperty('held');
  });

  it('is resumed where the breaker is switched off', () => {
    expect(planOf({ state: held, deployment: { paused: true }, breaker: { enabled: false } })).toMatchObject({
      action: 'Resume',
    });
  });
});

describe('a deployment completes', () => {
  it('when all its pods are healthy', () => {
    const pods = [...healthy.slice(1), aNewPod('e', { readySince: ago(39) })];
    const deployment = { complete: true };
    expect(planOf({ state: aState(), pods, deployment, breaker: { resetOnHealthyTask: false } })).toMatchObject({
      action: 'Nothing',
      nextLookAt: NOW + 1000,
    });
    expect(planOf({ state: aState(), pods, deployment, now: NOW + 1000 })).toMatchObject({
      action: 'Record',
      state: { rolloutState: 'COMPLETED', circuitBreaker: 'MONITORING_COMPLETE', completed: { replicaSet: 'web-v2' } },
    });
  });

  it('without pods shows nothing: the revision before stays the one to go back to', () => {
    expect(planOf({ state: aState(), deployment: { complete: true, desired: 0 } })).toMatchObject({
      state: { rolloutState: 'COMPLETED', completed: { template: 'v1' } },
    });
  });

  it('and what fails later is no matter of the breaker', () => {
    const state = aState({ rolloutState: 'COMPLETED' });
    expect(planOf({ state, pods: [aFailingPod('a', 9)] })).toEqual({ state, action: 'Nothing' });
  });
});

describe('whatever is seen', () => {
  const arbitrary = fc.record({
    pods: fc.array(
      fc.oneof(
        fc.tuple(fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom('a', 'b', 'c') }), fc.nat({ max: 4 })),
      ),
      { maxLength: 6 },
    ),
    template: fc.constantFrom('v1', 'v2', 'v3'),
    paused: fc.boolean(),
    complete: fc.boolean(),
    rollback: fc.boolean(),
    state: fc.option(
      fc.record({
        template: fc.constantFrom('v1', 'v2'),
        rolloutState: fc.constantFrom<DeploymentState['rolloutState']>('IN_PROGRESS', 'COMPLETED', 'FAILED'),
        held: fc.boolean(),
        failed: fc.subarray(['v1', 'v2', 'v3']),
      }),
      { nil: undefined },
    ),
  });

  it('no step is taken twice: when it is done, the next one is another or none', () => {
    fc.assert(
      fc.property(arbitrary, ({ pods, template, paused, complete, rollback, state }) => {
        const before =
          state === undefined
            ? undefined
            : aState({
                ...state,
                failed: state.failed.map((each) => ({ template: each, at: at(9), evidence: '', outcome: 'paused' })),
              });
        const replicaSets = ['v1', 'v2', 'v3'].map((each) => aReplicaSet(each));
        const seen = {
          now: NOW,
          replicaSets,
          pods: pods.map(([suffix, ends]) => (ends === 0 ? aNewPod(suffix) : aFailingPod(suffix, ends))),
          deployment: aDeployment({ template, paused, complete }),
        };
        const breaker = aBreaker({ rollback });
        const plan = decideDeployment(seen, breaker, before);
        const done = aDeployment({
          complete,
          template: plan.to?.template ?? template,
          paused: plan.action === 'Pause' || (paused && plan.action !== 'Resume'),
        });
        const after = decideDeployment({ ...seen, pods: [], deployment: done }, breaker, plan.state);
        expect(after.action === 'Nothing' || after.action === 'Record').toBe(true);
        expect(plan.action === 'Nothing' && plan.state !== before).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
