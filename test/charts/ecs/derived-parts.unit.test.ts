import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { durationSeconds } from '../../../charts/ecs/readers/derived/go-duration.js';
import { shellWords } from '../../../charts/ecs/readers/derived/shell-words.js';

describe('durations as Go writes them', () => {
  it.each([
    ['10s', 10],
    ['1m30s', 90],
    ['1h', 3600],
    ['250ms', 0.25],
    ['1.5h', 5400],
    ['0', 0],
  ])('%s is %s seconds', (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds);
  });

  it.each(['', '10', 's', '1d', '-1s', '1m 30s', '1s1'])('%j is none', (text) => {
    expect(durationSeconds(text)).toBeUndefined();
  });
});

describe('shell words', () => {
  it.each([
    ['  a  b ', ['a', 'b']],
    [`sh -c "echo 'hi'"`, ['sh', '-c', "echo 'hi'"]],
    ['a\\ b "c\\"d" \'e\\f\'', ['a b', 'c"d', 'e\\f']],
    ["''", ['']],
    ['a"b"c', ['abc']],
    ['', []],
  ])('of %j are %j', (line, words) => {
    expect(shellWords(line)).toEqual(words);
  });

  it('are none when a quote is not closed', () => {
    expect(shellWords('a "b')).toBeUndefined();
  });

  it('of words in single quotes are those words', () => {
    fc.assert(
      fc.property(fc.array(fc.string().map((word) => word.replaceAll("'", ''))), (words) => {
        expect(shellWords(words.map((word) => `'${word}'`).join(' '))).toEqual(words);
      }),
    );
  });
});
