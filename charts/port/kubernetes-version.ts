/**
 * The Kubernetes minor versions that Amazon EKS offers and that manifests can be rendered for, oldest first.
 * Source: Amazon EKS Kubernetes release calendar.
 */
export const KUBERNETES_VERSIONS = ['1.33', '1.34', '1.35', '1.36'] as const;

/** A target version, such as `'1.35'`. */
export type KubernetesVersion = (typeof KUBERNETES_VERSIONS)[number];

/** The version used when the caller names none: the newest one that has been in EKS for a while. */
export const DEFAULT_KUBERNETES_VERSION: KubernetesVersion = '1.35';

/**
 * Whether `version` is `minimum` or newer.
 *
 * @example atLeast('1.35', '1.34') // true
 */
export function atLeast(version: KubernetesVersion, minimum: KubernetesVersion): boolean {
  return KUBERNETES_VERSIONS.indexOf(version) >= KUBERNETES_VERSIONS.indexOf(minimum);
}
