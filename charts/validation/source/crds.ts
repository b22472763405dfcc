import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { CustomResourceNames, SchemaNode } from '../schema-data.js';
import { asRecord, compact } from './compact.js';

/** One Go module, the files of it that hold CustomResourceDefinitions, and the kinds wanted of them. */
export interface CrdSource {
  /** What `go mod download` takes. */
  readonly module: string;
  readonly folder: string;
  /** File name to `group/version Kind`. */
  readonly files: Readonly<Record<string, string>>;
}

/** Where the custom resources come from. The versions are the newest that the modules had when this was written. */
export const CRD_SOURCES: readonly CrdSource[] = [
  {
    module: 'github.com/external-secrets/external-secrets@v1.3.2',
    folder: 'config/crds/bases',
    files: {
      'external-secrets.io_externalsecrets.yaml': 'external-secrets.io/v1 ExternalSecret',
      'external-secrets.io_secretstores.yaml': 'external-secrets.io/v1 SecretStore',
      'external-secrets.io_clustersecretstores.yaml': 'external-secrets.io/v1 ClusterSecretStore',
    },
  },
  {
    module: 'github.com/kedacore/keda/v2@v2.21.0',
    folder: 'config/crd/bases',
    files: {
      'keda.sh_scaledobjects.yaml': 'keda.sh/v1alpha1 ScaledObject',
      'keda.sh_triggerauthentications.yaml': 'keda.sh/v1alpha1 TriggerAuthentication',
    },
  },
  {
    module: 'github.com/kubernetes-sigs/aws-load-balancer-controller@v0.0.0-20260423195125-93ff3b5fdaad',
    folder: 'config/crd/bases',
    files: { 'elbv2.k8s.aws_targetgroupbindings.yaml': 'elbv2.k8s.aws/v1beta1 TargetGroupBinding' },
  },
  {
    module: 'github.com/aws/amazon-vpc-resource-controller-k8s@v1.8.2',
    folder: 'config/crd/bases',
    files: { 'vpcresources.k8s.aws_securitygrouppolicies.yaml': 'vpcresources.k8s.aws/v1beta1 SecurityGroupPolicy' },
  },
  {
    module: 'github.com/kubernetes-csi/external-snapshotter/client/v8@v8.7.0',
    folder: 'config/crd',
    files: {
      'snapshot.storage.k8s.io_volumesnapshots.yaml': 'snapshot.storage.k8s.io/v1 VolumeSnapshot',
      'snapshot.storage.k8s.io_volumesnapshotcontents.yaml': 'snapshot.storage.k8s.io/v1 VolumeSnapshotContent',
    },
  },
];

/** A custom resource as its definition declares it. */
export interface DeclaredKind extends CustomResourceNames {
  readonly schema: SchemaNode;
}

/**
 * The kinds of one source; their schemas are without what the API server fills in itself (`apiVersion`, `kind`, `metadata`, `status`).
 *
 * @param folder the module's folder on disk
 * @throws Error when a file does not define the kind that {@link CRD_SOURCES} promises
 */
export function readCrds(source: CrdSource, folder: string): ReadonlyMap<string, DeclaredKind> {
  const kinds = new Map<string, DeclaredKind>();
  for (const [file, kind] of Object.entries(source.files)) {
    const path = join(folder, source.folder, file);
    const found = definitionsIn(readFileSync(path, 'utf8')).get(kind);
    if (found === undefined) throw new Error(`${path} defines no ${kind}; correct CRD_SOURCES`);
    kinds.set(kind, found);
  }
  return kinds;
}

function definitionsIn(yaml: string): ReadonlyMap<string, DeclaredKind> {
  const found = new Map<string, DeclaredKind>();
  for (const document of parseAllDocuments(yaml)) {
    const spec = asRecord(asRecord(document.toJS())['spec']);
    const names = asRecord(spec['names']);
    const resource = { plural: String(names['plural']), namespaced: spec['scope'] === 'Namespaced' };
    const versions = Array.isArray(spec['versions']) ? spec['versions'] : [];
    for (const version of versions.map(asRecord)) {
      const schema = compact(asRecord(version['schema'])['openAPIV3Schema']);
      const kind = `${String(spec['group'])}/${String(version['name'])} ${String(names['kind'])}`;
      found.set(kind, { ...resource, schema: withoutServerFields(schema) });
    }
  }
  return found;
}

function withoutServerFields(schema: SchemaNode): SchemaNode {
  const { apiVersion: _version, kind: _kind, metadata: _metadata, status, ...properties } = schema.properties ?? {};
  return { ...schema, properties: status === undefined ? properties : { ...properties, status: { type: 'object' } } };
}

/**
 * Moves parts that occur more than once into definitions, so that the same seventy secret references are written once.
 *
 * @param smallest parts with less JSON text than this stay where they are
 */
export function shareRepeatedParts(
  kinds: ReadonlyMap<string, SchemaNode>,
  smallest = 150,
): { readonly kinds: Record<string, SchemaNode>; readonly definitions: Record<string, SchemaNode> } {
  const counts = new Map<string, number>();
  const count = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if (!Array.isArray(node) && isSchema(node)) {
      const text = JSON.stringify(node);
      const times = (counts.get(text) ?? 0) + 1;
      counts.set(text, times);
      if (times > 1) return;
    }
    for (const child of Object.values(node)) count(child);
  };
  for (const schema of kinds.values()) count(schema);
  const names = new Map<string, string>();
  const definitions: Record<string, SchemaNode> = {};
  const share = (node: unknown, isRoot = false): unknown => {
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node)) return node.map((child) => share(child));
    const text = JSON.stringify(node);
    const shared = !isRoot && text.length >= smallest && (counts.get(text) ?? 0) > 1;
    const known = shared ? names.get(text) : undefined;
    if (known !== undefined) return { $ref: known };
    const inner = Object.fromEntries(Object.entries(node).map(([key, child]) => [key, share(child)]));
    if (!shared) return inner;
    const name = `shared.${names.size + 1}`;
    names.set(text, name);
    definitions[name] = inner;
    return { $ref: name };
  };
  const shared = [...kinds].map(([kind, schema]): [string, SchemaNode] => [kind, share(schema, true) as SchemaNode]);
  return { kinds: Object.fromEntries(shared), definitions };
}

/** Whether a node is a schema of an object, as opposed to a map of property names that may hold any name. */
function isSchema(node: object): boolean {
  return Object.hasOwn(node, 'type') && typeof (node as { type: unknown }).type === 'string';
}
