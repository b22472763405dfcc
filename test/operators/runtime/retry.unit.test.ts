import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { ApiErrorCode } from '../../../operators/runtime/api-error.js';
import { ApiError } from '../../../operators/runtime/api-error.js';
import type { Verb } from '../../../operators/runtime/api-call.js';
import { callOn } from '../../../operators/runtime/api-call.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import { DEFAULT_RETRY, delayBeforeRetry, withRetry } from '../../../operators/runtime/retry.js';
import { ManualClock, settle } from '../../../operators/simulator/manual-clock.js';

const on = (verb: Verb) => callOn(verb, RESOURCE.pod, { name: { namespace: 'shop', name: 'web-1' } });
const reads: readonly Verb[] = ['get', 'list'];
const writes: readonly Verb[] = ['create', 'apply', 'patch', 'delete', 'evict'];
const codes: readonly ApiErrorCode[] = [
  'NotFound',
  'AlreadyExists',
  'Conflict',
  'Gone',
  'Invalid',
  'Unauthorized',
  'Forbidden',
  'DisruptionBudget',
  'TooManyRequests',
  'Unavailable',
  'Timeout',
  'ConnectionLost',
  'Aborted',
  'NotLeader',
];
const connectionError = (code: string) =>
  new ApiError('ConnectionLost', 'lost', { cause: Object.assign(new Error(code), { code }) });

test.each(codes)(
  '%s: a write is repeated after TooManyRequests alone, a read after what may pass, a watch never',
  (code) => {
    const error = new ApiError(code, 'no');
    const repeated = (verb: Verb): boolean => delayBeforeRetry(on(verb), error, 1, 0.5) !== undefined;
    const passing = ['TooManyRequests', 'Unavailable', 'Timeout', 'ConnectionLost'].includes(code);
    expect(writes.map(repeated)).toEqual(writes.map(() => code === 'TooManyRequests'));
    expect(reads.map(repeated)).toEqual(reads.map(() => passing));
    expect(repeated('watch')).toBe(false);
  },
);

test.each([
  ['ECONNREFUSED', true],
  ['ENOTFOUND', true],
  ['UND_ERR_CONNECT_TIMEOUT', true],
  ['ECONNRESET', false],
  ['EPIPE', false],
  ['UND_ERR_SOCKET', false],
])('a write on a connection that failed with %s is repeated: %j', (code, expected) => {
  expect(delayBeforeRetry(on('evict'), connectionError(code), 1, 0.5) !== undefined).toBe(expected);
});

test('the wait is bounded, grows with the attempts, and is never shorter than the server asked for', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: DEFAULT_RETRY.attempts - 1 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.integer({ min: 0, max: 60 }),
      (attempt, random, retryAfterSeconds) => {
        const error = new ApiError('TooManyRequests', 'busy', { retryAfterSeconds });
        const delay = delayBeforeRetry(on('list'), error, attempt, random);
        if (retryAfterSeconds * 1000 > DEFAULT_RETRY.maxDelayMs) return delay === undefined;
        const least = Math.max(retryAfterSeconds * 1000, (DEFAULT_RETRY.baseDelayMs * 2 ** (attempt - 1)) / 2);
        return delay !== undefined && delay >= least && delay <= DEFAULT_RETRY.maxDelayMs;
      },
    ),
  );
  expect(delayBeforeRetry(on('list'), new ApiError('Timeout', ''), DEFAULT_RETRY.attempts, 0)).toBeUndefined();
});

describe('a call', () => {
  test('that is refused with Retry-After is sent again when that time has passed, and not before', async () => {
    const clock = new ManualClock(0);
    const sentAt: number[] = [];
    const result = withRetry(
      on('evict'),
      () => {
        sentAt.push(clock.now());
        return sentAt.length === 1
          ? Promise.reject(new ApiError('TooManyRequests', 'busy', { retryAfterSeconds: 7 }))
          : Promise.resolve('done');
      },
      { clock, random: () => 0, signal: undefined },
    );
    await clock.advance(6_999);
    expect(sentAt).toEqual([0]);
    await clock.advance(1);
    expect(await result).toBe('done');
    expect(sentAt).toEqual([0, 7_000]);
  });

  test('fails with the last error when the attempts are used up', async () => {
    const clock = new ManualClock(0);
    let attempts = 0;
    const result = withRetry(
      on('get'),
      () => Promise.reject(new ApiError('Unavailable', `attempt ${(attempts += 1)}`)),
      { clock, random: () => 0, signal: undefined },
    );
    const failure = result.catch((error: unknown) => error);
    await clock.advance(60_000);
    expect(await failure).toMatchObject({ code: 'Unavailable', message: 'attempt 5' });
  });

  test('that waits ends at once when the caller aborts, and says what went wrong before', async () => {
    const clock = new ManualClock(0);
    const caller = new AbortController();
    const busy = new ApiError('TooManyRequests', 'busy', { retryAfterSeconds: 20 });
    const result = withRetry(on('get'), () => Promise.reject(busy), { clock, random: () => 0, signal: caller.signal });
    await settle();
    expect(clock.sleeping).toBe(1);
    caller.abort();
    await expect(result).rejects.toMatchObject({ code: 'Aborted', cause: busy });
  });
});
