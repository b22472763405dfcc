import { request } from 'undici';
import type { Dispatcher } from 'undici';
import { errorOfAnswer } from './api-answer.js';
import type { ApiCall } from './api-call.js';
import { describeCall } from './api-call.js';
import { ApiError } from './api-error.js';
import type { Clock } from './clock.js';
import type { ClusterConfig } from './cluster-config.js';
import { Credentials } from './credentials.js';
import type { Access } from './credentials.js';
import { EndedError, withDeadline } from './deadline.js';
import { withRetry } from './retry.js';
import { untilSilent } from './watch-stream.js';

export interface HttpConnectionOptions {
  /** Server, credentials, TLS and proxy. */
  readonly config: ClusterConfig;
  readonly clock: Clock;
  /** In [0, 1), for waiting times. @default Math.random */
  readonly random?: () => number;
  /** @default `tranship` */
  readonly userAgent?: string;
  readonly timeouts?: Partial<Timeouts>;
}

/** Milliseconds. */
export interface Timeouts {
  /** One attempt of a call, or until a watch is open. @default 30000 */
  readonly call: number;
  /**
   * Silence on a watch after which the connection counts as lost; the server sends a bookmark about every minute.
   * @default 90000
   */
  readonly silence: number;
}

/** A request, but for what every request has. */
export interface Sent {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** @default `application/json` */
  readonly contentType?: string;
}

/** Requests to one API server: time limits, repetitions, and every failure as an ApiError. */
export class HttpConnection {
  readonly #server: string;
  readonly #credentials: Credentials;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #userAgent: string;
  readonly #timeouts: Timeouts;

  constructor({ config, clock, random = Math.random, userAgent = 'tranship', timeouts }: HttpConnectionOptions) {
    this.#server = config.server.replace(/\/+$/, '');
    this.#credentials = new Credentials(config, clock);
    this.#clock = clock;
    this.#random = random;
    this.#userAgent = userAgent;
    this.#timeouts = { call: 30_000, silence: 90_000, ...timeouts };
  }

  /** Ends all connections; what is under way throws. */
  close(): Promise<void> {
    return this.#credentials.close();
  }

  /** Sends a request, again where `retry.ts` says so, and yields the answer as JSON. @throws ApiError */
  async call<T>(call: ApiCall, sent: Sent, signal: AbortSignal | undefined): Promise<T> {
    const attempt = async (): Promise<string> => {
      try {
        return await this.#inTime(signal, async (ended) => (await this.#open(call, sent, ended)).text());
      } catch (error) {
        throw this.#failure(call, error, signal);
      }
    };
    const answer = await withRetry(call, attempt, { clock: this.#clock, random: this.#random, signal });
    return readObject(call, answer) as T;
  }

  /** The body of an answer as it comes in, as long as the server is not silent. @throws ApiError */
  async *stream(
    call: ApiCall,
    sent: Sent,
    signal: AbortSignal | undefined,
    silenceMs = this.#timeouts.silence,
  ): AsyncGenerator<Uint8Array> {
    const connection = new AbortController();
    const cut = (): void => connection.abort();
    signal?.addEventListener('abort', cut, { once: true });
    try {
      const body = await this.#inTime(signal, (ended) => {
        ended.addEventListener('abort', cut, { once: true });
        return this.#open(call, sent, connection.signal);
      });
      yield* untilSilent(call, body, { clock: this.#clock, silenceMs, cut });
    } catch (error) {
      throw this.#failure(call, error, signal);
    } finally {
      signal?.removeEventListener('abort', cut);
      cut();
    }
  }

  #inTime<T>(signal: AbortSignal | undefined, act: (ended: AbortSignal) => Promise<T>): Promise<T> {
    return withDeadline({ clock: this.#clock, milliseconds: this.#timeouts.call, signal }, act);
  }

  /** Sends a request and yields the body of the answer, if it is a success. @throws ApiError, or an error of the connection */
  async #open(call: ApiCall, sent: Sent, signal: AbortSignal): Promise<Dispatcher.ResponseData['body']> {
    const { headers, dispatcher } = await this.#access(call);
    const {
      statusCode,
      headers: answered,
      body,
    } = await request(`${this.#server}${sent.path}`, {
      dispatcher,
      method: sent.method,
      query: { ...sent.query },
      headers: {
        ...headers,
        accept: 'application/json',
        'user-agent': this.#userAgent,
        ...(sent.body === undefined ? {} : { 'content-type': sent.contentType ?? 'application/json' }),
      },
      ...(sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }),
      signal,
      // The limits here are the clock's.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    // A body that nobody reads any more fails when its connection is cut; who reads it gets the error there.
    body.on('error', () => undefined);
    if (statusCode >= 200 && statusCode < 300) return body;
    if (statusCode === 401) this.#credentials.forget();
    const retryAfter = answered['retry-after'];
    const refusal = {
      status: statusCode,
      body: await body.text(),
      ...(typeof retryAfter === 'string' ? { retryAfter } : {}),
    };
    throw errorOfAnswer(call, refusal, this.#clock.now());
  }

  async #access(call: ApiCall): Promise<Access> {
    try {
      return await this.#credentials.access();
    } catch (error) {
      // Not as the cause: a credential plugin may have printed anything.
      const [line = ''] = (error instanceof Error ? error.message : '').split('\n');
      const message = `${describeCall(call)}: the credentials could not be had: ${line.slice(0, 200)}`;
      throw new ApiError('Unauthorized', message);
    }
  }

  #failure(call: ApiCall, error: unknown, signal: AbortSignal | undefined): ApiError {
    if (error instanceof ApiError) return error;
    const what = describeCall(call);
    if (signal?.aborted === true)
      return new ApiError('Aborted', `${what}: the caller aborted`, { cause: signal.reason });
    if (error instanceof EndedError) {
      return new ApiError('Timeout', `${what}: no answer within ${this.#timeouts.call / 1000} s`);
    }
    const words = error instanceof Error ? error.message : String(error);
    return new ApiError('ConnectionLost', `${what}: the connection failed: ${words}`, { cause: error });
  }
}

/** @throws ApiError `ConnectionLost`: what came is not what a server would send */
function readObject(call: ApiCall, answer: string): object {
  try {
    const value: unknown = JSON.parse(answer);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below.
  }
  const message = `${describeCall(call)}: the answer of ${answer.length} characters is no JSON object`;
  throw new ApiError('ConnectionLost', message);
}
