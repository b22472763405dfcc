import type { Dispatcher } from 'undici';
import type { Clock } from './clock.js';
import type { ClusterConfig } from './cluster-config.js';

/** What a request needs to reach the server and to be known there. */
export interface Access {
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

/**
 * After so long the configuration is asked again. In a pod it reads the token's file then. A kubeconfig reads it once a
 * minute, and asks a credential plugin when its token has run out, so that a token in use is at most 70 s old.
 */
const HEADERS_MAX_AGE = 10_000;
/** After so long connections are made anew, so that renewed certificates come into use. */
const CONNECTIONS_MAX_AGE = 300_000;

/** Authentication, TLS and proxy of a cluster. Connections are kept and shared: a kubeconfig would make new ones for every call. */
export class Credentials {
  readonly #config: ClusterConfig;
  readonly #clock: Clock;
  #access: Promise<Access> | undefined;
  #askedAt = 0;
  #connectedAt = 0;
  #connections: Dispatcher | undefined;

  constructor(config: ClusterConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  /** @throws Error as the configuration's token file, plugin or certificates do */
  async access(): Promise<Access> {
    const now = this.#clock.now();
    if (this.#access === undefined || isOlder(this.#askedAt, now, HEADERS_MAX_AGE)) {
      this.#askedAt = now;
      this.#access = this.#ask(now);
    }
    const asked = this.#access;
    try {
      return await asked;
    } catch (error) {
      if (this.#access === asked) this.#access = undefined;
      throw error;
    }
  }

  /** The server did not accept them: the next call asks anew, and connects anew. */
  forget(): void {
    this.#access = undefined;
    this.#connectedAt = Number.NEGATIVE_INFINITY;
  }

  /** Ends all connections at once. */
  async close(): Promise<void> {
    const connections = this.#connections;
    this.#access = undefined;
    this.#connections = undefined;
    await connections?.destroy();
  }

  async #ask(now: number): Promise<Access> {
    const { headers, connect } = await this.#config.authenticate();
    if (this.#connections === undefined || isOlder(this.#connectedAt, now, CONNECTIONS_MAX_AGE)) {
      const renewed = await connect();
      // Requests that are under way end on the old ones.
      void this.#connections?.close();
      this.#connections = renewed;
      this.#connectedAt = now;
    }
    return { headers, dispatcher: overHttp1(this.#connections) };
  }
}

/** Whether something is older than allowed. A wall clock that was set back says nothing about an age: then it is. */
function isOlder(since: number, now: number, maxAge: number): boolean {
  return now < since || now - since >= maxAge;
}

/**
 * One connection for each request under way: on HTTP/2 all watches would share one, and one stalled connection would stall
 * them all.
 */
function overHttp1(dispatcher: Dispatcher): Dispatcher {
  return dispatcher.compose((dispatch) => (options, handler) => {
    const http1 = { ...options, allowH2: false };
    return dispatch(http1, handler);
  });
}
