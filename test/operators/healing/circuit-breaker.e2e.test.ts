import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readState, type DeploymentState } from '../../../operators/deployment/deployment-state.js';
import { endAll, type GivenCluster, givenOperator, type PodObject, watchCommand, Workload } from './given-cluster.js';
import { ObjectWatch, type WatchedObject } from './object-watch.js';

interface DeploymentObject extends WatchedObject {
  readonly spec: {
    readonly paused?: boolean;
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
}

/** A service that was rolled back, seen from outside. */
interface RolledBack {
  readonly workload: Workload;
  readonly deployments: ObjectWatch<DeploymentObject>;
  /** Pods that were Ready at a time, at least, from the first version on. */
  readonly fewestReady: number;
  /** Pods of the first version. */
  readonly first: readonly PodObject[];
  readonly state: DeploymentState | undefined;
}

const breaker = {
  enable: true,
  rollback: true,
  thresholdConfiguration: { type: 'COUNT', value: 2 },
};
const annotations = {
  'tranship.dev/deployment-configuration': JSON.stringify({ deploymentCircuitBreaker: breaker }),
};
const watches: ObjectWatch<DeploymentObject>[] = [];
let given: GivenCluster;
let neverStarts: Promise<RolledBack>;
let crashes: Promise<RolledBack>;

beforeAll(async () => {
  given = await givenOperator();
  const setImage = ['set', 'image', 'deployment/web', 'app=localhost/tranship-test/absent:1'];
  neverStarts = rollBack('absent', setImage);
  crashes = rollBack('crashing', ['set', 'env', 'deployment/web', 'STUB_EXIT_AFTER=3']);
  for (const each of [neverStarts, crashes]) each.catch(() => undefined);
});

afterAll(async () => {
  for (const watch of watches) watch.stop();
  await endAll(given);
});

function stateOf({ metadata }: DeploymentObject): DeploymentState | undefined {
  return readState(metadata.annotations?.['tranship.dev/deployment-state']);
}

function revisionOf({ metadata }: PodObject): string | undefined {
  return metadata.labels?.['pod-template-hash'];
}

function uidsOf(pods: readonly PodObject[]): readonly string[] {
  return pods.map(({ metadata }) => metadata.uid).toSorted();
}

/** Deploys a version that completes, then by `change` one that fails, and waits until the first has completed again. */
async function rollBack(what: string, change: readonly string[]): Promise<RolledBack> {
  const workload = await Workload.start(given, what, { deploymentAnnotations: annotations, withPolicy: false });
  const path = `/apis/apps/v1/namespaces/${workload.namespace}/deployments`;
  const deployments = new ObjectWatch<DeploymentObject>(watchCommand(given), path, () => undefined);
  watches.push(deployments);
  const completes = (failed: number) => (all: readonly DeploymentObject[]) =>
    all.some((each) => {
      const state = stateOf(each);
      return state?.rolloutState === 'COMPLETED' && (state.failed ?? []).length === failed;
    });
  await deployments.until('the first version completes', completes(0));
  const first = workload.readyOf(workload.pods.objects);
  await given.kubectl.text([...change, workload.in]);
  const [deployment] = await deployments.until('it is rolled back', completes(1), 300);
  const state = deployment === undefined ? undefined : stateOf(deployment);
  return { workload, deployments, first, state, fewestReady: workload.fewestReady };
}

async function expectRolledBack({ workload, first, state }: RolledBack, evidence: RegExp): Promise<void> {
  expect(state?.failed).toEqual([
    expect.objectContaining({
      evidence: expect.stringMatching(evidence),
      outcome: `rolled back to ReplicaSet ${state?.completed?.replicaSet ?? ''}`,
    }),
  ]);
  expect(state?.template).toBe(state?.completed?.template);
  const ready = workload.readyOf(workload.pods.objects);
  expect(ready.map(revisionOf)).toEqual(first.map(revisionOf));
  const events = await workload.given.kubectl.text([
    ...['get', 'events.events.k8s.io', workload.in, '--field-selector=reason=SERVICE_DEPLOYMENT_FAILED'],
    '--output=jsonpath={range .items[*]}{.action}: {.note}{"\\n"}{end}',
  ]);
  expect(events).toMatch(/^Rollback: 2 tasks failed, of at most 2 \(COUNT 2\); .*Rolled back to ReplicaSet .*\n$/);
}

describe('on a real cluster, the deployment circuit breaker', () => {
  test('goes back to the last version that completed when the pods of a new one never start', async () => {
    const rolledBack = await neverStarts;
    await expectRolledBack(rolledBack, /container app cannot start \((ErrImagePull|ImagePullBackOff)\)/);
    expect(uidsOf(rolledBack.workload.readyOf(rolledBack.workload.pods.objects))).toEqual(uidsOf(rolledBack.first));
    expect(rolledBack.fewestReady).toBe(rolledBack.workload.replicas);
  });

  test('goes back to it when the pods of a new one crash after they ran', async () => {
    await expectRolledBack(await crashes, /container app exited with 1 after/);
  });

  test('does not try the version that failed again: it is paused, and the one that works runs on', async () => {
    const { deployments, workload, first } = await neverStarts;
    const words = ['set', 'image', 'deployment/web', 'app=localhost/tranship-test/absent:1', workload.in];
    await workload.given.kubectl.text(words);
    const [deployment] = await deployments.until('it is paused', (all) => all.some(({ spec }) => spec.paused === true));
    expect(deployment === undefined ? undefined : stateOf(deployment)).toMatchObject({
      rolloutState: 'FAILED',
      held: true,
    });
    expect(uidsOf(workload.readyOf(workload.pods.objects))).toEqual(uidsOf(first));
  });
});
