/** What went wrong with the test cluster, for programs: the message is for people. */
export type ClusterFailureCode =
  | 'usage'
  | 'not-root'
  | 'not-linux'
  | 'missing-package'
  | 'missing-go'
  | 'download-failed'
  | 'command-failed'
  | 'not-ready'
  | 'not-up'
  | 'other-version'
  | 'state-unreadable';

/**
 * Whether an error of the system has a code, such as `ENOENT`. By the field alone: Jest runs tests with globals of their
 * own, so that errors of Node are none of its `Error`.
 */
export function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

/**
 * Anything that keeps the test cluster from running. The message says what, where, and what to do.
 *
 * @example throw new ClusterFailure('not-up', 'cluster "tranship" is not up: run `npm run cluster -- up`')
 */
export class ClusterFailure extends Error {
  override readonly name = 'ClusterFailure';

  constructor(
    readonly code: ClusterFailureCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
