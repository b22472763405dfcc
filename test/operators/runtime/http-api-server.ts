import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import type { JsonPatchOperation, KubernetesApi } from '../../../operators/runtime/api.js';
import type { ApiCall, Verb } from '../../../operators/runtime/api-call.js';
import { callOn, describeCall } from '../../../operators/runtime/api-call.js';
import { ApiError } from '../../../operators/runtime/api-error.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import type { KubernetesObject, ObjectName, Resource } from '../../../operators/runtime/resource.js';

/** What goes wrong with one request. */
export type Fault =
  /** Answers so, and does nothing. */
  | {
      readonly type: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Does what was asked, and answers 500 or not at all. */
  | { readonly type: 'commit, then 500' | 'commit, then cut' }
  /** Cuts the connection within the line of the event after so many. */
  | { readonly type: 'cut'; readonly afterEvents: number }
  /** Sends nothing more after so many events, and keeps the connection. */
  | { readonly type: 'silence'; readonly afterEvents: number }
  /** Sends an ERROR event after so many, and ends. */
  | { readonly type: 'error event'; readonly afterEvents: number; readonly code: number; readonly reason: string }
  /** Answers when this is done. */
  | { readonly type: 'slow'; readonly until: Promise<unknown> };

/** A request as faults and tests see it. */
export interface SeenRequest {
  readonly verb: Verb;
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
}

/** An API under Kubernetes' REST paths, over HTTP on the loopback. */
export class HttpApiServer {
  /** Asked at each request. */
  fault: (request: SeenRequest) => Fault | undefined = () => undefined;
  readonly seen: SeenRequest[] = [];
  /** Called when a client has closed a watch, or the connection of one is gone. */
  onWatchClosed: () => void = () => undefined;
  readonly #api: KubernetesApi;
  readonly #server: Server;

  constructor(api: KubernetesApi) {
    this.#api = api;
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
  }

  /** @returns a kubeconfig for it */
  async start(): Promise<KubeConfig> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = this.#server.address() as AddressInfo;
    const config = new KubeConfig();
    config.loadFromClusterAndUser(
      { name: 'test', server: `http://127.0.0.1:${port}/`, skipTLSVerify: true },
      { name: 'tester', token: 'test-token' },
    );
    return config;
  }

  /** How many connections are open. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => {
        if (error === null) resolve(count);
        else reject(error);
      });
    });
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => {
      this.#server.close(resolve);
    });
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request);
    const url = new URL(request.url ?? '/', 'http://server');
    const route = routeOf(request.method ?? '', url);
    if (route === undefined) return send(response, 404, 'the server could not find the requested resource');
    const seen = { verb: route.call.verb, method: request.method ?? '', url, headers: request.headers };
    this.seen.push(seen);
    const fault = this.fault(seen);
    if (fault?.type === 'slow') await fault.until;
    if (fault?.type === 'answer') {
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      response.end(fault.body ?? '');
      return;
    }
    if (route.call.verb === 'watch') return this.#watch(route, response, fault);
    try {
      const answer = await this.#act(route, body === '' ? undefined : (JSON.parse(body) as unknown), request);
      if (fault?.type === 'commit, then cut') response.destroy();
      else if (fault?.type === 'commit, then 500') send(response, 500, 'etcdserver: request timed out');
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    } catch (error) {
      sendError(response, route.call, error);
    }
  }

  #act(route: Route, body: unknown, request: IncomingMessage): Promise<unknown> {
    const { call, name, query } = route;
    const { resource } = call;
    const options = {
      fieldManager: query.get('fieldManager') ?? 'unknown',
      dryRun: query.get('dryRun') === 'All',
      ...(call.subresource === undefined ? {} : { subresource: call.subresource }),
    };
    switch (call.verb) {
      case 'list':
        return this.#list(route);
      case 'get':
        return this.#api.get(resource, name);
      case 'create':
        return this.#api.create(resource, body as KubernetesObject, options);
      case 'apply':
        expectType(request, 'application/apply-patch+yaml');
        return this.#api.apply(resource, body as KubernetesObject, {
          ...options,
          force: query.get('force') === 'true',
        });
      case 'patch':
        expectType(request, 'application/json-patch+json');
        return this.#api.patch(resource, name, body as readonly JsonPatchOperation[], options);
      case 'delete':
        return this.#api.delete(resource, name, deleteOptions(body)).then(() => SUCCESS);
      default:
        return this.#api
          .evict(name, deleteOptions((body as { deleteOptions?: unknown }).deleteOptions))
          .then(() => SUCCESS);
    }
  }

  async #list(route: Route): Promise<unknown> {
    const { resource } = route.call;
    const limit = Number(route.query.get('limit') ?? '0');
    const page = await this.#api.list(resource, { ...selectionOf(route), limit, ...optional(route.query, 'continue') });
    return {
      kind: `${resource.kind}List`,
      apiVersion: resource.version,
      metadata: { resourceVersion: page.resourceVersion, continue: page.continue },
      // Items of built-in kinds have no type of their own.
      items: page.items.map(({ apiVersion: _version, kind: _kind, ...item }) => item),
    };
  }

  async #watch(route: Route, response: ServerResponse, fault: Fault | undefined): Promise<void> {
    const closed = new AbortController();
    response.on('close', () => {
      closed.abort();
      setImmediate(this.onWatchClosed);
    });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const write = (type: string, object: unknown): void => {
      response.write(`${JSON.stringify({ type, object })}\n`);
    };
    const timeoutSeconds = Number(route.query.get('timeoutSeconds') ?? '300');
    const resourceVersion = route.query.get('resourceVersion') ?? '0';
    let events = 0;
    const interrupt = (): boolean => {
      if (fault === undefined || !('afterEvents' in fault) || events < fault.afterEvents) return false;
      if (fault.type === 'cut') response.write('{"type":"ADDED","object":{"meta', () => response.destroy());
      if (fault.type === 'error event') {
        write('ERROR', status(fault.code, fault.reason, 'too old resource version: 1 (2)'));
        response.end();
      }
      return true;
    };
    if (interrupt()) return;
    try {
      const watch = this.#api.watch(route.call.resource, {
        ...selectionOf(route),
        resourceVersion,
        timeoutSeconds,
        signal: closed.signal,
      });
      for await (const event of watch) {
        if (event.type === 'BOOKMARK') {
          write('BOOKMARK', { metadata: { resourceVersion: event.resourceVersion, creationTimestamp: null } });
        } else {
          write(event.type, event.object);
          events += 1;
          if (interrupt()) return;
        }
      }
      response.end();
    } catch (error) {
      if (closed.signal.aborted) return;
      if (!(error instanceof ApiError) || error.code === 'ConnectionLost') response.destroy();
      else {
        write('ERROR', statusOf(route.call, error));
        response.end();
      }
    }
  }
}

interface Route {
  readonly call: ApiCall;
  readonly name: ObjectName;
  readonly query: URLSearchParams;
}

const SUCCESS = { kind: 'Status', apiVersion: 'v1', status: 'Success' };
const PATH =
  /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?(?:\/(status|eviction))?$/;

function routeOf(method: string, url: URL): Route | undefined {
  const match = PATH.exec(url.pathname);
  if (match === null) return undefined;
  const [, group = '', version, space, plural, object, sub] = match;
  const resource = (Object.values(RESOURCE) as Resource[]).find(
    (known) => known.group === group && known.version === version && known.plural === plural,
  );
  if (resource === undefined) return undefined;
  const namespace = space === undefined ? undefined : decodeURIComponent(space);
  const name = { name: decodeURIComponent(object ?? ''), ...(namespace === undefined ? {} : { namespace }) };
  const verb = verbOf(method, url, object !== undefined, sub);
  if (verb === undefined) return undefined;
  const on =
    object === undefined && verb !== 'create' ? { ...(namespace === undefined ? {} : { namespace }) } : { name };
  return {
    call: callOn(verb, resource, { ...on, ...(sub === 'status' && { subresource: sub }) }),
    name,
    query: url.searchParams,
  };
}

function verbOf(method: string, url: URL, one: boolean, sub: string | undefined): Verb | undefined {
  if (method === 'GET') return one ? 'get' : url.searchParams.get('watch') === 'true' ? 'watch' : 'list';
  if (method === 'POST') return sub === 'eviction' ? 'evict' : 'create';
  if (method === 'DELETE') return 'delete';
  if (method !== 'PATCH') return undefined;
  return url.searchParams.has('force') ? 'apply' : 'patch';
}

function selectionOf(route: Route): Parameters<KubernetesApi['list']>[1] {
  const { namespace } = route.call;
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...optional(route.query, 'labelSelector'),
    ...optional(route.query, 'fieldSelector'),
  };
}

function optional<K extends string>(query: URLSearchParams, key: K): Partial<Record<K, string>> {
  const value = query.get(key);
  return value === null ? {} : ({ [key]: value } as Record<K, string>);
}

function deleteOptions(body: unknown): Parameters<KubernetesApi['evict']>[1] {
  const sent = body as {
    preconditions: { uid: string; resourceVersion: string };
    gracePeriodSeconds?: number;
    dryRun?: string[];
  };
  return {
    preconditions: sent.preconditions,
    ...(sent.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: sent.gracePeriodSeconds }),
    dryRun: sent.dryRun?.includes('All') === true,
  };
}

function expectType(request: IncomingMessage, type: string): void {
  if (request.headers['content-type'] !== type)
    throw new ApiError('Invalid', 'unsupported media type', { status: 415 });
}

function sendError(response: ServerResponse, call: ApiCall, error: unknown): void {
  if (!(error instanceof ApiError) || error.code === 'ConnectionLost') response.destroy();
  else {
    const body = statusOf(call, error);
    response.writeHead(body.code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }
}

function send(response: ServerResponse, code: number, message: string): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(status(code, 'Unknown', message)));
}

/** The server's words alone: the client puts its own before them. */
function statusOf(call: ApiCall, error: ApiError): ReturnType<typeof status> {
  const prefix = `${describeCall(call)}: `;
  const message = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
  const causes = error.code === 'DisruptionBudget' ? [{ reason: 'DisruptionBudget', message }] : [];
  return status(error.details.status ?? 500, error.code === 'Gone' ? 'Expired' : error.code, message, causes);
}

function status(code: number, reason: string, message: string, causes: readonly object[] = []) {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details: { causes } };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
