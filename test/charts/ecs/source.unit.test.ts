import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { InputError } from '../../../charts/ecs/diagnostic.js';
import { maskPlaceholders } from '../../../charts/ecs/source/placeholders.js';
import { parseSource } from '../../../charts/ecs/source/parse-source.js';
import { leavesOf, positionOf, type SourceNode, toPlain } from '../../../charts/ecs/source/source-node.js';

const only = (path: string, text: string): SourceNode => {
  const [node] = parseSource(path, text);
  if (node === undefined) throw new Error('nothing was read');
  return node;
};

const refusal = (path: string, text: string): InputError => {
  try {
    parseSource(path, text);
  } catch (error) {
    if (error instanceof InputError) return error;
  }
  throw new Error('it was not refused');
};

describe('JSON', () => {
  test('reads any value that JSON can hold', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) =>
        expect(toPlain(only('a.json', JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value))),
      ),
    );
  });

  test('keeps the line and column of each value', () => {
    const [, memory] = [...leavesOf(only('a.json', '{\n  "cpu": 1,\n  "memory": 2\n}'))];
    expect(memory === undefined ? undefined : positionOf(memory)).toEqual({ file: 'a.json', line: 3, column: 13 });
  });

  test('reads comments, trailing commas and a byte-order mark', () => {
    expect(toPlain(only('a.json', '\ufeff{ // a\n "a": [1, 2,], /* b */ }'))).toEqual({ a: [1, 2] });
  });

  test.each([
    ['${cpu}', '{"cpu": ${cpu}}'],
    ['${memory - 250}', '{"cpu": ${memory - 250}}'],
    ['$NAME', '{"cpu": $NAME, "b": 1}'],
    ['$$$$CPU$$$$', '{"cpu": $$$$CPU$$$$}'],
    ['<CPU>', '{"cpu": <CPU>}'],
    ['{{ must_env `CPU` }}', '{"cpu": {{ must_env `CPU` }}}'],
  ])('reads the unquoted placeholder %s where JSON wants a value', (placeholder, text) => {
    const [leaf] = [...leavesOf(only('a.json', text))];
    expect(leaf).toMatchObject({ kind: 'scalar', value: placeholder, placeholder });
  });

  test('reads quotation marks within {{ }} of a string', () => {
    expect(toPlain(only('a.json', '{"a": "x-{{ must_env "B" }}"}'))).toEqual({ a: "x-{{ must_env 'B' }}" });
  });

  test('covers placeholders without moving anything', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '"', '$', '<', '>', 'a', '\\', '\n', '/', '*') }),
        (text) => expect(maskPlaceholders(text).text).toHaveLength(text.length),
      ),
    );
  });

  test('says where a text stops being JSON', () => {
    expect(refusal('a.json', '{"a": 1,\n "b" 2}').message).toMatch(/^a\.json:2:6: not valid JSON: colon expected/);
  });

  test('refuses nesting that no document has instead of exhausting the stack', () => {
    expect(refusal('a.json', '['.repeat(100_000)).code).toBe('too-deep');
  });

  test('keeps __proto__ as data', () => {
    const plain = toPlain(only('a.json', '{"__proto__": {"polluted": true}}'));
    expect(Object.keys(plain as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('YAML', () => {
  test('reads the short tags of CloudFormation as their long form', () => {
    expect(toPlain(only('a.yaml', 'a: !Ref B\nb: !GetAtt C.Arn\nc: !Join ["", [x, !Sub "${D}"]]'))).toEqual({
      a: { Ref: 'B' },
      b: { 'Fn::GetAtt': 'C.Arn' },
      c: { 'Fn::Join': ['', ['x', { 'Fn::Sub': '${D}' }]] },
    });
  });

  test('expands aliases and merge keys, and a key of its own wins over a merged one', () => {
    expect(toPlain(only('a.yaml', 'base: &b {x: 1, y: 2}\nown:\n  <<: *b\n  y: 3'))).toMatchObject({
      own: { x: 1, y: 3 },
    });
  });

  test('reads several documents', () => {
    expect(parseSource('a.yaml', 'a: 1\n---\nb: 2').map(toPlain)).toEqual([{ a: 1 }, { b: 2 }]);
  });

  test('refuses alias bombs', () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) =>
        `l${level}: &l${level} [${Array.from({ length: 10 }, () => (level === 0 ? 'x' : `*l${level - 1}`)).join(', ')}]`,
    );
    expect(refusal('a.yaml', levels.join('\n')).message).toContain('after aliases are expanded');
  });

  test('says of a Go template that it must be rendered first', () => {
    expect(refusal('a.yml', 'a: 1\n{{- if .X }}\nb: 2\n{{- end }}').message).toBe(
      'a.yml:2:1: the file is a template, not YAML: it holds the statement "{{- if" (render the template first and port what it yields)',
    );
  });
});

test('jsonnet is read when it is a literal, and otherwise refused with what to run', () => {
  expect(toPlain(only('a.jsonnet', "{ family: 'web', cpu: 1, }"))).toEqual({ family: 'web', cpu: 1 });
  expect(refusal('a.jsonnet', "local x = 1;\n{ family: 'web' + x }")).toMatchObject({ code: 'jsonnet-expressions' });
});
