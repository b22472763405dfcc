import type { Detector } from '../scene.js';
import { duration } from '../words.js';

/** The pod is older than pods may get. It is no signal before: `agesAt` says when it will be. */
export const maximumAge: Detector = (pod, scene) => {
  const at = agesAt(pod, scene);
  if (at === undefined || at > scene.now) return undefined;
  const evidence = `the pod is ${duration(scene.now - pod.createdAt)} old, of at most ${duration(at - pod.createdAt)}`;
  return { cause: 'MaximumAge', evidence, signalAt: at, dueAt: at };
};

/** When a pod reaches its maximum age, milliseconds. */
export function agesAt(
  pod: { readonly createdAt: number },
  { settings }: { readonly settings: { readonly maximumAge: number | undefined } },
): number | undefined {
  return settings.maximumAge === undefined ? undefined : pod.createdAt + settings.maximumAge;
}
