import type { LabelSelector } from '../healing/healing-policy.js';
import { compileSelector } from '../healing/selection.js';

/**
 * The first thing in which a pod differs from what a selector wants.
 *
 * @example `app must be "web", and is "api"`
 */
export function whyNotSelected(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>>): string {
  const selects = compileSelector(selector);
  if (typeof selects !== 'function') return selects.message;
  const has = (key: string): string =>
    Object.hasOwn(labels, key) ? `is ${JSON.stringify(labels[key])}` : 'is not set';
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) {
    if (!Object.hasOwn(labels, key) || labels[key] !== value)
      return `${key} must be ${JSON.stringify(value)}, and ${has(key)}`;
  }
  for (const expression of selector?.matchExpressions ?? []) {
    const one = compileSelector({ matchExpressions: [expression] });
    if (typeof one !== 'function' || one(labels)) continue;
    const { key, operator, values = [] } = expression;
    const wanted = {
      In: `one of ${values.join(', ')}`,
      NotIn: `none of ${values.join(', ')}`,
      Exists: 'set',
      DoesNotExist: 'absent',
    }[operator];
    return `${key} must be ${wanted}, and ${has(key)}`;
  }
  return 'it selects the pod';
}
