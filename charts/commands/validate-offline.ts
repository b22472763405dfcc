import type { KubernetesVersion } from '../port/kubernetes-version.js';
import type { Manifest } from '../port/manifest.js';
import type { ManifestFinding } from '../validation/finding.js';
import { createManifestValidator } from '../validation/validate.js';

/** Checks every object against the schemas of the target version, without a cluster. */
export function validateOffline(
  manifests: readonly Manifest[],
  version: KubernetesVersion,
  onObject?: (done: number, total: number) => void,
): readonly ManifestFinding[] {
  const validator = createManifestValidator(version);
  const findings: ManifestFinding[] = [];
  for (const [index, manifest] of manifests.entries()) {
    findings.push(...validator.validate(manifest));
    onObject?.(index + 1, manifests.length);
  }
  return findings;
}

/** `Deployment shop/web: spec.replicas: must be a number`. */
export function formatFinding({ object, path, message }: ManifestFinding): string {
  return path === '' ? `${object}: ${message}` : `${object}: ${path}: ${message}`;
}
