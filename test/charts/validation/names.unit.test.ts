import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isAddress, isAddressRange, isWithin } from '../../../charts/validation/rules/addresses.js';
import { cronProblem } from '../../../charts/validation/rules/cron-schedule.js';
import {
  configMapKey,
  dnsLabel,
  dnsSubdomain,
  environmentName,
  labelValue,
  portName,
  qualifiedName,
  rfc1035Label,
} from '../../../charts/validation/names.js';

describe('names', () => {
  test.each([
    ['a DNS label', dnsLabel, ['a', '0', 'a-b', 'a--b'], ['', '-a', 'a-', 'A', 'a.b', 'a_b', 'ä', 'a\n']],
    ['a label of RFC 1035', rfc1035Label, ['a', 'a-0'], ['', '0a', 'a-', 'A']],
    ['a DNS name', dnsSubdomain, ['a', 'a.b-c.0'], ['', '.', 'a.', '.a', 'a..b', 'A.b', 'a_b']],
    [
      'a qualified name',
      qualifiedName,
      ['A', 'a_b.C-1', 'a.b/C'],
      ['', '/a', 'a/', 'a/b/c', '-a', 'a-', 'A.b/c', 'a b'],
    ],
    ['a label value', labelValue, ['', 'A.b_c-1'], ['-', 'a-', 'a b', 'a/b', 'ä']],
    ['a port name', portName, ['a', '9p', 'a-b'], ['', '9', 'a--b', '-a', 'a-', 'A', 'a_b']],
    ['a key', configMapKey, ['a', '.a', '_', 'A.b-C_1'], ['', '.', '..', '..a', 'a b', 'a/b']],
    ['a variable', environmentName, ['A', ' ', '9', '~', 'a:b'], ['', '=', 'a=b', '\t', 'ä', '\u007F']],
  ])('that are %s', (_grammar, check, good, bad) => {
    expect(good.filter((text) => check(text) !== undefined)).toEqual([]);
    expect(bad.filter((text) => check(text) === undefined)).toEqual([]);
  });

  test('are checked in a moment, however long they are', () => {
    const checks = [
      dnsLabel,
      rfc1035Label,
      dnsSubdomain,
      qualifiedName,
      labelValue,
      portName,
      configMapKey,
      environmentName,
    ];
    const texts = [
      'a'.repeat(1_000_000),
      'a-'.repeat(500_000),
      `${'a.'.repeat(500_000)}!`,
      `${' '.repeat(1_000_000)}=`,
    ];
    const start = performance.now();
    for (const check of checks) for (const text of texts) check(text);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('addresses', () => {
  test.each(['10.0.0.1', '::1', 'fd00::1:2'])('%s is one', (text) => expect(isAddress(text)).toBe(true));
  test.each(['', '10.0.0', '010.0.0.1', '256.0.0.1', 'fe80::1%eth0', 'a'])('%j is none', (text) =>
    expect(isAddress(text)).toBe(false),
  );
  test.each(['10.0.0.0/8', '::/0', '10.1.2.3/32'])('%s is a range', (text) => expect(isAddressRange(text)).toBe(true));
  test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::/129'])('%j is no range', (text) =>
    expect(isAddressRange(text)).toBe(false),
  );
  test.each([
    ['10.1.0.0/16', '10.0.0.0/8', true],
    ['10.0.0.0/8', '10.0.0.0/8', false],
    ['11.0.0.0/16', '10.0.0.0/8', false],
    ['fd00:1::/32', 'fd00::/8', true],
    ['10.0.0.0/16', '::/0', false],
  ])('%s inside %s: %s', (inner, outer, expected) => expect(isWithin(inner, outer)).toBe(expected));
});

describe('the schedule of a CronJob', () => {
  test.each([
    '* * * * *',
    '*/15 0-6,12 1 JAN-MAR mon-fri',
    '0 12 ? * *',
    '5/10 * * * 0',
    '  0   3 * * *  ',
    '@hourly',
    '@every 1h30m',
  ])('%j is one', (schedule) => expect(cronProblem(schedule)).toBeUndefined());

  test.each([
    ['', 'has 0 fields'],
    ['0 3 * *', 'has 4 fields'],
    ['0 12 * * ? *', 'has 6 fields'],
    ['60 * * * *', 'outside 0 to 59'],
    ['* 24 * * *', 'outside 0 to 23'],
    ['* * 0 * *', 'outside 1 to 31'],
    ['* * * 13 *', 'outside 1 to 12'],
    ['* * * * 7', 'outside 0 to 6'],
    ['* * L * *', 'outside 1 to 31'],
    ['* * * * 2#1', 'outside 0 to 6'],
    ['5-1 * * * *', 'ends before it starts'],
    ['*/0 * * * *', 'no positive number'],
    ['*/x * * * *', 'no positive number'],
    ['1/2/3 * * * *', 'too many slashes'],
    ['CRON_TZ=UTC 0 3 * * *', 'set timeZone instead'],
    ['@often', 'is no descriptor'],
  ])('%j is none: %s', (schedule, problem) => expect(cronProblem(schedule)).toContain(problem));

  test('is read without throwing, whatever it is', () => {
    fc.assert(fc.property(fc.string(), (schedule) => void cronProblem(schedule)));
    expect(cronProblem('@every '.padEnd(100_000, '1'))).toBeDefined();
  });
});
