import { atLeast } from '../../port/kubernetes-version.js';
import { below, quoted, type Report } from '../finding.js';
import { field, isObject, listOf, textOf } from '../json.js';
import { configMapKey, dnsSubdomain, environmentName, qualifiedName } from '../names.js';
import { parseQuantity } from '../quantity.js';
import { type CheckContext, expectName, expectOneOf, expectText } from '../rule.js';

const SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'];

const POD_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

const RESOURCE_FIELDS = ['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => [
  `limits.${name}`,
  `requests.${name}`,
]);

/** What a resource field may be divided by, with its value. */
const CPU_UNITS = unitsOf(['1', '1m']);
const BYTE_UNITS = unitsOf(['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']);

function unitsOf(texts: readonly string[]): ReadonlyMap<string, bigint | undefined> {
  return new Map(texts.map((text) => [text, parseQuantity(text)]));
}

/**
 * Names and sources of environment variables. Values are never looked at, nor shown.
 * Source: pkg/apis/core/validation/validation.go, ValidateEnv and ValidateEnvFrom
 */
export function checkEnvironment(context: CheckContext, container: unknown, containerPath: string): void {
  const { report } = context;
  for (const [index, variable] of listOf(container, 'env').entries()) {
    const name = textOf(variable, 'name');
    const from = field(variable, 'valueFrom');
    // There are many variables and most are plain, so no path is made for those.
    if (from === undefined && name !== undefined && environmentName(name) === undefined) continue;
    const path = below(`${containerPath}.env`, index);
    expectName(report, `${path}.name`, name, environmentName);
    checkValueFrom(context, variable, from, path);
  }
  for (const [index, source] of listOf(container, 'envFrom').entries()) {
    const path = below(`${containerPath}.envFrom`, index);
    if (textOf(source, 'prefix') !== '') expectName(report, `${path}.prefix`, field(source, 'prefix'), environmentName);
    const given = ['configMapRef', 'secretRef'].filter((name) => isObject(field(source, name)));
    if (given.length !== 1)
      report(path, `has ${given.length} sources, it must have exactly one of configMapRef, secretRef`);
    for (const name of given) {
      expectText(report, `${path}.${name}.name`, field(field(source, name), 'name'));
      if (textOf(field(source, name), 'name') !== '')
        expectName(report, `${path}.${name}.name`, field(field(source, name), 'name'), dnsSubdomain);
    }
  }
}

function checkValueFrom({ report, version }: CheckContext, variable: unknown, from: unknown, path: string): void {
  if (!isObject(from)) return;
  const given = SOURCES.filter((name) => isObject(from[name]));
  if (given.length !== 1)
    report(`${path}.valueFrom`, `has ${given.length} sources, it must have exactly one of ${SOURCES.join(', ')}`);
  if ((textOf(variable, 'value') ?? '') !== '')
    report(`${path}.valueFrom`, 'must not stand beside a value; keep one of the two');
  checkFieldReference(report, from['fieldRef'], `${path}.valueFrom.fieldRef`, POD_FIELDS);
  checkResourceReference(report, from['resourceFieldRef'], `${path}.valueFrom.resourceFieldRef`);
  for (const name of ['configMapKeyRef', 'secretKeyRef']) {
    const reference = from[name];
    if (!isObject(reference)) continue;
    expectName(report, `${path}.valueFrom.${name}.name`, reference['name'] ?? '', dnsSubdomain);
    expectName(report, `${path}.valueFrom.${name}.key`, reference['key'], configMapKey);
  }
  if (isObject(from['fileKeyRef']) && !atLeast(version, '1.35')) {
    report(`${path}.valueFrom.fileKeyRef`, `is dropped by Kubernetes ${version}: the feature EnvFiles is on from 1.35`);
  }
}

/**
 * A field of the pod handed to a container; labels and annotations by key.
 * Source: validation.go, validateObjectFieldSelector
 *
 * @param allowed the whole fields that may be named; volumes take fewer than the environment
 */
export function checkFieldReference(
  report: Report,
  reference: unknown,
  path: string,
  allowed: readonly string[],
): void {
  const fieldPath = textOf(reference, 'fieldPath');
  if (fieldPath === undefined) return;
  const byKey = /^metadata\.(labels|annotations)\['([^']*)'\]$/.exec(fieldPath);
  if (byKey === null) return expectOneOf(report, `${path}.fieldPath`, fieldPath, allowed);
  expectName(report, `${path}.fieldPath`, byKey[2] ?? '', (key) =>
    qualifiedName(byKey[1] === 'annotations' ? key.toLowerCase() : key),
  );
}

/** A container's request or limit handed to a container. Source: validation.go, validateContainerResourceFieldSelector */
export function checkResourceReference(report: Report, reference: unknown, path: string): void {
  if (!isObject(reference)) return;
  const resource = textOf(reference, 'resource');
  if (resource !== undefined && !/^(?:limits|requests)\.hugepages-/.test(resource))
    expectOneOf(report, `${path}.resource`, resource, RESOURCE_FIELDS);
  const divisor = parseQuantity(reference['divisor']);
  if (divisor === undefined || divisor === 0n) return;
  const units = resource?.endsWith('.cpu') === true ? CPU_UNITS : BYTE_UNITS;
  if (![...units.values()].includes(divisor))
    report(
      `${path}.divisor`,
      `${quoted(reference['divisor'])} is not allowed; allowed: ${[...units.keys()].join(', ')}`,
    );
}
