import { LiveAccountError, isThrottling } from './live-account-error.js';

/** Waits; injected so that tests do not. */
export type Sleep = (milliseconds: number) => Promise<void>;

/** Settings of {@link Throttle}. */
export interface ThrottleOptions {
  /** Calls under way at once. @default 5 */
  readonly concurrency?: number;
  readonly sleep: Sleep;
  /** Called before each wait, with what is waited for and how long, in seconds. */
  readonly onWait?: (action: string, seconds: number) => void;
}

/**
 * Waits after the SDK has given up, in seconds. The SDK tries each call 8 times within about half a minute by itself; an
 * account whose quota others are using up needs longer.
 */
const PATIENCE_SECONDS = [5, 15, 45];

/**
 * Lets a few calls through at a time and waits where AWS throttles, so that reading a large cluster does not take the API
 * quota away from what runs in the account.
 *
 * @example await new Throttle({ sleep }).run('ecs:ListServices', () => client.send(command))
 */
export class Throttle {
  private running = 0;
  private closed = false;
  private readonly waiting: (() => void)[] = [];
  private readonly concurrency: number;

  constructor(private readonly options: ThrottleOptions) {
    this.concurrency = options.concurrency ?? 5;
  }

  /**
   * @throws whatever the call throws, a throttling error only after all waits
   * @throws LiveAccountError `partial` when the reading was given up in the meantime
   */
  async run<T>(action: string, call: () => Promise<T>): Promise<T> {
    if (this.running < this.concurrency) this.running++;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await this.patiently(action, call);
    } finally {
      // The place goes to the next in line, if there is one, and is free otherwise.
      const next = this.waiting.shift();
      if (next === undefined) this.running--;
      else next();
    }
  }

  /** Makes no further calls; those in line fail. For when the reading has failed already. */
  close(): void {
    this.closed = true;
  }

  private async patiently<T>(action: string, call: () => Promise<T>): Promise<T> {
    for (const seconds of PATIENCE_SECONDS) {
      this.refuseWhenClosed(action);
      try {
        return await call();
      } catch (error) {
        if (!isThrottling(error)) throw error;
        this.options.onWait?.(action, seconds);
        await this.options.sleep(seconds * 1000);
      }
    }
    this.refuseWhenClosed(action);
    return await call();
  }

  private refuseWhenClosed(action: string): void {
    if (!this.closed) return;
    const problem = `${action} was not called, since another call had failed`;
    throw new LiveAccountError('partial', { action, problem, fix: 'see the other error' });
  }
}
