import type { ReplacementRecord } from './healing-policy.js';
import type { ObservedPod } from './observation.js';
import { actedOf } from './replacements.js';
import type { Scene } from './scene.js';
import type { Settings } from './settings.js';
import { milliseconds } from './words.js';

/** What is known of the replacements of one workload revision; times are milliseconds. */
export interface History {
  readonly revision: string;
  /** Replacements whose new pod failed as well, in a row. */
  readonly failures: number;
  /** Of failed pods, oldest first. */
  readonly restarts: readonly number[];
  /** Healing of this revision is over since. */
  readonly endedAt?: number;
}

/**
 * The delay after the latest replacement: doubles with each new pod that failed as well.
 *
 * Source: ECS service throttle logic, whose delay ends at 27 minutes too.
 * @example initial 10 s: 10, 20, 40 s …
 */
export function delayOf(failures: number, { throttle }: Settings): number {
  return Math.min(throttle.maximum, throttle.initial * 2 ** Math.min(failures, 30));
}

/** When the next replacement of a workload is allowed, if new pods of it fail. */
export function notBefore({ failures, restarts }: History, settings: Settings): number | undefined {
  const latest = restarts.at(-1);
  return latest === undefined ? undefined : latest + delayOf(failures, settings);
}

/** Whether one more replacement would be more than restart intensity allows. Source: Erlang/OTP supervisor, MaxR in MaxT. */
export function exceedsIntensity({ restarts }: History, { now, settings }: Scene): boolean {
  if (settings.crashLoop === undefined) return false;
  const { maxRestarts, period } = settings.crashLoop;
  return restarts.filter((at) => at > now - period).length >= maxRestarts;
}

/**
 * Whether a pod that failed had itself come in place of a failed one shortly before: then the fault is not the pod's alone.
 *
 * @param signalAt when it failed
 */
export function isRepeated(
  pod: Pick<ObservedPod, 'name' | 'uid'>,
  signalAt: number,
  workload: string,
  records: readonly ReplacementRecord[],
  { throttle }: Settings,
): boolean {
  return actedOf(records).some(
    ({ record, at }) =>
      record.workload === workload &&
      record.replacement === pod.name &&
      record.uid !== pod.uid &&
      at <= signalAt + CLOCK_SLACK_MS &&
      signalAt - (milliseconds(record.readyAt) ?? at) < throttle.resetAfter,
  );
}

/** The server's clock, which tells when a pod failed, may be so far behind ours. */
const CLOCK_SLACK_MS = 2000;
