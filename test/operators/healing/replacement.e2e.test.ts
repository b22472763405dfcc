import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endAll, givenOperator, heal, type GivenCluster, type Healed, isReady, Workload } from './given-cluster.js';
import { poll } from '../../cluster/processes.js';

const editedImage = 'localhost/tranship-test/stub:edited';

/** What failed, by name of the case. All begin at once, each in its own namespace; the tests wait for them one by one. */
type Cases = 'killed' | 'unhealthy' | 'hungry' | 'entered' | 'edited';
let given: GivenCluster;
let cases: Readonly<Record<Cases, Promise<Healed>>>;
let looping: Promise<Workload>;
/** Whether a new pod was Ready while the unhealthy one was still there. */
let startedFirst = false;

beforeAll(async () => {
  given = await givenOperator();
  await given.cluster.load('stub', [editedImage]);
  cases = {
    killed: heal(given, 'killed', {}, (workload, pod) => workload.kill(pod)),
    unhealthy: heal(given, 'unhealthy', { policy: { causes: { unhealthy: { afterSeconds: 2 } } } }, becomeUnhealthy),
    hungry: heal(given, 'hungry', { memory: '160Mi' }, (workload, pod) => workload.tell(pod, '/memory?megabytes=400')),
    entered: heal(given, 'entered', { policy: { causes: { exec: { enabled: true, afterSeconds: 3 } } } }, enter),
    edited: heal(given, 'edited', {}, edit),
  };
  looping = loop();
  // A case that fails before its test waits for it is no unhandled rejection.
  for (const each of [...Object.values(cases), looping]) each.catch(() => undefined);
});

afterAll(async () => {
  await endAll(given);
});

async function becomeUnhealthy(workload: Workload, pod: Healed['failed']): Promise<void> {
  const before = new Set(workload.pods.everSeen);
  await workload.tell(pod, '/unhealthy');
  workload.pods
    .until('a new pod is Ready while the unhealthy one is there', (pods) => {
      const stays = pods.some(
        ({ metadata }) => metadata.uid === pod.metadata.uid && metadata.deletionTimestamp === undefined,
      );
      return stays && pods.some((other) => isReady(other) && !before.has(other.metadata.uid));
    })
    .then(
      () => (startedFirst = true),
      () => undefined,
    );
}

/** Goes into the pod until the operator was told of it: it takes a moment until its webhook is called. */
async function enter(workload: Workload, pod: Healed['failed']): Promise<void> {
  const noted = await poll(
    async () => {
      const isNoted = workload.pods.objects.some(
        ({ metadata }) =>
          metadata.uid === pod.metadata.uid && metadata.annotations?.['tranship.dev/exec'] !== undefined,
      );
      if (!isNoted) await workload.exec(pod, ['true']);
      return isNoted;
    },
    90,
    1000,
  );
  if (!noted) throw new Error('no exec was noted');
}

async function edit({ in: namespace }: Workload, { metadata }: Healed['failed']): Promise<void> {
  await given.kubectl.text(['set', 'image', `pod/${metadata.name}`, `app=${editedImage}`, namespace]);
}

/** Two pods that end two seconds after they began, whatever replaces them. */
async function loop(): Promise<Workload> {
  const workload = await Workload.start(given, 'looping', {
    env: { STUB_EXIT_AFTER: '2' },
    policy: {
      causes: { crashLoop: { maxRestarts: 2, periodSeconds: 600 } },
      budget: { maxUnavailable: 1, maxReplacements: 2 },
    },
    waits: false,
  });
  await workload.status('healing has ended', ({ workloads = [] }) => workloads[0]?.endedAt !== undefined);
  return workload;
}

/** What every case shows: gone, another pod Ready, one pod away at most, one replacement, and each step explained. */
async function expectHealed(name: Cases, cause: string, evidence: RegExp): Promise<void> {
  const { failed, replacements, records, explanation, workload } = await cases[name];
  const [replacement] = replacements;
  expect(replacements).toHaveLength(1);
  expect(workload.pods.everSeen.size).toBe(workload.replicas + 1);
  expect(workload.fewestReady).toBeGreaterThanOrEqual(workload.replicas - 1);
  expect(records).toEqual([
    expect.objectContaining({ uid: failed.metadata.uid, cause, replacement: replacement?.metadata.name }),
  ]);
  expect(records[0]?.evidence).toMatch(evidence);
  const steps = ['signal', 'decision', 'action', 'ready'].map((step) => ` ${step} .*\\n`).join('(.*\\n)*?.*');
  expect(explanation).toMatch(new RegExp(steps));
  expect(explanation).toContain(`${replacement?.metadata.name ?? ''} is Ready`);
  expect(explanation).toContain(records[0]?.evidence ?? '');
}

describe('on a real cluster, a pod is replaced as ECS replaces a task, one at a time, and it is told why,', () => {
  test('when an essential container is killed', () =>
    expectHealed('killed', 'EssentialContainerExited', /container app exited with 137/));

  test('when it fails its health check: the new pod is Ready before the old one goes', async () => {
    await expectHealed('unhealthy', 'Unhealthy', /was Ready and is not/);
    expect(startedFirst).toBe(true);
  });

  test('when a container takes more memory than it may', () =>
    expectHealed('hungry', 'OutOfMemory', /container app exited with 137 \(OOMKilled\)/));

  test('when somebody was in it, after the time that they have', () =>
    expectHealed('entered', 'Exec', /exec or attach/));

  test('when somebody edited its image', () => expectHealed('edited', 'Drift', /stub:edited/));

  test('but not for ever: when new pods fail as well, it ends, and its status and the pod’s Event say so', async () => {
    const workload = await looping;
    const {
      held = [],
      replacements = [],
      workloads = [],
    } = await workload.status('it says why', (status) => (status.held ?? []).length > 0);
    const refused = held.find(({ reason }) => reason === 'RestartIntensityExceeded');
    expect(refused?.message).toMatch(/new pods of revision .* fail as well, more than 2 times in/);
    expect(workloads[0]?.endedAt).toBeDefined();
    expect(replacements.filter(({ actedAt }) => actedAt !== undefined)).toHaveLength(2);
    expect(workload.pods.everSeen.size).toBe(workload.replicas + 2);
    const pod = workload.pods.objects.find(({ metadata }) => metadata.name === refused?.pod);
    expect(pod === undefined ? '' : await workload.explain(pod)).toContain('held: RestartIntensityExceeded');
  });
});
