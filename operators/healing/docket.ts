import { type Budget, refusal, spend } from './budget.js';
import type { Hold, Replace } from './decision.js';
import type { HoldReason, ReplacementRecord } from './healing-policy.js';
import { countsAgainstWorkload, type FailedOn, historyOfRecords } from './memory.js';
import type { ObservedPod, ObservedWorkload } from './observation.js';
import { keyOfPod, type Scene, type Signal, workloadOf } from './scene.js';
import { isFailure } from './signals/signals.js';
import { outageOf } from './storm-guard.js';
import { exceedsIntensity, type History, isRepeated, notBefore } from './throttle.js';
import { duration, timestamp } from './words.js';

interface Candidate {
  readonly pod: ObservedPod;
  readonly signal: Signal;
  readonly workload: ObservedWorkload;
}

/** What stands against a replacement now. */
interface Objection {
  readonly reason: HoldReason;
  readonly message: string;
  readonly retryAt?: number;
}

/**
 * The pods that are to be replaced, heard one after the other: each that is granted leaves less budget for the next.
 * Pods that are down come first, since they cost no availability; then the oldest failure.
 */
export class Docket {
  private readonly candidates: Candidate[] = [];
  private readonly histories: Map<string, History>;
  private readonly outages = new Map<string, string | undefined>();
  private budget: Budget;
  private inspected: number;

  constructor(
    private readonly scene: Scene,
    private readonly state: {
      readonly records: readonly ReplacementRecord[];
      /** By workload id, of the revision that is wanted. */
      readonly histories: ReadonlyMap<string, History>;
      readonly budget: Budget;
      /** Why there is a storm. */
      readonly storm: string | undefined;
      /** Pods that are kept for inspection already. */
      readonly inspected: number;
    },
  ) {
    this.histories = new Map(state.histories);
    this.budget = state.budget;
    this.inspected = state.inspected;
  }

  add(pod: ObservedPod, signal: Signal | undefined): void {
    const workload = workloadOf(pod, this.scene);
    if (signal !== undefined && workload !== undefined) this.candidates.push({ pod, signal, workload });
  }

  /** Hears all of them. */
  settle(): readonly (Hold | Replace)[] {
    this.candidates.sort(
      (a, b) =>
        Number(a.pod.ready) - Number(b.pod.ready) ||
        a.signal.signalAt - b.signal.signalAt ||
        (keyOfPod(a.pod) < keyOfPod(b.pod) ? -1 : 1),
    );
    return this.candidates.map((candidate) => this.hear(candidate));
  }

  /** A workload's history, with what `settle` found; replacements that were granted count once they are recorded. */
  historyOf({ id, revision }: ObservedWorkload): History {
    const before = this.state.histories.get(id) ?? { revision, failures: 0, restarts: [] };
    const endedAt = this.histories.get(id)?.endedAt;
    return endedAt === undefined ? before : { ...before, endedAt };
  }

  /** Nodes that failed a pod which is to be replaced, now or as soon as it may be. */
  failedOn(): readonly FailedOn[] {
    return this.candidates.flatMap(({ pod, signal, workload }) =>
      pod.node === undefined || !isFailure(signal.cause)
        ? []
        : [{ workload: workload.id, node: pod.node, at: Math.min(signal.signalAt, this.scene.now) }],
    );
  }

  private hear(candidate: Candidate): Hold | Replace {
    const { pod, signal, workload } = candidate;
    const about = { pod, cause: signal.cause, evidence: signal.evidence, signalAt: signal.signalAt };
    const objection = this.objectionTo(candidate);
    if (objection !== undefined) return { type: 'Hold', ...about, ...objection };
    const action = this.actionFor(candidate);
    this.grant(candidate, action);
    const { dryRun, paused } = this.scene.settings;
    if (paused) return { type: 'Hold', ...about, reason: 'Paused', message: `spec.paused; otherwise: ${action}` };
    if (dryRun)
      return { type: 'Hold', ...about, reason: 'DryRun', message: `spec.mode is DryRun; otherwise: ${action}` };
    return { type: 'Replace', ...about, action, workload: workload.id };
  }

