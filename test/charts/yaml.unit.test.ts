import { expect, test } from '@jest/globals';
import { Yaml } from 'cdk8s';
import * as fc from 'fast-check';
import { YamlWriter } from '../../charts/yaml.js';
import { manifestsOf } from '../../charts/port/port.js';
import { taskDefinitions } from './port/arbitraries.js';
import { portOf } from './port/port-of.js';

const tricky = fc.constantFrom(
  '',
  ' ',
  'yes',
  'e0',
  'E12',
  'e-0',
  'eleven',
  'No',
  'null',
  '~',
  '0x1F',
  '012',
  '1e3',
  '1:20',
  '.5',
  '-',
  '- a',
  'a: b',
  'a #b',
  '#',
  '&a',
  '*a',
  '!t',
  '%',
  '@',
  '`',
  '"',
  "'",
  '{',
  '[',
  '? a',
  '2026-01-01',
  'a\tb',
  '\u0000',
  '🙂',
  '---',
  '...',
  '=',
  '<<',
  'trailing ',
  '<',
  '|',
  '>',
  'a'.repeat(300),
  ...[
    '\n',
    'a\nb',
    'a\nb\n',
    'a\n\n  b\n\n',
    ' a\nb',
    '\ta\n',
    'a\n \nb',
    'a\nb ',
    '# a\n- b',
    '---\na',
    'a\r\nb',
    'a\u2028b',
  ],
  `${'word '.repeat(12)}\n${'word '.repeat(12)}\n  `,
);
const text = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 6 }), tricky);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
}));

test('any JSON object is written as cdk8s writes it, whatever was written before', () => {
  const writer = new YamlWriter();
  fc.assert(
    fc.property(fc.array(fc.dictionary(text, value, { maxKeys: 4 }), { minLength: 1, maxLength: 3 }), (objects) => {
      expect(writer.write(objects)).toBe(Yaml.stringify(...objects));
    }),
    { numRuns: 1500 },
  );
});

test('the manifests of any task are written as cdk8s writes them', () => {
  const writer = new YamlWriter();
  fc.assert(
    fc.property(taskDefinitions, (definition) => {
      const plain = JSON.parse(JSON.stringify(manifestsOf(portOf({ 'task.json': definition }).port))) as unknown[];
      expect(writer.write(plain)).toBe(Yaml.stringify(...plain));
    }),
    { numRuns: 30 },
  );
});
