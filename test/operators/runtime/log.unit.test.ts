import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { ApiError } from '../../../operators/runtime/api-error.js';
import { jsonLog, type LogFields } from '../../../operators/runtime/log.js';
import { ManualClock } from '../../../operators/simulator/manual-clock.js';

function lines(fields: LogFields, common?: LogFields): readonly Record<string, unknown>[] {
  const written: string[] = [];
  const stream = { write: (line: string) => written.push(line) };
  const log = jsonLog({ stream, clock: new ManualClock() });
  (common === undefined ? log : log.with(common)).warn('leadership lost', fields);
  return written
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  test('a line is one JSON object with time, level, message and fields', () => {
    expect(lines({ lease: 'a/b', terms: 2, lists: ['x', 'y'], none: undefined }, { controller: 'healing' })).toEqual([
      {
        time: '2026-01-01T00:00:00.000Z',
        level: 'warn',
        message: 'leadership lost',
        controller: 'healing',
        lease: 'a/b',
        terms: 2,
        lists: ['x', 'y'],
      },
    ]);
  });

  test('an error is written with its code and the chain of its causes', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const [line] = lines({ error: new ApiError('ConnectionLost', 'get pods a/b: lost', { cause }) });
    expect(line?.['error']).toMatchObject({
      name: 'ApiError',
      code: 'ConnectionLost',
      message: 'get pods a/b: lost',
      cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' },
    });
  });

  test('an object is not written but named, so that no Secret gets into the log by accident', () => {
    const [line] = lines({ object: { kind: 'Secret', data: { key: 'c2VjcmV0' } }, map: new Map([['a', 'secret']]) });
    expect(line).toMatchObject({ object: '[Object]', map: '[Map]' });
  });

  test('fields with the names of secrets, bearer tokens and passwords in URLs are redacted', () => {
    const text = JSON.stringify(
      lines({
        authorization: 'Basic hunter2',
        clientSecret: 'hunter2',
        error: new Error('GET https://user:hunter2@host/ with Authorization: Bearer hunter2.x-y'),
      }),
    );
    expect(text).not.toContain('hunter2');
    expect(text).toContain('https://user:[redacted]@host/');
  });

  test('no field takes the place of time, level or message', () => {
    expect(lines({ level: 'info', message: 'x', time: 0 })).toEqual([
      { time: '2026-01-01T00:00:00.000Z', level: 'warn', message: 'leadership lost' },
    ]);
  });

  test('whatever the fields are, one line of JSON comes out', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withNullPrototype: true })), (fields) => {
        expect(lines(fields)).toHaveLength(1);
      }),
    );
  });
});
