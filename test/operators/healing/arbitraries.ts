import * as fc from 'fast-check';
import type { HealingPolicySpec, ReplacementRecord } from '../../../operators/healing/healing-policy.js';
import type { ObservedContainer, ObservedPod } from '../../../operators/healing/observation.js';
import { aContainer, ago, anEndedContainer, aNode, aPod, aRecord, at, aWorkload, type Situation } from './given.js';

const seconds = fc.nat({ max: 9000 });
/** One time in ten. */
function rarely<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 9 }, { arbitrary: value, weight: 1 });
}

const word = fc.oneof(
  fc.constantFrom('503', 'manifest unknown', 'secret "a" not found'),
  fc.string({ unit: 'binary' }),
);

const container: fc.Arbitrary<ObservedContainer> = fc
  .record({
    kind: fc.constantFrom('runs', 'runs', 'runs', 'runs', 'crashes', 'restarted', 'cannot start', 'edited'),
    reason: fc.constantFrom('ErrImagePull', 'InvalidImageName', 'CreateContainerConfigError', 'PodInitializing', 'New'),
    exitCode: fc.constantFrom(0, 1, 3, 137, 143),
    exitReason: fc.constantFrom('Error', 'OOMKilled', 'StartError', 'Completed'),
    finished: seconds,
    ran: seconds,
    message: word,
    state: fc.constantFrom<ObservedContainer['state']>('running', 'waiting', 'terminated', 'unknown'),
    restartCount: fc.nat({ max: 9 }),
  })
  .map(({ kind, reason, exitCode, exitReason, finished, ran, message, state, restartCount }) => {
    const exit = { exitCode, reason: exitReason, startedAt: ago(finished + ran), finishedAt: ago(finished), message };
    switch (kind) {
      case 'runs':
        return aContainer();
      case 'crashes':
        return anEndedContainer(exit, { restartCount });
      case 'restarted':
        return anEndedContainer(exit, { restartCount, state });
      case 'edited':
        return aContainer({ image: message });
      default:
        return anEndedContainer(exit, { waitingReason: reason, waitingMessage: message });
    }
  });

/** Most pods run. */
const RUNNING = Array.from({ length: 12 }, (): ObservedPod['phase'] => 'Running');

const OWNERS = [
  { kind: 'ReplicaSet', name: 'web-r1', uid: 'rs-web-r1' },
  { kind: 'StatefulSet', name: 'db', uid: 'sts-db' },
  { kind: 'DaemonSet', name: 'log', uid: 'ds-log' },
  { kind: 'Job', name: 'import', uid: 'job-import' },
];

const pod = (index: number): fc.Arbitrary<ObservedPod> =>
  fc
    .record({
      container,
      selected: fc.boolean(),
      owner: fc.option(fc.constantFrom(...OWNERS), { nil: undefined }),
      usual: fc.integer({ min: 0, max: 3 }),
      terminating: fc.boolean(),
      quarantined: rarely(seconds),
      phase: fc.constantFrom<ObservedPod['phase']>(...RUNNING, 'Failed', 'Pending', 'Succeeded'),
      node: fc.constantFrom('node-a', 'node-b', 'node-c', 'node-gone'),
      ready: fc.constantFrom(true, true, true, false),
      since: seconds,
      generation: fc.constantFrom(1, 2),
      revision: fc.constantFrom('r1', 'r1', 'r0'),
      probed: fc.boolean(),
      execAt: rarely(seconds),
      ephemeralContainers: fc.constantFrom(0, 0, 0, 1),
      policed: fc.boolean(),
    })
    .map((draft) => {
      const { owner: _, ...base } = aPod(`web-${index}`);
      const unusual = draft.usual === 0;
      const owner = unusual ? draft.owner : OWNERS[0];
      return {
        ...base,
        containers: [draft.container],
        labels: unusual && !draft.selected ? { app: 'other' } : { app: 'web' },
        ...(owner === undefined ? {} : { owner }),
        ...(unusual && draft.terminating ? { deletingSince: ago(1) } : {}),
        ...(draft.quarantined === undefined ? {} : { quarantinedAt: ago(draft.quarantined) }),
        phase: draft.phase,
        node: draft.node,
        ready: draft.ready,
        readySince: ago(Math.min(draft.since, 7200)),
        generation: draft.generation,
        revision: draft.revision,
        replaceUnhealthy: draft.probed ? ['app'] : [],
        ephemeralContainers: draft.ephemeralContainers,
        ...(draft.execAt === undefined ? {} : { execAt: ago(draft.execAt) }),
        restartPolicies: draft.policed
          ? new Map([['app', { attemptPeriodSeconds: 300, ignoredExitCodes: [3] }]])
          : new Map(),
      };
    });

