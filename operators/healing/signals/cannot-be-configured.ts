import { cannotStart } from '../cannot-start.js';
import type { Detector } from '../scene.js';

/** What the kubelet says of such a container, `state.waiting.reason`. */
export const CONFIGURATION_REASONS: ReadonlySet<string> = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PreCreateHookError',
  'PreStartHookError',
  'StartError',
  'ContainerCannotRun',
]);

const FLAPS = /timeout|timed out|deadline exceeded|connection (refused|reset)|temporar/i;
/** Named by the object or the command itself: the same on every node. */
const MISSING =
  /(secrets?|configmaps?) "?[^"]*"? not found|couldn't find key|non-existent config key|executable file not found|exec: .*no such file or directory|exec: .*permission denied|runAsNonRoot|run as root/i;

/** A container cannot be created from its configuration, or its command cannot be run. Source: kubelet container errors. */
export const cannotBeConfigured: Detector = (pod, scene) =>
  cannotStart(pod, scene, {
    cause: 'CannotBeConfigured',
    reasons: CONFIGURATION_REASONS,
    isTerminal: ({ message }) => !FLAPS.test(message) && MISSING.test(message),
    todo: 'create what is missing (the kubelet then starts the container itself), or correct the template',
  });
