import type { ContainerExit, ObservedContainer, ObservedPod } from './observation.js';
import type { Scene } from './scene.js';
import { duration } from './words.js';

/** The kubelet starts a container again well within this, or says that it waits. One that merely stays ended stays so. */
const RESTART_IN_PLACE_MS = 60_000;

/** An essential container that ended, and what ECS would make of it. */
export interface EssentialExit {
  readonly container: ObservedContainer;
  readonly exit: ContainerExit;
  /** Why ECS restarts it in place; undefined when ECS ends the task. */
  readonly allowed?: string;
  /** Milliseconds; when an end that ECS restarts in place is an end for good. */
  readonly retryAt?: number;
}

/**
 * Essential containers of a pod that ended: they are down now, or were started again in place.
 *
 * ECS restarts a container with a restart policy in place, unless its exit code is ignored or it ran shorter than the
 * attempt period. Then, and without a policy, the end of an essential container ends the task. A container that ECS would
 * have restarted too, and that runs again, is not listed.
 *
 * Source: amazon-ecs-agent agent/api/container/restart/restart_tracker.go; ECS API `ContainerRestartPolicy`.
 */
export function essentialExits(
  pod: ObservedPod,
  { now, since }: Pick<Scene, 'now' | 'since'>,
): readonly EssentialExit[] {
  return pod.containers.flatMap((container): EssentialExit[] => {
    const exit = container.lastExit;
    if (exit === undefined || !pod.essential.includes(container.name)) return [];
    const runs = container.state === 'running';
    if (runs && (container.restartCount === 0 || exit.finishedAt < since)) return [];
    const allowed = allowance(pod, container.name, exit);
    if (allowed === undefined) return [{ container, exit }];
    if (runs) return [];
    const retryAt = exit.finishedAt + RESTART_IN_PLACE_MS;
    if (container.state !== 'terminated') return [{ container, exit, allowed }];
    return now < retryAt ? [{ container, exit, allowed, retryAt }] : [{ container, exit }];
  });
}

function allowance(pod: ObservedPod, name: string, exit: ContainerExit): string | undefined {
  const policy = pod.restartPolicies.get(name);
  if (policy === undefined || policy.ignoredExitCodes.includes(exit.exitCode)) return undefined;
  const ran = exit.finishedAt - (exit.startedAt ?? Number.NEGATIVE_INFINITY);
  if (ran < policy.attemptPeriodSeconds * 1000) return undefined;
  const after = Number.isFinite(ran) ? `it ran ${duration(ran)}` : 'how long it ran is not known';
  return `its restart policy lets it start again in place: ${after}, and the policy asks for ${duration(policy.attemptPeriodSeconds * 1000)}`;
}

/** One sentence of an end. @example `container app exited with 137 (OOMKilled) after 42 s` */
export function describeExit(container: ObservedContainer, exit: ContainerExit): string {
  const reason = exit.reason === undefined || exit.reason === 'Error' ? '' : ` (${exit.reason})`;
  const ran = exit.startedAt === undefined ? '' : ` after ${duration(exit.finishedAt - exit.startedAt)}`;
  const now =
    container.state === 'running'
      ? `, and was started again in place (restart ${container.restartCount})`
      : container.waitingReason === undefined
        ? ''
        : `, and waits (${container.waitingReason})`;
  return `container ${container.name} exited with ${exit.exitCode}${reason}${ran}${now}`;
}

/** Whether the container never came to run: the end is of an attempt to start it. */
export function neverRan(exit: ContainerExit): boolean {
  return exit.reason === 'StartError' || exit.reason === 'ContainerCannotRun';
}

/**
 * Whether a container that is started again in place was probably killed for its liveness probe. The kubelet leaves no
 * trace of why, but SIGTERM comes from it alone; SIGKILL may come from anywhere, and is not taken for it.
 */
export function endedByProbe(pod: ObservedPod, container: ObservedContainer, exit: ContainerExit): boolean {
  const asked = exit.exitCode === 143 || exit.signal === 15;
  return asked && container.state !== 'terminated' && pod.replaceUnhealthy.includes(container.name);
}
