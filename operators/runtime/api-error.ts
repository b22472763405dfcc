/**
 * Why a call to the API server failed.
 *
 * - `NotFound` 404, `AlreadyExists` 409 on create, `Conflict` 409 (an object changed, or a field has another manager, or a
 *   precondition does not hold), `Gone` 410, `Invalid` 400/422, `Unauthorized` 401, `Forbidden` 403
 * - `DisruptionBudget` 429 of an eviction: a PodDisruptionBudget forbids it now
 * - `TooManyRequests` 429 otherwise, after the retries
 * - `Unavailable` 5xx, `Timeout` no answer in time, `ConnectionLost` the connection failed or went silent,
 *   `Aborted` the caller's signal, `NotLeader` the write fence refused
 */
export type ApiErrorCode =
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Invalid'
  | 'Unauthorized'
  | 'Forbidden'
  | 'DisruptionBudget'
  | 'TooManyRequests'
  | 'Unavailable'
  | 'Timeout'
  | 'ConnectionLost'
  | 'Aborted'
  | 'NotLeader';

/** A call to the API server that failed. The message names the verb, the object and the server's words. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly code: ApiErrorCode,
    message: string,
    readonly details: {
      /** HTTP status, if there was an answer. */
      readonly status?: number;
      /** The server's wish, from Retry-After or `details.retryAfterSeconds`. */
      readonly retryAfterSeconds?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
  }
}

/** Whether an error is an ApiError with one of these codes. @example `if (isApiError(error, 'NotFound')) return;` */
export function isApiError(error: unknown, ...codes: readonly ApiErrorCode[]): error is ApiError {
  return error instanceof ApiError && (codes.length === 0 || codes.includes(error.code));
}
