import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Interning } from '../../../operators/healing/interning.js';
import { labelTime, readLabelTime } from '../../../operators/healing/names.js';
import { projectNode } from '../../../operators/healing/project-node.js';
import { projectPod, type RawPod } from '../../../operators/healing/project-pod.js';
import { projectOwner, type RawOwner } from '../../../operators/healing/project-workload.js';

const aPod = (
  over: {
    readonly annotations?: Record<string, string>;
    readonly spec?: object;
    readonly status?: object;
    readonly labels?: Record<string, string>;
  } = {},
): RawPod => ({
  metadata: {
    namespace: 'shop',
    name: 'web-1',
    uid: 'uid-1',
    resourceVersion: '7',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: over.labels ?? { app: 'web', 'pod-template-hash': 'r1' },
    ...(over.annotations === undefined ? {} : { annotations: over.annotations }),
  },
  spec: {
    containers: [
      { name: 'app', image: 'web:1' },
      { name: 'log', image: 'log:1' },
    ],
    initContainers: [
      { name: 'proxy', image: 'proxy:1', restartPolicy: 'Always' },
      { name: 'migrate', image: 'web:1' },
    ],
    ...over.spec,
  },
  status: { phase: 'Running', ...over.status },
});

const project = (pod: RawPod) => projectPod(pod, new Interning());

describe('a pod in the cache', () => {
  it('takes all regular containers for essential unless the annotation names some', () => {
    expect(project(aPod()).essential).toEqual(['app', 'log']);
    expect(project(aPod({ annotations: { 'tranship.dev/essential': 'proxy, app' } })).essential).toEqual([
      'app',
      'proxy',
    ]);
  });

  it('has regular containers and native sidecars, and not those that run to their end', () => {
    expect(project(aPod()).containers.map(({ name }) => name)).toEqual(['app', 'log', 'proxy']);
  });

  it('tells the newest end of a container, be it of this state or of the one before', () => {
    const status = {
      containerStatuses: [
        {
          name: 'app',
          restartCount: 3,
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
          lastState: {
            terminated: {
              exitCode: 137,
              reason: 'OOMKilled',
              startedAt: '2026-01-01T00:01:00Z',
              finishedAt: '2026-01-01T00:02:00Z',
            },
          },
        },
        {
          name: 'log',
          restartCount: 0,
          state: { terminated: { exitCode: 0, reason: 'Completed', startedAt: null, finishedAt: null } },
        },
      ],
      initContainerStatuses: [
        { name: 'proxy', restartCount: 0, state: { running: { startedAt: '2026-01-01T00:00:05Z' } } },
      ],
    };
    expect(project(aPod({ status })).containers).toMatchObject([
      {
        state: 'waiting',
        waitingReason: 'CrashLoopBackOff',
        restartCount: 3,
        lastExit: {
          exitCode: 137,
          reason: 'OOMKilled',
          startedAt: Date.UTC(2026, 0, 1, 0, 1),
          finishedAt: Date.UTC(2026, 0, 1, 0, 2),
        },
      },
      { state: 'terminated', lastExit: { exitCode: 0, finishedAt: Date.UTC(2026, 0, 1) } },
      { state: 'running', runningSince: Date.UTC(2026, 0, 1, 0, 0, 5) },
    ]);
  });

  it('reads the restart policy of the port', () => {
    const policy = JSON.stringify({ app: { attemptPeriodSeconds: 60, ignoredExitCodes: [0, 3] } });
    const { restartPolicies, ignored } = project(aPod({ annotations: { 'tranship.dev/restart-policy': policy } }));
    expect([...restartPolicies]).toEqual([['app', { attemptPeriodSeconds: 60, ignoredExitCodes: [0, 3] }]]);
    expect(ignored).toBeUndefined();
  });

  it.each([
    ['{', 'not a JSON object'],
    ['[]', 'not a JSON object'],
    ['{"other":{}}', 'no container "other"'],
    ['{"app":7}', 'policy of "app"'],
    ['{"app":{"attemptPeriodSeconds":1e9}}', 'attemptPeriodSeconds of "app"'],
    ['{"app":{"ignoredExitCodes":"0"}}', 'ignoredExitCodes of "app"'],
    ['{"__proto__":{"attemptPeriodSeconds":60}}', 'no container "__proto__"'],
  ])('ignores the restart policy %s and says why', (text, why) => {
    const { restartPolicies, ignored } = project(aPod({ annotations: { 'tranship.dev/restart-policy': text } }));
    expect(restartPolicies.size).toBe(0);
    expect(ignored).toEqual([expect.stringContaining(why)]);
  });

  it('ignores a time of exec that is none, and says so', () => {
    expect(project(aPod({ annotations: { 'tranship.dev/exec': 'yesterday' } }))).toMatchObject({
      ignored: ['tranship.dev/exec: "yesterday" is not an RFC 3339 time'],
    });
    expect(project(aPod({ annotations: { 'tranship.dev/exec': '2026-01-01T00:00:09Z' } })).execAt).toBe(
      Date.UTC(2026, 0, 1, 0, 0, 9),
    );
  });

  it('never throws, whatever the annotations say', () => {
    const names = ['essential', 'restart-policy', 'replace-unhealthy', 'exec', 'former-labels'];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.json()), { minLength: 5, maxLength: 5 }), (texts) => {
        const annotations = Object.fromEntries(
          names.map((name, index) => [`tranship.dev/${name}`, texts[index] ?? '']),
        );
        const pod = project(aPod({ annotations, labels: { 'tranship.dev/quarantined': texts[0] ?? '' } }));
        expect(pod.essential.length).toBeGreaterThan(0);
      }),
    );
  });

  it('shows the labels that a pod in quarantine had before', () => {
    const pod = project(
      aPod({
        labels: { 'tranship.dev/quarantined': '20260101T000100Z' },
        annotations: { 'tranship.dev/former-labels': '{"app":"web","pod-template-hash":"r9"}' },
      }),
    );
    expect(pod).toMatchObject({ quarantinedAt: Date.UTC(2026, 0, 1, 0, 1), labels: { app: 'web' }, revision: 'r9' });
  });

  it('shares what the pods of one template have in common', () => {
    const interning = new Interning();
    const [a, b] = [projectPod(aPod(), interning), projectPod(JSON.parse(JSON.stringify(aPod())) as RawPod, interning)];
    expect(a.labels).toBe(b.labels);
    expect(a.essential).toBe(b.essential);
    expect(a.containers[0]?.config).toBe(b.containers[0]?.config);
  });

  it('has no value of a variable, only a digest of it', () => {
    const pod = project(
      aPod({ spec: { containers: [{ name: 'app', env: [{ name: 'TOKEN', value: 'hunter2-hunter2' }] }] } }),
    );
    expect(JSON.stringify([pod, ...(pod.containers[0]?.config?.environment ?? [])])).not.toContain('hunter2');
  });
});

