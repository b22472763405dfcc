import type { HealingPolicy, HealingPolicySpec } from '../../../operators/healing/healing-policy.js';
import { Interning } from '../../../operators/healing/interning.js';
import type { HealingCaches } from '../../../operators/healing/observe.js';
import { projectNode } from '../../../operators/healing/project-node.js';
import { projectPod, type RawPod } from '../../../operators/healing/project-pod.js';
import { projectPolicy } from '../../../operators/healing/project-policy.js';
import { projectOwner } from '../../../operators/healing/project-workload.js';
import { HealingReconciler } from '../../../operators/healing/controller.js';
import type { StepOptions } from '../../../operators/healing/step.js';
import type { Cached, CacheReader } from '../../../operators/runtime/cached.js';
import { ApiEventRecorder } from '../../../operators/runtime/event-recorder.js';
import { silentLog } from '../../../operators/runtime/log.js';
import { keyOf, type KubernetesObject, RESOURCE, type Resource } from '../../../operators/runtime/resource.js';
import { Telemetry } from '../../../operators/runtime/telemetry.js';
import { type SimulatedCall, SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { ManualClock } from '../../../operators/simulator/manual-clock.js';

export const NAMESPACE = 'shop';
export const POLICY_KEY = `${NAMESPACE}/heal`;

/** A cache that shows the server as it was at the last `refresh`: it lags as long as a test likes. */
export class LaggingCache<T extends Cached> implements CacheReader<T> {
  readonly synced = true;
  #objects = new Map<string, T>();
  #version = '0';

  constructor(
    private readonly server: SimulatedApiServer,
    private readonly resource: Resource,
    private readonly project: (object: KubernetesObject) => T,
    private readonly indexes: Readonly<Record<string, (object: T) => string | undefined>> = {},
  ) {}

  refresh(): void {
    this.#objects = new Map(
      this.server.objects(this.resource).map((object) => [keyOf(object.metadata), this.project(object)]),
    );
    this.#version = this.server.resourceVersion;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): Iterable<T> {
    return this.#objects.values();
  }

  byIndex(index: string, value: string): readonly T[] {
    const read = this.indexes[index];
    if (read === undefined) throw new RangeError(`index ${index} was not declared`);
    return [...this.#objects.values()].filter((object) => read(object) === value);
  }

  hasSeen(_: string, { resourceVersion }: { readonly resourceVersion: string }): boolean {
    return Number(this.#version) >= Number(resourceVersion);
  }

  subscribe(): () => void {
    return () => undefined;
  }
}

/** The process ended in the middle of what it did. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/**
 * A namespace with Deployment web, on a simulated API server; the test plays the kubelets and the ReplicaSet controller by
 * `turn`. `calls` has what the operator asked for.
 */
export class Cluster {
  readonly clock = new ManualClock();
  readonly server = new SimulatedApiServer({ clock: this.clock });
  readonly calls: SimulatedCall[] = [];
  readonly #interning = new Interning();
  readonly #namespace = ({ namespace }: { readonly namespace?: string }): string | undefined => namespace;
  readonly policies = new LaggingCache(this.server, RESOURCE.healingPolicy, projectPolicy, {
    namespace: this.#namespace,
  });
  readonly pods = new LaggingCache(this.server, RESOURCE.pod, (pod) => projectPod(pod, this.#interning), {
    namespace: this.#namespace,
    node: ({ node }) => node,
  });
  readonly nodes = new LaggingCache(this.server, RESOURCE.node, projectNode);
  readonly replicaSets = new LaggingCache(
    this.server,
    RESOURCE.replicaSet,
    (object) => projectOwner('ReplicaSet', object, this.#interning),
    { namespace: this.#namespace },
  );
  readonly deployments = new LaggingCache(
    this.server,
    RESOURCE.deployment,
    (object) => projectOwner('Deployment', object, this.#interning),
    { namespace: this.#namespace },
  );
  readonly caches: HealingCaches = {
    policies: this.policies,
    pods: this.pods,
    nodes: this.nodes,
    owners: [this.replicaSets, this.deployments],
  };
  /** Called before each call of the operator. */
  beforeCall: ((call: SimulatedCall) => ReturnType<NonNullable<SimulatedApiServer['onCall']>>) | undefined;
  #born = 0;

  constructor(
    readonly replicas: number,
    spec: Partial<HealingPolicySpec> = {},
  ) {
    this.server.onCall = (call) => {
      const fate = this.beforeCall?.(call);
      this.calls.push(call);
      return fate;
    };
    for (const zone of ['a', 'b', 'c']) this.putNode(`node-${zone}`, true, `eu-west-1${zone}`);
    const template = { spec: { containers: [{ name: 'app', image: 'shop/web:1' }] } };
    const deployment = this.server.put(RESOURCE.deployment, {
      metadata: {
        namespace: NAMESPACE,
        name: 'web',
        generation: 1,
        annotations: { 'deployment.kubernetes.io/revision': '1' },
      },
      spec: { replicas, selector: { matchLabels: { app: 'web' } }, template },
      status: { observedGeneration: 1, replicas, updatedReplicas: replicas },
    } as KubernetesObject);
    this.server.put(RESOURCE.replicaSet, {
      metadata: {
        namespace: NAMESPACE,
        name: 'web-r1',
        uid: 'rs-web-r1',
        labels: { app: 'web', 'pod-template-hash': 'r1' },
        annotations: { 'deployment.kubernetes.io/revision': '1' },
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            name: 'web',
            uid: deployment.metadata.uid ?? '',
            controller: true,
          },
        ],
      },
      spec: { replicas, template },
    } as KubernetesObject);
    this.putPolicy('heal', spec);
    for (let index = 0; index < replicas; index += 1) this.startPod(-3_600_000);
    this.refresh();
  }

  putPolicy(name: string, spec: Partial<HealingPolicySpec> = {}): void {
    this.server.put(RESOURCE.healingPolicy, {
      metadata: { namespace: NAMESPACE, name, generation: 1, creationTimestamp: '2025-12-01T00:00:00Z' },
      spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
    });
  }

  putNode(name: string, ready: boolean, zone: string): void {
    this.server.put(RESOURCE.node, {
      metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } },
      status: {
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown', lastTransitionTime: this.time() }],
      },
    } as KubernetesObject);
  }

  /** Starts a pod of Deployment web, which is Ready at once. */
  startPod(offset = 0): string {
    this.#born += 1;
    const name = `web-${this.#born}`;
    const time = this.time(offset);
    this.server.put(RESOURCE.pod, {
      metadata: {
        namespace: NAMESPACE,
        name,
        uid: `uid-${name}-${this.#born}`,
        generation: 1,
        creationTimestamp: time,
        labels: { app: 'web', 'pod-template-hash': 'r1' },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-r1', uid: 'rs-web-r1', controller: true },
        ],
      },
      spec: {
        nodeName: `node-${'abc'[this.#born % 3] ?? 'a'}`,
        containers: [{ name: 'app', image: 'shop/web:1' }],
      },
      status: {
        phase: 'Running',
        startTime: time,
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: time }],
        containerStatuses: [
          {
            name: 'app',
            image: 'shop/web:1',
            imageID: '',
            ready: true,
            restartCount: 0,
            state: { running: { startedAt: time } },
          },
        ],
      },
    });
    return name;
  }

  /** Its only container has exited with 1, and the kubelet waits before it starts it again. */
  crashPod(name: string): void {
    const end = { exitCode: 1, reason: 'Error', startedAt: this.time(-60_000), finishedAt: this.time() };
    this.server.patch(
      RESOURCE.pod,
      { namespace: NAMESPACE, name },
      {
        status: {
          conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: this.time() }],
          containerStatuses: [
            {
              name: 'app',
              image: 'shop/web:1',
              imageID: '',
              ready: false,
              restartCount: 1,
              state: { waiting: { reason: 'CrashLoopBackOff' } },
              lastState: { terminated: end },
            },
          ],
        },
      },
    );
  }

  /** Somebody has edited the image of a pod that works. */
  editPod(name: string): void {
    this.server.patch(
      RESOURCE.pod,
      { namespace: NAMESPACE, name },
      {
        spec: { containers: [{ name: 'app', image: 'shop/web:edited' }] },
      },
    );
    const pod = this.server.read<RawPod>(RESOURCE.pod, { namespace: NAMESPACE, name });
    if (pod === undefined) return;
    this.server.put(RESOURCE.pod, { ...pod, metadata: { ...pod.metadata, generation: 2 } });
  }

  /** Kubelets let go of pods that are to go, and the ReplicaSet starts pods until there are as many as it wants. */
  turn(): void {
    const pods = this.server.objects<RawPod>(RESOURCE.pod);
    for (const { metadata } of pods) {
      if (metadata.deletionTimestamp !== undefined) {
        this.server.remove(RESOURCE.pod, { namespace: NAMESPACE, name: metadata.name });
      }
    }
    for (let count = this.active().length; count < this.replicas; count += 1) this.startPod();
  }

  /** Pods that count for the ReplicaSet. */
  active(): readonly RawPod[] {
    return this.server
      .objects<RawPod>(RESOURCE.pod)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined && metadata.labels?.['app'] === 'web');
  }

  ready(): number {
    return this.active().filter(({ status }) => status?.conditions?.[0]?.status === 'True').length;
  }

  refresh(): void {
    for (const cache of [this.policies, this.pods, this.nodes, this.replicaSets, this.deployments]) cache.refresh();
  }

  /** A process of the operator that has just begun to lead. */
  reconciler(over: Partial<StepOptions> = {}): HealingReconciler {
    const api = this.server.api();
    return new HealingReconciler({
      api,
      caches: this.caches,
      clock: this.clock,
      telemetry: new Telemetry(),
      log: silentLog,
      events: new ApiEventRecorder({ api, clock: this.clock, instance: 'operator-1' }),
      ...over,
    });
  }

  policy(name = 'heal'): HealingPolicy {
    const policy = this.server.read<HealingPolicy>(RESOURCE.healingPolicy, { namespace: NAMESPACE, name });
    if (policy === undefined) throw new Error(`there is no policy ${name}`);
    return policy;
  }

  /** Calls that write, but for those refused before they were done. */
  writes(): readonly string[] {
    return this.calls
      .filter(({ verb }) => !['get', 'list', 'watch'].includes(verb))
      .map(({ verb, resource }) => `${verb} ${resource.plural}`);
  }

  time(offset = 0): string {
    return new Date(this.clock.now() + offset).toISOString().replace(/\.\d+Z$/, 'Z');
  }
}

/** A signal that is never aborted. */
export const NEVER: AbortSignal = new AbortController().signal;
