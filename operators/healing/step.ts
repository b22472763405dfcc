import type { KubernetesApi } from '../runtime/api.js';
import { isApiError } from '../runtime/api-error.js';
import type { Clock } from '../runtime/clock.js';
import type { EventRecorder } from '../runtime/event-recorder.js';
import type { Log } from '../runtime/log.js';
import { NAME } from '../runtime/names.js';
import type { ReconcileResult } from '../runtime/reconciler.js';
import { type KubernetesObject, keyOf, RESOURCE } from '../runtime/resource.js';
import type { Telemetry } from '../runtime/telemetry.js';
import { act } from './act.js';
import { decide as decideHealing } from './decide.js';
import { carryOut, restored } from './carry-out.js';
import type { Clean, Decision, Hold, Replace, Verdict } from './decision.js';
import { eventOf } from './events.js';
import type { HealingPolicy, HealingPolicyStatus, ReplacementRecord } from './healing-policy.js';
import type { HealingMetrics } from './metrics.js';
import { HEALING } from './names.js';
import type { Observation } from './observation.js';
import { type HealingCaches, observe, otherPolicies } from './observe.js';
import type { PolicyMemory } from './policy-memory.js';
import { problemsOf } from './policy-validity.js';
import { keepRecords } from './replacements.js';
import { compileSelector } from './selection.js';
import { type Fault, statusOf, writingOf } from './status.js';
import { timestamp } from './words.js';

/** The caches lag behind a write of this process: milliseconds until another look. A change of the cache comes before. */
export const LAG_MS = 250;
/** Names of Events that a policy remembers; after that it writes them again, and the server says that they are there. */
const MOST_TOLD = 5000;

export interface StepOptions {
  readonly api: KubernetesApi;
  readonly caches: HealingCaches;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly events: EventRecorder;
  /** Between two writes of a status that only says more of single pods, milliseconds. @default 30_000 */
  readonly statusIntervalMs?: number;
  /** @default the one of `decide.ts` */
  readonly decide?: (observation: Observation, policy: HealingPolicy) => Verdict;
}

/** One reconcile of one policy: observe, decide, record, act. `HealingReconciler` says in which order and why. */
export class Step {
  readonly #now: number;
  readonly #before: HealingPolicyStatus | undefined;
  /** Of the policy, after own writes within this reconcile. */
  #version: string;

  constructor(
    private readonly options: StepOptions,
    private readonly metrics: HealingMetrics,
    private readonly memory: PolicyMemory,
    private readonly policy: HealingPolicy,
    private readonly signal: AbortSignal,
  ) {
    this.#now = options.clock.now();
    this.#before = memory.status;
    this.#version = policy.metadata.resourceVersion ?? '';
  }

