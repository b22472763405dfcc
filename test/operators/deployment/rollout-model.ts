import { type DeploymentState, readState } from '../../../operators/deployment/deployment-state.js';
import { deploymentFeature } from '../../../operators/deployment/feature.js';
import { digestOf, type PodTemplate, type RawWorkload } from '../../../operators/deployment/project-deployment.js';
import type { RawPod } from '../../../operators/healing/project-pod.js';
import { ApiEventRecorder, type KubernetesEvent } from '../../../operators/runtime/event-recorder.js';
import { silentLog } from '../../../operators/runtime/log.js';
import { type KubernetesObject, RESOURCE } from '../../../operators/runtime/resource.js';
import { Telemetry } from '../../../operators/runtime/telemetry.js';
import { type SimulatedCall, SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { ManualClock, settle } from '../../../operators/simulator/manual-clock.js';

const NAMESPACE = 'shop';
const NAME = { namespace: NAMESPACE, name: 'web' };
const STEP_MS = 10_000;
/** What the port writes where nothing checks the pods. */
const MIN_READY_SECONDS = 40;

/** How the pods of an image behave. */
export type Behaviour = 'works' | 'crashes' | 'cannot be pulled';

/**
 * Deployment shop/web on a simulated API server, with its controller and kubelets in steps of ten seconds: one pod more
 * than wanted at a time, old pods end as new ones become available. The circuit breaker runs as a part of the operator.
 */
export class RolloutModel {
  readonly clock = new ManualClock();
  readonly server = new SimulatedApiServer({ clock: this.clock });
  readonly calls: SimulatedCall[] = [];
  /** What becomes of a call. */
  fateOf: SimulatedApiServer['onCall'];
  readonly behaviours = new Map<string, Behaviour>([['shop/web:1', 'works']]);
  /** Pods that were ever started, by image. */
  readonly started = new Map<string, number>();
  #operator: { readonly stop: AbortController; readonly running: Promise<unknown> } | undefined;

  constructor(
    readonly desired: number,
    configuration: object,
  ) {
    this.server.onCall = (call) => {
      this.calls.push(call);
      return this.fateOf?.(call);
    };
    this.server.put(RESOURCE.deployment, {
      metadata: {
        ...NAME,
        generation: 1,
        annotations: { 'tranship.dev/deployment-configuration': JSON.stringify(configuration) },
      },
      spec: { replicas: desired, minReadySeconds: MIN_READY_SECONDS, template: templateOf('shop/web:1') },
    } as KubernetesObject);
  }

  /** Starts a process of the operator, which leads at once. */
  async startOperator(): Promise<void> {
    const { clock } = this;
    const api = this.server.api();
    const feature = deploymentFeature({
      api,
      clock,
      random: () => 0.5,
      log: silentLog,
      telemetry: new Telemetry(),
      events: new ApiEventRecorder({ api, clock, instance: 'operator-1' }),
      operatorNamespace: 'tranship-system',
    });
    const stop = new AbortController();
    const parts = [...Object.values(feature.caches), ...feature.controllers];
    this.#operator = { stop, running: Promise.all(parts.map((part) => part.run(stop.signal))) };
    await this.#pass(100);
  }

  /** Stops it at once, whatever it does. */
  async stopOperator(): Promise<void> {
    this.#operator?.stop.abort();
    await this.clock.advance(60_000);
    await this.#operator?.running;
    this.#operator = undefined;
  }

  /** Somebody, or a repository, applies an image. */
  apply(image: string, behaviour: Behaviour): void {
    this.behaviours.set(image, behaviour);
    this.#change({ spec: { template: templateOf(image) } });
  }

  resume(): void {
    this.#change({ spec: { paused: false } });
  }

  async run(minutes: number): Promise<void> {
    for (let time = 0; time < minutes * 60_000; time += STEP_MS) {
      this.#live();
      this.#roll();
      await this.#pass(STEP_MS);
    }
  }

  get deployment(): RawWorkload {
    const deployment = this.server.read<RawWorkload>(RESOURCE.deployment, NAME);
    if (deployment === undefined) throw new Error('the Deployment is gone');
    return deployment;
  }

  get state(): DeploymentState | undefined {
    return readState(this.deployment.metadata.annotations?.['tranship.dev/deployment-state']);
  }

  get image(): string {
    return imageOf(this.deployment.spec?.template);
  }

  /** Images of the pods that run and are Ready. */
  get serving(): readonly string[] {
    return this.#pods()
      .filter(isReady)
      .map((pod) => imageOf(pod));
  }

  /** Reasons of the Events, in the order in which they were written, and what they say. */
  get events(): readonly KubernetesEvent[] {
    return [...this.server.objects<KubernetesEvent>(RESOURCE.event)].sort(
      (a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion),
    );
  }

  /** Writes to the Deployment by the operator. */
  get patches(): number {
    return this.calls.filter(({ verb, resource }) => verb === 'patch' && resource.plural === 'deployments').length;
  }

  async #pass(milliseconds: number): Promise<void> {
    await this.clock.advance(milliseconds);
    for (let turn = 0; turn < 6; turn += 1) await settle();
  }

  #change(merge: object): void {
    const generation = (this.deployment.metadata.generation ?? 0) + 1;
    this.server.patch(RESOURCE.deployment, NAME, { ...merge, metadata: { generation } });
  }

  #pods(): readonly RawPod[] {
    return this.server.objects<RawPod>(RESOURCE.pod);
  }

  #roll(): void {
    const { spec, metadata } = this.deployment;
    const image = this.image;
    if (spec?.paused !== true) {
      const set = `web-${digestOf(spec?.template)}`;
      this.#ensureReplicaSet(set, spec?.template);
      const [updated, old] = [
        this.#pods().filter((pod) => imageOf(pod) === image),
        this.#pods().filter((pod) => imageOf(pod) !== image),
      ];
      const limit = this.desired + (old.length > 0 ? 1 : 0);
      if (updated.length < this.desired && updated.length + old.length < limit) this.#start(set, image);
      const spare = this.#pods().filter((pod) => this.#isAvailable(pod)).length - this.desired;
      const broken = old.filter((pod) => !isReady(pod));
      for (const pod of [...broken, ...old.filter((each) => this.#isAvailable(each)).slice(0, Math.max(0, spare))])
        this.server.remove(RESOURCE.pod, { namespace: NAMESPACE, name: pod.metadata.name });
    }
    const updated = this.#pods().filter((pod) => imageOf(pod) === image);
    const status = {
      observedGeneration: metadata.generation,
      replicas: this.#pods().length,
      updatedReplicas: updated.length,
      availableReplicas: this.#pods().filter((pod) => this.#isAvailable(pod)).length,
    };
    if (JSON.stringify(status) !== JSON.stringify(this.deployment.status))
      this.server.patch(RESOURCE.deployment, NAME, { status });
  }

  #ensureReplicaSet(name: string, template: PodTemplate | undefined): void {
    if (this.server.read(RESOURCE.replicaSet, { namespace: NAMESPACE, name }) !== undefined) return;
    const labels = { ...template?.metadata?.labels, 'pod-template-hash': name };
    this.server.put(RESOURCE.replicaSet, {
      metadata: {
        namespace: NAMESPACE,
        name,
        ownerReferences: [owner('Deployment', 'web', this.deployment.metadata.uid)],
      },
      spec: { template: { ...template, metadata: { ...template?.metadata, labels } } },
    } as KubernetesObject);
  }

  #start(set: string, image: string): void {
    const count = (this.started.get(image) ?? 0) + 1;
    this.started.set(image, count);
    const uid = this.server.read(RESOURCE.replicaSet, { namespace: NAMESPACE, name: set })?.metadata.uid;
    const time = this.#time();
    this.server.put(RESOURCE.pod, {
      metadata: {
        namespace: NAMESPACE,
        name: `${set}-p${count}`,
        creationTimestamp: time,
        ownerReferences: [owner('ReplicaSet', set, uid)],
      },
      spec: { nodeName: 'node-a', containers: [{ name: 'app', image }] },
      status: { phase: 'Pending', startTime: time, conditions: [condition(false, time)] },
    } as RawPod);
  }

  /** Each step a crashing pod ends or starts again. */
  #live(): void {
    for (const pod of this.#pods()) {
      const time = this.#time();
      const behaviour = this.behaviours.get(imageOf(pod));
      const [container] = pod.status?.containerStatuses ?? [];
      const base = { name: 'app', image: imageOf(pod), imageID: '', restartCount: container?.restartCount ?? 0 };
      const running = {
        ...base,
        ready: true,
        state: { running: { startedAt: time }, waiting: null, terminated: null },
      };
      const waiting = (reason: string): object => ({
        ...base,
        ready: false,
        state: { waiting: { reason }, running: null },
      });
      if (behaviour === 'works' && !isReady(pod)) this.#put(pod, true, running);
      if (behaviour === 'cannot be pulled' && container === undefined)
        this.#put(pod, false, waiting('ImagePullBackOff'));
      if (behaviour !== 'crashes') continue;
      const end = { exitCode: 1, reason: 'Error', startedAt: time, finishedAt: time };
      if (container?.state?.running === undefined || container.state.running === null) {
        const lastState = container === undefined ? {} : { lastState: { terminated: end } };
        const restartCount = container === undefined ? 0 : base.restartCount + 1;
        this.#put(pod, true, { ...running, ...lastState, restartCount });
      } else this.#put(pod, false, { ...waiting('CrashLoopBackOff'), lastState: { terminated: end } });
    }
  }

  #put(pod: RawPod, ready: boolean, status: object): void {
    const conditions = [condition(ready, this.#time())];
    const merge = { status: { phase: 'Running', conditions, containerStatuses: [status] } };
    this.server.patch(RESOURCE.pod, { namespace: NAMESPACE, name: pod.metadata.name }, merge);
  }

  #isAvailable(pod: RawPod): boolean {
    const since = Date.parse(pod.status?.conditions?.[0]?.lastTransitionTime ?? '');
    return isReady(pod) && this.clock.now() - since >= MIN_READY_SECONDS * 1000;
  }

  #time(): string {
    return new Date(this.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  }
}

function templateOf(image: string): PodTemplate {
  return { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image }] } };
}

function imageOf(object: { readonly spec?: unknown } | PodTemplate | undefined): string {
  const text = JSON.stringify(object) ?? '';
  return /"image":"([^"]+)"/.exec(text)?.[1] ?? '';
}

function isReady({ status }: RawPod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
}

function condition(ready: boolean, lastTransitionTime: string): object {
  return { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime };
}

function owner(kind: string, name: string, uid: string | undefined): object {
  return { apiVersion: 'apps/v1', kind, name, uid: uid ?? '', controller: true };
}
