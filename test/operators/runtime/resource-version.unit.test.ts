import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { compareVersions } from '../../../operators/runtime/resource-version.js';

describe('comparing resource versions', () => {
  it('orders them as whole numbers, however long they are', () => {
    const version = fc.bigInt({ min: 0n, max: 2n ** 80n });
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(Math.sign(compareVersions(String(a), String(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  it.each(['', '007', '-1', '1.5', '1e3', ' 1', 'abc'])('refuses %p', (version) => {
    expect(() => compareVersions(version, '1')).toThrow(RangeError);
    expect(() => compareVersions('1', version)).toThrow(/resourceVersion must be a decimal number/);
  });
});
