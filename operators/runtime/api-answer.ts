import { ApiError } from './api-error.js';
import type { ApiErrorCode } from './api-error.js';
import type { ApiCall } from './api-call.js';
import { describeCall } from './api-call.js';

/** An answer that is no success, as it came. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
  /** The header, if there is one. */
  readonly retryAfter?: string;
}

/** The parts of Kubernetes' `Status` that errors are made of. */
interface Status {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string }[];
  };
}

/**
 * The error for an answer that is no success.
 *
 * Source: apimachinery `metav1.Status`; the eviction's cause `DisruptionBudget` in policy/v1.
 * @param now milliseconds since 1970, for a Retry-After that is a date
 */
export function errorOfAnswer(call: ApiCall, refusal: Refusal, now: number): ApiError {
  const status = readStatus(refusal.body);
  return build(call, refusal.status, status, retryAfterSeconds(refusal, status, now), refusal.body);
}

/** The error for an ERROR event in a watch, whose object is a `Status`. */
export function errorOfEvent(call: ApiCall, object: unknown): ApiError {
  const status = asStatus(object);
  return build(call, status?.code ?? 500, status, status?.details?.retryAfterSeconds, '');
}

function build(
  call: ApiCall,
  code: number,
  status: Status | undefined,
  retryAfter: number | undefined,
  body: string,
): ApiError {
  const causes = (status?.details?.causes ?? []).map((cause) => cause.message ?? '').filter((words) => words !== '');
  const unfit = isUnfitPatch(call, code, status);
  const words = [status?.message ?? (oneLine(body) || `the server answered ${code}`), ...causes];
  if (unfit) words.push('(a test or a path of the patch does not fit the object as it is now)');
  const message = `${describeCall(call)}: ${oneLine([...new Set(words)].join(' '))}`;
  return new ApiError(unfit ? 'Conflict' : codeOf(code, status), message, {
    status: code,
    ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
  });
}

/**
 * Whether the server could not apply a JSON patch. It answers 422 and not a word about which operation failed; an object
 * that is invalid after the patch has causes.
 */
function isUnfitPatch(call: ApiCall, code: number, status: Status | undefined): boolean {
  return call.verb === 'patch' && code === 422 && (status?.details?.causes ?? []).length === 0;
}

function codeOf(code: number, status: Status | undefined): ApiErrorCode {
  if (status?.reason === 'Expired' || status?.reason === 'Gone') return 'Gone';
  switch (code) {
    case 401:
      return 'Unauthorized';
    case 403:
      return 'Forbidden';
    case 404:
      return 'NotFound';
    case 409:
      return status?.reason === 'AlreadyExists' ? 'AlreadyExists' : 'Conflict';
    case 410:
      return 'Gone';
    case 429:
      return status?.details?.causes?.some((cause) => cause.reason === 'DisruptionBudget') === true
        ? 'DisruptionBudget'
        : 'TooManyRequests';
    default:
      return code >= 500 ? 'Unavailable' : 'Invalid';
  }
}

function retryAfterSeconds(refusal: Refusal, status: Status | undefined, now: number): number | undefined {
  const header = refusal.retryAfter;
  if (header !== undefined && /^\d+$/.test(header)) return Number(header);
  const date = header === undefined ? Number.NaN : Date.parse(header);
  if (!Number.isNaN(date)) return Math.max(0, Math.ceil((date - now) / 1000));
  return status?.details?.retryAfterSeconds;
}

function readStatus(body: string): Status | undefined {
  try {
    return asStatus(JSON.parse(body));
  } catch {
    return undefined;
  }
}

/** Takes from a value only what has the type it should have: a proxy may have answered in the server's place. */
function asStatus(value: unknown): Status | undefined {
  if (!isRecord(value) || value['kind'] !== 'Status') return undefined;
  const { code, reason, message, details } = value;
  const causes = isRecord(details) && Array.isArray(details['causes']) ? details['causes'].filter(isRecord) : [];
  const after = isRecord(details) ? details['retryAfterSeconds'] : undefined;
  return {
    ...(typeof code === 'number' ? { code } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(typeof message === 'string' ? { message } : {}),
    details: {
      ...(typeof after === 'number' && after > 0 ? { retryAfterSeconds: after } : {}),
      causes: causes.map((cause) => ({
        ...(typeof cause['reason'] === 'string' ? { reason: cause['reason'] } : {}),
        ...(typeof cause['message'] === 'string' ? { message: cause['message'] } : {}),
      })),
    },
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function oneLine(words: string): string {
  const line = words.replaceAll(/\s+/g, ' ').trim();
  return line.length > 1000 ? `${line.slice(0, 1000)}…` : line;
}
