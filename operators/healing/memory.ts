import type { Cause, HealingPolicyStatus, ReplacementRecord, WorkloadMemory } from './healing-policy.js';
import type { ObservedPod, ObservedWorkload } from './observation.js';
import { actedOf, isActive, type Acted } from './replacements.js';
import type { Scene } from './scene.js';
import { isFailure } from './signals/signals.js';
import { type History, isRepeated, notBefore } from './throttle.js';
import { milliseconds, timestamp } from './words.js';

const MAXIMUM_NODES = 16;

/** Whether a replacement for this cause says that the workload itself is at fault; a dead node says nothing of its pods. */
export function countsAgainstWorkload(cause: Cause): boolean {
  return isFailure(cause) && cause !== 'UnhealthyNode';
}

/**
 * What is remembered of a workload's revision, brought up to date with the records of what was done. Each record is
 * counted once: those not newer than the newest that was counted were counted before.
 *
 * A new revision starts anew, and so does one whose pods have all been Ready for `throttle.resetAfterSeconds`.
 *
 * @param pods of the workload
 */
export function historyOf(
  workload: ObservedWorkload,
  status: HealingPolicyStatus | undefined,
  records: readonly ReplacementRecord[],
  pods: readonly ObservedPod[],
  scene: Scene,
): History {
  const stored = status?.workloads?.find((memory) => memory.workload === workload.id);
  const known = stored?.revision === workload.revision ? stored : undefined;
  const counted = (known?.restarts ?? []).flatMap((text) => milliseconds(text) ?? []).sort((a, b) => a - b);
  const fresh = uncounted(workload, records, counted);
  const repeated = fresh.filter(({ record, signalAt }) =>
    isRepeated({ name: record.pod, uid: record.uid }, signalAt, workload.id, records, scene.settings),
  );
  const endedAt = milliseconds(known?.endedAt);
  const restarts = [...counted, ...fresh.map(({ at }) => at)];
  if (hasRecovered(workload, restarts, pods, scene))
    return { revision: workload.revision, failures: 0, restarts: restarts.slice(-1) };
  const period = scene.settings.crashLoop?.period ?? 0;
  return {
    revision: workload.revision,
    failures: Math.max(0, Math.trunc(known?.failures ?? 0)) + repeated.length,
    // The newest one stays however old it is: it says which records were counted.
    restarts: restarts.filter((at, index) => at > scene.now - period || index === restarts.length - 1).slice(-100),
    ...(endedAt === undefined ? {} : { endedAt }),
  };
}

/** What is known of a revision that is not wanted any more, but whose pods are still there: from the records alone. */
export function historyOfRecords(workload: string, revision: string, records: readonly ReplacementRecord[]): History {
  const restarts = actedOf(records)
    .filter(
      ({ record }) =>
        record.workload === workload && record.revision === revision && countsAgainstWorkload(record.cause),
    )
    .map(({ at }) => at);
  return { revision, failures: Math.max(0, restarts.length - 1), restarts };
}

function uncounted(
  workload: ObservedWorkload,
  records: readonly ReplacementRecord[],
  counted: readonly number[],
): readonly Acted[] {
  const newest = counted.at(-1) ?? Number.NEGATIVE_INFINITY;
  let atNewest = counted.filter((at) => at === newest).length;
  return actedOf(records).filter(({ record, at }) => {
    if (record.workload !== workload.id || record.revision !== workload.revision) return false;
    if (!countsAgainstWorkload(record.cause) || at < newest) return false;
    if (at > newest) return true;
    atNewest -= 1;
    return atNewest < 0;
  });
}

/**
 * When the workload would be forgotten if all stays as it is: all its pods wanted are Ready since long enough.
 *
 * @param pods of the workload
 */
export function recoversAt(
  workload: ObservedWorkload,
  restarts: readonly number[],
  pods: readonly ObservedPod[],
  scene: Scene,
): number | undefined {
  const own = pods.filter(isActive);
  const ready = own.filter((pod) => pod.ready);
  if (ready.length < workload.desired || ready.length < own.length) return undefined;
  const times = [...ready.map((pod) => pod.readySince ?? scene.now), ...restarts.slice(-1)];
  return Math.max(...times) + scene.settings.throttle.resetAfter;
}

function hasRecovered(
  workload: ObservedWorkload,
  restarts: readonly number[],
  pods: readonly ObservedPod[],
  scene: Scene,
): boolean {
  const at = recoversAt(workload, restarts, pods, scene);
  return at !== undefined && at <= scene.now;
}

/** A node that failed a pod of a workload, and when. */
export interface FailedOn {
  readonly workload: string;
  readonly node: string;
  readonly at: number;
}

/**
 * Nodes that replacements of a workload should avoid, and until when. Never all nodes that take pods: the ones that failed
 * longest ago are forgotten first.
 */
export function avoidedNodes(
  workload: string,
  status: HealingPolicyStatus | undefined,
  failed: readonly FailedOn[],
  { now, settings, observation }: Scene,
): WorkloadMemory['avoidNodes'] {
  if (settings.avoidNode === 0) return [];
  const until = new Map<string, number>();
  const stored = status?.workloads?.find((memory) => memory.workload === workload)?.avoidNodes ?? [];
  const add = (node: string, time: number): void => void until.set(node, Math.max(time, until.get(node) ?? 0));
  for (const { node, until: text } of stored) add(node, milliseconds(text) ?? 0);
  for (const each of failed) if (each.workload === workload) add(each.node, each.at + settings.avoidNode);
  const avoided = [...until]
    .filter(([, time]) => time > now)
    .sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
    .slice(-MAXIMUM_NODES);
  const usable = [...observation.nodes.values()].filter(({ ready, unschedulable }) => ready && !unschedulable);
  while (avoided.length > 0 && usable.every(({ name }) => avoided.some(([node]) => node === name))) avoided.shift();
  return avoided.map(([node, time]) => ({ node, until: timestamp(time) }));
}

/** Nodes of replaced pods that failed there, from the records. */
export function failedOn(records: readonly ReplacementRecord[]): readonly FailedOn[] {
  return actedOf(records).flatMap(({ record, at }) =>
    record.node === undefined || !isFailure(record.cause) ? [] : [{ workload: record.workload, node: record.node, at }],
  );
}

/** A workload's part of the status; undefined when there is nothing to remember. */
export function written(
  workload: string,
  history: History,
  avoidNodes: WorkloadMemory['avoidNodes'],
  records: readonly ReplacementRecord[],
  { now, settings }: Scene,
): WorkloadMemory | undefined {
  const { endedAt, failures, restarts, revision } = history;
  const period = settings.crashLoop?.period ?? 0;
  const needed =
    failures > 0 ||
    endedAt !== undefined ||
    avoidNodes.length > 0 ||
    restarts.some((at) => at > now - period) ||
    (restarts.length > 0 && records.some((record) => record.workload === workload));
  if (!needed) return undefined;
  const next = notBefore(history, settings);
  return {
    workload,
    revision,
    failures,
    restarts: restarts.map(timestamp),
    ...(next === undefined || next <= now ? {} : { notBefore: timestamp(next) }),
    ...(endedAt === undefined ? {} : { endedAt: timestamp(endedAt) }),
    avoidNodes,
  };
}
