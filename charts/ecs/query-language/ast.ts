/**
 * The comparison operators of the cluster query language, each in its symbol form.
 * The word forms (`equals`, `not_in`, `matches`, …) are read as these.
 */
export const OPERATORS = ['==', '!=', '>', '>=', '<', '<=', 'exists', '!exists', 'in', '!in', '=~', '!~'] as const;

export type Operator = (typeof OPERATORS)[number];

/** What a comparison looks at: a container instance's attribute, one of its fields, or the tasks that run on it. */
export type Subject =
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'agentConnected' | 'agentVersion' | 'ec2InstanceId' | 'registeredAt' | 'runningTasksCount' }
  | { readonly kind: 'task:group' };

/** The part of every node that says where it stands. */
export interface Placed {
  /** Where the node starts: 0-based, in UTF-16 units of the expression. */
  readonly column: number;
  /** The node as it was written, without the spaces around it. */
  readonly text: string;
}

/** `subject operator [argument]`. */
export interface Comparison extends Placed {
  readonly kind: 'comparison';
  readonly subject: Subject;
  readonly operator: Operator;
  /** None for `exists` and `!exists`, one or more for `in` and `!in`, exactly one for the others; without quotes. */
  readonly values: readonly string[];
}

/** `a and b and c` or `a or b or c`; two operands at least. */
export interface Compound extends Placed {
  readonly kind: 'and' | 'or';
  readonly operands: readonly Expression[];
}

/** `not a`. */
export interface Negation extends Placed {
  readonly kind: 'not';
  readonly operand: Expression;
}

/** A placement expression, as `placementConstraints[].expression` of `RegisterTaskDefinition` and `CreateService` has it. */
export type Expression = Comparison | Compound | Negation;

/** What is wrong with an expression; stable, for machines. */
export type QueryLanguageErrorCode =
  | 'empty'
  | 'too-long'
  | 'too-deep'
  | 'unknown-subject'
  | 'missing-operator'
  | 'unknown-operator'
  | 'operator-not-allowed'
  | 'missing-argument'
  | 'bad-list'
  | 'bad-pattern'
  | 'unclosed-quote'
  | 'unbalanced-parenthesis'
  | 'unexpected-text';

/** An expression that ECS would not accept; the message names what was found, what is allowed and the fix. */
export class QueryLanguageError extends Error {
  override readonly name = 'QueryLanguageError';

  /**
   * @param column where it is: 0-based, in UTF-16 units of the expression
   * @param problem one sentence in lower case, without the column
   */
  constructor(
    readonly code: QueryLanguageErrorCode,
    readonly column: number,
    problem: string,
  ) {
    super(`column ${column}: ${problem}`);
  }
}