const record = (index: number): fc.Arbitrary<ReplacementRecord> =>
  fc
    .record({ acted: seconds, ready: fc.boolean(), pod: fc.nat({ max: 12 }), of: fc.nat({ max: 12 }) })
    .map((draft) => ({
      ...aRecord(`web-${draft.pod}`, { uid: `old-${index}`, actedAt: at(draft.acted), decidedAt: at(draft.acted) }),
      replacement: `web-${draft.of}`,
      ...(draft.ready ? { readyAt: at(Math.max(0, draft.acted - 30)) } : {}),
    }));

const share = fc.oneof(
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 1, max: 100 }).map((percent) => `${percent}%`),
);

/** Valid policies, of which many do all that a policy can do. */
export const anySpec: fc.Arbitrary<Partial<HealingPolicySpec>> = fc.record(
  {
    causes: fc.record(
      {
        exec: fc.record({ enabled: fc.boolean(), afterSeconds: fc.nat({ max: 900 }) }),
        maximumAge: fc.record({ seconds: fc.integer({ min: 1, max: 9000 }) }),
        unhealthy: fc.record({ startFirst: fc.boolean() }, { requiredKeys: [] }),
        essentialContainerExit: fc.record({ enabled: fc.boolean() }),
      },
      { requiredKeys: [] },
    ),
    budget: fc.record({ maxUnavailable: share, maxReplacements: share }, { requiredKeys: [] }),
    stormGuard: fc.constantFrom({}, { maxUnhealthy: '100%' }, { minimumPods: 100 }, { maxUnhealthy: '90%' }),
    quarantine: fc.constantFrom({}, { causes: ['EssentialContainerExited' as const, 'Exec' as const], maxPods: 2 }),
    failedPods: fc.record({ keep: fc.nat({ max: 3 }) }),
  },
  { requiredKeys: [] },
);

/** Anything that may be seen, with a policy that is valid. */
export const anySituation: fc.Arbitrary<Situation> = fc
  .record({
    count: fc.integer({ min: 0, max: 14 }),
    more: fc.nat({ max: 3 }),
    storm: fc.constantFrom(false, false, false, false, false, true),
    rolling: fc.constantFrom(false, false, true),
    down: fc.subarray(['node-a', 'node-b', 'node-c']),
    downSince: seconds,
    contested: fc.subarray(['shop/web-0', 'shop/web-3']),
    spec: anySpec,
    created: seconds,
    records: fc.constantFrom(0, 0, 1, 2, 6),
    failures: fc.constantFrom(0, 0, 1, 4),
    remembered: fc.boolean(),
  })
  .chain((draft) =>
    fc
      .tuple(
        fc.tuple(...Array.from({ length: draft.count }, (_, index) => pod(index))),
        fc.tuple(...Array.from({ length: draft.records }, (_, index) => record(index))),
      )
      .map(([pods, replacements]): Situation => {
        const desired = Math.max(0, pods.length + draft.more - 1);
        const memory = {
          workload: 'Deployment/web',
          revision: 'r1',
          failures: draft.failures,
          restarts: [],
          avoidNodes: [],
        };
        const broken = { ready: false, containers: [anEndedContainer()] };
        return {
          pods: draft.storm ? pods.map((each) => ({ ...each, ...broken })) : pods,
          nodes: ['node-a', 'node-b', 'node-c'].map((name) =>
            draft.down.includes(name) ? aNode(name, { ready: false, readySince: ago(draft.downSince) }) : aNode(name),
          ),
          workloads: [
            aWorkload({ desired, rolling: draft.rolling }),
            aWorkload({ id: 'StatefulSet/db', desired: 1 }),
            aWorkload({ id: 'DaemonSet/log', desired: 1 }),
          ],
          owners: new Map([
            ['rs-web-r1', 'Deployment/web'],
            ['sts-db', 'StatefulSet/db'],
            ['ds-log', 'DaemonSet/log'],
          ]),
          contested: draft.contested,
          spec: draft.spec,
          createdAt: ago(draft.created),
          status: { replacements, ...(draft.remembered ? { workloads: [memory] } : {}) },
        };
      }),
  );
