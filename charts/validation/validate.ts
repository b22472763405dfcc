import { closest } from '../ecs/closest.js';
import type { KubernetesVersion } from '../port/kubernetes-version.js';
import { compileOnDemand } from './compile.js';
import { type ManifestFinding, quoted } from './finding.js';
import { field, isObject, textOf, typeInWords } from './json.js';
import { rulesFor } from './rules.js';
import { reportSchemaErrors } from './schema-findings.js';
import { schemasOf } from './schemas.js';

/**
 * Checks manifests of one target version. Make one and keep it: the first object of each kind compiles that kind's
 * schema, which takes longer than hundreds of checks.
 */
export interface ManifestValidator {
  readonly version: KubernetesVersion;
  /**
   * @param manifest any JSON value
   * @returns what the API server would refuse or drop, in the order of the fields; empty when nothing. Never throws.
   */
  readonly validate: (manifest: unknown) => readonly ManifestFinding[];
}

/**
 * A validator for a target version, with everything it needs on board: no cluster and no network.
 *
 * It checks three things: the published schema with unknown fields refused, what server-side apply adds (no two items
 * with the same keys in a list), and the API server's own validation, which no schema says (`rules/`).
 *
 * @example
 * const validator = createManifestValidator('1.35');
 * for (const { object, path, message } of validator.validate(deployment)) console.error(`${object}: ${path}: ${message}`);
 */
export function createManifestValidator(version: KubernetesVersion): ManifestValidator {
  const schemas = schemasOf(version);
  const compiled = compileOnDemand(schemas);
  return {
    version,
    validate(manifest) {
      const findings: ManifestFinding[] = [];
      const object = describe(manifest);
      const report = (path: string, message: string): void => void findings.push({ path, message, object });
      if (!isObject(manifest)) {
        report('', `is ${typeInWords(manifest)}, must be a Kubernetes object with apiVersion, kind and metadata`);
        return findings;
      }
      const kind = `${textOf(manifest, 'apiVersion') ?? ''} ${textOf(manifest, 'kind') ?? ''}`;
      const check = compiled(kind);
      if (check === undefined) {
        report('kind', unknownKind(manifest, [...schemas.kinds.keys()], version));
        return findings;
      }
      const errors = check(manifest);
      if (errors.length > 0) reportSchemaErrors(errors, manifest, version, report);
      for (const rule of rulesFor(kind)) rule({ manifest, version, report });
      return findings;
    },
  };
}

/** {@link createManifestValidator} for a single object. */
export function validateManifest(manifest: unknown, version: KubernetesVersion): readonly ManifestFinding[] {
  return createManifestValidator(version).validate(manifest);
}

/** `Deployment shop/web`, of whatever is there to tell. */
function describe(manifest: unknown): string {
  if (!isObject(manifest)) return typeInWords(manifest);
  const metadata = field(manifest, 'metadata');
  const name = textOf(metadata, 'name') ?? '(no name)';
  const namespace = textOf(metadata, 'namespace');
  return `${textOf(manifest, 'kind') ?? '(no kind)'} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

function unknownKind(manifest: unknown, known: readonly string[], version: KubernetesVersion): string {
  const kind = textOf(manifest, 'kind');
  const apiVersion = textOf(manifest, 'apiVersion');
  if (kind === undefined || apiVersion === undefined)
    return 'apiVersion and kind must both be set, as in apps/v1 and Deployment';
  const sameKind = known.find((name) => name.endsWith(` ${kind}`));
  const nearest = sameKind ?? closest(`${apiVersion} ${kind}`, known);
  const hint =
    nearest === undefined
      ? `there are schemas for ${known.length} kinds, such as ${known.slice(-2).join(' and ')}`
      : `did you mean ${nearest}?`;
  return `${quoted(`${apiVersion} ${kind}`)} is not known for Kubernetes ${version}; ${hint}`;
}
