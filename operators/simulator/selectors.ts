import { field, isObject, text } from './json.js';
import type { Json } from './json.js';

/** A selector that the server does not understand. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

/** Whether an object is selected. */
export type Selector = (object: Json) => boolean;

/**
 * Reads a label selector.
 *
 * Source: Kubernetes, "Labels and Selectors": `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, joined by commas.
 * @throws SelectorError
 */
export function labelSelector(expression: string): Selector {
  const requirements = split(expression).map(labelRequirement);
  return (object) => {
    const labels = field(object, 'metadata', 'labels');
    return requirements.every((holds) => holds((key) => text(labels, key)));
  };
}

type Requirement = (label: (key: string) => string | undefined) => boolean;

function labelRequirement(requirement: string): Requirement {
  const set = /^([^\s=!,()]+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(requirement);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = new Set(list.split(',').map((value) => value.trim()));
    return (label) => {
      const value = label(key);
      return operator === 'in' ? value !== undefined && values.has(value) : value === undefined || !values.has(value);
    };
  }
  const compared = /^([^\s=!,()]+)\s*(==|=|!=)\s*([^\s=!,()]*)$/.exec(requirement);
  if (compared !== null) {
    const [, key = '', operator, expected = ''] = compared;
    return (label) => (operator === '!=' ? label(key) !== expected : label(key) === expected);
  }
  const presence = /^(!?)([^\s=!,()]+)$/.exec(requirement);
  if (presence === null) throw new SelectorError(`unable to parse requirement: ${JSON.stringify(requirement)}`);
  const [, not, key = ''] = presence;
  return (label) => (label(key) === undefined) === (not === '!');
}

/** Splits at commas outside parentheses. */
function split(expression: string): readonly string[] {
  return expression
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

const EVERYWHERE = ['metadata.name', 'metadata.namespace'];
const OF_PODS = ['spec.nodeName', 'status.phase'];

/**
 * Reads a field selector: names and namespaces, and for pods the node and the phase.
 *
 * @throws SelectorError for a field by which this resource cannot be selected
 */
export function fieldSelector(expression: string, plural: string): Selector {
  const requirements = split(expression).map((part) => {
    const match = /^([\w.-]+)\s*(==|=|!=)\s*(.*)$/.exec(part);
    if (match === null) {
      throw new SelectorError(
        `invalid selector: ${JSON.stringify(expression)}; can't understand ${JSON.stringify(part)}`,
      );
    }
    const [, path = '', operator, expected = ''] = match;
    if (!EVERYWHERE.includes(path) && !(plural === 'pods' && OF_PODS.includes(path))) {
      throw new SelectorError(`field label not supported: ${path}`);
    }
    return (object: Json): boolean => ((text(object, ...path.split('.')) ?? '') === expected) !== (operator === '!=');
  });
  return (object) => requirements.every((holds) => holds(object));
}

/** Both selectors, of which either may be absent. @throws SelectorError */
export function selector(
  plural: string,
  options: {
    readonly namespace?: string;
    readonly labelSelector?: string;
    readonly fieldSelector?: string;
  },
): Selector {
  const labels = labelSelector(options.labelSelector ?? '');
  const fields = fieldSelector(options.fieldSelector ?? '', plural);
  return (object) =>
    (options.namespace === undefined || text(object, 'metadata', 'namespace') === options.namespace) &&
    labels(object) &&
    fields(object);
}

/** Reads a `LabelSelector` object, as in a PodDisruptionBudget. An empty one selects everything, an absent one nothing. */
export function labelSelectorObject(value: Json | undefined): Selector {
  if (!isObject(value)) return () => false;
  const equalities = Object.entries(field(value, 'matchLabels') ?? {}) as [string, Json][];
  const expressions = field(value, 'matchExpressions');
  const parts = (Array.isArray(expressions) ? (expressions as readonly Json[]) : []).map((expression) => {
    const key = text(expression, 'key') ?? '';
    const values = field(expression, 'values');
    const list = Array.isArray(values) ? values.join(',') : '';
    switch (text(expression, 'operator')) {
      case 'In':
        return `${key} in (${list})`;
      case 'NotIn':
        return `${key} notin (${list})`;
      case 'Exists':
        return key;
      default:
        return `!${key}`;
    }
  });
  const matches = labelSelector(parts.join(','));
  return (object) =>
    matches(object) && equalities.every(([key, expected]) => text(object, 'metadata', 'labels', key) === expected);
}
