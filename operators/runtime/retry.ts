import { ApiError, isApiError } from './api-error.js';
import type { ApiCall } from './api-call.js';
import { isWrite } from './api-call.js';
import type { Clock } from './clock.js';

/** How often and how patiently a call is repeated. */
export interface RetryPolicy {
  /** Attempts in all. @default 5 */
  readonly attempts: number;
  /** Milliseconds before the second attempt; twice as long before each further one. @default 100 */
  readonly baseDelayMs: number;
  /** Milliseconds that a Retry-After may ask for at most; beyond it the call fails. @default 30000 */
  readonly maxDelayMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 5, baseDelayMs: 100, maxDelayMs: 30_000 };

/** Errors of a connection that was never made: the request cannot have been sent. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * How long to wait before the next attempt, in milliseconds; undefined if there shall be none.
 *
 * A read is repeated after anything that may pass. A write is repeated only where nothing was done: the server was too
 * busy to look at it (429), or was not reached. A watch is never repeated here: who reads it knows from where to go on.
 * @param attempt the attempt that failed, from 1
 * @param random in [0, 1)
 */
export function delayBeforeRetry(
  call: ApiCall,
  error: unknown,
  attempt: number,
  random: number,
  policy: RetryPolicy = DEFAULT_RETRY,
): number | undefined {
  if (attempt >= policy.attempts || call.verb === 'watch' || !isApiError(error)) return undefined;
  const nothingDone = error.code === 'TooManyRequests' || neverConnected(error);
  const passing = isApiError(error, 'Unavailable', 'ConnectionLost', 'Timeout');
  if (!nothingDone && (isWrite(call.verb) || !passing)) return undefined;
  const asked = (error.details.retryAfterSeconds ?? 0) * 1000;
  if (asked > policy.maxDelayMs) return undefined;
  // Full jitter above the server's wish, so that those who were refused together do not come back together.
  const backOff = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1));
  return Math.min(policy.maxDelayMs, Math.max(asked, backOff / 2) + random * (backOff / 2));
}

/** Makes a call, and again as `delayBeforeRetry` says. @throws what the last attempt threw, or ApiError `Aborted` */
export async function withRetry<T>(
  call: ApiCall,
  attemptOnce: () => Promise<T>,
  {
    clock,
    random,
    signal,
  }: { readonly clock: Clock; readonly random: () => number; readonly signal: AbortSignal | undefined },
  policy: RetryPolicy = DEFAULT_RETRY,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptOnce();
    } catch (error) {
      const delay = delayBeforeRetry(call, error, attempt, random(), policy);
      if (delay === undefined) throw error;
      await clock.sleep(delay, signal);
      if (signal?.aborted === true) {
        throw new ApiError('Aborted', `the caller gave up between two attempts; the last one: ${String(error)}`, {
          cause: error,
        });
      }
    }
  }
}

function neverConnected(error: ApiError): boolean {
  const { cause } = error.details;
  return cause instanceof Error && 'code' in cause && NEVER_CONNECTED.has(String(cause.code));
}
