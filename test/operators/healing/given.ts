import { decide } from '../../../operators/healing/decide.js';
import type { Decision, Verdict } from '../../../operators/healing/decision.js';
import type {
  HealingPolicy,
  HealingPolicySpec,
  HealingPolicyStatus,
  ReplacementRecord,
} from '../../../operators/healing/healing-policy.js';
import type {
  ContainerExit,
  Observation,
  ObservedContainer,
  ObservedNode,
  ObservedPod,
  ObservedWorkload,
} from '../../../operators/healing/observation.js';

/** The time of every test. */
export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Milliseconds of a time so many seconds before NOW. */
export function ago(seconds: number): number {
  return NOW - seconds * 1000;
}

/** RFC 3339 of a time so many seconds before NOW. */
export function at(secondsAgo: number): string {
  return new Date(ago(secondsAgo)).toISOString();
}

/** A container `app` that runs since its pod was made. */
export function aContainer(over: Partial<ObservedContainer> = {}): ObservedContainer {
  return {
    name: 'app',
    image: 'shop/web:1',
    configDigest: 'config-1',
    restartCount: 0,
    state: 'running',
    runningSince: ago(7190),
    ...over,
  };
}

/** A container that ended: down now, unless `state` says that it runs again. */
export function anEndedContainer(
  exit: Partial<ContainerExit> = {},
  over: Partial<ObservedContainer> = {},
): ObservedContainer {
  const { runningSince: _, ...container } = aContainer();
  return {
    ...container,
    state: 'waiting',
    waitingReason: 'CrashLoopBackOff',
    restartCount: 1,
    lastExit: { exitCode: 1, reason: 'Error', startedAt: ago(100), finishedAt: ago(5), ...exit },
    ...over,
  };
}

/** A container that ended and that the kubelet started again in place. */
export function aRestartedContainer(exit: Partial<ContainerExit> = {}): ObservedContainer {
  const { waitingReason: _, ...container } = anEndedContainer(exit, { state: 'running', runningSince: ago(3) });
  return container;
}

/** A pod of Deployment/web, two hours old, that is Ready and does its work. */
export function aPod(name: string, over: Partial<ObservedPod> = {}): ObservedPod {
  return {
    namespace: 'shop',
    name,
    uid: `uid-${name}`,
    resourceVersion: '1',
    labels: { app: 'web' },
    owner: { kind: 'ReplicaSet', name: 'web-r1', uid: 'rs-web-r1' },
    revision: 'r1',
    node: 'node-a',
    phase: 'Running',
    createdAt: ago(7200),
    startedAt: ago(7200),
    ready: true,
    readySince: ago(7180),
    generation: 1,
    essential: ['app'],
    replaceUnhealthy: [],
    restartPolicies: new Map(),
    containers: [aContainer()],
    ephemeralContainers: 0,
    ...over,
  };
}

/** A pod whose essential container ended five seconds ago and waits to be started again. */
export function aCrashedPod(name: string, over: Partial<ObservedPod> = {}): ObservedPod {
  return aPod(name, { ready: false, readySince: ago(5), containers: [anEndedContainer()], ...over });
}

/** So many pods that do their work. */
export function healthyPods(count: number, prefix = 'ok'): readonly ObservedPod[] {
  return Array.from({ length: count }, (_, index) => aPod(`${prefix}-${index}`));
}

export function aNode(name: string, over: Partial<ObservedNode> = {}): ObservedNode {
  return {
    name,
    uid: `uid-${name}`,
    resourceVersion: '1',
    ready: true,
    readySince: ago(86_400),
    unschedulable: false,
    zone: `zone-${name.slice(-1)}`,
    ...over,
  };
}

/** Deployment/web of revision r1, which wants as many pods as are given. */
export function aWorkload(over: Partial<ObservedWorkload> = {}): ObservedWorkload {
  return {
    id: 'Deployment/web',
    desired: 4,
    revision: 'r1',
    rolling: false,
    template: new Map([['app', { image: 'shop/web:1', configDigest: 'config-1' }]]),
    ...over,
  };
}

/** The record of an eviction of a pod of Deployment/web. */
export function aRecord(pod: string, over: Partial<ReplacementRecord> = {}): ReplacementRecord {
  return {
    pod,
    uid: `uid-${pod}`,
    workload: 'Deployment/web',
    revision: 'r1',
    node: 'node-a',
    cause: 'EssentialContainerExited',
    evidence: 'container app exited with 1',
    action: 'Evict',
    signalAt: at(31),
    decidedAt: at(30),
    actedAt: at(30),
    ...over,
  };
}

export interface Situation {
  readonly pods: readonly ObservedPod[];
  readonly nodes?: readonly ObservedNode[];
  readonly workloads?: readonly ObservedWorkload[];
  readonly owners?: ReadonlyMap<string, string>;
  readonly contested?: readonly string[];
  readonly spec?: Partial<HealingPolicySpec>;
  readonly status?: HealingPolicyStatus;
  readonly now?: number;
  readonly createdAt?: number;
}

/** A situation, and what is decided in it. */
export interface Given {
  readonly observation: Observation;
  readonly policy: HealingPolicy;
  readonly verdict: Verdict;
  /** The decision about a pod; undefined where there is none. */
  readonly of: (pod: string) => Decision | undefined;
}

/**
 * Sets up a situation. Three nodes are Ready; Deployment/web wants as many pods as there are; the policy selects them.
 *
 * @example expect(given({ pods: [aCrashedPod('web-1')] }).of('web-1')).toMatchObject({ type: 'Replace' });
 */
export function given(situation: Situation): Given {
  const { pods, now = NOW } = situation;
  const workloads = situation.workloads ?? [aWorkload({ desired: pods.length })];
  const observation: Observation = {
    now,
    pods,
    nodes: new Map(
      (situation.nodes ?? ['node-a', 'node-b', 'node-c'].map((name) => aNode(name))).map((n) => [n.name, n]),
    ),
    workloads: new Map(workloads.map((workload) => [workload.id, workload])),
    workloadOfOwner: situation.owners ?? new Map([['rs-web-r1', 'Deployment/web']]),
    contested: new Set(situation.contested),
  };
  const policy: HealingPolicy = {
    apiVersion: 'tranship.dev/v1',
    kind: 'HealingPolicy',
    metadata: {
      name: 'web',
      namespace: 'shop',
      creationTimestamp: new Date(situation.createdAt ?? ago(86_400)).toISOString(),
    },
    spec: { selector: { matchLabels: { app: 'web' } }, ...situation.spec },
    ...(situation.status === undefined ? {} : { status: situation.status }),
  };
  const verdict = decide(observation, policy, now);
  return {
    observation,
    policy,
    verdict,
    of: (name) => verdict.decisions.find(({ pod }) => pod.name === name),
  };
}
