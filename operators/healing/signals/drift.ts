import type { ObservedContainer, ObservedPod, ObservedWorkload } from '../observation.js';
import { type Detector, type Scene, workloadOf } from '../scene.js';
import { quoted } from '../words.js';

/**
 * Image, command, arguments or environment of a container differ from the owner's template, although the pod is of that
 * template's revision: somebody changed the pod itself.
 */
export const drift: Detector = (pod, scene) => {
  const workload = workloadOf(pod, scene);
  for (const container of pod.containers) {
    const wanted = driftOf(pod, container, workload, scene);
    if (wanted === undefined) continue;
    const changed =
      wanted.image === container.image
        ? `container ${container.name} has another command or environment than its template`
        : `container ${container.name} runs image ${quoted(container.image)}, its template says ${quoted(wanted.image)}`;
    const signalAt = Math.min(scene.now, container.runningSince ?? container.lastExit?.finishedAt ?? scene.now);
    return { cause: 'Drift', evidence: changed, signalAt, dueAt: signalAt };
  }
  return undefined;
};

/**
 * What the template says of a container that was changed after the pod was made; undefined where nothing was.
 *
 * A pod that never changed (generation 1) shows what admission made of the template: what it shares with this one is no drift.
 */
export function driftOf(
  pod: ObservedPod,
  container: ObservedContainer,
  workload: ObservedWorkload | undefined,
  { settings, observation }: Scene,
): { readonly image: string; readonly configDigest: string } | undefined {
  if (!settings.drift || workload === undefined || pod.generation <= 1 || pod.revision !== workload.revision)
    return undefined;
  const wanted = workload.template.get(container.name);
  if (wanted === undefined || same(wanted, container)) return undefined;
  const admitted = observation.pods.some(
    (other) =>
      other.generation === 1 &&
      other.revision === pod.revision &&
      other.owner?.uid === pod.owner?.uid &&
      other.containers.some((twin) => twin.name === container.name && same(twin, container)),
  );
  return admitted ? undefined : wanted;
}

function same(
  a: { readonly image: string; readonly configDigest: string },
  b: { readonly image: string; readonly configDigest: string },
): boolean {
  return a.image === b.image && a.configDigest === b.configDigest;
}
