import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  isKey,
  LITERALS,
  type Property,
  quotedToken,
  renderSections,
  type Section,
  valueProblem,
} from '../../../charts/port/logging/fluent-bit-config.js';
import { readFluentBit, type ReadSection } from './fluent-bit-reader.js';

function read(sections: readonly Section[], environment = new Map<string, string>()): readonly ReadSection[] {
  return readFluentBit(new Map([['main', `${LITERALS}${renderSections(sections)}`]]), 'main', environment);
}

/** Texts that tend to break out of a line, mixed with any other. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '${',
        '}',
        '$',
        '{',
        '${HOME}',
        '${TRANSHIP_DOLLAR}',
        '\n',
        '\r',
        '\n[OUTPUT]\n    Name exec\n',
        ' ',
        '\t',
        '#',
        '@INCLUDE /x',
        '"',
        '\\',
        '[',
        ']',
        'a',
        '\0',
        '\ud800',
        'é',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
);

describe('a Fluent Bit configuration', () => {
  it('gives back every value as it was given, or the value is refused before it is written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('Name', 'log_key', 'tls.verify'), hostile), { maxLength: 5 }),
        (pairs) => {
          const properties = pairs.filter(([, value]) => valueProblem(value) === undefined);
          const [section, ...more] = read([{ name: 'OUTPUT', properties }]);
          expect(section?.properties).toEqual(properties);
          expect(more).toEqual([]);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('keeps texts beside variables apart from them', () => {
    fc.assert(
      fc.property(hostile, hostile, (before, after) => {
        fc.pre(valueProblem(`${before}x${after}`) === undefined);
        const properties: Property[] = [['Tag', [before, { variable: 'POD' }, after]]];
        const [section] = read([{ name: 'INPUT', properties }], new Map([['POD', 'x']]));
        expect(section?.properties).toEqual([['Tag', `${before}x${after}`]]);
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves the syntax of Fluent Bit alone where it was asked for', () => {
    const [section] = read(
      [{ name: 'OUTPUT', properties: [['Host', [{ syntax: '${HOST}-a' }]]] }],
      new Map([['HOST', 'h']]),
    );
    expect(section?.properties).toEqual([['Host', 'h-a']]);
  });

  it.each(['', 'a\nb', 'a\rb', ' a', 'a ', '\ta', 'a\0', '\ud800', 'x'.repeat(5000)])(
    'refuses the value %j',
    (value) => {
      expect(valueProblem(value)).toEqual(expect.any(String));
    },
  );

  it('throws rather than write a value that was not checked', () => {
    expect(() => renderSections([{ name: 'OUTPUT', properties: [['Name', 'a\n[OUTPUT]']] }])).toThrow('line break');
    expect(() => renderSections([{ include: 'a\nb' }])).toThrow('line break');
    expect(() => renderSections([{ name: 'OUTPUT', properties: [['a b', 'c']] }])).toThrow('not a property key');
  });

  it.each(['#Name', '[x]', '@SET', 'a b', '', 'a\nb', '__proto__\n'])('does not take %j for a key', (key) => {
    expect(isKey(key)).toBe(false);
  });

  it('quotes a token so that Fluent Bit splits it off whole', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const token = quotedToken(text);
        fc.pre(token !== undefined);
        expect(splitTokens(`key ${token}`)).toEqual(['key', text]);
      }),
    );
  });

  it('refuses a token whose quoting cannot be told from its text', () => {
    expect(quotedToken('a\\')).toBeUndefined();
    expect(quotedToken('a\\"b')).toBeUndefined();
  });
});

/** `flb_slist_split_tokens`, from its description in the source. */
function splitTokens(text: string): readonly string[] {
  const tokens: string[] = [];
  let index = 0;
  while (index < text.length) {
    while (text[index] === ' ') index++;
    if (text[index] !== '"') {
      const end = text.indexOf(' ', index);
      tokens.push(text.slice(index, end < 0 ? undefined : end));
      index = end < 0 ? text.length : end + 1;
      continue;
    }
    let end = index + 1;
    while (end < text.length && (text[end] !== '"' || text[end - 1] === '\\')) end++;
    tokens.push(text.slice(index + 1, end).replaceAll('\\"', '"'));
    index = end + 1;
  }
  return tokens;
}
