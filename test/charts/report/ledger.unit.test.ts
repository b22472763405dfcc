import { describe, expect, test } from '@jest/globals';
import { parseJson } from '../../../charts/ecs/source/parse-json.js';
import { SourceFile } from '../../../charts/ecs/source/position.js';
import { memberOf, type SourceNode } from '../../../charts/ecs/source/source-node.js';
import type { Mark } from '../../../charts/report/fidelity.js';
import { Ledger } from '../../../charts/report/ledger.js';

const same: Mark = { fidelity: 'same', kubernetes: ['a'] };
const none: Mark = { fidelity: 'none', kubernetes: [] };

function ledgerOf(value: unknown): { ledger: Ledger; at: (...keys: string[]) => SourceNode } {
  const root = parseJson(new SourceFile('x.json', JSON.stringify(value)));
  const ledger = new Ledger();
  ledger.addDocument('x.json', root);
  const at = (...keys: string[]): SourceNode => {
    const node = keys.reduce<SourceNode | undefined>((found, key) => memberOf(found, key), root);
    if (node === undefined) throw new Error(keys.join('.'));
    return node;
  };
  return { ledger, at };
}

describe('the ledger', () => {
  test('has an entry for a leaf that nobody dealt with', () => {
    expect(ledgerOf({ a: { b: 1 } }).ledger.entries()).toMatchObject([
      { path: 'a.b', fidelity: 'none', untouched: true },
    ]);
  });

  test('lets a mark hold for all below it that has no mark of its own', () => {
    const { ledger, at } = ledgerOf({ a: { b: 1, c: 2 } });
    ledger.mark(at('a'), same);
    ledger.mark(at('a', 'c'), none);
    expect(ledger.entries().map((entry) => entry.fidelity)).toEqual(['same', 'none']);
  });

  test('keeps the least faithful of several marks, in whatever order they come', () => {
    const { ledger, at } = ledgerOf({ a: 1, b: 2 });
    for (const mark of [same, none]) ledger.mark(at('a'), mark);
    for (const mark of [none, same]) ledger.mark(at('b'), mark);
    expect(ledger.entries().map((entry) => entry.fidelity)).toEqual(['none', 'none']);
  });

  test('carries marks on derived nodes back to where they come from', () => {
    const { ledger, at } = ledgerOf({ image: 'a', tag: 'b' });
    const derived: SourceNode = { ...at('image'), kind: 'scalar', value: 'a:b', origins: [at('image'), at('tag')] };
    ledger.addDerived(derived);
    ledger.mark(derived, same);
    expect(ledger.entries()).toMatchObject([
      { path: 'image', fidelity: 'same' },
      { path: 'tag', fidelity: 'same' },
    ]);
  });

  test('takes null and empty values for nothing to carry', () => {
    expect(
      ledgerOf({ a: null, b: [], c: {} })
        .ledger.entries()
        .map((entry) => [entry.fidelity, entry.untouched]),
    ).toEqual([
      ['same', undefined],
      ['same', undefined],
      ['same', undefined],
    ]);
  });

  test('makes one entry of a part that was set aside, and counts its leaves', () => {
    const { ledger, at } = ledgerOf({ vpc: { a: 1, b: [2, 3] } });
    ledger.collapse(at('vpc'), none);
    expect(ledger.entries()).toMatchObject([{ path: 'vpc', leaves: 3 }]);
  });

  test('quotes keys that would make a path ambiguous', () => {
    expect(
      ledgerOf({ options: { 'awslogs-group': 1, 'a.b': 2 } })
        .ledger.entries()
        .map((entry) => entry.path),
    ).toEqual(['options["awslogs-group"]', 'options["a.b"]']);
  });
});
