import type { HealingPolicyStatus, ReplacementRecord } from './healing-policy.js';
import type { ObservedPod } from './observation.js';
import { hasEnded, type Scene, workloadOf } from './scene.js';
import { milliseconds, timestamp } from './words.js';

/** The status keeps so many; more cannot be under way at a time either, since none of those may be forgotten. */
export const MAXIMUM_RECORDS = 20;

/** Creation times are whole seconds of the server's clock; this much may it differ from ours. */
const CLOCK_SLACK_MS = 2000;

/** A record that says that the pod was taken down: its times as milliseconds. */
export interface Acted {
  readonly record: ReplacementRecord;
  readonly at: number;
  readonly signalAt: number;
}

/** Records of what was done, oldest first. One without `actedAt` was decided only: it counts as nothing. */
export function actedOf(records: readonly ReplacementRecord[] | undefined): readonly Acted[] {
  return (records ?? [])
    .flatMap((record): Acted[] => {
      const at = milliseconds(record.actedAt);
      return at === undefined ? [] : [{ record, at, signalAt: milliseconds(record.signalAt) ?? at }];
    })
    .sort((a, b) => a.at - b.at);
}

/** A pod that does its work or is on its way to it: not ended, not terminating, not set aside. */
export function isActive(pod: ObservedPod): boolean {
  return !hasEnded(pod) && pod.deletingSince === undefined && pod.quarantinedAt === undefined;
}

/**
 * Brings the records up to date with what is seen: which pod came in place of the replaced one, where, and since when it is
 * Ready. Each new pod stands for one record, the older ones first.
 *
 * Where no pod can be matched (clocks differ, the workload was scaled down), the record ends when its workload misses
 * none: no replacement is under way for ever.
 */
export function settle(
  status: HealingPolicyStatus | undefined,
  pods: readonly ObservedPod[],
  scene: Scene,
): readonly ReplacementRecord[] {
  const records = status?.replacements ?? [];
  if (records.length === 0) return records;
  const acted = new Set(actedOf(records).map(({ record }) => record.uid));
  const present = pods.filter((pod) => isActive(pod) && !acted.has(pod.uid));
  const byWorkload = Map.groupBy(present, (pod) => workloadOf(pod, scene)?.id);
  const ready = new Map([...byWorkload].map(([id, each]) => [id, each.filter((pod) => pod.ready).length]));
  const claimed = new Set<string>();
  for (const { record } of actedOf(records))
    if (record.replacement !== undefined && record.readyAt !== undefined)
      claimed.add(`${record.workload} ${record.replacement}`);
  const superseded = supersededOf(records);
  return records.map((record) => {
    const asked = milliseconds(record.decidedAt);
    const workload = scene.observation.workloads.get(record.workload);
    const isOver = record.actedAt === undefined || record.readyAt !== undefined || superseded.has(record);
    if (isOver || asked === undefined || workload === undefined) return record;
    const candidates = byWorkload.get(record.workload) ?? [];
    const free = candidates
      .filter((pod) => pod.createdAt >= asked - CLOCK_SLACK_MS && !claimed.has(`${record.workload} ${pod.name}`))
      .sort((a, b) => a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1));
    const found = free.find((pod) => pod.name === record.replacement) ?? free[0];
    const whole = (ready.get(record.workload) ?? 0) >= workload.desired;
    if (found === undefined) {
      const { replacement: _, replacementNode: __, ...unmatched } = record;
      return whole ? { ...unmatched, readyAt: timestamp(scene.now) } : unmatched;
    }
    claimed.add(`${record.workload} ${found.name}`);
    const next = {
      ...record,
      replacement: found.name,
      ...(found.node === undefined ? {} : { replacementNode: found.node }),
    };
    if (found.ready) return { ...next, readyAt: timestamp(found.readySince ?? scene.now) };
    return whole ? { ...next, readyAt: timestamp(scene.now) } : next;
  });
}

/**
 * Replacements under way: asked for, and the new pod not Ready. One whose new pod was replaced in its turn has ended: the
 * later record stands for both. One whose workload is gone has nothing to wait for.
 */
export function underWay(records: readonly ReplacementRecord[], scene: Scene): readonly ReplacementRecord[] {
  const superseded = supersededOf(records);
  return actedOf(records).flatMap(({ record }) =>
    record.readyAt === undefined && !superseded.has(record) && scene.observation.workloads.has(record.workload)
      ? [record]
      : [],
  );
}

function supersededOf(records: readonly ReplacementRecord[]): ReadonlySet<ReplacementRecord> {
  const acted = actedOf(records);
  const superseded = acted.filter(({ record, at }) =>
    acted.some(
      (later) =>
        later.at >= at &&
        later.record.uid !== record.uid &&
        later.record.workload === record.workload &&
        later.record.pod === record.replacement,
    ),
  );
  return new Set(superseded.map(({ record }) => record));
}

/**
 * The records that stay in the status, at most 20, oldest first: those under way before those that are over, and of these
 * the newest. The controller calls it after it has added the records of what it did.
 *
 * @example `keepRecords([...verdict.memory.replacements, record])`
 */
export function keepRecords(records: readonly ReplacementRecord[]): readonly ReplacementRecord[] {
  const over = records.filter(({ readyAt }) => readyAt !== undefined);
  const dropped = new Set(over.slice(0, Math.max(0, records.length - MAXIMUM_RECORDS)));
  return records.filter((record) => !dropped.has(record)).slice(-MAXIMUM_RECORDS);
}
