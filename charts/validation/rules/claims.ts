import { atLeast } from '../../port/kubernetes-version.js';
import { below, quoted, type Report } from '../finding.js';
import { entriesOf, field, isObject, listOf, textOf } from '../json.js';
import { dnsSubdomain, qualifiedName } from '../names.js';
import { parseQuantity } from '../quantity.js';
import { type CheckContext, expectName, expectText, type Rule } from '../rule.js';
import { checkNodeSelector } from './node-affinity.js';
import { checkLabelSelector } from './selectors.js';
import { checkDriver, checkNfs } from './volume-sources.js';

/**
 * A claim asks for some storage, in modes that go together.
 * Source: pkg/apis/core/validation/validation.go, ValidatePersistentVolumeClaimSpec
 */
export function checkClaimSpec({ report, version }: CheckContext, spec: unknown, path: string): void {
  if (!isObject(spec)) return report(path, 'is required');
  checkAccessModes(report, spec, path);
  if (spec['selector'] !== undefined) checkLabelSelector(report, `${path}.selector`, spec['selector']);
  const storage = field(field(field(spec, 'resources'), 'requests'), 'storage');
  if (storage === undefined) report(`${path}.resources.requests.storage`, 'is required');
  else expectPositive(report, `${path}.resources.requests.storage`, storage);
  if ((textOf(spec, 'storageClassName') ?? '') !== '')
    expectName(report, `${path}.storageClassName`, spec['storageClassName'], dnsSubdomain);
  if (spec['volumeAttributesClassName'] !== undefined && !atLeast(version, '1.34')) {
    report(
      `${path}.volumeAttributesClassName`,
      `is dropped by Kubernetes ${version}: the feature VolumeAttributesClass is on from 1.34`,
    );
  }
  for (const source of ['dataSource', 'dataSourceRef']) checkDataSource(report, spec[source], `${path}.${source}`);
}

function checkDataSource(report: Report, source: unknown, path: string): void {
  if (!isObject(source)) return;
  expectText(report, `${path}.name`, source['name']);
  const group = textOf(source, 'apiGroup') ?? '';
  if (group === '') {
    if (source['kind'] !== 'PersistentVolumeClaim')
      report(path, `${quoted(source['kind'])} needs an apiGroup; without one only PersistentVolumeClaim is allowed`);
  } else expectName(report, `${path}.apiGroup`, group, dnsSubdomain);
}

function checkAccessModes(report: Report, spec: unknown, path: string): void {
  const modes = listOf(spec, 'accessModes');
  if (modes.length === 0) report(`${path}.accessModes`, 'is empty, it needs at least one mode');
  if (modes.includes('ReadWriteOncePod') && modes.length > 1)
    report(`${path}.accessModes`, 'ReadWriteOncePod must stand alone');
}

function expectPositive(report: Report, path: string, amount: unknown): void {
  const value = parseQuantity(amount);
  if (value !== undefined && value <= 0n) report(path, `${quoted(amount)} must be more than 0`);
}

/** A PersistentVolumeClaim of its own. */
export const persistentVolumeClaim: Rule = ({ manifest, version, report }) =>
  checkClaimSpec({ report, version }, field(manifest, 'spec'), 'spec');

const NOT_SOURCES = new Set(['claimRef', 'nodeAffinity', 'capacity']);

/**
 * A volume has a size, modes and exactly one source.
 * Source: validation.go, ValidatePersistentVolumeSpec
 */
export const persistentVolume: Rule = ({ manifest, version, report }) => {
  const spec = field(manifest, 'spec');
  if (!isObject(spec)) return report('spec', 'is required');
  checkAccessModes(report, spec, 'spec');
  const capacity = entriesOf(spec, 'capacity');
  if (capacity.length !== 1 || capacity[0]?.[0] !== 'storage')
    report('spec.capacity', 'must hold storage and nothing else');
  for (const [name, amount] of capacity) expectPositive(report, below('spec.capacity', name), amount);
  const sources = Object.keys(spec).filter((key) => isObject(spec[key]) && !NOT_SOURCES.has(key));
  if (sources.length !== 1)
    report(
      'spec',
      `has ${sources.length} sources${sources.length > 1 ? ` (${sources.join(', ')})` : ''}, exactly one is needed, such as csi`,
    );
  if (isObject(spec['csi'])) {
    checkDriver(report, spec['csi'], 'spec.csi');
    expectText(report, 'spec.csi.volumeHandle', spec['csi']['volumeHandle']);
  }
  if (isObject(spec['nfs'])) checkNfs(report, spec['nfs'], 'spec.nfs');
  if (spec['storageClassName'] !== '')
    expectName(report, 'spec.storageClassName', spec['storageClassName'], dnsSubdomain);
  if (isObject(spec['nodeAffinity']))
    checkNodeSelector(report, spec['nodeAffinity']['required'], 'spec.nodeAffinity.required');
  if (spec['volumeAttributesClassName'] !== undefined && !atLeast(version, '1.34')) {
    report(
      'spec.volumeAttributesClassName',
      `is dropped by Kubernetes ${version}: the feature VolumeAttributesClass is on from 1.34`,
    );
  }
};

/** A storage class names its provisioner. Source: pkg/apis/storage/validation/validation.go */
export const storageClass: Rule = ({ manifest, report }) => {
  const provisioner = textOf(manifest, 'provisioner');
  expectText(report, 'provisioner', provisioner);
  if (provisioner !== '') expectName(report, 'provisioner', provisioner?.toLowerCase(), qualifiedName);
  const parameters = entriesOf(manifest, 'parameters');
  if (parameters.length > 512) report('parameters', `has ${parameters.length} entries, at most 512 are allowed`);
  for (const [name] of parameters) if (name === '') report('parameters', 'holds an empty name');
};
