import { below, quoted, type Report } from '../finding.js';
import { entriesOf, field, isObject, listOf, textOf } from '../json.js';
import { labelValue, qualifiedName } from '../names.js';
import { expectName, expectOneOf } from '../rule.js';
import { checkLabels } from './metadata.js';

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/**
 * A label selector: keys, values, and as many values as the operator takes.
 * Source: apimachinery pkg/apis/meta/v1/validation/validation.go, ValidateLabelSelector
 */
export function checkLabelSelector(report: Report, path: string, selector: unknown): void {
  checkLabels(report, `${path}.matchLabels`, entriesOf(selector, 'matchLabels'));
  for (const [index, expression] of listOf(selector, 'matchExpressions').entries()) {
    const at = below(`${path}.matchExpressions`, index);
    const operator = textOf(expression, 'operator');
    const values = listOf(expression, 'values');
    expectOneOf(report, `${at}.operator`, operator, OPERATORS);
    if ((operator === 'In' || operator === 'NotIn') && values.length === 0)
      report(`${at}.values`, `is empty, ${operator} needs at least one value`);
    if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0)
      report(`${at}.values`, `must be left out with ${operator}`);
    expectName(report, `${at}.key`, field(expression, 'key'), qualifiedName);
    values.forEach((value, position) => expectName(report, below(`${at}.values`, position), value, labelValue));
  }
}

/** Whether a selector says nothing, which workloads refuse and budgets read as "every pod". */
export function isEmptySelector(selector: unknown): boolean {
  return entriesOf(selector, 'matchLabels').length === 0 && listOf(selector, 'matchExpressions').length === 0;
}

/**
 * Whether labels fulfil a selector.
 *
 * @example selectorMatches({ matchLabels: { app: 'web' } }, { app: 'web', tier: 'edge' }) // true
 */
export function selectorMatches(selector: unknown, labels: unknown): boolean {
  const own = new Map(Object.entries(isObject(labels) ? labels : {}));
  return (
    entriesOf(selector, 'matchLabels').every(([key, value]) => own.get(key) === value) &&
    listOf(selector, 'matchExpressions').every((expression) => {
      const key = textOf(expression, 'key') ?? '';
      const isOneOf = own.has(key) && listOf(expression, 'values').includes(own.get(key));
      switch (textOf(expression, 'operator')) {
        case 'In':
          return isOneOf;
        case 'NotIn':
          return !isOneOf;
        case 'Exists':
          return own.has(key);
        case 'DoesNotExist':
          return !own.has(key);
        default:
          return true;
      }
    })
  );
}

/**
 * A workload's selector is there, well formed, not empty, and matches the pods that the workload makes.
 * Source: pkg/apis/apps/validation/validation.go
 */
export function checkWorkloadSelector(report: Report, spec: unknown): void {
  const selector = field(spec, 'selector');
  if (selector === undefined) return;
  checkLabelSelector(report, 'spec.selector', selector);
  if (isEmptySelector(selector))
    return report('spec.selector', 'is empty, it must name at least one label of the pods');
  const labels = field(field(field(spec, 'template'), 'metadata'), 'labels');
  if (!selectorMatches(selector, labels)) {
    report(
      'spec.template.metadata.labels',
      `${quoted(labels ?? {})} do not match spec.selector; give the pods every label of the selector`,
    );
  }
}