describe('times in labels', () => {
  it('come back to the second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_000_000_000 }), (seconds) => {
        expect(readLabelTime(labelTime(seconds * 1000))).toBe(seconds * 1000);
        expect(labelTime(seconds * 1000)).toMatch(/^[0-9TZ]{1,63}$/);
      }),
    );
  });
});

describe('a node in the cache', () => {
  it('is not ready when its kubelet is not heard of', () => {
    const conditions = [{ type: 'Ready', status: 'Unknown', lastTransitionTime: '2026-01-01T00:00:00Z' }];
    expect(projectNode({ metadata: { name: 'a' }, status: { conditions } })).toMatchObject({
      ready: false,
      readySince: Date.UTC(2026, 0, 1),
    });
  });
});

describe('an owner in the cache', () => {
  const owner = (kind: Parameters<typeof projectOwner>[0], object: Omit<RawOwner, 'metadata'>) =>
    projectOwner(kind, { metadata: { namespace: 'shop', name: 'web', generation: 2 }, ...object }, new Interning());

  it('is rolling while pods of an earlier template are left, and not because new ones fail', () => {
    const spec = { replicas: 3 };
    const status = { observedGeneration: 2, replicas: 4, updatedReplicas: 2 };
    expect(owner('Deployment', { spec, status }).rolling).toBe(true);
    expect(owner('Deployment', { spec, status: { ...status, replicas: 3, updatedReplicas: 3 } }).rolling).toBe(false);
    expect(owner('Deployment', { spec, status: { ...status, observedGeneration: 1, replicas: 2 } }).rolling).toBe(true);
  });

  it('is not rolling when a StatefulSet has updated down to its partition, or updates on delete', () => {
    const status = { observedGeneration: 2, replicas: 5, updatedReplicas: 2, updateRevision: 'web-2' };
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 3 } };
    expect(owner('StatefulSet', { spec: { updateStrategy }, status })).toMatchObject({
      rolling: false,
      revision: 'web-2',
    });
    expect(owner('StatefulSet', { spec: {}, status }).rolling).toBe(true);
    expect(owner('StatefulSet', { spec: { updateStrategy: { type: 'OnDelete' } }, status }).rolling).toBe(false);
  });
});
