import { atLeast } from '../../port/kubernetes-version.js';
import { below, quoted, type Report } from '../finding.js';
import { field, isObject, isTrue, listOf, textOf } from '../json.js';
import { dnsLabel } from '../names.js';
import { type CheckContext, expectName, expectOneOf, expectRange, expectText } from '../rule.js';
import { checkClaimSpec } from './claims.js';
import { checkFieldReference, checkResourceReference } from './environment.js';
import { checkDriver, checkNfs } from './volume-sources.js';

const FILE_MODE_LIMIT = 0o777;
const VOLUME_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.labels',
  'metadata.annotations',
  'metadata.uid',
];

/**
 * The volumes of a pod: a name each, one source each, and what each source needs.
 * Source: pkg/apis/core/validation/validation.go, ValidateVolumes and validateVolumeSource
 *
 * @returns the names, for mounts to refer to
 */
export function checkVolumes(context: CheckContext, spec: unknown, specPath: string): ReadonlySet<string> {
  const { report } = context;
  const names = new Set<string>();
  for (const [index, volume] of listOf(spec, 'volumes').entries()) {
    const path = below(`${specPath}.volumes`, index);
    const name = textOf(volume, 'name');
    if (name !== undefined) names.add(name);
    expectName(report, `${path}.name`, name, dnsLabel);
    const sources = isObject(volume)
      ? Object.keys(volume).filter((key) => key !== 'name' && isObject(volume[key]))
      : [];
    // A volume without a source is an emptyDir, by defaulting.
    if (sources.length > 1)
      report(path, `has ${sources.length} sources (${sources.join(', ')}), at most one is allowed`);
    for (const source of sources) checkSource(context, field(volume, source), source, `${path}.${source}`);
  }
  return names;
}

function checkSource({ report, version }: CheckContext, source: unknown, kind: string, path: string): void {
  switch (kind) {
    case 'hostPath':
      expectText(report, `${path}.path`, field(source, 'path'));
      checkNoBacksteps(report, textOf(source, 'path'), `${path}.path`);
      return;
    case 'secret':
      expectText(report, `${path}.secretName`, field(source, 'secretName'));
      return checkFiles(report, source, path);
    case 'configMap':
      expectText(report, `${path}.name`, field(source, 'name'));
      return checkFiles(report, source, path);
    case 'downwardAPI':
      return checkFiles(report, source, path, true);
    case 'persistentVolumeClaim':
      return expectText(report, `${path}.claimName`, field(source, 'claimName'));
    case 'nfs':
      return checkNfs(report, source, path);
    case 'csi':
      return checkDriver(report, source, path);
    case 'ephemeral':
      if (!isObject(field(source, 'volumeClaimTemplate'))) return report(`${path}.volumeClaimTemplate`, 'is required');
      return checkClaimSpec(
        { report, version },
        field(field(source, 'volumeClaimTemplate'), 'spec'),
        `${path}.volumeClaimTemplate.spec`,
      );
    case 'projected':
      return checkProjected({ report, version }, source, path);
    case 'image':
      if (!atLeast(version, '1.35'))
        report(path, `is dropped by Kubernetes ${version}: the feature ImageVolume is on from 1.35`);
      return;
  }
}

/** Modes and paths of the files that a ConfigMap, Secret or downward API volume makes. */
function checkFiles(report: Report, source: unknown, path: string, isDownward = false): void {
  expectRange(report, `${path}.defaultMode`, field(source, 'defaultMode'), 0, FILE_MODE_LIMIT);
  for (const [index, item] of listOf(source, 'items').entries()) {
    const at = below(`${path}.items`, index);
    expectText(report, `${at}.path`, field(item, 'path'));
    checkRelativePath(report, textOf(item, 'path'), `${at}.path`);
    expectRange(report, `${at}.mode`, field(item, 'mode'), 0, FILE_MODE_LIMIT);
    if (textOf(item, 'key') === '') report(`${at}.key`, 'is required and must not be empty');
    if (isDownward && !isObject(field(item, 'fieldRef')) && !isObject(field(item, 'resourceFieldRef')))
      report(at, 'must have one of fieldRef, resourceFieldRef');
    checkFieldReference(report, field(item, 'fieldRef'), `${at}.fieldRef`, VOLUME_FIELDS);
    checkResourceReference(report, field(item, 'resourceFieldRef'), `${at}.resourceFieldRef`);
  }
}

const PROJECTED = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken', 'clusterTrustBundle', 'podCertificate'];

