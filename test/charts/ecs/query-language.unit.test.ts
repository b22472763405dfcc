import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type Expression, type Operator, QueryLanguageError } from '../../../charts/ecs/query-language/ast.js';
import { MAXIMUM_DEPTH, MAXIMUM_LENGTH, parseExpression } from '../../../charts/ecs/query-language/parse.js';

/** The tree without positions, as a prefix list that is easy to read in a test. */
function shape(expression: Expression): unknown {
  switch (expression.kind) {
    case 'comparison': {
      const { subject, operator, values } = expression;
      return [subject.kind === 'attribute' ? `attribute:${subject.name}` : subject.kind, operator, ...values];
    }
    case 'not':
      return ['not', shape(expression.operand)];
    default:
      return [expression.kind, ...expression.operands.map(shape)];
  }
}

function failure(text: string): QueryLanguageError {
  try {
    parseExpression(text);
  } catch (error) {
    if (error instanceof QueryLanguageError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} was accepted`);
}

/** Where an expression is wrong; 0 when it is right. */
function columnOfFailure(text: string): number {
  try {
    parseExpression(text);
    return 0;
  } catch (error) {
    if (error instanceof QueryLanguageError) return error.column;
    throw error;
  }
}

describe('the cluster query language', () => {
  it.each<[string, unknown]>([
    ['attribute:ecs.instance-type == t2.small', ['attribute:ecs.instance-type', '==', 't2.small']],
    [
      'attribute:ecs.availability-zone in [us-east-1a, us-east-1b]',
      ['attribute:ecs.availability-zone', 'in', 'us-east-1a', 'us-east-1b'],
    ],
    [
      'attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d',
      ['and', ['attribute:ecs.instance-type', '=~', 'g2.*'], ['attribute:ecs.availability-zone', '!=', 'us-east-1d']],
    ],
    ['task:group == service:production', ['task:group', '==', 'service:production']],
    ['not(task:group == database)', ['not', ['task:group', '==', 'database']]],
    ['runningTasksCount == 1', ['runningTasksCount', '==', '1']],
    ['agentVersion < 1.14.5', ['agentVersion', '<', '1.14.5']],
    ['registeredAt < 2018-06-18T22:28:28+00:00', ['registeredAt', '<', '2018-06-18T22:28:28+00:00']],
    ["ec2InstanceId in ['i-abcd1234', 'i-wxyx7890']", ['ec2InstanceId', 'in', 'i-abcd1234', 'i-wxyx7890']],
  ])('reads the documented example %s', (text, expected) => {
    expect(shape(parseExpression(text))).toEqual(expected);
  });

  it.each<[string, Operator]>([
    ['equals v', '=='],
    ['not_equals v', '!='],
    ['greater_than 1', '>'],
    ['greater_than_equal 1', '>='],
    ['less_than 1', '<'],
    ['less_than_equal 1', '<='],
    ['exists', 'exists'],
    ['not_exists', '!exists'],
    ['!exists', '!exists'],
    ['not_in [v]', '!in'],
    ['!in[v]', '!in'],
    ['matches v', '=~'],
    ['not_matches v', '!~'],
  ])('reads attribute:x %s as the operator %s', (rest, operator) => {
    expect(parseExpression(`attribute:x ${rest}`)).toMatchObject({ operator });
  });

  it('needs no spaces around symbols', () => {
    expect(shape(parseExpression('attribute:a==b&&!(attribute:c!=d||attribute:e>=2)'))).toEqual([
      'and',
      ['attribute:a', '==', 'b'],
      ['not', ['or', ['attribute:c', '!=', 'd'], ['attribute:e', '>=', '2']]],
    ]);
  });

  it('binds not tighter than and, and and tighter than or', () => {
    expect(
      shape(
        parseExpression('attribute:a exists or not attribute:b exists and attribute:c exists or attribute:d exists'),
      ),
    ).toEqual([
      'or',
      ['attribute:a', 'exists'],
      ['and', ['not', ['attribute:b', 'exists']], ['attribute:c', 'exists']],
      ['attribute:d', 'exists'],
    ]);
  });

  it.each([
    ['attribute:t =~ (t2|t3)\\.micro', '(t2|t3)\\.micro'],
    ['(attribute:t =~ (t2|t3)\\.micro)', '(t2|t3)\\.micro'],
    ['attribute:t =~ m5\\..* and attribute:b exists', 'm5\\..*'],
    ['attribute:t =~ a|b|c', 'a|b|c'],
    ['attribute:t =~ x[)(|]+ or attribute:b exists', 'x[)(|]+'],
    ['(attribute:t =~ a\\)b)', 'a\\)b'],
    ["attribute:t =~ 'two words|three' ", 'two words|three'],
    ['attribute:t =~ ^c5\\..+$&&attribute:b exists', '^c5\\..+$'],
  ])('ends the pattern of %s where the regular expression ends', (text, pattern) => {
    expect(JSON.stringify(shape(parseExpression(text)))).toContain(JSON.stringify(pattern));
  });

  it('takes a connective word as a value where a value is due', () => {
    expect(shape(parseExpression('attribute:a == and or attribute:b in [or, not]'))).toEqual([
      'or',
      ['attribute:a', '==', 'and'],
      ['attribute:b', 'in', 'or', 'not'],
    ]);
  });

  it('keeps quoted values with spaces, and the slashes that attribute names may have', () => {
    expect(shape(parseExpression('attribute:example.com/storage == "ssd, fast (nvme)"'))).toEqual([
      'attribute:example.com/storage',
      '==',
      'ssd, fast (nvme)',
    ]);
  });

  it('says where each part stands and how it was written', () => {
    const text = '  attribute:a == b  and ( attribute:c exists )';
    const expression = parseExpression(text);
    expect(expression).toMatchObject({ kind: 'and', column: 2, text: 'attribute:a == b  and ( attribute:c exists )' });
    if (expression.kind !== 'and') throw new Error('not a conjunction');
    expect(expression.operands.map(({ column, text: part }) => [column, part])).toEqual([
      [2, 'attribute:a == b'],
      [26, 'attribute:c exists'],
    ]);
  });

  it.each([
    ['', 'empty', 0],
    ['   ', 'empty', 0],
    ['attribute:x', 'missing-operator', 11],
    ['(attribute:x) and agentConnected == true', 'missing-operator', 12],
    ['attribute:x = y', 'unknown-operator', 12],
    ['attribute:x like y', 'unknown-operator', 12],
    ['attribute: x == y', 'unknown-subject', 0],
    ['attribute:a == b and instanceType == t2.micro', 'unknown-subject', 21],
    ['AgentVersion > 1', 'unknown-subject', 0],
    ['agentConnected > true', 'operator-not-allowed', 15],
    ['runningTasksCount in [1]', 'operator-not-allowed', 18],
    ['attribute:x ==', 'missing-argument', 14],
    ['attribute:x == )', 'missing-argument', 15],
    ['attribute:x in a', 'bad-list', 15],
    ['attribute:x in []', 'bad-list', 16],
    ['attribute:x in [a,]', 'bad-list', 18],
    ['attribute:x in [a b]', 'bad-list', 18],
    ['attribute:x =~ (a', 'bad-pattern', 15],
    ['attribute:x =~ [a', 'bad-pattern', 15],
    ['attribute:x =~ a\\', 'bad-pattern', 16],
    ["attribute:x == 'a", 'unclosed-quote', 15],
    ['(attribute:x == a', 'unbalanced-parenthesis', 17],
    ['attribute:x == a)', 'unbalanced-parenthesis', 16],
    ['attribute:x == a b', 'unexpected-text', 17],
    ['attribute:x == a and', 'unknown-subject', 20],
  ])('refuses %j as %s in column %i', (text, code, column) => {
    const error = failure(text);
    expect([error.code, error.column]).toEqual([code, column]);
    expect(error.message).toMatch(new RegExp(`^column ${column}: found .+, allowed: .+`));
  });

  it('tells who compares with a single = to write two', () => {
    expect(failure('attribute:x = y').message).toContain('equality is written "=="');
  });

  it('tells who names an attribute alone to write exists', () => {
    expect(failure('attribute:stack').message).toContain('"attribute:stack exists"');
  });

  it('takes 2000 characters and no more', () => {
    const head = 'attribute:x == ';
    expect(parseExpression(head + 'v'.repeat(MAXIMUM_LENGTH - head.length))).toMatchObject({ kind: 'comparison' });
    expect(failure(head + 'v'.repeat(MAXIMUM_LENGTH - head.length + 1)).code).toBe('too-long');
  });

  it.each(['(', '!', 'not '])('refuses %j nested too deep instead of overflowing the stack', (opening) => {
    const repeat = (times: number) =>
      `${opening.repeat(times)}attribute:x exists${opening === '(' ? ')'.repeat(times) : ''}`;
    expect(parseExpression(repeat(MAXIMUM_DEPTH)).kind).toBe(opening === '(' ? 'comparison' : 'not');
    expect(failure(repeat(MAXIMUM_DEPTH + 1)).code).toBe('too-deep');
  });

  it('answers any text with a tree or with a QueryLanguageError inside the text', () => {
    const word = fc.constantFrom(
      ...[
        'attribute:x',
        'task:group',
        'agentConnected',
        '==',
        '!=',
        'in',
        '!in',
        '[',
        ']',
        '(',
        ')',
        'and',
        'or',
        'not',
      ],
      ...['!', '&&', '||', 'exists', '=~', '"', "'", '\\', ',', 'a.*', '__proto__', 'constructor', ' '],
    );
    const text = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.array(word, { maxLength: 25 }).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(text, (input) => {
        const column = columnOfFailure(input);
        expect(column).toBeGreaterThanOrEqual(0);
        expect(column).toBeLessThanOrEqual(input.length);
      }),
      { numRuns: 2000 },
    );
  });
});
