import { cannotStart } from '../cannot-start.js';
import type { Detector } from '../scene.js';

/** What the kubelet says of such a container, `state.waiting.reason`. */
export const IMAGE_REASONS: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);

/** Reasons that no other node and no later attempt mends. */
const TERMINAL_REASONS: ReadonlySet<string> = new Set([
  'InvalidImageName',
  'ErrImageNeverPull',
  'SignatureValidationFailed',
]);

/** The registry, or the way there, fails: looked for first, since such a message may contain the other words too. */
const FLAPS =
  /timeout|timed out|deadline exceeded|too ?many ?requests|\b429\b|\b50[0-4]\b|internal server error|service unavailable|bad gateway|connection (refused|reset)|no such host|i\/o|unexpected eof|\beof\b|dial tcp|temporary failure|no space left/i;
const GONE =
  /manifest[ _]unknown|name[ _]unknown|not found|notfound|does not exist|no matching manifest|no match for platform/i;

/** The image of a container cannot be pulled. Source: kubelet `pkg/kubelet/images/types.go`. */
export const imageCannotBePulled: Detector = (pod, scene) =>
  cannotStart(pod, scene, {
    cause: 'ImageCannotBePulled',
    reasons: IMAGE_REASONS,
    isTerminal: ({ reason, message }) => TERMINAL_REASONS.has(reason) || (!FLAPS.test(message) && GONE.test(message)),
    todo: 'correct the image in the template, or push it; no other node can pull it either',
  });
