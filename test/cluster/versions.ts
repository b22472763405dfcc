import { ClusterFailure } from './failure.js';

/** Kubernetes versions that the harness knows, newest first: the newest patch whose modules are published. */
export const kubernetesVersions: ReadonlyMap<string, string> = new Map([
  ['1.36', 'v1.36.3'],
  ['1.35', 'v1.35.4'],
  ['1.34', 'v1.34.4'],
]);

/** The version to test on: the newest that EKS offers. */
export const defaultKubernetes = '1.36';

/** Go that builds everything below; an older Go from 1.21 on fetches it by itself. */
export const goVersion = '1.26.8';

/** What the cluster needs besides Kubernetes and the etcd that belongs to it. */
export const companionVersions = { kwok: 'v0.8.0', coredns: 'v1.15.0' } as const;

/** Commands of Kubernetes that the cluster runs. */
export const kubernetesCommands = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'kubectl',
] as const;

/**
 * The full version of a minor version.
 *
 * @param minor such as `1.36`
 * @returns such as `v1.36.3`
 * @throws ClusterFailure `usage` for any other version
 */
export function kubernetesVersion(minor: string): string {
  const version = kubernetesVersions.get(minor);
  if (version === undefined) {
    const known = [...kubernetesVersions.keys()].join(', ');
    throw new ClusterFailure('usage', `--kubernetes ${minor}: this harness builds ${known}`);
  }
  return version;
}
