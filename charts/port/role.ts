/**
 * Where a container stands in the pod.
 * - `init`: runs to its end before what follows starts
 * - `sidecar`: an init container with restart policy Always; starts in order and stops after the main containers
 * - `main`: a regular container
 */
export type Role = 'init' | 'sidecar' | 'main';
