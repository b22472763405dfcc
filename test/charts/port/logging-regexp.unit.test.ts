import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { fromGoRegexp } from '../../../charts/port/logging/go-regexp.js';
import { datetimePattern } from '../../../charts/port/logging/multiline.js';

function sourceOf(pattern: string): string | undefined {
  const read = fromGoRegexp(pattern);
  return 'source' in read ? read.source : undefined;
}

describe('a regular expression of Go, rewritten for Onigmo', () => {
  it.each([
    ['^\\[?\\d{4}-\\d{2}', '^\\[?\\d{4}-\\d{2}'],
    ['(?P<day>\\d+)', '(?:\\d+)'],
    ['(?<day>\\d+)', '(?:\\d+)'],
    ['(?i)error', '(?i:error)'],
    ['(?s)a.b', '(?m:a.b)'],
    ['a(?i:b)', 'a(?i:b)'],
    ['end$', 'end(?:$)'],
    ['\\bword', '(?a:\\b)word'],
    ['[[:alpha:]_]', '[A-Za-z_]'],
    ['[a[b]', '[a\\[b]'],
    ['[]a]', '[\\]a]'],
    ['x{2}?', 'x{2}'],
    ['{,3}', '\\{,3\\}'],
    ['\\Qa.b\\E', 'a\\.b'],
    ['\\pL', '\\p{L}'],
    ['say "no"/', 'say \\x22no\\x22\\x2f'],
    ['\\x{20AC}', '€'],
    ['\t', '\\x09'],
  ])('reads %j as %j', (pattern, source) => {
    expect(fromGoRegexp(pattern)).toEqual({ source });
  });

  it.each([
    '',
    '(',
    ')',
    'a)',
    '[a',
    '[z-a]',
    '*a',
    'a**',
    'a{2}{3}',
    '{2}',
    'a{1001}',
    'a{3,2}',
    '(?=a)',
    '(?!a)',
    '(?<=a)',
    '\\1',
    '\\',
    '\\p{Nonsense}',
    '\\pQ',
    '[[:nonsense:]]',
    '\\C',
    '\\x',
    '\\x{110000}',
    '^*',
    '\\b+',
    'a(?i)b',
    '(?U)a',
    'a'.repeat(2000),
    '('.repeat(500),
  ])('refuses %j', (pattern) => {
    expect(fromGoRegexp(pattern)).toEqual({ problem: expect.any(String) });
  });

  it('never holds what would end a rule, begin a variable or break a line', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), patterns), (pattern) => {
        const source = sourceOf(pattern.toWellFormed());
        fc.pre(source !== undefined);
        expect(source).not.toMatch(/"|\$\{|\p{Cc}|\p{Zl}|\p{Zp}/u);
        expect(source).not.toMatch(/(?<!\\)\//);
      }),
      { numRuns: 2000 },
    );
  });

  it('means the same as before, where JavaScript reads both', () => {
    fc.assert(
      fc.property(
        patterns,
        fc.array(fc.constantFrom('a', 'b', 'C', '1', ' ', '-', '.', '"', '/', '{', ']'), { maxLength: 8 }),
        (pattern, subject) => {
          const source = sourceOf(pattern);
          fc.pre(source !== undefined);
          expect(new RegExp(source).test(subject.join(''))).toBe(new RegExp(pattern).test(subject.join('')));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('takes linear time and little stack for long hostile patterns', () => {
    for (const part of ['(', '[', '(?:', '\\Q', '{1,', '[[:', 'a{', '(a*)*', '\\p{']) {
      expect(fromGoRegexp(part.repeat(Math.floor(1024 / part.length)))).toBeDefined();
    }
  });
});

const patterns = fc
  .array(
    fc.constantFrom(
      'a',
      'b',
      'C',
      '1',
      ' ',
      '-',
      '"',
      '/',
      '{',
      '\\d',
      '\\w',
      '\\s',
      '\\.',
      '\\/',
      '.',
      '*',
      '+',
      '?',
      '{2}',
      '{1,2}',
      '(',
      '(?:',
      ')',
      '|',
      '[ab]',
      '[^a-c]',
      '[.{/]',
      '^',
      '$',
      '[\\]"]',
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(''));

describe('awslogs-datetime-format', () => {
  function matches(format: string, line: string): boolean {
    const read = datetimePattern(format);
    if ('problem' in read) throw new Error(read.problem);
    return new RegExp(read.source).test(line);
  }

  it.each([
    ['[%b %d, %Y %H:%M:%S]', '[May 01, 2017 19:00:01] started'],
    ['%Y-%m-%dT%H:%M:%S%L%z', '2026-08-21T10:06:38.123+0200 x'],
    ['%A %j %y %I:%M %p', 'Friday 233 26 09:15 AM'],
    ['%a %w %B %f %Z', 'Mon 1 August 123456 CEST'],
  ])('%s finds the line %s', (format, line) => {
    // Brackets are a class of the regular expression, as in Docker's driver.
    expect(matches(format.replace('[', '\\[').replace(']', '\\]'), line)).toBe(true);
  });

  it('does not find lines without such a time', () => {
    expect(matches('%Y-%m-%d', '  at Object.<anonymous> (index.js:1:1)')).toBe(false);
    expect(matches('%H:%M', '25:99')).toBe(false);
  });

  it('drops directives that the driver does not know, and text may be a pattern', () => {
    expect(datetimePattern('%Q^%Y')).toEqual({ source: '^[0-9]{4}' });
  });
});
