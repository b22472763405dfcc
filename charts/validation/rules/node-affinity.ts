import { below, quoted, type Report } from '../finding.js';
import { field, isObject, listOf, textOf } from '../json.js';
import { dnsSubdomain, labelValue, qualifiedName } from '../names.js';
import { expectName, expectOneOf, expectRange } from '../rule.js';

/**
 * Which nodes a pod must or should have.
 * Source: pkg/apis/core/validation/validation.go, validateNodeAffinity
 */
export function checkNodeAffinity(report: Report, affinity: unknown, path: string): void {
  if (!isObject(affinity)) return;
  const required = affinity['requiredDuringSchedulingIgnoredDuringExecution'];
  if (isObject(required)) checkNodeSelector(report, required, `${path}.requiredDuringSchedulingIgnoredDuringExecution`);
  for (const [index, preference] of listOf(affinity, 'preferredDuringSchedulingIgnoredDuringExecution').entries()) {
    const at = below(`${path}.preferredDuringSchedulingIgnoredDuringExecution`, index);
    expectRange(report, `${at}.weight`, field(preference, 'weight'), 1, 100);
    checkTerm(report, field(preference, 'preference'), `${at}.preference`, false);
  }
}

/** A list of terms of which one must hold. Source: ValidateNodeSelector */
export function checkNodeSelector(report: Report, selector: unknown, path: string): void {
  const terms = listOf(selector, 'nodeSelectorTerms');
  if (terms.length === 0) report(`${path}.nodeSelectorTerms`, 'is empty, it needs at least one term');
  for (const [index, term] of terms.entries()) checkTerm(report, term, below(`${path}.nodeSelectorTerms`, index), true);
}

/** @param checksValues whether values must be label values; in preferences upstream lets any text pass */
function checkTerm(report: Report, term: unknown, path: string, checksValues: boolean): void {
  for (const [index, expression] of listOf(term, 'matchExpressions').entries()) {
    const at = below(`${path}.matchExpressions`, index);
    checkOperator(report, expression, at);
    expectName(report, `${at}.key`, field(expression, 'key'), qualifiedName);
    if (!checksValues) continue;
    listOf(expression, 'values').forEach((value, position) =>
      expectName(report, below(`${at}.values`, position), value, labelValue),
    );
  }
  for (const [index, expression] of listOf(term, 'matchFields').entries()) {
    const at = below(`${path}.matchFields`, index);
    expectOneOf(report, `${at}.operator`, field(expression, 'operator'), ['In', 'NotIn']);
    expectOneOf(report, `${at}.key`, field(expression, 'key'), ['metadata.name']);
    const values = listOf(expression, 'values');
    if (values.length !== 1) report(`${at}.values`, `has ${values.length} values, a field takes exactly one`);
    for (const value of values) expectName(report, `${at}.values[0]`, value, dnsSubdomain);
  }
}

/**
 * In and NotIn take values, Exists and DoesNotExist none, Gt and Lt one integer.
 *
 * That the value of Gt and Lt is an integer is checked by the scheduler, not by the API server: a pod that breaks it is
 * accepted and then fits no node.
 */
function checkOperator(report: Report, expression: unknown, path: string): void {
  const operator = textOf(expression, 'operator');
  const values = listOf(expression, 'values');
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) report(`${path}.values`, `is empty, ${operator} needs at least one value`);
      return;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) report(`${path}.values`, `must be left out with ${operator}`);
      return;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1)
        return report(`${path}.values`, `has ${values.length} values, ${operator} takes exactly one`);
      if (!/^[+-]?\d{1,19}$/.test(String(values[0])))
        report(`${path}.values[0]`, `${quoted(values[0])} is no integer, which ${operator} compares by`);
  }
}
