import { describe, expect, it } from '@jest/globals';
import type { CausesSpec } from '../../../operators/healing/healing-policy.js';
import type { ObservedContainer, ObservedPod } from '../../../operators/healing/observation.js';
import {
  aContainer,
  aCrashedPod,
  ago,
  anEndedContainer,
  aNode,
  aPod,
  aRestartedContainer,
  aWorkload,
  given,
  healthyPods,
  NOW,
  type Situation,
} from './given.js';

/** The decision about one pod among three that work. */
function about(pod: ObservedPod, causes: CausesSpec = {}, situation: Partial<Situation> = {}) {
  return given({ pods: [pod, ...healthyPods(3)], spec: { causes, ...situation.spec }, ...situation }).of(pod.name);
}

const web = (over: Partial<ObservedPod>): ObservedPod => aPod('web-1', over);
const waiting = (waitingReason: string, waitingMessage = ''): ObservedContainer => {
  const { runningSince: _, ...container } = aContainer();
  return { ...container, state: 'waiting', waitingReason, waitingMessage };
};

describe('the end of an essential container', () => {
  it('counts when the kubelet started it again in place, though the pod is Ready', () => {
    expect(about(web({ containers: [aRestartedContainer({ exitCode: 0, reason: 'Completed' })] }))).toMatchObject({
      type: 'Replace',
      cause: 'EssentialContainerExited',
      evidence: 'container app exited with 0 (Completed) after 95 s, and was started again in place (restart 1)',
    });
  });

  it('does not count when it was before the policy and the container runs again', () => {
    const pod = web({ containers: [aRestartedContainer({ finishedAt: ago(500) })] });
    expect(about(pod, {}, { createdAt: ago(400) })).toBeUndefined();
    expect(about(aCrashedPod('web-1'), {}, { createdAt: ago(1) })).toMatchObject({ type: 'Replace' });
  });

  it('of a container that is not essential changes nothing', () => {
    const log = anEndedContainer({}, { name: 'log' });
    expect(about(web({ containers: [aContainer(), log] }))).toBeUndefined();
  });

  it('for want of memory is named so', () => {
    const pod = aCrashedPod('web-1', { containers: [anEndedContainer({ exitCode: 137, reason: 'OOMKilled' })] });
    expect(about(pod)).toMatchObject({ type: 'Replace', cause: 'OutOfMemory' });
    expect(about(pod, { outOfMemory: { enabled: false } })).toMatchObject({ cause: 'EssentialContainerExited' });
  });

  it('is a crash loop where single ends are not acted upon', () => {
    const causes = { essentialContainerExit: { enabled: false } };
    expect(about(aCrashedPod('web-1'), causes)).toMatchObject({ type: 'Replace', cause: 'CrashLoop' });
    expect(about(web({ containers: [aRestartedContainer()] }), causes)).toBeUndefined();
  });

  it('by SIGTERM, in a container with a health check, is the health check', () => {
    const containers = [aRestartedContainer({ exitCode: 143 })];
    expect(about(web({ containers, replaceUnhealthy: ['app'] }))).toMatchObject({
      cause: 'Unhealthy',
      evidence: expect.stringContaining('probably for its liveness probe'),
    });
    expect(about(web({ containers }))).toMatchObject({ cause: 'EssentialContainerExited' });
  });
});

describe('a restart policy of ECS', () => {
  const restartPolicies = new Map([['app', { attemptPeriodSeconds: 300, ignoredExitCodes: [3] }]]);
  const ended = (exitCode: number, ran: number, state?: ObservedContainer['state']) =>
    aCrashedPod('web-1', {
      restartPolicies,
      containers: [
        anEndedContainer(
          { exitCode, startedAt: ago(5 + ran), finishedAt: ago(5) },
          state === undefined ? {} : { state },
        ),
      ],
    });

  it('lets a container that ran long enough start again in place', () => {
    expect(about(ended(1, 300))).toMatchObject({
      type: 'Hold',
      reason: 'RestartPolicyAllows',
      message: 'its restart policy lets it start again in place: it ran 5 min, and the policy asks for 5 min',
    });
  });

  it('has nothing to say of a container that runs again as ECS would have it', () => {
    expect(about({ ...ended(1, 300, 'running'), ready: true })).toBeUndefined();
  });

  it('has the task replaced when the container ran too short', () => {
    expect(about(ended(1, 299))).toMatchObject({ type: 'Replace' });
    expect(about(ended(1, 299, 'running'))).toMatchObject({ type: 'Replace' });
  });

  it('has the task replaced when the exit code is ignored', () => {
    expect(about(ended(3, 300))).toMatchObject({ type: 'Replace' });
  });

  it('does not wait for ever for a container that nobody starts again', () => {
    const pod = ended(1, 300, 'terminated');
    expect(about(pod)).toMatchObject({ reason: 'RestartPolicyAllows', retryAt: NOW + 55_000 });
    expect(about(pod, {}, { now: NOW + 55_000 })).toMatchObject({ type: 'Replace' });
  });
});

