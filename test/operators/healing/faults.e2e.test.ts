import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { CausesSpec } from '../../../operators/healing/healing-policy.js';
import { endAll, type GivenCluster, givenOperator, leaderOf, type PodObject, Workload } from './given-cluster.js';

const system = '--namespace=tranship-system';
let given: GivenCluster;
let workload: Workload;

beforeAll(async () => {
  given = await givenOperator();
});

afterEach(() => endAll(given));

async function givenWorkload(what: string, causes: CausesSpec = {}): Promise<ReadonlySet<string>> {
  workload = await Workload.start(given, what, { replicas: 3, policy: { causes } });
  return new Set(workload.pods.everSeen);
}

async function nodeOfLeader(): Promise<string> {
  const leader = await leaderOf(given.kubectl);
  return await given.kubectl.text(['get', 'pod', leader, system, '--output=jsonpath={.spec.nodeName}']);
}

function isGoing(pod: PodObject): () => boolean {
  return () =>
    workload.pods.objects.every(
      ({ metadata }) => metadata.uid !== pod.metadata.uid || metadata.deletionTimestamp !== undefined,
    );
}

/** Each failed pod has been replaced once, no other pod was touched, and one was away at a time at most. */
async function expectHealedOnce(failed: readonly PodObject[], before: ReadonlySet<string>): Promise<void> {
  const replacements = await workload.replacementsOf(failed, before);
  const records = await workload.records(failed.length);
  expect(replacements).toHaveLength(failed.length);
  expect(records.map(({ uid }) => uid).toSorted()).toEqual(failed.map(({ metadata }) => metadata.uid).toSorted());
  expect(workload.pods.everSeen.size).toBe(before.size + failed.length);
  for (const pod of failed) expect(await workload.explain(pod)).toMatch(/ signal (.*\n)*.* action (.*\n)*.* ready /);
}

describe('on a real cluster, each failing pod is replaced exactly once', () => {
  test('when the leader is killed before it sees the failure', async () => {
    const before = await givenWorkload('leaderless');
    const leader = await leaderOf(given.kubectl);
    const failed = workload.victim;
    await given.kubectl.text(['delete', 'pod', leader, system, '--grace-period=0', '--force']);
    await workload.kill(failed);
    await expectHealedOnce([failed], before);
    expect(await leaderOf(given.kubectl)).not.toBe(leader);
    expect(workload.fewestReady).toBeGreaterThanOrEqual(workload.replicas - 1);
  });

  test('when the leader crashes after it has asked for one replacement, and another pod fails meanwhile', async () => {
    const before = await givenWorkload('crashed-leader');
    const [first, second] = workload.readyOf(workload.pods.objects);
    if (first === undefined || second === undefined) throw new Error('there are no two pods');
    await workload.kill(first);
    await workload.pods.until('the first pod goes', isGoing(first));
    const leader = { namespace: 'tranship-system', pod: await leaderOf(given.kubectl), container: 'operator' };
    await given.faults.killContainer(leader, 'SIGKILL');
    await workload.kill(second);
    await expectHealedOnce([first, second], before);
  });

  test('when the API server is restarted, and with it every watch cut, while a pod is being replaced', async () => {
    const before = await givenWorkload('restarted');
    const failed = workload.victim;
    await workload.kill(failed);
    await workload.pods.until('the pod goes', isGoing(failed));
    await given.faults.restartApiServer();
    await expectHealedOnce([failed], before);
    expect(workload.fewestReady).toBeGreaterThanOrEqual(workload.replicas - 1);
  });

  test('when the leader is cut off, its watches fall silent, and it is heard from again later', async () => {
    const causes = { unhealthyNode: { enabled: false }, unhealthy: { enabled: false } };
    const before = await givenWorkload('silent', causes);
    const leader = await leaderOf(given.kubectl);
    const node = await nodeOfLeader();
    const failed = workload.readyOf(workload.pods.objects).find(({ spec }) => spec.nodeName !== node);
    if (failed === undefined) throw new Error(`all pods are on ${node}`);
    await given.faults.cutNode(node);
    try {
      await workload.kill(failed);
      await workload.pods.until('the standby has it replaced', (all) =>
        all.every(({ metadata }) => metadata.uid !== failed.metadata.uid),
      );
      expect(await leaderOf(given.kubectl)).not.toBe(leader);
    } finally {
      await given.faults.joinNode(node);
    }
    await given.kubectl.text(['wait', `node/${node}`, '--for=condition=Ready', '--timeout=120s']);
    await expectHealedOnce([failed], before);
  });

  test('when its node stops: the new pod runs on another one', async () => {
    const before = await givenWorkload('powerless', { unhealthyNode: { afterSeconds: 10 } });
    const busy = await nodeOfLeader();
    const failed = workload.readyOf(workload.pods.objects).find(({ spec }) => spec.nodeName !== busy);
    if (failed?.spec.nodeName === undefined) throw new Error(`all pods are on ${busy}`);
    const node = failed.spec.nodeName;
    const lost = workload.readyOf(workload.pods.objects).filter(({ spec }) => spec.nodeName === node);
    await given.faults.stopNode(node);
    try {
      const pods = await workload.pods.until(
        'as many pods as wanted are Ready on other nodes',
        (all) => workload.readyOf(all).filter(({ spec }) => spec.nodeName !== node).length === workload.replicas,
      );
      expect(
        pods.find(({ metadata }) => metadata.uid === failed.metadata.uid)?.metadata.deletionTimestamp,
      ).toBeDefined();
      const records = await workload.records(lost.length);
      expect(records.map(({ cause }) => cause)).toEqual(lost.map(() => 'UnhealthyNode'));
      expect(await workload.explain(failed)).toContain(`node ${node}`);
    } finally {
      await given.faults.startNode(node);
    }
    await given.kubectl.text(['wait', `node/${node}`, '--for=condition=Ready', '--timeout=120s']);
    await expectHealedOnce(lost, before);
  });
});
