import type { LabelSelector } from './healing-policy.js';

/** Whether labels are selected. */
export type Selects = (labels: Readonly<Record<string, string>>) => boolean;

/** A selector that selects nothing because of what is wrong with it. */
export interface BadSelector {
  readonly reason: 'SelectorEmpty' | 'PolicyInvalid';
  readonly message: string;
}

const OPERATORS = 'In, NotIn, Exists, DoesNotExist';

/**
 * Compiles a label selector. An empty one is refused here, where Kubernetes would select everything.
 *
 * Source: Kubernetes `LabelSelector`.
 */
export function compileSelector(selector: LabelSelector | undefined): Selects | BadSelector {
  const equal = Object.entries(selector?.matchLabels ?? {});
  const expressions = selector?.matchExpressions ?? [];
  if (equal.length === 0 && expressions.length === 0) {
    return {
      reason: 'SelectorEmpty',
      message: 'spec.selector selects nothing: name at least one label in matchLabels or matchExpressions',
    };
  }
  const tests: Selects[] = equal.map(
    ([key, value]) =>
      (labels) =>
        Object.hasOwn(labels, key) && labels[key] === value,
  );
  for (const [index, { key, operator, values = [] }] of expressions.entries()) {
    const where = `spec.selector.matchExpressions[${index}]`;
    const valued = operator === 'In' || operator === 'NotIn';
    if (!valued && operator !== 'Exists' && operator !== 'DoesNotExist') {
      return invalid(`${where}.operator: ${JSON.stringify(operator)} is not one of ${OPERATORS}`);
    }
    if (valued !== values.length > 0) {
      return invalid(`${where}.values: ${operator} ${valued ? 'needs at least one value' : 'must not have values'}`);
    }
    tests.push(expressionTest(key, operator, new Set(values)));
  }
  return (labels) => tests.every((test) => test(labels));
}

function expressionTest(
  key: string,
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist',
  values: ReadonlySet<string>,
): Selects {
  return (labels) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (operator) {
      case 'In':
        return value !== undefined && values.has(value);
      case 'NotIn':
        return value === undefined || !values.has(value);
      case 'Exists':
        return value !== undefined;
      default:
        return value === undefined;
    }
  };
}

function invalid(message: string): BadSelector {
  return { reason: 'PolicyInvalid', message };
}
