import type { Cause } from './healing-policy.js';
import type { ObservedContainer, ObservedPod } from './observation.js';
import { neverRan } from './restart-policy.js';
import type { Scene, Signal } from './scene.js';
import { quoted } from './words.js';

/** What the kubelet says of a container that it cannot start. */
interface Refusal {
  readonly container: ObservedContainer;
  readonly reason: string;
  readonly message: string;
}

/**
 * A pod that cannot start for one of some reasons: replaced elsewhere after a while where the reason may pass, only
 * reported where it is the same on every node and at every time.
 *
 * It looks at essential containers, and at all of them while an essential one still waits for others to start first.
 */
export function cannotStart(
  pod: ObservedPod,
  { settings }: Scene,
  kind: {
    readonly cause: Cause;
    readonly reasons: ReadonlySet<string>;
    readonly isTerminal: (refusal: Refusal) => boolean;
    /** What to do when it is terminal. */
    readonly todo: string;
  },
): Signal | undefined {
  if (settings.cannotStart === undefined) return undefined;
  const blocked = pod.containers.some(
    ({ name, waitingReason }) => waitingReason === 'PodInitializing' && pod.essential.includes(name),
  );
  const refusals = pod.containers
    .filter(({ name }) => blocked || pod.essential.includes(name))
    .flatMap((container) => refusalOf(container) ?? [])
    .filter(({ reason }) => kind.reasons.has(reason));
  const refusal = refusals.find((each) => kind.isTerminal(each)) ?? refusals[0];
  if (refusal === undefined) return undefined;
  const { container, reason, message } = refusal;
  const exit = container.lastExit;
  const signalAt = exit === undefined || neverRan(exit) ? (pod.startedAt ?? pod.createdAt) : exit.finishedAt;
  const words = message === '' ? '' : `: ${quoted(message)}`;
  const signal = {
    cause: kind.cause,
    evidence: `container ${container.name} cannot start (${reason})${words}`,
    signalAt,
    dueAt: signalAt + settings.cannotStart.after,
  };
  return kind.isTerminal(refusal) ? { ...signal, hold: { reason: 'Terminal', message: kind.todo } } : signal;
}

function refusalOf(container: ObservedContainer): Refusal | undefined {
  const { lastExit, waitingMessage = '', waitingReason, state } = container;
  if (state === 'running') return undefined;
  if (lastExit !== undefined && neverRan(lastExit))
    return { container, reason: lastExit.reason ?? '', message: lastExit.message ?? waitingMessage };
  return waitingReason === undefined ? undefined : { container, reason: waitingReason, message: waitingMessage };
}
