import type { DriverOptions } from '../driver-options.js';
import { takeDelivery } from './docker-options.js';

/**
 * `json-file`: the container runtime writes such a file for every container, and `kubectl logs` reads it. Nothing is sent.
 *
 * Source: Docker documentation, "JSON File logging driver"; KubeletConfiguration `containerLogMaxSize`, `containerLogMaxFiles`.
 */
export function keepJsonFile(options: DriverOptions): void {
  options
    .take('max-size')
    .field.near(
      'KubeletConfiguration.containerLogMaxSize',
      'one size for all containers of a node; 10Mi unless it is set',
      'set it in the kubelet configuration of the node group',
    );
  options
    .take('max-file')
    .field.near(
      'KubeletConfiguration.containerLogMaxFiles',
      'one number for all containers of a node; 5 unless it is set',
      'set it in the kubelet configuration of the node group',
    );
  options.take('compress').field.same([], 'the kubelet compresses rotated files');
  attributes(options, 'the file of a container holds no attributes; labels and environment are in the pod');
  takeDelivery(options);
}

/** `journald`: the runtime writes files instead. */
export function keepJournald(options: DriverOptions): void {
  attributes(options, 'the container’s log is a file, without such fields; labels and environment are in the pod');
  takeDelivery(options);
}

function attributes(options: DriverOptions, lost: string): void {
  for (const option of ['labels', 'labels-regex', 'env', 'env-regex', 'tag']) options.take(option).field.none(lost);
}
