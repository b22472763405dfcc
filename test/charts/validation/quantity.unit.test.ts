import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { compareQuantities, parseQuantity } from '../../../charts/validation/quantity.js';

describe('a quantity', () => {
  test.each([
    ['0', 0n],
    ['1', 1_000_000_000n],
    ['-1.5', -1_500_000_000n],
    ['+2', 2_000_000_000n],
    ['.5', 500_000_000n],
    ['5.', 5_000_000_000n],
    ['250m', 250_000_000n],
    ['1n', 1n],
    ['3u', 3000n],
    ['1k', 10n ** 12n],
    ['1Ki', 1024n * 10n ** 9n],
    ['1.5Gi', 3n * 2n ** 29n * 10n ** 9n],
    ['1E', 10n ** 27n],
    ['1e3', 10n ** 12n],
    ['1E-3', 10n ** 6n],
    ['0.1n', 1n],
    [0.5, 500_000_000n],
    [1e21, 10n ** 30n],
  ])('%s counts in n', (text, value) => {
    expect(parseQuantity(text)).toBe(value);
  });

  test.each(['', '.', 'm', '1 Gi', '1GB', '1gi', '1KI', '--1', '1e', '1e1000', '1e1.5', '0x10', 'Infinity', '١'])(
    '%j is none',
    (text) => {
      expect(parseQuantity(text)).toBeUndefined();
    },
  );

  test.each([
    ['1Gi', '1G', 1],
    ['1000m', '1', 0],
    ['512Mi', '0.5Gi', 0],
    ['1', '1k', -1],
    ['-1', '0', -1],
  ])('%s against %s is %i', (a, b, order) => {
    expect(compareQuantities(a, b)).toBe(order);
  });

  test('is a number without a suffix, however it is written', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), (number) => {
        expect(parseQuantity(number)).toBe(BigInt(number) * 10n ** 9n);
        expect(parseQuantity(`${number * 1000}m`)).toBe(parseQuantity(`${number}`));
        expect(parseQuantity(`${number}.0`)).toBe(parseQuantity(number));
      }),
    );
  });

  test('keeps the order of the numbers', () => {
    const amount = fc
      .tuple(fc.nat(10 ** 6), fc.constantFrom('m', '', 'k', 'M', 'Ki', 'Mi'))
      .map(([number, unit]) => `${number}${unit}`);
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        expect((compareQuantities(a, b) ?? 0) + (compareQuantities(b, a) ?? 0)).toBe(0);
        expect(compareQuantities(a, a)).toBe(0);
      }),
    );
  });

  test('reads any text without throwing', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(['bigint', 'undefined']).toContain(typeof parseQuantity(value));
      }),
    );
  });
});