function checkProjected({ report, version }: CheckContext, source: unknown, path: string): void {
  expectRange(report, `${path}.defaultMode`, field(source, 'defaultMode'), 0, FILE_MODE_LIMIT);
  for (const [index, part] of listOf(source, 'sources').entries()) {
    const at = below(`${path}.sources`, index);
    const given = PROJECTED.filter((name) => isObject(field(part, name)));
    if (given.length > 1) report(at, `has ${given.length} sources (${given.join(', ')}), at most one is allowed`);
    for (const name of ['secret', 'configMap', 'downwardAPI'])
      checkFiles(report, field(part, name), `${at}.${name}`, name === 'downwardAPI');
    for (const name of ['secret', 'configMap'])
      if (given.includes(name)) expectText(report, `${at}.${name}.name`, field(field(part, name), 'name'));
    const token = field(part, 'serviceAccountToken');
    expectRange(report, `${at}.serviceAccountToken.expirationSeconds`, field(token, 'expirationSeconds'), 600, 2 ** 32);
    if (token !== undefined) expectText(report, `${at}.serviceAccountToken.path`, field(token, 'path'));
    checkRelativePath(report, textOf(token, 'path'), `${at}.serviceAccountToken.path`);
    for (const name of ['clusterTrustBundle', 'podCertificate']) {
      if (given.includes(name))
        report(`${at}.${name}`, `is dropped by Kubernetes ${version}: its feature is off by default`);
    }
  }
}

/**
 * Mounts refer to volumes of the pod, and where they go is said once.
 * Source: validation.go, ValidateVolumeMounts and ValidateVolumeDevices
 */
export function checkMounts(
  report: Report,
  container: unknown,
  containerPath: string,
  volumes: ReadonlySet<string>,
): void {
  for (const list of ['volumeMounts', 'volumeDevices']) {
    for (const [index, mount] of listOf(container, list).entries()) {
      const name = textOf(mount, 'name');
      if (name === undefined || volumes.has(name)) continue;
      const known = volumes.size === 0 ? 'has no volumes' : `has ${[...volumes].slice(0, 10).join(', ')}`;
      report(
        `${below(`${containerPath}.${list}`, index)}.name`,
        `${quoted(name)} is no volume of the pod, which ${known}; add the volume or correct the name`,
      );
    }
  }
  const isPrivileged = isTrue(field(container, 'securityContext'), 'privileged');
  for (const [index, mount] of listOf(container, 'volumeMounts').entries()) {
    const path = below(`${containerPath}.volumeMounts`, index);
    expectText(report, `${path}.mountPath`, field(mount, 'mountPath'));
    checkRelativePath(report, textOf(mount, 'subPath'), `${path}.subPath`, true);
    checkRelativePath(report, textOf(mount, 'subPathExpr'), `${path}.subPathExpr`, true);
    if ((textOf(mount, 'subPath') ?? '') !== '' && (textOf(mount, 'subPathExpr') ?? '') !== '')
      report(`${path}.subPathExpr`, 'must not stand beside subPath; keep one of the two');
    if (textOf(mount, 'mountPropagation') === 'Bidirectional' && !isPrivileged)
      report(`${path}.mountPropagation`, 'Bidirectional needs a privileged container');
    checkRecursiveReadOnly(report, mount, path);
  }
}

function checkRecursiveReadOnly(report: Report, mount: unknown, path: string): void {
  const mode = textOf(mount, 'recursiveReadOnly');
  expectOneOf(report, `${path}.recursiveReadOnly`, mode, ['Disabled', 'IfPossible', 'Enabled']);
  if (mode !== 'Enabled' && mode !== 'IfPossible') return;
  if (!isTrue(mount, 'readOnly')) report(`${path}.recursiveReadOnly`, `${mode} needs readOnly: true`);
  if ((textOf(mount, 'mountPropagation') ?? 'None') !== 'None')
    report(`${path}.recursiveReadOnly`, `${mode} needs mountPropagation None`);
}

/** @param mayHideDots whether a name that starts with two dots is allowed, as in sub paths but not in files */
function checkRelativePath(report: Report, text: string | undefined, path: string, mayHideDots = false): void {
  if (text === undefined) return;
  if (text.startsWith('/')) report(path, `${quoted(text)} must be a relative path`);
  checkNoBacksteps(report, text, path);
  if (!mayHideDots && text.startsWith('..') && !text.startsWith('../') && text !== '..')
    report(path, `${quoted(text)} must not start with ".."`);
}

function checkNoBacksteps(report: Report, text: string | undefined, path: string): void {
  if (text?.split('/').includes('..') === true) report(path, `${quoted(text)} must not hold ".."`);
}
