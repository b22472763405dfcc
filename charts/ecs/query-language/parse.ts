import { type Expression, type Operator, QueryLanguageError, type Subject } from './ast.js';
import { Scanner } from './scan.js';

/** The longest expression that ECS takes, in characters (`PlacementConstraint.expression`). */
export const MAXIMUM_LENGTH = 2000;
/** How deep parentheses and `not` may nest; far more than anyone writes, and safe for every recursion over the tree. */
export const MAXIMUM_DEPTH = 100;

const EQUALITY: readonly Operator[] = ['==', '!='];
const ORDER: readonly Operator[] = ['>', '>=', '<', '<='];
const TEXT_MATCH: readonly Operator[] = ['in', '!in', '=~', '!~'];

const FIELD_OPERATORS = new Map<string, readonly Operator[]>([
  ['agentConnected', [...EQUALITY, ...TEXT_MATCH]],
  ['agentVersion', [...EQUALITY, ...ORDER]],
  ['ec2InstanceId', [...EQUALITY, ...TEXT_MATCH]],
  ['registeredAt', [...EQUALITY, ...ORDER]],
  ['runningTasksCount', [...EQUALITY, ...ORDER]],
]);

const OPERATOR_SYMBOLS: readonly Operator[] = ['==', '!=', '>=', '<=', '=~', '!~', '>', '<'];
const OPERATOR_WORDS = new Map<string, Operator>([
  ['equals', '=='],
  ['not_equals', '!='],
  ['greater_than', '>'],
  ['greater_than_equal', '>='],
  ['less_than', '<'],
  ['less_than_equal', '<='],
  ['exists', 'exists'],
  ['not_exists', '!exists'],
  ['in', 'in'],
  ['not_in', '!in'],
  ['matches', '=~'],
  ['not_matches', '!~'],
]);

const SUBJECTS_ALLOWED = `attribute:NAME, ${[...FIELD_OPERATORS.keys()].join(', ')}, task:group`;
const OPERATORS_ALLOWED = '==, !=, >, >=, <, <=, exists, !exists, in, !in, =~, !~ or their word forms';

/**
 * Reads an expression of the ECS cluster query language.
 *
 * `not` binds tightest, then `and`, then `or`; the ECS documentation gives no order, so this is the usual one. Subjects
 * are case-sensitive, as attribute names are; operator and connective words are read in any letter case, because
 * nothing else can stand where they do. Values are kept as written. A bare value holds no space, quote, comma, bracket
 * or parenthesis: quote it then. A pattern may hold parentheses and brackets of its own.
 *
 * Source: Amazon ECS Developer Guide, "cluster query language".
 *
 * @param text up to 2000 characters
 * @throws QueryLanguageError with the code, the 0-based column, and what is allowed there
 * @example parseExpression('attribute:ecs.instance-type =~ g2.* and not(task:group == database)')
 */
export function parseExpression(text: string): Expression {
  if (text.length > MAXIMUM_LENGTH) {
    throw new QueryLanguageError(
      'too-long',
      MAXIMUM_LENGTH,
      `found ${text.length} characters, allowed: ${MAXIMUM_LENGTH}; split it into several placement constraints, which all have to hold`,
    );
  }
  const parser = new Parser(new Scanner(text));
  return parser.whole();
}

class Parser {
  #depth = 0;

  constructor(private readonly scanner: Scanner) {}

