import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SchemaNode } from '../schema-data.js';
import { asRecord, compact, defaultsOf } from './compact.js';
import { readGoEnums, type GoEnums } from './go-enums.js';

/** The kinds that manifests may hold, by the OpenAPI file of their API group. */
const KINDS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'api__v1',
    [
      'v1 Namespace',
      'v1 ServiceAccount',
      'v1 ConfigMap',
      'v1 Secret',
      'v1 Service',
      'v1 PersistentVolume',
      'v1 PersistentVolumeClaim',
      'v1 Pod',
    ],
  ],
  ['apis__apps__v1', ['apps/v1 Deployment', 'apps/v1 DaemonSet', 'apps/v1 StatefulSet']],
  ['apis__batch__v1', ['batch/v1 Job', 'batch/v1 CronJob']],
  ['apis__autoscaling__v2', ['autoscaling/v2 HorizontalPodAutoscaler']],
  ['apis__policy__v1', ['policy/v1 PodDisruptionBudget']],
  ['apis__networking.k8s.io__v1', ['networking.k8s.io/v1 Ingress', 'networking.k8s.io/v1 NetworkPolicy']],
  ['apis__storage.k8s.io__v1', ['storage.k8s.io/v1 StorageClass']],
  ['apis__scheduling.k8s.io__v1', ['scheduling.k8s.io/v1 PriorityClass']],
  [
    'apis__rbac.authorization.k8s.io__v1',
    ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'].map((kind) => `rbac.authorization.k8s.io/v1 ${kind}`),
  ],
  ['apis__apiextensions.k8s.io__v1', ['apiextensions.k8s.io/v1 CustomResourceDefinition']],
  [
    'apis__admissionregistration.k8s.io__v1',
    [
      'ValidatingWebhookConfiguration',
      'ValidatingAdmissionPolicy',
      'ValidatingAdmissionPolicyBinding',
      'MutatingAdmissionPolicy',
      'MutatingAdmissionPolicyBinding',
    ].map((kind) => `admissionregistration.k8s.io/v1 ${kind}`),
  ],
]);

/** Kinds that the older ones of the target versions do not have. */
const LATER_KINDS: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io/v1 MutatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding',
]);

const QUANTITY = 'apimachinery.pkg.api.resource.Quantity';

/** What one Kubernetes version says: the definitions of {@link KINDS} and of all they refer to. */
export interface OpenApiDefinitions {
  /** `apps/v1 Deployment` to `apps.v1.Deployment`. */
  readonly kinds: ReadonlyMap<string, string>;
  readonly definitions: ReadonlyMap<string, SchemaNode>;
}

/**
 * @param module folder of the Go module k8s.io/kubernetes, of which `api/openapi-spec/v3` and
 *   `pkg/generated/openapi` are read
 * @throws Error when a kind is missing, which means the file is not the one expected
 */
export function readKubernetesModule(module: string): OpenApiDefinitions {
  const enums = readGoEnums(readFileSync(join(module, 'pkg/generated/openapi/zz_generated.openapi.go'), 'utf8'));
  const kinds = new Map<string, string>();
  const definitions = new Map<string, SchemaNode>();
  for (const [file, wanted] of KINDS) {
    const document: unknown = JSON.parse(
      readFileSync(join(module, `api/openapi-spec/v3/${file}_openapi.json`), 'utf8'),
    );
    const schemas = new Map(
      Object.entries(asRecord(asRecord(asRecord(document)['components'])['schemas'])).map(([name, schema]) => [
        shorten(name),
        asRecord(schema),
      ]),
    );
    for (const kind of wanted) {
      const name = [...schemas].find(([, schema]) => kindsOf(schema).includes(kind))?.[0];
      if (name === undefined && LATER_KINDS.has(kind)) continue;
      if (name === undefined)
        throw new Error(`${file} of ${module} has no ${kind}; check KINDS and the module's version`);
      kinds.set(kind, name);
      addWithReferences(name, schemas, enums, definitions);
    }
  }
  return { kinds, definitions };
}

function addWithReferences(
  root: string,
  schemas: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
  enums: GoEnums,
  definitions: Map<string, SchemaNode>,
): void {
  const pending = [root];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (definitions.has(name)) continue;
    const schema = schemas.get(name);
    if (schema === undefined) throw new Error(`${name} is referred to but not defined`);
    definitions.set(name, definitionOf(name, schema, schemas, enums));
    JSON.stringify(definitions.get(name), (key, value: unknown) => {
      if (key === '$ref' && typeof value === 'string') pending.push(value);
      return value;
    });
  }
}

function definitionOf(
  name: string,
  schema: Readonly<Record<string, unknown>>,
  schemas: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
  enums: GoEnums,
): SchemaNode {
  const plain = compact(schema, (reference) => shorten(reference.slice(reference.lastIndexOf('/') + 1)));
  if (name === QUANTITY) return { ...plain, format: 'quantity' };
  if (plain.properties === undefined) return plain;
  const isKind = kindsOf(schema).length > 0;
  const allowed = enums.get(name);
  const properties = Object.entries(plain.properties).map(([property, node]): [string, SchemaNode] => {
    // Manifests carry no status and the API server ignores one, so what it holds is not worth its size here.
    if (isKind && property === 'status') return [property, { type: 'object' }];
    const values = allowed?.get(property);
    const withValues = values === undefined ? node : withEnum(node, values);
    return [property, withKeyDefaults(withValues, schemas)];
  });
  return { ...plain, properties: Object.fromEntries(properties) };
}

function withEnum(
  node: SchemaNode,
  { values, items }: { readonly values: readonly string[]; readonly items: boolean },
): SchemaNode {
  if (!items) return { ...node, enum: values };
  return node.items === undefined ? node : { ...node, items: { ...node.items, enum: values } };
}

/** Key defaults live in the definition of the items; here they move to the list that needs them. */
function withKeyDefaults(
  node: SchemaNode,
  schemas: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
): SchemaNode {
  const keys = node['x-kubernetes-list-map-keys'];
  const item = node.items?.$ref;
  if (keys === undefined || item === undefined) return node;
  const defaults = defaultsOf(keys, asRecord(schemas.get(item)?.['properties']));
  return defaults === undefined ? node : { ...node, 'x-key-defaults': defaults };
}

function kindsOf(schema: Readonly<Record<string, unknown>>): readonly string[] {
  const list = schema['x-kubernetes-group-version-kind'];
  if (!Array.isArray(list)) return [];
  return list.map((entry) => {
    const { group, version, kind } = asRecord(entry) as { group?: string; version?: string; kind?: string };
    return `${group === undefined || group === '' ? '' : `${group}/`}${String(version)} ${String(kind)}`;
  });
}

/** `io.k8s.api.core.v1.Container` to `core.v1.Container`. */
function shorten(name: string): string {
  return name.replace(/^io\.k8s\.(api\.)?/, '');
}
