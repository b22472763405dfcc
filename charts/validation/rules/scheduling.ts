import { below, quoted, type Report } from '../finding.js';
import { entriesOf, field, isObject, listOf, numberOf, textOf } from '../json.js';
import { dnsLabel, labelValue, qualifiedName } from '../names.js';
import { expectName, expectOneOf, expectRange, expectText } from '../rule.js';
import { checkLabels } from './metadata.js';
import { checkNodeAffinity } from './node-affinity.js';
import { checkLabelSelector } from './selectors.js';

/** Where a pod may run: node selector, affinities, tolerations, spread. */
export function checkScheduling(report: Report, spec: unknown, specPath: string): void {
  checkLabels(report, `${specPath}.nodeSelector`, entriesOf(spec, 'nodeSelector'));
  const affinity = field(spec, 'affinity');
  if (isObject(affinity)) {
    checkNodeAffinity(report, affinity['nodeAffinity'], `${specPath}.affinity.nodeAffinity`);
    for (const kind of ['podAffinity', 'podAntiAffinity'])
      checkPodAffinity(report, affinity[kind], `${specPath}.affinity.${kind}`);
  }
  for (const [index, toleration] of listOf(spec, 'tolerations').entries())
    checkToleration(report, toleration, below(`${specPath}.tolerations`, index));
  for (const [index, constraint] of listOf(spec, 'topologySpreadConstraints').entries()) {
    checkSpread(report, constraint, below(`${specPath}.topologySpreadConstraints`, index));
  }
}

/** Source: pkg/apis/core/validation/validation.go, validatePodAffinity */
function checkPodAffinity(report: Report, affinity: unknown, path: string): void {
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
  for (const [index, term] of listOf(affinity, required).entries())
    checkPodTerm(report, term, below(`${path}.${required}`, index));
  for (const [index, weighted] of listOf(affinity, preferred).entries()) {
    const at = below(`${path}.${preferred}`, index);
    expectRange(report, `${at}.weight`, field(weighted, 'weight'), 1, 100);
    checkPodTerm(report, field(weighted, 'podAffinityTerm'), `${at}.podAffinityTerm`);
  }
}

function checkPodTerm(report: Report, term: unknown, path: string): void {
  checkLabelSelector(report, `${path}.labelSelector`, field(term, 'labelSelector'));
  checkLabelSelector(report, `${path}.namespaceSelector`, field(term, 'namespaceSelector'));
  listOf(term, 'namespaces').forEach((name, index) =>
    expectName(report, below(`${path}.namespaces`, index), name, dnsLabel),
  );
  expectName(report, `${path}.topologyKey`, field(term, 'topologyKey'), qualifiedName);
  for (const keys of ['matchLabelKeys', 'mismatchLabelKeys']) checkLabelKeys(report, term, keys, path);
}

function checkLabelKeys(report: Report, holder: unknown, list: string, path: string): void {
  const keys = listOf(holder, list);
  if (keys.length > 0 && !isObject(field(holder, 'labelSelector')))
    report(`${path}.${list}`, 'needs a labelSelector beside it');
  keys.forEach((key, index) => expectName(report, below(`${path}.${list}`, index), key, qualifiedName));
}

/** Source: validation.go, ValidateTolerations */
function checkToleration(report: Report, toleration: unknown, path: string): void {
  const key = textOf(toleration, 'key') ?? '';
  const operator = textOf(toleration, 'operator') ?? '';
  if (key !== '') expectName(report, `${path}.key`, key, qualifiedName);
  else if (operator !== 'Exists') report(`${path}.operator`, 'must be Exists when there is no key');
  const value = textOf(toleration, 'value') ?? '';
  switch (operator) {
    case '':
    case 'Equal':
      expectName(report, `${path}.value`, value, labelValue);
      break;
    case 'Exists':
      if (value !== '') report(`${path}.value`, `${quoted(value)} must be left out with Exists`);
      break;
    case 'Gt':
    case 'Lt':
      report(
        `${path}.operator`,
        `${operator} needs the feature TaintTolerationComparisonOperators, which is off by default; use Equal or Exists`,
      );
  }
  const seconds = field(toleration, 'tolerationSeconds');
  if (seconds !== undefined && textOf(toleration, 'effect') !== 'NoExecute')
    report(`${path}.effect`, 'must be NoExecute when tolerationSeconds is set');
}

/** Source: validation.go, validateTopologySpreadConstraints; that no two are alike is the schema's business */
function checkSpread(report: Report, constraint: unknown, path: string): void {
  expectRange(report, `${path}.maxSkew`, field(constraint, 'maxSkew'), 1);
  expectText(report, `${path}.topologyKey`, field(constraint, 'topologyKey'));
  checkLabelSelector(report, `${path}.labelSelector`, field(constraint, 'labelSelector'));
  checkLabelKeys(report, constraint, 'matchLabelKeys', path);
  checkKeyOverlap(report, constraint, path);
  if (numberOf(constraint, 'minDomains') === undefined) return;
  expectRange(report, `${path}.minDomains`, field(constraint, 'minDomains'), 1);
  expectOneOf(report, `${path}.whenUnsatisfiable`, field(constraint, 'whenUnsatisfiable') ?? '', ['DoNotSchedule']);
}

/** A key of matchLabelKeys must not be in the selector too: the server adds the pod's own value of it there. */
function checkKeyOverlap(report: Report, constraint: unknown, path: string): void {
  const selector = field(constraint, 'labelSelector');
  const selected = new Set<unknown>([
    ...entriesOf(selector, 'matchLabels').map(([key]) => key),
    ...listOf(selector, 'matchExpressions').map((expression) => textOf(expression, 'key')),
  ]);
  listOf(constraint, 'matchLabelKeys').forEach((key, index) => {
    if (selected.has(key))
      report(
        below(`${path}.matchLabelKeys`, index),
        `${quoted(key)} is in the labelSelector too; keep it in one of the two`,
      );
  });
}
