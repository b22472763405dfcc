import { budgetOf } from './budget.js';
import { type CleanUp, endedPods, inspectedOf, quarantineOver } from './clean-up.js';
import type { Decision, Hold, Verdict } from './decision.js';
import { Docket } from './docket.js';
import type { HealingPolicy, HoldReason, ReplacementRecord } from './healing-policy.js';
import { avoidedNodes, failedOn, historyOf, recoversAt, written } from './memory.js';
import type { Observation, ObservedPod } from './observation.js';
import { problemsOf } from './policy-validity.js';
import { isActive, keepRecords, settle } from './replacements.js';
import { hasEnded, keyOfPod, type Scene, type Signal, workloadOf } from './scene.js';
import { compileSelector } from './selection.js';
import { settingsOf } from './settings.js';
import { findingOf, isFailure } from './signals/signals.js';
import { stormOf } from './storm-guard.js';
import type { History } from './throttle.js';
import { milliseconds } from './words.js';

/**
 * What to do about the pods of a policy: a function of what is seen, the policy with the memory in its status, and the
 * time. It never acts on a pod that the policy does not select, that another one selects too, that has no owner which would
 * start another one, or that is terminating.
 *
 * @param observation as new as the controller's own writes
 * @param policy its `status` is the memory; write `memory` there before acting, so that new pods avoid the failed nodes
 * @param now milliseconds since 1970. @default - the time of the observation
 * @returns at most one decision a pod, ordered by pod name
 * @example
 * const { decisions, memory, nextLookAt } = decide(observation, policy);
 */
export function decide(observation: Observation, policy: HealingPolicy, now: number = observation.now): Verdict {
  const problems = problemsOf(policy.spec);
  const spec = problems.length === 0 ? policy.spec : { selector: policy.spec.selector ?? {} };
  const since = milliseconds(policy.metadata.creationTimestamp) ?? Number.NEGATIVE_INFINITY;
  const selects = compileSelector(policy.spec.selector);
  const scene: Scene = { now, observation, settings: settingsOf(spec), since };
  const pods = [...observation.pods].filter((pod) => typeof selects !== 'function' || selects(pod.labels)).sort(byName);
  const findings = new Map(pods.map((pod) => [pod, isActive(pod) ? findingOf(pod, scene) : {}]));
  const records = settle(policy.status, pods, scene);
  const podsOf = Map.groupBy(pods, (pod) => workloadOf(pod, scene)?.id);
  const workloads = [...podsOf.keys()]
    .flatMap((id) => (id === undefined ? [] : (observation.workloads.get(id) ?? [])))
    .sort((a, b) => compare(a.id, b.id));
  const histories = new Map(
    workloads.map((workload): [string, History] => [
      workload.id,
      historyOf(workload, policy.status, records, podsOf.get(workload.id) ?? [], scene),
    ]),
  );
  const budget = budgetOf(pods, records, scene);
  const active = pods.filter(isActive);
  const unhealthy = active.filter((pod) => !pod.ready && isFailing(findings.get(pod)?.signal)).length;
  const quarantined = pods.filter((pod) => pod.quarantinedAt !== undefined && isFree(pod, scene) && !hasEnded(pod));
  const docket = new Docket(scene, {
    records,
    histories,
    budget,
    storm: stormOf(unhealthy, active.length, scene),
    inspected: inspectedOf(quarantined, records, scene.settings.quarantine).size,
  });

  const decisions: Decision[] = [];
  for (const pod of pods) {
    const decision = firstRung(pod, findings.get(pod)?.signal, { scene, problems, records });
    if (decision === 'candidate') docket.add(pod, findings.get(pod)?.signal);
    else if (decision !== undefined) decisions.push(decision);
  }
  decisions.push(...docket.settle());

  const idle = problems.length > 0 || scene.settings.dryRun || scene.settings.paused;
  const cleanUps: readonly CleanUp[] = idle
    ? []
    : [
        endedPods(
          pods.filter((pod) => hasEnded(pod) && isFree(pod, scene)),
          scene,
        ),
        quarantineOver(quarantined, records, scene),
      ];
  decisions.push(...cleanUps.flatMap(({ cleans }) => cleans));

  const failed = [...failedOn(records), ...docket.failedOn()];
  const memories = workloads.flatMap((workload) => {
    const history = docket.historyOf(workload);
    const avoid = avoidedNodes(workload.id, policy.status, failed, scene);
    return written(workload.id, history, avoid, records, scene) ?? [];
  });
  const nextLookAt = earliest(now, [
    ...[...findings.values()].map(({ nextAt }) => nextAt),
    ...decisions.map((decision) => (decision.type === 'Hold' ? decision.retryAt : undefined)),
    ...cleanUps.map(({ nextAt }) => nextAt),
    ...memories.flatMap(({ avoidNodes }) => avoidNodes.map(({ until }) => milliseconds(until))),
    ...workloads
      .filter((workload) => isTroubled(docket.historyOf(workload)))
      .map((workload) =>
        recoversAt(workload, docket.historyOf(workload).restarts, podsOf.get(workload.id) ?? [], scene),
      ),
  ]);
  return {
    decisions: decisions.sort((a, b) => byName(a.pod, b.pod)),
    memory: {
      workloads: memories,
      replacements: keepRecords(records),
      pods: {
        selected: active.length,
        ready: active.filter(({ ready }) => ready).length,
        unhealthy,
        replacing: budget.replacing,
      },
    },
    ...(nextLookAt === undefined ? {} : { nextLookAt }),
  };
}

