import type { CircuitBreaker } from '../../../operators/deployment/configuration.js';
import { type DeploymentPlan, decideDeployment } from '../../../operators/deployment/decide-deployment.js';
import type { DeploymentState } from '../../../operators/deployment/deployment-state.js';
import type { ObservedDeployment, ObservedReplicaSet } from '../../../operators/deployment/project-deployment.js';
import type { ObservedPod } from '../../../operators/healing/observation.js';
import { aContainer, ago, anEndedContainer, aPod, at, NOW } from '../healing/given.js';

/** Deployment shop/web of the template `v2`, of which some pods are still of `v1`. */
export function aDeployment(over: Partial<ObservedDeployment> = {}): ObservedDeployment {
  return {
    namespace: 'shop',
    name: 'web',
    uid: 'uid-web',
    resourceVersion: '1',
    configuration: '{}',
    desired: 4,
    paused: false,
    deleting: false,
    minReadySeconds: 0,
    template: 'v2',
    complete: false,
    deadlineExceeded: false,
    ...over,
  };
}

export function aReplicaSet(template: string): ObservedReplicaSet {
  return {
    namespace: 'shop',
    name: `web-${template}`,
    uid: `rs-${template}`,
    resourceVersion: '1',
    deployment: 'uid-web',
    template,
  };
}

/** A deployment of `v2` under way for 200 s, after `v1` had completed. */
export function aState(over: Partial<DeploymentState> = {}): DeploymentState {
  return {
    template: 'v2',
    rolloutState: 'IN_PROGRESS',
    circuitBreaker: 'MONITORING',
    since: at(200),
    failureCount: 0,
    failures: {},
    completed: { template: 'v1', replicaSet: 'web-v1', at: at(9000) },
    ...over,
  };
}

/** A breaker that rolls back after 3 failures. */
export function aBreaker(over: Partial<CircuitBreaker> = {}): CircuitBreaker {
  return {
    enabled: true,
    rollback: true,
    threshold: { type: 'BOUNDED_PERCENT', value: 50 },
    resetOnHealthyTask: true,
    ...over,
  };
}

/** A pod of `v2` that started 150 s ago. */
export function aNewPod(suffix: string, over: Partial<ObservedPod> = {}): ObservedPod {
  return aPod(`web-v2-${suffix}`, {
    owner: { kind: 'ReplicaSet', name: 'web-v2', uid: 'rs-v2' },
    createdAt: ago(150),
    startedAt: ago(150),
    readySince: ago(140),
    ...over,
  });
}

/** One that ended so often, and waits to be started again. */
export function aFailingPod(suffix: string, ends: number): ObservedPod {
  return aNewPod(suffix, {
    ready: false,
    readySince: ago(5),
    containers: [anEndedContainer({ startedAt: ago(6) }, { restartCount: ends - 1 })],
  });
}

/** One whose image cannot be pulled since it started, so many seconds ago. */
export function aStuckPod(suffix: string, seconds: number): ObservedPod {
  const { runningSince: _, ...container } = aContainer();
  return aNewPod(suffix, {
    ready: false,
    createdAt: ago(seconds),
    startedAt: ago(seconds),
    readySince: ago(seconds),
    phase: 'Pending',
    containers: [{ ...container, state: 'waiting', waitingReason: 'ImagePullBackOff', waitingMessage: 'not found' }],
  });
}

/** What is decided in a situation. */
export function planOf(situation: {
  readonly deployment?: Partial<ObservedDeployment>;
  readonly pods?: readonly ObservedPod[];
  readonly breaker?: Partial<CircuitBreaker>;
  readonly state?: DeploymentState | undefined;
  readonly now?: number;
}): DeploymentPlan {
  return decideDeployment(
    {
      now: situation.now ?? NOW,
      deployment: aDeployment(situation.deployment),
      replicaSets: [aReplicaSet('v1'), aReplicaSet('v2')],
      pods: situation.pods ?? [],
    },
    aBreaker(situation.breaker),
    situation.state,
  );
}