  private objectionTo(candidate: Candidate): Objection | undefined {
    const { pod, signal, workload } = candidate;
    if (!isFailure(signal.cause) && workload.rolling)
      return { reason: 'RolloutInProgress', message: `${workload.id} is replacing its pods itself` };
    const outage = signal.cause === 'UnhealthyNode' ? this.outageAt(pod) : undefined;
    if (outage !== undefined) return { reason: 'ZoneOutage', message: outage };
    if (this.state.storm !== undefined) return { reason: 'Storm', message: this.state.storm };
    const throttled = signal.cause === 'UnhealthyNode' ? undefined : this.throttle(candidate);
    if (throttled !== undefined) return throttled;
    const exhausted = refusal(this.budget, pod);
    return exhausted === undefined ? undefined : { reason: 'BudgetExhausted', message: exhausted };
  }

  private throttle(candidate: Candidate): Objection | undefined {
    const { now, settings } = this.scene;
    const { key, history } = this.historyFor(candidate);
    if (history.endedAt === undefined && history.failures === 0 && !this.isRepeated(candidate)) return undefined;
    if (history.endedAt !== undefined || exceedsIntensity(history, this.scene)) {
      this.histories.set(key, { ...history, endedAt: history.endedAt ?? now });
      const period = duration(settings.crashLoop?.period ?? 0);
      return {
        reason: 'RestartIntensityExceeded',
        message:
          `new pods of revision ${history.revision} fail as well, more than ${settings.crashLoop?.maxRestarts ?? 0} times in ${period}: ` +
          `another replacement would not help. Deploy another revision; or its pods are Ready for ${duration(settings.throttle.resetAfter)}`,
      };
    }
    const until = notBefore(history, settings);
    if (until === undefined || until <= now) return undefined;
    return {
      reason: 'Throttled',
      message: `new pods fail as well (${history.failures + 1} in a row): not before ${timestamp(until)}`,
      retryAt: until,
    };
  }

  /** The history of the pod's own revision: pods of an older one fail on their own account. */
  private historyFor({ pod, workload }: Candidate): { readonly key: string; readonly history: History } {
    const key = pod.revision === workload.revision ? workload.id : `${workload.id} ${pod.revision}`;
    const known = this.histories.get(key);
    return { key, history: known ?? historyOfRecords(workload.id, pod.revision, this.state.records) };
  }

  private isRepeated({ pod, signal, workload }: Candidate): boolean {
    return (
      countsAgainstWorkload(signal.cause) &&
      isRepeated(pod, signal.signalAt, workload.id, this.state.records, this.scene.settings)
    );
  }

  private outageAt(pod: ObservedPod): string | undefined {
    const node = pod.node === undefined ? undefined : this.scene.observation.nodes.get(pod.node);
    const zone = node?.zone ?? '';
    if (!this.outages.has(zone)) this.outages.set(zone, outageOf(node, this.scene));
    return this.outages.get(zone);
  }

  /**
   * Only a ReplicaSet starts another pod at once when one is taken from it. A pod on a dead node cannot be inspected, and
   * one that is still Ready is taken out only on request: its eviction respects disruption budgets, a label does not.
   */
  private actionFor({ pod, signal }: Candidate): Replace['action'] {
    const { quarantine, unhealthy } = this.scene.settings;
    if (pod.owner?.kind !== 'ReplicaSet' || signal.cause === 'UnhealthyNode') return 'Evict';
    if (quarantine.causes.has(signal.cause) && this.inspected < quarantine.maxPods) return 'Quarantine';
    return signal.cause === 'Unhealthy' && unhealthy?.startFirst === true && !pod.ready ? 'Quarantine' : 'Evict';
  }

  private grant(candidate: Candidate, action: Replace['action']): void {
    const { pod, signal } = candidate;
    this.budget = spend(this.budget, pod);
    if (action === 'Quarantine' && this.scene.settings.quarantine.causes.has(signal.cause)) this.inspected += 1;
    if (!countsAgainstWorkload(signal.cause)) return undefined;
    const { key, history } = this.historyFor(candidate);
    const failures = history.failures + (this.isRepeated(candidate) ? 1 : 0);
    this.histories.set(key, { ...history, failures, restarts: [...history.restarts, this.scene.now] });
  }
}
