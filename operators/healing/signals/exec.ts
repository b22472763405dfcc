import type { Detector } from '../scene.js';
import { duration } from '../words.js';

/** Somebody was in the pod, or added a container to debug it: it is not what was deployed any more. */
export const exec: Detector = (pod, { now, settings }) => {
  if (settings.exec === undefined || (pod.execAt === undefined && pod.ephemeralContainers === 0)) return undefined;
  const times = [pod.execAt, pod.ephemeralSince].filter((time) => time !== undefined);
  const signalAt = times.length === 0 ? undefined : Math.min(...times);
  const what =
    pod.execAt === undefined
      ? `${pod.ephemeralContainers} ephemeral container(s) added`
      : `exec or attach ${duration(now - pod.execAt)} ago`;
  return {
    cause: 'Exec',
    evidence: `the pod was changed from within: ${what}`,
    signalAt: signalAt ?? now,
    dueAt: signalAt === undefined ? Number.POSITIVE_INFINITY : signalAt + settings.exec.after,
  };
};
