import type { Clean } from './decision.js';
import type { ReplacementRecord } from './healing-policy.js';
import type { ObservedPod } from './observation.js';
import { type Scene, workloadOf } from './scene.js';
import { duration, milliseconds } from './words.js';

/** Removals in one verdict: a hot loop may have left thousands of pods, and the next verdict goes on. */
const MOST_AT_ONCE = 50;

/** What to remove now, and when there will be more. */
export interface CleanUp {
  readonly cleans: readonly Clean[];
  /** Milliseconds. */
  readonly nextAt?: number;
}

/**
 * Pods that ended and that their ReplicaSet has replaced: the newest of each workload stay for a look, and none for longer
 * than `failedPods.keepSeconds`. Other owners remove such pods themselves, or count them, as Jobs do.
 */
export function endedPods(ended: readonly ObservedPod[], scene: Scene): CleanUp {
  const { now, settings } = scene;
  const ranks = new Map<string, number>();
  const cleans: Clean[] = [];
  const later: number[] = [];
  const newestFirst = ended
    .flatMap((pod) => (pod.owner?.kind === 'ReplicaSet' ? [{ pod, at: endOf(pod) }] : []))
    .sort((a, b) => b.at - a.at || (a.pod.name < b.pod.name ? -1 : 1));
  for (const { pod, at } of newestFirst) {
    const workload = workloadOf(pod, scene)?.id;
    if (workload === undefined) continue;
    const rank = ranks.get(workload) ?? 0;
    ranks.set(workload, rank + 1);
    const over = at + settings.failedPods.keepFor;
    const words = `the pod ended ${duration(now - at)} ago${pod.reason === undefined ? '' : ` (${pod.reason})`}`;
    if (rank >= settings.failedPods.keep || over <= now)
      cleans.push({
        type: 'Clean',
        why: 'FailedPod',
        pod,
        evidence: `${words}, and ${rank} newer ones are kept`,
        signalAt: at,
      });
    else later.push(over);
  }
  const more = cleans.length > MOST_AT_ONCE ? [now + 1000] : [];
  const nextAt = [...later, ...more].reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return { cleans: cleans.slice(0, MOST_AT_ONCE), ...(Number.isFinite(nextAt) ? { nextAt } : {}) };
}

function endOf(pod: ObservedPod): number {
  return Math.max(pod.createdAt, ...pod.containers.flatMap(({ lastExit }) => lastExit?.finishedAt ?? []));
}

/**
 * Pods in quarantine whose time is over: those kept for inspection after `quarantine.keepSeconds`; those that only waited
 * for their replacement, to be there if it fails, when it is Ready.
 */
export function quarantineOver(
  quarantined: readonly ObservedPod[],
  records: readonly ReplacementRecord[],
  { now, settings }: Scene,
): CleanUp {
  const inspected = inspectedOf(quarantined, records, settings.quarantine);
  const cleans: Clean[] = [];
  const later: number[] = [];
  for (const pod of quarantined) {
    const since = pod.quarantinedAt ?? pod.createdAt;
    const record = recordOf(pod, records);
    const readyAt = inspected.has(pod.uid) ? undefined : milliseconds(record?.readyAt);
    const over = since + settings.quarantine.keep;
    if (readyAt === undefined && over > now) {
      later.push(over);
      continue;
    }
    const evidence =
      readyAt === undefined
        ? `in quarantine for ${duration(now - since)}, of ${duration(settings.quarantine.keep)}`
        : `its replacement ${record?.replacement ?? ''} is Ready`;
    cleans.push({ type: 'Clean', why: 'QuarantineOver', pod, evidence, signalAt: readyAt ?? over });
  }
  return { cleans, ...(later.length === 0 ? {} : { nextAt: Math.min(...later) }) };
}

/** Uids of the pods kept for inspection: the first ones whose cause asks for it, as many as the policy keeps. */
export function inspectedOf(
  quarantined: readonly ObservedPod[],
  records: readonly ReplacementRecord[],
  { causes, maxPods }: Scene['settings']['quarantine'],
): ReadonlySet<string> {
  const kept = quarantined
    .filter((pod) => {
      const record = recordOf(pod, records);
      return record === undefined || causes.has(record.cause);
    })
    .sort((a, b) => (a.quarantinedAt ?? 0) - (b.quarantinedAt ?? 0) || (a.uid < b.uid ? -1 : 1));
  return new Set(kept.slice(0, maxPods).map(({ uid }) => uid));
}

function recordOf(pod: ObservedPod, records: readonly ReplacementRecord[]): ReplacementRecord | undefined {
  return records.find(({ uid, action }) => uid === pod.uid && action === 'Quarantine');
}