  async run(): Promise<ReconcileResult> {
    const fault = faultOf(this.policy);
    if (fault !== undefined) {
      this.memory.status = statusOf({ ...this.#facts(), fault, holds: [], rivals: [] });
      return await this.#record();
    }
    const { caches, telemetry, decide = decideHealing } = this.options;
    const policy = withStatus(this.policy, this.memory.status);
    const observation = {
      ...observe(caches, policy, this.memory.inFlight, this.#now),
      refused: this.memory.refused,
    };
    const verdict = decide(observation, policy);
    const decisions = verdict.decisions.map((decision) => this.#checked(decision, observation));
    this.metrics.decided(decisions, this.#before);
    this.metrics.ready(this.#before?.replacements, verdict.memory.replacements);
    const rivals = rivalsOf(caches, policy, observation);
    const facts = { ...this.#facts(), observation, verdict: this.#counted(verdict, decisions), rivals };
    const actions = decisions.filter((decision) => decision.type === 'Replace');
    const holds = decisions.filter((decision) => decision.type === 'Hold');
    const cleans = decisions.filter((decision) => decision.type === 'Clean');
    let again = false;
    let refused = false;
    if (actions.length > 0) {
      const outcome = await telemetry.inSpan(
        NAME.span.act,
        { [NAME.attribute.policy]: keyOf(policy.metadata) },
        async (span) => {
          const { traceId } = span.spanContext();
          const known = /[^0]/.test(traceId) ? traceId : undefined;
          await Promise.all(actions.map((action) => this.#tell(action, known)));
          const records = actions.map((action) => recordOf(action, this.#now, known));
          const next = statusOf({ ...facts, holds, asked: actions.length });
          const planned = { ...next, replacements: keepRecords([...(next.replacements ?? []), ...records]) };
          if (!(await this.#write(planned))) return undefined;
          this.memory.status = planned;
          const carried = await carryOut(actions, {
            ...this.options,
            memory: this.memory,
            metrics: this.metrics,
            before: this.#before,
            now: this.#now,
            signal: this.signal,
          });
          await Promise.all(carried.holds.map((hold) => this.#tell(hold)));
          return carried;
        },
      );
      if (outcome === undefined) return { requeueAfterMs: LAG_MS };
      again = outcome.again;
      refused = outcome.holds.length > 0;
      this.memory.status = {
        ...statusOf({
          ...facts,
          holds: [...holds, ...outcome.holds],
          asked: actions.filter(({ pod }) => this.memory.inFlight.has(pod.uid)).length,
        }),
        workloads: this.memory.status?.workloads ?? [],
        replacements: this.memory.status?.replacements ?? [],
      };
    } else this.memory.status = statusOf({ ...facts, holds });
    await Promise.all(holds.map((hold) => this.#tell(hold)));
    for (const clean of cleans) again = (await this.#clean(clean)) || again;
    const recorded = await this.#record(refused);
    return soonest([
      recorded.requeueAfterMs,
      again ? LAG_MS : undefined,
      verdict.nextLookAt === undefined ? undefined : Math.max(1, verdict.nextLookAt - this.options.clock.now()),
      ...[...this.memory.refused.values()].map(({ until }) => (until > this.#now ? until - this.#now : undefined)),
    ]);
  }

  #facts(): { policy: HealingPolicy; before: HealingPolicyStatus | undefined; now: number } {
    return { policy: this.policy, before: this.#before, now: this.#now };
  }

  /**
   * The last look before anything is done, whatever was decided: no pod twice, none that another policy selects, none under
   * a policy that is paused or only tried.
   */
  #checked(decision: Decision, observation: Observation): Decision {
    if (decision.type === 'Hold') return decision;
    const { pod } = decision;
    const hold = (reason: Hold['reason'], message: string): Hold => ({
      type: 'Hold',
      pod,
      evidence: decision.evidence,
      signalAt: decision.signalAt,
      cause: decision.type === 'Replace' ? decision.cause : 'EssentialContainerExited',
      reason,
      message,
    });
    if (this.memory.inFlight.has(pod.uid) && (decision.type === 'Replace' || pod.deletingSince !== undefined)) {
      return hold('Terminating', 'it was asked for already');
    }
    if (observation.contested.has(keyOf(pod))) return hold('PolicyConflict', 'another policy selects this pod too');
    if (this.policy.spec.paused === true) return hold('Paused', 'spec.paused is true');
    if (this.policy.spec.mode === 'DryRun') return hold('DryRun', 'spec.mode is DryRun');
    return decision;
  }

  /** The verdict's memory counts replacements that are asked for; those that were held since do not count. */
  #counted(verdict: Verdict, decisions: readonly Decision[]): Verdict {
    const asked = new Set(decisions.flatMap((each) => (each.type === 'Replace' ? [each.workload] : [])));
    const dropped = verdict.decisions.flatMap((each, index) =>
      each.type === 'Replace' && decisions[index]?.type === 'Hold' && !asked.has(each.workload) ? [each.workload] : [],
    );
    if (dropped.length === 0) return verdict;
    const workloads = restored(verdict.memory.workloads ?? [], this.#before, new Set(dropped));
    return { ...verdict, memory: { ...verdict.memory, workloads } };
  }

  async #tell(decision: Decision, traceId?: string): Promise<void> {
    const event = eventOf(decision, {
      policy: this.policy,
      now: this.#now,
      ...(traceId === undefined ? {} : { traceId }),
    });
    const { told } = this.memory;
    if (event === undefined || told.has(event.name)) return;
    await this.options.events.record(event);
    if (told.size >= MOST_TOLD) told.clear();
    told.add(event.name);
  }

  /** @returns whether the pod was not as expected, and another look is due */
  async #clean(clean: Clean): Promise<boolean> {
    const { api, log } = this.options;
    await this.#tell(clean);
    const outcome = await act(api, clean, this.#now, this.signal);
    log.info(NAME.log.acted, { pod: keyOf(clean.pod), action: 'Clean', why: clean.why, outcome: outcome.type });
    if (outcome.type === 'unknown') throw outcome.error;
    if (outcome.type === 'done') this.memory.inFlight.set(clean.pod.uid, { at: this.#now, as: 'deleting' });
    return outcome.type === 'stale';
  }

  /**
   * Writes the status if it says something new; what concerns single pods waits for its turn.
   *
   * @param atOnce what the server has says of a pod that it is replaced, and it is not
   */
  async #record(atOnce = false): Promise<ReconcileResult> {
    const { status } = this.memory;
    if (status === undefined) return {};
    const writing = writingOf(this.memory.stored, status);
    if (writing === 'never') return {};
    const due = this.memory.writtenAt + (this.options.statusIntervalMs ?? 30_000) - this.options.clock.now();
    if (writing === 'soon' && due > 0 && !atOnce) return { requeueAfterMs: due };
    return (await this.#write(status)) ? {} : { requeueAfterMs: LAG_MS };
  }

  /**
   * Writes the status of the very version of the policy that was read: somebody who pauses it at this moment is heard. The
   * status is this controller's alone, so its fields are taken from whoever else has written them.
   *
   * @returns false if the policy has changed or is gone
   */
  async #write(status: HealingPolicyStatus): Promise<boolean> {
    const { name, namespace = '', uid = '' } = this.policy.metadata;
    const { memory } = this;
    const body: KubernetesObject & { readonly status: HealingPolicyStatus } = {
      apiVersion: 'tranship.dev/v1',
      kind: 'HealingPolicy',
      metadata: { name, namespace, uid, resourceVersion: this.#version },
      status,
    };
    try {
      const { metadata } = await this.options.api.apply(RESOURCE.healingPolicy, body, {
        fieldManager: HEALING.fieldManager,
        subresource: 'status',
        force: true,
        signal: this.signal,
      });
      this.#version = metadata.resourceVersion ?? '';
      memory.seen = { uid, resourceVersion: this.#version };
      memory.stored = status;
      memory.writtenAt = this.options.clock.now();
      return true;
    } catch (error) {
      if (isApiError(error, 'Conflict', 'NotFound', 'Gone')) return false;
      throw error;
    }
  }
}

function faultOf({ spec }: HealingPolicy): Fault | undefined {
  if (typeof spec !== 'object' || spec === null) return { reason: 'PolicyInvalid', message: 'spec is missing' };
  const selects = compileSelector(spec.selector);
  if (typeof selects !== 'function') return selects;
  const problems = problemsOf(spec);
  return problems.length === 0 ? undefined : { reason: 'PolicyInvalid', message: problems.join('; ').slice(0, 1024) };
}

function withStatus(policy: HealingPolicy, status: HealingPolicyStatus | undefined): HealingPolicy {
  const { status: _, ...rest } = policy;
  return status === undefined ? rest : { ...rest, status };
}

function rivalsOf(caches: HealingCaches, policy: HealingPolicy, { pods, contested }: Observation): readonly string[] {
  if (contested.size === 0) return [];
  return otherPolicies(caches, policy)
    .filter(({ selects }) => pods.some(({ labels }) => selects(labels)))
    .map(({ name }) => name)
    .toSorted();
}

function recordOf(action: Replace, now: number, traceId: string | undefined): ReplacementRecord {
  const { pod, workload, cause, evidence, signalAt } = action;
  return {
    pod: pod.name,
    uid: pod.uid,
    workload,
    revision: pod.revision,
    ...(pod.node === undefined ? {} : { node: pod.node }),
    cause,
    evidence,
    action: action.action,
    signalAt: timestamp(signalAt),
    decidedAt: timestamp(now),
    ...(traceId === undefined ? {} : { traceId }),
  };
}

function soonest(times: readonly (number | undefined)[]): ReconcileResult {
  const [first] = times.filter((time) => time !== undefined).toSorted((a, b) => a - b);
  return first === undefined ? {} : { requeueAfterMs: first };
}
