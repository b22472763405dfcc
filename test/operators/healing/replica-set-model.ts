import { decide } from '../../../operators/healing/decide.js';
import type { Verdict } from '../../../operators/healing/decision.js';
import type {
  HealingPolicySpec,
  HealingPolicyStatus,
  ReplacementRecord,
} from '../../../operators/healing/healing-policy.js';
import type { ContainerExit, Observation, ObservedPod } from '../../../operators/healing/observation.js';
import { keepRecords } from '../../../operators/healing/replacements.js';
import { aContainer, aNode, aPod, aWorkload } from './given.js';

const START_MS = 8000;
const GRACE_MS = 6000;
const FIRST_BACK_OFF_MS = 10_000;
const LONGEST_BACK_OFF_MS = 300_000;

interface ModelPod {
  readonly name: string;
  /** Which of the wanted pods it is: a new pod comes into the place of one that went. */
  readonly place: number;
  readonly node: string;
  readonly createdAt: number;
  state: 'starting' | 'runs' | 'down' | 'terminating' | 'aside';
  changedAt: number;
  restarts: number;
  lastExit?: ContainerExit;
  readySince?: number;
}

/** What breaks pods, and until when. */
export interface Fault {
  /** Pods on this node end soon after they start. */
  readonly node?: string;
  /** All pods do. */
  readonly all?: boolean;
  /** Single ends: milliseconds after the start, and which place. */
  readonly once: readonly { readonly after: number; readonly place: number }[];
  /** Milliseconds after the start when node and pods work again. */
  readonly until: number;
}

/**
 * A ReplicaSet, three nodes, their kubelets and a controller that does what `decide` says, in steps of time. The controller
 * sees pods as they were a step ago, and its own records at once.
 */
export class ReplicaSetModel {
  readonly pods: ModelPod[] = [];
  now: number;
  status: HealingPolicyStatus = {};
  /** Places whose pod was taken down by us and has not been Ready since. */
  readonly missing = new Set<number>();
  /** Names of the pods that were taken down. */
  readonly replaced: string[] = [];
  private count = 0;
  private seen: readonly ObservedPod[] = [];

  constructor(
    readonly desired: number,
    readonly fault: Fault,
    readonly spec: HealingPolicySpec,
    readonly start: number,
  ) {
    this.now = start;
    for (let place = 0; place < desired; place += 1) this.create(place);
    for (const pod of this.pods) this.run(pod);
    this.seen = this.observe();
  }

  /** Lets time pass, then the ReplicaSet, the kubelets and the controller do their work once. */
  step(milliseconds: number): Verdict {
    const before = this.now;
    this.now += milliseconds;
    for (const pod of this.pods) this.live(pod, before);
    for (const pod of this.pods.filter((each) => each.state === 'terminating' && this.now >= each.changedAt + GRACE_MS))
      this.pods.splice(this.pods.indexOf(pod), 1);
    const taken = new Set(this.pods.filter(isOwned).map(({ place }) => place));
    for (let place = 0; place < this.desired; place += 1) if (!taken.has(place)) this.create(place);
    for (const pod of this.pods) if (pod.state === 'runs') this.missing.delete(pod.place);
    const verdict = this.control();
    this.seen = this.observe();
    return verdict;
  }

  observe(): readonly ObservedPod[] {
    return this.pods.map((pod): ObservedPod => {
      const ready = pod.state === 'runs';
      const { owner, readySince: _, ...base } = aPod(pod.name);
      const exit = pod.lastExit === undefined ? {} : { lastExit: pod.lastExit };
      const { runningSince: __, ...container } = aContainer();
      const down = pod.state === 'down' || pod.state === 'aside';
      return {
        ...base,
        ...(pod.state === 'aside' || owner === undefined ? {} : { owner }),
        node: pod.node,
        createdAt: Math.floor(pod.createdAt / 1000) * 1000,
        startedAt: Math.floor(pod.createdAt / 1000) * 1000,
        ready,
        readySince: pod.readySince ?? pod.createdAt,
        ...(pod.state === 'terminating' ? { deletingSince: pod.changedAt } : {}),
        ...(pod.state === 'aside' ? { quarantinedAt: pod.changedAt } : {}),
        containers: [
          down
            ? { ...container, state: 'waiting', waitingReason: 'CrashLoopBackOff', restartCount: pod.restarts, ...exit }
            : { ...container, state: 'running', restartCount: pod.restarts, ...exit },
        ],
      };
    });
  }

