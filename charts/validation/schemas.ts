import { KUBERNETES_VERSIONS, type KubernetesVersion } from '../port/kubernetes-version.js';
import type { CustomResourceSchemas, DefinitionVariant, KubernetesSchemas, SchemaNode } from './schema-data.js';
import { HAND_WRITTEN_KINDS } from './hand-written-kinds.js';
import customResourceData from './schemas/custom-resources.generated.json' with { type: 'json' };
import kubernetesData from './schemas/kubernetes.generated.json' with { type: 'json' };

const OBJECT_META = 'apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** A JSON schema as ajv takes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The schemas of one target version. */
export interface VersionSchemas {
  /** `apps/v1 Deployment` to the pointer of its schema, such as `#/definitions/apps.v1.Deployment`. */
  readonly kinds: ReadonlyMap<string, string>;
  /** One document that holds them all under `definitions`. */
  readonly document: JsonSchema;
}

/**
 * The schemas of a version, made strict: an object that declares fields has no others, unless the API server keeps
 * unknown fields there.
 *
 * A field that only a newer version declares is listed under `x-later-fields`, so that a message can say from when on it exists.
 */
export function schemasOf(version: KubernetesVersion): VersionSchemas {
  // The generator writes these types; that each value fits them is tested, not computed by the compiler from 150 KB.
  const kubernetes = kubernetesData as unknown as KubernetesSchemas;
  const custom = customResourceData as unknown as CustomResourceSchemas;
  const definitions: Record<string, unknown> = {};
  const kinds = new Map<string, string>();
  for (const [name, variants] of Object.entries(kubernetes.definitions)) {
    const variant = variants.find(({ versions }) => versions.includes(version));
    if (variant === undefined) continue;
    const later = laterFields(variants, variant, version);
    const schema = strict(variant.schema);
    definitions[name] = later === undefined ? schema : { ...schema, 'x-later-fields': later };
  }
  for (const [name, schema] of Object.entries(custom.definitions)) definitions[name] = strict(schema);
  for (const [kind, schema] of [...Object.entries(custom.kinds), ...HAND_WRITTEN_KINDS]) {
    definitions[kind] = strict(withServerFields(schema));
    kinds.set(kind, pointerTo(kind));
  }
  for (const [kind, name] of Object.entries(kubernetes.kinds))
    if (Object.hasOwn(definitions, name)) kinds.set(kind, pointerTo(name));
  return { kinds, document: { $id: 'kubernetes', definitions } };
}

function withServerFields(schema: SchemaNode): SchemaNode {
  const text: SchemaNode = { type: 'string' };
  return {
    ...schema,
    properties: { apiVersion: text, kind: text, metadata: { $ref: OBJECT_META }, ...schema.properties },
  };
}

function laterFields(
  variants: readonly DefinitionVariant[],
  current: DefinitionVariant,
  version: KubernetesVersion,
): Record<string, KubernetesVersion> | undefined {
  const later = new Map<string, KubernetesVersion>();
  for (const newer of KUBERNETES_VERSIONS.slice(KUBERNETES_VERSIONS.indexOf(version) + 1)) {
    const properties = variants.find(({ versions }) => versions.includes(newer))?.schema.properties ?? {};
    for (const property of Object.keys(properties)) {
      if (!Object.hasOwn(current.schema.properties ?? {}, property) && !later.has(property)) later.set(property, newer);
    }
  }
  return later.size === 0 ? undefined : Object.fromEntries(later);
}

/**
 * @param branch whether the node stands under `anyOf`, `oneOf`, `allOf` or `not`: there it only narrows what the parent
 *   declares, as structural schemas do, and must not refuse the parent's other fields
 */
function strict(node: SchemaNode, branch = false): JsonSchema {
  const { 'x-kubernetes-validations': _cel, ...result }: Record<string, unknown> = { ...node };
  if (node.$ref !== undefined) return { $ref: pointerTo(node.$ref) };
  if (node.properties !== undefined) {
    result['properties'] = Object.fromEntries(
      Object.entries(node.properties).map(([key, child]) => [key, strict(child, branch)]),
    );
    const open =
      branch || node.additionalProperties !== undefined || node['x-kubernetes-preserve-unknown-fields'] === true;
    if (!open) result['additionalProperties'] = false;
  }
  if (typeof node.additionalProperties === 'object')
    result['additionalProperties'] = strict(node.additionalProperties, branch);
  if (node.items !== undefined) result['items'] = strict(node.items, branch);
  for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) {
    const branches = node[keyword];
    if (branches !== undefined) result[keyword] = branches.map((child) => strict(child, true));
  }
  if (node.not !== undefined) result['not'] = strict(node.not, true);
  return result;
}

/** A JSON pointer; names hold `/`, which pointers escape, and a blank, which URIs do. */
function pointerTo(name: string): string {
  return `#/definitions/${encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))}`;
}
