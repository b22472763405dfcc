import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KubernetesApi } from '../runtime/api.js';
import type { Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import type { ExecMarker } from './exec-webhook-mark.js';
import { allow, readReview } from './exec-webhook-review.js';
import { type HeldCertificate, readCertificate } from './exec-webhook-secret.js';

/** What the server is built from. */
export interface ExecWebhookServerOptions {
  /** Only reads. */
  readonly api: KubernetesApi;
  /** The operator's own. */
  readonly namespace: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly marker: ExecMarker;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when it listens. @default - nobody */
  readonly onListening?: (port: number) => void;
}

const REFRESH_MS = 30_000;
/** Until the leader has made the first certificate. */
const FIRST_MS = 2_000;
/** A review of an exec has a kilobyte or two. */
const MOST_BYTES = 256 * 1024;

/** Answers the API server's reviews, on every replica. It takes a new certificate without a restart. */
export class ExecWebhookServer {
  #held: HeldCertificate | undefined;
  #server: Server | undefined;

  constructor(private readonly options: ExecWebhookServerOptions) {}

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.options;
    while (!signal.aborted) {
      try {
        await this.#refresh(signal);
      } catch (error) {
        if (!signal.aborted) log.warn('exec webhook has no certificate', { error });
      }
      await clock.sleep(this.#server === undefined ? FIRST_MS : REFRESH_MS, signal);
    }
    await this.#stop();
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    const { api, namespace } = this.options;
    const { held } = await readCertificate(api, namespace, signal);
    if (held === undefined || signal.aborted) return;
    const former = this.#held;
    if (this.#server === undefined) this.#server = await this.#listen(held);
    else if (held.certificate !== former?.certificate)
      this.#server.setSecureContext({ cert: held.certificate, key: held.key, minVersion: 'TLSv1.2' });
    this.#held = held;
  }

  async #listen({ certificate, key }: HeldCertificate): Promise<Server> {
    const { port, log, onListening } = this.options;
    const server = createServer(
      { cert: certificate, key, minVersion: 'TLSv1.2', requestTimeout: 5_000, headersTimeout: 5_000 },
      (request, response) => {
        this.#answer(request, response).catch((error: unknown) => {
          log.warn('exec webhook could not answer', { error });
          response.destroy();
        });
      },
    );
    const listening = Promise.withResolvers<void>();
    server.once('error', listening.reject);
    server.listen(port, listening.resolve);
    await listening.promise;
    server.off('error', listening.reject);
    server.on('error', (error) => log.warn('exec webhook server failed', { error }));
    const taken = (server.address() as AddressInfo).port;
    log.info('exec webhook listening', { port: taken });
    onListening?.(taken);
    return server;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ''] = (request.url ?? '').split('?');
    if (!this.#isOurs(path)) return reply(response, 404, { message: 'there is nothing here' });
    if (request.method !== 'POST') return reply(response, 405, { message: 'only POST is answered' });
    const review = readReview(await bodyOf(request));
    if (review === undefined) {
      return reply(response, 400, { message: 'this is no AdmissionReview of a CONNECT to pods/exec or pods/attach' });
    }
    return reply(response, 200, allow(review, await this.options.marker.note(review)));
  }

  /** Hashes have one length, and comparing them takes one time, whatever was sent. */
  #isOurs(path: string): boolean {
    const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
    return this.#held !== undefined && timingSafeEqual(digest(path), digest(`/exec/${this.#held.token}`));
  }

  async #stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    server.closeIdleConnections();
    await closed.promise;
  }
}

/** @returns the body as JSON, or undefined if it is none or too long */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MOST_BYTES) return undefined;
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' });
  response.end(JSON.stringify(body));
}
