import type { Field } from '../field.js';
import { QueryLanguageError } from '../query-language/ast.js';
import { parseExpression } from '../query-language/parse.js';
import type { Refusals } from './refusals.js';

/** Placement constraints of a service or task definition: expressions must be of the cluster query language. */
export function validateExpressions(
  constraints: readonly Field<{ type?: string | undefined; expression?: string | undefined }>[],
  refusals: Refusals,
): void {
  for (const constraint of constraints) {
    const type = constraint.get('type');
    const expression = constraint.get('expression');
    if (type.value === 'distinctInstance') {
      if (expression.exists)
        refusals.refuse(
          expression,
          'needless-expression',
          'distinctInstance takes no expression',
          'remove "expression"',
        );
      continue;
    }
    if (!expression.exists) {
      if (expression.node === undefined && type.exists)
        refusals.refuse(constraint, 'missing-expression', 'memberOf needs an expression', 'add "expression"');
      continue;
    }
    if (expression.placeholder !== undefined || /[{$]|<\w/.test(expression.value ?? '')) continue;
    try {
      parseExpression(expression.value ?? '');
    } catch (error) {
      if (!(error instanceof QueryLanguageError)) throw error;
      refusals.refuse(
        expression,
        'invalid-expression',
        `Invalid expression, at its column ${error.column + 1}: ${error.message}`,
      );
    }
  }
}
