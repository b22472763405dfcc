import { atLeast } from '../../port/kubernetes-version.js';
import { below, quoted, type Report } from '../finding.js';
import { entriesOf, field, textOf } from '../json.js';
import {
  dnsLabel,
  dnsSubdomain,
  labelValue,
  type NameCheck,
  pathSegment,
  qualifiedName,
  rfc1035Label,
} from '../names.js';
import { expectName, type Rule, type RuleContext } from '../rule.js';

/** Annotations of one object may hold this many bytes, keys and values together. */
const ANNOTATION_BYTES = 256 * 1024;

const NAME_BY_KIND: ReadonlyMap<string, NameCheck> = new Map([
  ['Namespace', dnsLabel],
  ['StatefulSet', dnsLabel],
  ['Role', pathSegment],
  ['RoleBinding', pathSegment],
  ['ClusterRole', pathSegment],
  ['ClusterRoleBinding', pathSegment],
]);

const CLUSTER_SCOPED = new Set([
  'Namespace',
  'PersistentVolume',
  'StorageClass',
  'PriorityClass',
  'ClusterRole',
  'ClusterRoleBinding',
  'ClusterSecretStore',
  'VolumeSnapshotContent',
  'GMSACredentialSpec',
]);

/**
 * The name follows the grammar of its kind, and a namespace stands on namespaced objects only.
 * Source: each kind's ValidateObjectMeta call; apimachinery pkg/api/validation/objectmeta.go
 */
export const nameOfObject: Rule = ({ manifest, version, report }) => {
  const metadata = field(manifest, 'metadata');
  const kind = textOf(manifest, 'kind') ?? '';
  const name = textOf(metadata, 'name');
  if (name === undefined || name === '') return report('metadata.name', 'is required');
  expectName(report, 'metadata.name', name, nameCheck(kind, version));
  const namespace = field(metadata, 'namespace');
  if (namespace === undefined) return;
  if (CLUSTER_SCOPED.has(kind))
    report(
      'metadata.namespace',
      `${quoted(namespace)} is not allowed: ${kind} belongs to the whole cluster; leave it out`,
    );
  else expectName(report, 'metadata.namespace', namespace, dnsLabel);
};

function nameCheck(kind: string, version: RuleContext['version']): NameCheck {
  // RelaxedServiceNameValidation (KEP-5311) is on from 1.36.
  if (kind === 'Service') return atLeast(version, '1.36') ? dnsLabel : rfc1035Label;
  return NAME_BY_KIND.get(kind) ?? dnsSubdomain;
}

/** Labels and annotations of the object itself. */
export const labelsOfObject: Rule = ({ manifest, report }) =>
  checkLabelsAndAnnotations(report, 'metadata', field(manifest, 'metadata'));

/**
 * Keys and values of labels, keys and total size of annotations.
 * Source: apimachinery pkg/apis/meta/v1/validation (ValidateLabels), pkg/api/validation/objectmeta.go (ValidateAnnotations)
 *
 * @param path of `metadata`
 */
export function checkLabelsAndAnnotations(report: Report, path: string, metadata: unknown): void {
  checkLabels(report, `${path}.labels`, entriesOf(metadata, 'labels'));
  let bytes = 0;
  for (const [key, value] of entriesOf(metadata, 'annotations')) {
    // Annotation keys may have capitals where label keys may not, so they are checked in lower case.
    expectName(report, below(`${path}.annotations`, key), key, (text) => qualifiedName(text.toLowerCase()));
    if (typeof value === 'string') bytes += byteLength(key) + byteLength(value);
  }
  if (bytes > ANNOTATION_BYTES)
    report(`${path}.annotations`, `hold ${bytes} bytes, at most ${ANNOTATION_BYTES} are allowed`);
}

/** Labels, node selectors and the like: qualified names to label values. */
export function checkLabels(report: Report, path: string, labels: readonly (readonly [string, unknown])[]): void {
  for (const [key, value] of labels) {
    expectName(report, below(path, key), key, qualifiedName);
    expectName(report, below(path, key), value, labelValue);
  }
}

/** Length in UTF-8, as Go counts. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
