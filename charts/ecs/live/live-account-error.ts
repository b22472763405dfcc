/**
 * Why a live account could not be read.
 * - `no-region`, `no-credentials`: the AWS SDK finds none, or AWS refuses what it found.
 * - `cluster-not-found`: the region has no such cluster, or it was deleted.
 * - `access-denied`: the credentials may not make a call.
 * - `throttled`: AWS went on answering that there are too many calls.
 * - `partial`: an answer is known not to be whole, such as a page token that comes again.
 * - `unreachable`: no answer came from the service.
 * - `failed`: any other answer that is an error.
 */
export type LiveAccountCode =
  | 'no-region'
  | 'no-credentials'
  | 'cluster-not-found'
  | 'access-denied'
  | 'throttled'
  | 'partial'
  | 'unreachable'
  | 'failed';

/** The parts of a {@link LiveAccountError}. */
export interface LiveAccountProblem {
  /** What is wrong, in lower case, without secrets. */
  readonly problem: string;
  /** What to do. */
  readonly fix: string;
  /** The call as IAM names it, such as `ecs:DescribeServices`; absent when it failed before any call. */
  readonly action?: string;
}

/**
 * Thrown when a live account cannot be read. The message has the call, the permission that is missing, and what to do; AWS's
 * own error is the `cause`.
 *
 * @example new LiveAccountError('no-region', { problem: 'no AWS region is set', fix: 'give --region' }).message
 */
export class LiveAccountError extends Error implements LiveAccountProblem {
  override readonly name: string = 'LiveAccountError';
  readonly problem: string;
  readonly fix: string;
  readonly action?: string;

  constructor(
    readonly code: LiveAccountCode,
    { problem, fix, action }: LiveAccountProblem,
    options?: ErrorOptions,
  ) {
    super(`${problem} (${fix})`, options);
    this.problem = problem;
    this.fix = fix;
    if (action !== undefined) this.action = action;
  }
}

/** Names under which AWS's services say that there were too many calls. */
const THROTTLING: ReadonlySet<string> = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'SlowDown',
]);

const DENIED: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'NotAuthorized',
  'NotAuthorizedException',
]);

const CREDENTIALS: ReadonlySet<string> = new Set([
  'AuthFailure',
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'SignatureDoesNotMatch',
  'TokenProviderError',
  'UnrecognizedClientException',
]);

const UNREACHABLE: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'NetworkingError',
  'TimeoutError',
]);

/** Whether AWS said that there were too many calls. */
export function isThrottling(error: unknown): boolean {
  return THROTTLING.has(nameOf(error)) || statusOf(error) === 429;
}

/**
 * Says what an error of the AWS SDK means for the reading. What AWS wrote is repeated only where it cannot hold a secret:
 * its message about a wrong signature, for one, quotes the session token.
 *
 * @param action the call as IAM names it
 */
export function liveAccountError(action: string, cause: unknown): LiveAccountError {
  if (cause instanceof LiveAccountError) return cause;
  const name = nameOf(cause);
  const make = (code: LiveAccountCode, problem: string, fix: string): LiveAccountError =>
    new LiveAccountError(code, { problem, fix, action }, { cause });
  if (name === 'CredentialsProviderError') {
    return make('no-credentials', `no AWS credentials were found for ${action}`, SIGN_IN);
  }
  if (CREDENTIALS.has(name)) {
    return make(
      'no-credentials',
      `AWS refuses the credentials at ${action}: ${name}`,
      `${SIGN_IN}, and set the clock right`,
    );
  }
  if (DENIED.has(name)) {
    const fix = `allow the action ${action}; docs/live-account.md has the whole policy`;
    return make('access-denied', `${action} is not allowed${deniedTo(cause)}`, fix);
  }
  if (isThrottling(cause)) {
    const fix = 'try again when fewer calls are made in this account and region';
    return make('throttled', `AWS goes on throttling ${action}`, fix);
  }
  const network = networkFault(cause);
  const status = statusOf(cause) ?? 0;
  if (network !== undefined || status >= 500) {
    const fix = 'check the region, the network and the proxy, and that the service has an endpoint there';
    return make('unreachable', `no answer to ${action}: ${network ?? `HTTP status ${status}`}`, fix);
  }
  return make('failed', `${action} failed: ${name}: ${firstLine(cause)}`, 'see what AWS says of it, and try again');
}

const SIGN_IN = 'sign in by `aws sso login` or `aws configure`, or name a profile in AWS_PROFILE';

/** Who was denied and by what kind of policy, where AWS's message says so. */
function deniedTo(error: unknown): string {
  const message = textIn(error, 'message') ?? '';
  const [, who] = /\bUser: (arn:[\w:/+=,.@-]{1,300})/.exec(message) ?? [];
  const [, policy] = /explicit deny in an? ([a-z -]{1,60}policy)/.exec(message) ?? [];
  return `${who === undefined ? '' : ` to ${who}`}${policy === undefined ? '' : `, by an explicit deny in a ${policy}`}`;
}

/** Node's code for what is wrong with the connection; of an error that the SDK has wrapped only the message has it. */
function networkFault(error: unknown): string | undefined {
  const [inMessage = ''] = /\bE[A-Z_]{3,20}\b/.exec(textIn(error, 'message') ?? '') ?? [];
  return [textIn(error, 'code') ?? '', nameOf(error), inMessage].find((text) => UNREACHABLE.has(text));
}

function nameOf(error: unknown): string {
  return textIn(error, 'name') ?? typeof error;
}

function statusOf(error: unknown): number | undefined {
  const status = memberIn(memberIn(error, '$metadata'), 'httpStatusCode');
  return typeof status === 'number' ? status : undefined;
}

function firstLine(error: unknown): string {
  return (textIn(error, 'message') ?? String(error)).split('\n', 1)[0]?.slice(0, 200) ?? '';
}

/** Looks at what an error has and not at its class, since Node's own errors may be of another realm than this code. */
function memberIn(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function textIn(value: unknown, key: string): string | undefined {
  const member = memberIn(value, key);
  return typeof member === 'string' ? member : undefined;
}