  whole(): Expression {
    if (this.scanner.atEnd()) {
      throw new QueryLanguageError(
        'empty',
        0,
        'found nothing, allowed: subject operator [argument]; write an expression',
      );
    }
    const expression = this.#or();
    if (!this.scanner.atEnd()) {
      const closing = this.scanner.text.charAt(this.scanner.column) === ')';
      throw this.#error(
        closing ? 'unbalanced-parenthesis' : 'unexpected-text',
        closing
          ? 'the end of the expression; remove ")" or open it earlier'
          : 'and, or, the end of the expression; quote a value that has spaces',
      );
    }
    return expression;
  }

  #or(): Expression {
    return this.#compound('or', '||', () => this.#and());
  }

  #and(): Expression {
    return this.#compound('and', '&&', () => this.#unary());
  }

  #compound(kind: 'and' | 'or', symbol: string, operand: () => Expression): Expression {
    this.scanner.skipSpace();
    const column = this.scanner.column;
    const first = operand();
    const operands = [first];
    while (this.scanner.take(symbol) || this.scanner.takeWord(kind)) operands.push(operand());
    return operands.length === 1 ? first : { kind, operands, ...this.#placed(column) };
  }

  #unary(): Expression {
    this.scanner.skipSpace();
    const column = this.scanner.column;
    if (this.scanner.take('!') || this.scanner.takeWord('not')) {
      const operand = this.#nested(column, () => this.#unary());
      return { kind: 'not', operand, ...this.#placed(column) };
    }
    if (!this.scanner.take('(')) return this.#comparison();
    const inner = this.#nested(column, () => this.#or());
    if (!this.scanner.take(')')) {
      throw this.#error('unbalanced-parenthesis', `")" for the "(" in column ${column}, and, or; close it`);
    }
    return inner;
  }

  #nested(column: number, read: () => Expression): Expression {
    if (++this.#depth > MAXIMUM_DEPTH) {
      throw new QueryLanguageError(
        'too-deep',
        column,
        `found more than ${MAXIMUM_DEPTH} levels of parentheses and not, allowed: ${MAXIMUM_DEPTH}; simplify the expression`,
      );
    }
    const expression = read();
    this.#depth--;
    return expression;
  }

  #comparison(): Expression {
    const column = this.scanner.column;
    const subject = this.#subject();
    const subjectText = this.scanner.text.slice(column, this.scanner.column);
    const operator = this.#operator(subject, subjectText);
    const values = this.#values(operator);
    return { kind: 'comparison', subject, operator, values, ...this.#placed(column) };
  }

  #subject(): Subject {
    const column = this.scanner.column;
    const found = this.scanner.describeNext();
    const word = this.scanner.run(/[\w:./\\-]/);
    const name = word.startsWith('attribute:') ? word.slice('attribute:'.length) : '';
    if (name !== '') return { kind: 'attribute', name };
    switch (word) {
      case 'task:group':
      case 'agentConnected':
      case 'agentVersion':
      case 'ec2InstanceId':
      case 'registeredAt':
      case 'runningTasksCount':
        return { kind: word };
      default: {
        const fix = word === 'attribute:' ? 'write the attribute name right after the colon' : 'start with a subject';
        throw new QueryLanguageError('unknown-subject', column, `found ${found}, allowed: ${SUBJECTS_ALLOWED}; ${fix}`);
      }
    }
  }

  #operator(subject: Subject, subjectText: string): Operator {
    this.scanner.skipSpace();
    const column = this.scanner.column;
    const found = this.scanner.describeNext();
    const operator = this.#operatorSymbol() ?? OPERATOR_WORDS.get(this.scanner.run(/\w/).toLowerCase());
    if (operator === undefined) {
      const missing = found === 'the end of the expression' || /^"(?:\)|and|or|&&|\|\|)"$/i.test(found);
      const fix = missing
        ? `"${subjectText}" alone says nothing, write "${subjectText} exists" or compare it`
        : 'use one';
      throw new QueryLanguageError(
        missing ? 'missing-operator' : 'unknown-operator',
        column,
        `found ${found}, allowed: ${OPERATORS_ALLOWED}; ${found.startsWith('"=') ? 'equality is written "=="' : fix}`,
      );
    }
    const allowed = FIELD_OPERATORS.get(subject.kind);
    if (allowed !== undefined && !allowed.includes(operator)) {
      throw new QueryLanguageError(
        'operator-not-allowed',
        column,
        `found ${found} after ${subjectText}, allowed: ${allowed.join(', ')}; ECS takes no other operator for this subject`,
      );
    }
    return operator;
  }

  #operatorSymbol(): Operator | undefined {
    if (this.scanner.takeWord('!exists')) return '!exists';
    if (this.scanner.takeWord('!in')) return '!in';
    return OPERATOR_SYMBOLS.find((symbol) => this.scanner.take(symbol));
  }

  #values(operator: Operator): readonly string[] {
    if (operator === 'exists' || operator === '!exists') return [];
    if (operator === 'in' || operator === '!in') return this.#list();
    const value = operator === '=~' || operator === '!~' ? this.scanner.pattern() : this.scanner.value();
    if (value === undefined) throw this.#error('missing-argument', `a value after ${operator}; add it`);
    return [value];
  }

  #list(): readonly string[] {
    if (!this.scanner.take('[')) throw this.#error('bad-list', 'a list such as [a, b]; put the values in brackets');
    const values: string[] = [];
    do {
      const value = this.scanner.value();
      if (value === undefined) throw this.#error('bad-list', 'a value of the list; name at least one between commas');
      values.push(value);
    } while (this.scanner.take(','));
    if (!this.scanner.take(']')) throw this.#error('bad-list', '"," or "]"; close the list');
    return values;
  }

  #placed(column: number): { readonly column: number; readonly text: string } {
    return { column, text: this.scanner.text.slice(column, this.scanner.column).trimEnd() };
  }

  #error(code: QueryLanguageError['code'], allowed: string): QueryLanguageError {
    const found = this.scanner.describeNext();
    return new QueryLanguageError(code, this.scanner.column, `found ${found}, allowed: ${allowed}`);
  }
}