describe('a pod that cannot start', () => {
  const starting = (container: ObservedContainer, seconds: number) =>
    web({
      ready: false,
      readySince: ago(seconds),
      startedAt: ago(seconds),
      createdAt: ago(seconds),
      containers: [container],
    });

  it.each([
    ['ErrImagePull', 'rpc error: code = Unknown desc = failed to do request: dial tcp: i/o timeout'],
    ['ErrImagePull', 'unexpected status from HEAD request: 503 Service Unavailable'],
    ['ImagePullBackOff', 'Back-off pulling image "shop/web:1": 429 Too Many Requests'],
    ['ImagePullBackOff', 'lookup registry.example.com: no such host'],
    ['CreateContainerConfigError', 'failed to sync secret cache: timed out waiting for the condition'],
    ['CreateContainerError', 'context deadline exceeded'],
  ])('for a reason that may pass (%s, %s) is replaced after a while', (reason, message) => {
    expect(about(starting(waiting(reason, message), 299))).toMatchObject({
      reason: 'WaitingForTolerance',
      retryAt: NOW + 1000,
    });
    expect(about(starting(waiting(reason, message), 300))).toMatchObject({ type: 'Replace', action: 'Evict' });
  });

  it.each([
    ['InvalidImageName', 'couldn\'t parse image name "shop/Web"'],
    ['ErrImageNeverPull', ''],
    ['ErrImagePull', 'failed to resolve reference "registry.example.com/shop/web:9": not found'],
    ['ImagePullBackOff', 'Back-off pulling image: ErrImagePull: code = NotFound desc = manifest unknown'],
    ['CreateContainerConfigError', 'secret "database" not found'],
    ['CreateContainerConfigError', "couldn't find key PASSWORD in Secret shop/database"],
    ['RunContainerError', 'exec: "serve": executable file not found in $PATH'],
  ])('for a reason that is the same everywhere (%s, %s) is reported and never replaced', (reason, message) => {
    expect(about(starting(waiting(reason, message), 86_400))).toMatchObject({ type: 'Hold', reason: 'Terminal' });
  });

  it('for a command that does not exist is told apart from one that ended', () => {
    const attempt = (message: string) =>
      anEndedContainer({ exitCode: 128, reason: 'StartError', message }, { restartCount: 4 });
    expect(about(starting(attempt('exec: "serve": executable file not found in $PATH'), 400))).toMatchObject({
      cause: 'CannotBeConfigured',
      reason: 'Terminal',
    });
    expect(about(starting(attempt('cgroup is busy'), 400))).toMatchObject({
      type: 'Replace',
      cause: 'CannotBeConfigured',
    });
  });

  it('for a container that is not essential is left alone, unless the essential ones wait for it', () => {
    const log = { ...waiting('ErrImagePull', '503'), name: 'log' };
    expect(about(web({ containers: [aContainer(), log], startedAt: ago(400) }))).toBeUndefined();
    const held = { ...starting(waiting('PodInitializing'), 400), containers: [log, waiting('PodInitializing')] };
    expect(about(held)).toMatchObject({ type: 'Replace', cause: 'ImageCannotBePulled' });
  });

  it('for an image that somebody wrote into the pod is replaced as drifted', () => {
    const edited = { ...waiting('InvalidImageName'), image: 'shop/Web' };
    expect(about({ ...starting(edited, 400), generation: 2 })).toMatchObject({ type: 'Replace', cause: 'Drift' });
  });
});

describe('a pod that is not Ready any more', () => {
  const unhealthy = (seconds: number) => web({ ready: false, readySince: ago(seconds) });

  it('has a minute to recover, and then its replacement starts first', () => {
    expect(about(unhealthy(59))).toMatchObject({ reason: 'WaitingForTolerance', retryAt: NOW + 1000 });
    expect(about(unhealthy(60))).toMatchObject({ type: 'Replace', cause: 'Unhealthy', action: 'Quarantine' });
  });

  it('is evicted where its replacement need not start first, or cannot', () => {
    expect(about(unhealthy(60), { unhealthy: { startFirst: false } })).toMatchObject({ action: 'Evict' });
    const owner = { kind: 'StatefulSet', name: 'web', uid: 'rs-web-r1' };
    expect(about({ ...unhealthy(60), owner })).toMatchObject({ action: 'Evict' });
  });

  it('is not one that never was: it starts', () => {
    expect(about(web({ ready: false, readySince: ago(7200) }))).toBeUndefined();
  });
});