/** The rungs that look at the pod alone. What is left is a candidate, for which budget, storm and throttle are asked. */
function firstRung(
  pod: ObservedPod,
  signal: Signal | undefined,
  context: {
    readonly scene: Scene;
    readonly problems: readonly string[];
    readonly records: readonly ReplacementRecord[];
  },
): Hold | 'candidate' | undefined {
  const { scene, problems, records } = context;
  const { now, observation } = scene;
  if (!isActive(pod) || signal === undefined) return undefined;
  const hold = (reason: HoldReason, message: string, retryAt?: number): Hold => ({
    type: 'Hold',
    pod,
    cause: signal.cause,
    evidence: signal.evidence,
    signalAt: signal.signalAt,
    reason,
    message,
    ...(retryAt === undefined ? {} : { retryAt }),
  });
  const [problem] = problems;
  if (problem !== undefined) return hold('PolicyInvalid', problem);
  if (observation.contested.has(keyOfPod(pod)))
    return hold('PolicyConflict', 'another HealingPolicy selects this pod too: change one of the selectors');
  const workload = workloadOf(pod, scene);
  if (pod.owner === undefined) return hold('NoOwner', 'the pod has no controller that would start another one');
  if (workload === undefined)
    return hold('NoOwner', `it is not known that ${pod.owner.kind}/${pod.owner.name} would start another one`);
  if (workload.desired === 0) return undefined;
  const acted = records.find(({ uid, actedAt }) => uid === pod.uid && actedAt !== undefined);
  if (acted !== undefined) return hold('Terminating', `replaced at ${acted.actedAt ?? ''}; the pod is still to go`);
  const refused = observation.refused?.get(pod.uid);
  if (refused !== undefined && refused.until > now) return hold(refused.reason, refused.message, refused.until);
  if (signal.hold !== undefined) return hold(signal.hold.reason, signal.hold.message, later(signal.hold.retryAt, now));
  if (signal.dueAt > now) {
    const finite = Number.isFinite(signal.dueAt) ? signal.dueAt : undefined;
    return hold(
      'WaitingForTolerance',
      finite === undefined ? 'since when is not known' : 'it may pass by itself',
      finite,
    );
  }
  return 'candidate';
}

/** A pod that may be removed: nobody else's, and not on its way out already. */
function isFree(pod: ObservedPod, { observation }: Scene): boolean {
  return pod.deletingSince === undefined && !observation.contested.has(keyOfPod(pod));
}

function isFailing(signal: Signal | undefined): boolean {
  return signal !== undefined && isFailure(signal.cause);
}

function isTroubled({ failures, endedAt }: History): boolean {
  return failures > 0 || endedAt !== undefined;
}

function earliest(now: number, times: readonly (number | undefined)[]): number | undefined {
  const next = times.filter((time) => time !== undefined).reduce((a, b) => (b > now ? Math.min(a, b) : a), Infinity);
  return Number.isFinite(next) ? next : undefined;
}

function later(time: number | undefined, now: number): number | undefined {
  return time !== undefined && time > now ? time : undefined;
}

function byName(a: ObservedPod, b: ObservedPod): number {
  return compare(a.namespace, b.namespace) || compare(a.name, b.name) || compare(a.uid, b.uid);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
