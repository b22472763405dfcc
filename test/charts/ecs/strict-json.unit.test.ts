import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { MAXIMUM_DEPTH, parseJson } from '../../../charts/ecs/source/parse-json.js';
import { SourceFile } from '../../../charts/ecs/source/position.js';
import { type SourceNode, toPlain } from '../../../charts/ecs/source/source-node.js';
import { parseStrictJson } from '../../../charts/ecs/source/strict-json.js';

const strict = (text: string): SourceNode | undefined => parseStrictJson(new SourceFile('a.json', text), MAXIMUM_DEPTH);

/** As the lenient parser reads it: a comment at the end is beyond strict JSON and moves nothing. */
const lenient = (text: string): SourceNode => parseJson(new SourceFile('a.json', `${text}//`));

const withoutFiles = (node: SourceNode): unknown =>
  JSON.parse(JSON.stringify(node, (key, value: unknown) => (key === 'file' ? undefined : value)));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const json = fc
  .tuple(fc.json({ maxDepth: 4 }), fc.constantFrom(undefined, 2, '\t', ' \r\n'))
  .map(([text, indent]) => (indent === undefined ? text : JSON.stringify(JSON.parse(text), null, indent)));

describe('strict JSON', () => {
  test('is read as the lenient parser reads it, each value at the same place', () => {
    fc.assert(
      fc.property(json, (text) => {
        const node = strict(text);
        expect(node && withoutFiles(node)).toEqual(withoutFiles(lenient(text)));
      }),
    );
  });

  test('is what JSON.parse takes, with the same values, and nothing else is', () => {
    const piece = fc.constantFrom(
      ...'{}[]:,"\\/-+.019eEtruefalsnl \n\t\u0001\u2028é'.split(''),
      'true',
      '\\u00e9',
      '"a"',
      '//',
      '${x}',
    );
    const mutated = fc
      .tuple(json, fc.nat(), fc.nat(3), fc.array(piece, { maxLength: 3 }))
      .map(([text, at, cut, pieces]) => {
        const start = at % (text.length + 1);
        return text.slice(0, start) + pieces.join('') + text.slice(start + cut);
      });
    fc.assert(
      fc.property(mutated, (text) => {
        const node = strict(text);
        expect(node && toPlain(node)).toEqual(parsed(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('keeps both values of a key that is given twice', () => {
    const node = strict('{"a": 1, "a": 2}');
    expect(node?.kind === 'object' ? node.members.map(({ key, keyOffset }) => [key, keyOffset]) : []).toEqual([
      ['a', 1],
      ['a', 9],
    ]);
  });

  test('is not read beyond the depth that is allowed', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(strict(nested(MAXIMUM_DEPTH))).toBeDefined();
    expect(strict(nested(MAXIMUM_DEPTH + 1))).toBeUndefined();
  });
});
