import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One thing that must be so. */
export interface Check {
  /** @example `cache pods` */
  readonly name: string;
  readonly ok: boolean;
  /** What is seen. @example `8000 objects` */
  readonly detail?: string;
}

export interface HealthServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** @default - all addresses */
  readonly host?: string;
  /** Fails only if a new process would do better. @default - no /livez */
  readonly live?: () => readonly Check[];
  /** Holds on leader and standby: whoever is ready can lead at once. @default - no /readyz */
  readonly ready?: () => readonly Check[];
  /** Answers a scrape. @default - no /metrics */
  readonly metrics?: (request: IncomingMessage, response: ServerResponse) => void;
}

/**
 * `/livez`, `/readyz` and `/metrics` on one port, or some of them. An answer lists the checks, one a line; 200 if all hold, 503 if not.
 *
 * @example
 * const server = new HealthServer({ port: 8080, live: () => [], ready: () => [{ name: 'caches', ok: synced }], metrics });
 * await server.start();
 */
export class HealthServer {
  readonly #server: Server;

  constructor(private readonly options: HealthServerOptions) {
    this.#server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
      this.#answer(request, response);
    });
  }

  /** @returns the port @throws Error the port is taken, `code` EADDRINUSE */
  async start(): Promise<number> {
    const { port, host } = this.options;
    const listening = Promise.withResolvers<void>();
    this.#server.once('error', listening.reject);
    this.#server.listen({ port, ...(host === undefined ? {} : { host }) }, listening.resolve);
    await listening.promise;
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    this.#server.closeAllConnections();
    await closed.promise;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const [path] = (request.url ?? '').split('?');
    const { live, ready, metrics } = this.options;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      reply(response, 405, 'only GET and HEAD are answered\n');
    } else if (path === '/metrics' && metrics !== undefined) metrics(request, response);
    else if (path === '/livez' && live !== undefined) report(response, live());
    else if (path === '/readyz' && ready !== undefined) report(response, ready());
    else reply(response, 404, 'not found\n');
  }
}

function report(response: ServerResponse, checks: readonly Check[]): void {
  const lines = checks.map(
    ({ name, ok, detail }) => `[${ok ? '+' : '-'}] ${name}${detail === undefined ? '' : `: ${detail}`}\n`,
  );
  const ok = checks.every((check) => check.ok);
  reply(response, ok ? 200 : 503, `${lines.join('')}${ok ? 'ok' : 'failed'}\n`);
}

function reply(response: ServerResponse, status: number, body: string): void {
  response.statusCode = status;
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.setHeader('x-content-type-options', 'nosniff');
  response.end(body);
}
