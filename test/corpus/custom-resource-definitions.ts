import { HAND_WRITTEN_KINDS, HAND_WRITTEN_RESOURCES } from '../../charts/validation/hand-written-kinds.js';
import type { CustomResourceNames, CustomResourceSchemas, SchemaNode } from '../../charts/validation/schema-data.js';
import stored from '../../charts/validation/schemas/custom-resources.generated.json' with { type: 'json' };

/** A CustomResourceDefinition as plain data. */
export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  /** The name is `plural.group`. */
  readonly metadata: { readonly name: string; readonly annotations: Readonly<Record<string, string>> };
  readonly spec: {
    readonly group: string;
    readonly scope: 'Namespaced' | 'Cluster';
    readonly names: {
      readonly plural: string;
      readonly kind: string;
      readonly singular: string;
      readonly listKind: string;
    };
    readonly versions: readonly [
      { readonly name: string; readonly served: true; readonly storage: true; readonly schema: object },
    ];
  };
}

/**
 * The definitions of every custom resource that the port may emit, made from the schemas that offline validation uses:
 * upstream's types, patterns, enums and CEL rules, without prose and defaults.
 *
 * Source: CustomResourceDefinition `spec`; API groups below k8s.io need the annotation of KEP-1111.
 * @example customResourceDefinitions()[0]?.metadata.name // 'externalsecrets.external-secrets.io'
 */
export function customResourceDefinitions(): readonly CustomResourceDefinition[] {
  // The generator writes these types.
  const { kinds, resources, definitions } = stored as unknown as CustomResourceSchemas;
  const names = new Map([...Object.entries(resources), ...HAND_WRITTEN_RESOURCES]);
  return [...Object.entries(kinds), ...HAND_WRITTEN_KINDS].map(([kind, schema]) => {
    const resource = names.get(kind);
    if (resource === undefined) throw new Error(`no plural and scope are stored for ${kind}: run npm run schemas`);
    return definition(kind, resource, structural(schema, new Map(Object.entries(definitions))));
  });
}

function definition(kind: string, resource: CustomResourceNames, schema: object): CustomResourceDefinition {
  const [, group = '', version = '', name = ''] = /^(.*)\/(.*) (.*)$/.exec(kind) ?? [];
  const { plural, namespaced } = resource;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      annotations: /(^|\.)k8s\.io$/.test(group)
        ? { 'api-approved.kubernetes.io': 'unapproved, a shortened copy for a dry run' }
        : {},
    },
    spec: {
      group,
      scope: namespaced ? 'Namespaced' : 'Cluster',
      names: { plural, kind: name, singular: name.toLowerCase(), listKind: `${name}List` },
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
}

/** A stored schema as the API server takes it: references resolved, and this project's short forms undone. */
function structural(node: SchemaNode, definitions: ReadonlyMap<string, SchemaNode>): object {
  const { $ref, type, format, 'x-key-defaults': _defaults, ...rest } = node;
  if ($ref !== undefined) {
    const target = definitions.get($ref);
    if (target === undefined) throw new Error(`the stored schemas have no definition ${$ref}: run npm run schemas`);
    return structural(target, definitions);
  }
  const inner = (child: SchemaNode): object => structural(child, definitions);
  const result: Record<string, unknown> = { ...rest };
  // A list of types only ever stands for "a number or a string".
  if (Array.isArray(type)) result['x-kubernetes-int-or-string'] = true;
  else if (type !== undefined) result['type'] = type;
  if (format !== undefined && format !== 'quantity') result['format'] = format;
  if (node.properties !== undefined) {
    result['properties'] = Object.fromEntries(
      Object.entries(node.properties).map(([name, child]) => [name, inner(child)]),
    );
  }
  if (node.items !== undefined) result['items'] = inner(node.items);
  if (typeof node.additionalProperties === 'object') result['additionalProperties'] = inner(node.additionalProperties);
  for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) {
    const branches = node[keyword];
    if (branches !== undefined) result[keyword] = branches.map(inner);
  }
  if (node.not !== undefined) result['not'] = inner(node.not);
  if (node['x-kubernetes-list-map-keys'] !== undefined) result['x-kubernetes-list-type'] = 'map';
  return result;
}
