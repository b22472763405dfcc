import type { Clock } from './clock.js';

/** Why an act was ended before it was done. */
export type Ended = 'Late' | 'Aborted';

/** Thrown in place of what an ended act would have thrown. */
export class EndedError extends Error {
  override readonly name = 'EndedError';
  constructor(
    readonly why: Ended,
    cause: unknown,
  ) {
    super(why, { cause });
  }
}

/**
 * Runs an act until it is done, the time is up or the caller aborts, whichever is first. The act gets a signal for the
 * last two, but is not waited for when it does not heed it.
 *
 * @throws EndedError, or what the act threw
 */
export async function withDeadline<T>(
  {
    clock,
    milliseconds,
    signal,
  }: { readonly clock: Clock; readonly milliseconds: number; readonly signal: AbortSignal | undefined },
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal?.aborted === true) throw new EndedError('Aborted', signal.reason);
  const inner = new AbortController();
  const done = new AbortController();
  const ended = Promise.withResolvers<never>();
  const end = (why: Ended, cause?: unknown): void => {
    ended.reject(new EndedError(why, cause));
    inner.abort(cause);
  };
  const abort = (): void => end('Aborted', signal?.reason);
  const expire = async (): Promise<void> => {
    await clock.sleep(milliseconds, done.signal);
    if (!done.signal.aborted) end('Late');
  };
  signal?.addEventListener('abort', abort, { once: true });
  void expire();
  try {
    return await Promise.race([ended.promise, act(inner.signal)]);
  } finally {
    done.abort();
    signal?.removeEventListener('abort', abort);
  }
}