describe('a pod that was changed', () => {
  const edited = (over: Partial<ObservedPod> = {}) =>
    web({ generation: 2, containers: [{ ...aRestartedContainer(), image: 'shop/web:evil' }], ...over });

  it('is replaced for that, not for the restart that it brought', () => {
    expect(about(edited())).toMatchObject({
      type: 'Replace',
      cause: 'Drift',
      evidence: 'container app runs image shop/web:evil, its template says shop/web:1',
    });
  });

  it('before it was made, by admission, is as it should be', () => {
    expect(about(edited({ generation: 1, containers: [aContainer({ image: 'mirror/shop/web:1' })] }))).toBeUndefined();
    const mirrored = [aContainer({ image: 'mirror/shop/web:1' })];
    const resized = aPod('web-1', { generation: 3, containers: mirrored });
    expect(given({ pods: [resized, aPod('web-2', { containers: mirrored })] }).of('web-1')).toBeUndefined();
  });

  it('is not one of an older revision: the rollout replaces it', () => {
    expect(about(edited({ revision: 'r0', containers: [aContainer({ image: 'shop/web:0' })] }))).toBeUndefined();
  });

  it('from within, by exec, has an hour for whoever is there, if the policy asks for it at all', () => {
    expect(about(web({ execAt: ago(9000) }))).toBeUndefined();
    const causes = { exec: { enabled: true } };
    expect(about(web({ execAt: ago(3599) }), causes)).toMatchObject({
      reason: 'WaitingForTolerance',
      retryAt: NOW + 1000,
    });
    expect(about(web({ execAt: ago(3600) }), causes)).toMatchObject({ type: 'Replace', cause: 'Exec' });
  });

  it('by an ephemeral container that came at an unknown time is only reported', () => {
    const causes = { exec: { enabled: true } };
    expect(about(web({ ephemeralContainers: 1 }), causes)).toMatchObject({ message: 'since when is not known' });
    expect(about(web({ ephemeralContainers: 1, ephemeralSince: ago(3600) }), causes)).toMatchObject({
      type: 'Replace',
    });
  });
});

describe('a node that is not Ready', () => {
  const nodes = (seconds: number) => [
    aNode('node-a', { ready: false, readySince: ago(seconds) }),
    aNode('node-b'),
    aNode('node-c'),
  ];
  const there = web({ ready: false, readySince: ago(30) });
  const elsewhere = healthyPods(3).map((pod) => ({ ...pod, node: 'node-b' }));
  const decided = (seconds: number, pod = there) =>
    given({ pods: [pod, ...elsewhere], nodes: nodes(seconds) }).of('web-1');

  it('has a minute, and then its pods are replaced', () => {
    expect(decided(59)).toMatchObject({ reason: 'WaitingForTolerance', cause: 'UnhealthyNode', retryAt: NOW + 1000 });
    expect(decided(60)).toMatchObject({
      type: 'Replace',
      cause: 'UnhealthyNode',
      action: 'Evict',
      evidence: 'node node-a in zone zone-a is not Ready for 60 s',
    });
  });

  it('keeps pods that belong to it', () => {
    expect(decided(60, { ...there, owner: { kind: 'DaemonSet', name: 'web', uid: 'rs-web-r1' } })).toMatchObject({
      cause: 'Unhealthy',
    });
  });

  it('is left alone when its whole zone is out', () => {
    const zone = ['1', '2', '3', '4'].map((n) =>
      aNode(`node-${n}`, { zone: 'zone-x', ready: n === '4', readySince: ago(300) }),
    );
    const pod = { ...there, node: 'node-1' };
    expect(given({ pods: [pod, ...elsewhere], nodes: [...zone, aNode('node-b')] }).of('web-1')).toMatchObject({
      reason: 'ZoneOutage',
      message: '3 of 4 nodes of zone zone-x are not Ready, more than 55% (stormGuard.zoneUnhealthy)',
    });
  });

  it('is left alone when no node is Ready: it is the way there that is broken', () => {
    const all = nodes(60).map((node) => ({ ...node, ready: false, readySince: ago(60) }));
    expect(given({ pods: [there, ...elsewhere], nodes: all }).of('web-1')).toMatchObject({ reason: 'ZoneOutage' });
  });
});

describe('a pod that is old', () => {
  it('is replaced at its age, and looked at just then', () => {
    const causes = { maximumAge: { seconds: 7201 } };
    const young = given({ pods: [web({})], spec: { causes } });
    expect(young.verdict).toMatchObject({ decisions: [], nextLookAt: NOW + 1000 });
    expect(about(web({ createdAt: ago(7201) }), causes)).toMatchObject({ type: 'Replace', cause: 'MaximumAge' });
  });
});

describe('of several causes', () => {
  it('the first that holds now counts, before one that is still on its way', () => {
    const nodes = [aNode('node-a', { ready: false, readySince: ago(10) }), aNode('node-b')];
    expect(
      given({ pods: [aCrashedPod('web-1')], nodes, workloads: [aWorkload({ desired: 1 })] }).of('web-1'),
    ).toMatchObject({
      type: 'Replace',
      cause: 'EssentialContainerExited',
    });
  });

  it('a terminal one holds: no other node would do better', () => {
    const container = {
      ...waiting('ImagePullBackOff', 'manifest unknown'),
      lastExit: { exitCode: 1, finishedAt: ago(90) },
    };
    expect(about(web({ ready: false, readySince: ago(90), containers: [container] }))).toMatchObject({
      reason: 'Terminal',
    });
  });
});