  private control(): Verdict {
    const observation: Observation = {
      now: this.now,
      pods: this.seen,
      nodes: new Map(['node-a', 'node-b', 'node-c'].map((name) => [name, aNode(name)])),
      workloads: new Map([['Deployment/web', aWorkload({ desired: this.desired })]]),
      workloadOfOwner: new Map([['rs-web-r1', 'Deployment/web']]),
      contested: new Set(),
    };
    const metadata = { name: 'web', namespace: 'shop', creationTimestamp: new Date(this.start).toISOString() };
    const verdict = decide(observation, { metadata, spec: this.spec, status: this.status });
    const records: ReplacementRecord[] = [];
    for (const decision of verdict.decisions) {
      const pod = this.pods.find(({ name }) => name === decision.pod.name);
      if (decision.type === 'Hold' || pod === undefined || pod.state === 'terminating') continue;
      const acted = new Date(this.now).toISOString();
      pod.changedAt = this.now;
      if (decision.type === 'Clean') {
        pod.state = 'terminating';
        continue;
      }
      pod.state = decision.action === 'Quarantine' ? 'aside' : 'terminating';
      this.missing.add(pod.place);
      this.replaced.push(pod.name);
      records.push({
        pod: pod.name,
        uid: decision.pod.uid,
        workload: decision.workload,
        revision: decision.pod.revision,
        node: pod.node,
        cause: decision.cause,
        evidence: decision.evidence,
        action: decision.action,
        signalAt: new Date(decision.signalAt).toISOString(),
        decidedAt: acted,
        actedAt: acted,
      });
    }
    this.status = {
      ...verdict.memory,
      replacements: keepRecords([...(verdict.memory.replacements ?? []), ...records]),
    };
    return verdict;
  }

  /** The scheduler heeds the preference not to use a node, where it can. */
  private create(place: number): void {
    const avoid = this.status.workloads?.[0]?.avoidNodes.map(({ node }) => node) ?? [];
    const nodes = ['node-a', 'node-b', 'node-c'];
    const wanted = nodes.filter((node) => !avoid.includes(node));
    const node = (wanted.length > 0 ? wanted : nodes)[this.count % Math.max(1, wanted.length)] ?? 'node-a';
    const name = `web-${this.count}`;
    this.count += 1;
    this.pods.push({ name, place, node, createdAt: this.now, state: 'starting', changedAt: this.now, restarts: 0 });
  }

  private live(pod: ModelPod, before: number): void {
    const backOff = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** Math.max(0, pod.restarts - 1));
    if (pod.state === 'starting' && this.now >= pod.changedAt + START_MS) this.run(pod);
    else if (pod.state === 'down' && this.now >= pod.changedAt + backOff) this.run(pod);
    else if (pod.state === 'runs' && this.breaks(pod, before)) {
      pod.lastExit = { exitCode: 1, reason: 'Error', startedAt: pod.changedAt, finishedAt: this.now };
      pod.state = 'down';
      pod.restarts += 1;
      pod.changedAt = this.now;
      pod.readySince = this.now;
    }
  }

  private breaks({ node, place }: ModelPod, before: number): boolean {
    const { all, node: bad, once, until } = this.fault;
    if (this.now < this.start + until && (all === true || node === bad)) return true;
    return once.some((each) => {
      const time = this.start + each.after;
      return each.place === place && time > before && time <= this.now;
    });
  }

  private run(pod: ModelPod): void {
    pod.state = 'runs';
    pod.changedAt = this.now;
    pod.readySince = this.now;
  }
}

function isOwned(pod: ModelPod): boolean {
  return pod.state === 'starting' || pod.state === 'runs' || pod.state === 'down';
}
