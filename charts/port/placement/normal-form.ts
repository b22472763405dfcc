import type { Comparison, Expression } from '../../ecs/query-language/ast.js';
import { simplify } from './simplify.js';
import { ALWAYS, type Disjunction, NEVER, type NodeRequirement } from './term.js';

/** Thrown when a disjunctive form would have more terms than the caller wants. */
export class TooManyTermsError extends Error {
  override readonly name = 'TooManyTermsError';
}

/** Holds for the nodes on which one label meets one requirement. */
export function labelled(
  key: string,
  operator: NodeRequirement['operator'],
  values: readonly string[] = [],
): Disjunction {
  return [{ node: [{ key, operator, values }], pods: [] }];
}

/** Holds when one of the parts does. */
export function either(parts: readonly Disjunction[], maximumTerms: number): Disjunction {
  return capped(parts.flat(), maximumTerms);
}

/** Holds when all of the parts do: the cross product of their terms. */
export function all(parts: readonly Disjunction[], maximumTerms: number): Disjunction {
  let product = ALWAYS;
  for (const part of parts) {
    // Simplifying may shrink a product, so it may be larger than the answer, but not without bound.
    if (product.length * part.length > maximumTerms * 8) throw new TooManyTermsError();
    const pairs = product.flatMap((left) =>
      part.map((right) => ({ node: [...left.node, ...right.node], pods: [...left.pods, ...right.pods] })),
    );
    product = capped(pairs, maximumTerms);
  }
  return product;
}

/**
 * Holds exactly where `disjunction` does not, in the meaning that Kubernetes gives to the operators: `NotIn` holds on a
 * node without the label, `In`, `Gt` and `Lt` do not. `Gt` and `Lt` are complements for labels with integers only.
 */
export function complement(disjunction: Disjunction, maximumTerms: number): Disjunction {
  return all(
    disjunction.map((term) => [
      ...term.node.flatMap(negatedRequirement),
      ...term.pods.map((pod) => ({ node: [], pods: [{ ...pod, anti: !pod.anti }] })),
    ]),
    maximumTerms,
  );
}

/**
 * The disjunctive normal form of an expression: `not` is pushed inwards to the comparisons, then `and` is multiplied out.
 *
 * @param translate says where a comparison holds, called once for each; `undefined` leaves the comparison out, so that
 *   more nodes are allowed whether it stands under `not` or not
 * @throws TooManyTermsError when more than `maximumTerms` terms are needed
 */
export function disjunctiveForm(
  expression: Expression,
  translate: (comparison: Comparison) => Disjunction | undefined,
  maximumTerms: number,
  negated = false,
): Disjunction {
  if (expression.kind === 'not') return disjunctiveForm(expression.operand, translate, maximumTerms, !negated);
  if (expression.kind === 'comparison') {
    const meaning = translate(expression);
    if (meaning === undefined) return ALWAYS;
    return negated ? complement(meaning, maximumTerms) : meaning;
  }
  const parts = expression.operands.map((operand) => disjunctiveForm(operand, translate, maximumTerms, negated));
  return (expression.kind === 'and') === negated ? either(parts, maximumTerms) : all(parts, maximumTerms);
}

function capped(terms: Disjunction, maximumTerms: number): Disjunction {
  const simple = simplify(terms);
  if (simple.length > maximumTerms) throw new TooManyTermsError();
  return simple;
}

function negatedRequirement({ key, operator, values }: NodeRequirement): Disjunction {
  const bound = values[0] ?? '0';
  switch (operator) {
    case 'In':
      return labelled(key, 'NotIn', values);
    case 'NotIn':
      return labelled(key, 'In', values);
    case 'Exists':
      return labelled(key, 'DoesNotExist');
    case 'DoesNotExist':
      return labelled(key, 'Exists');
    case 'Gt':
      return [...labelled(key, 'DoesNotExist'), ...labelled(key, 'Lt', [String(BigInt(bound) + 1n)])];
    default:
      return [...labelled(key, 'DoesNotExist'), ...atLeast(key, BigInt(bound))];
  }
}

/** `label >= bound`. A label cannot start with a sign, so every integer label is 0 or more, and `Gt -1` is not valid. */
export function atLeast(key: string, bound: bigint): Disjunction {
  return bound <= 0n ? labelled(key, 'Exists') : labelled(key, 'Gt', [String(bound - 1n)]);
}

/** `label < bound`, which no label meets when the bound is 0 or less. */
export function below(key: string, bound: bigint): Disjunction {
  return bound <= 0n ? NEVER : labelled(key, 'Lt', [String(bound)]);
}
