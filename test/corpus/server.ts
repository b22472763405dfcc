import { setTimeout as delay } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { KUBERNETES_VERSIONS, type KubernetesVersion } from '../../charts/port/kubernetes-version.js';
import type { Manifest } from '../../charts/port/manifest.js';
import { callOn } from '../../operators/runtime/api-call.js';
import { isApiError } from '../../operators/runtime/api-error.js';
import { collectionPath, objectPath } from '../../operators/runtime/api-path.js';
import type { Clock } from '../../operators/runtime/clock.js';
import { HttpConnection } from '../../operators/runtime/http-connection.js';
import { kubeconfig } from '../../operators/runtime/kubeconfig.js';
import type { Resource } from '../../operators/runtime/resource.js';

/** Unlike the operator's clock, a sleep keeps the process alive. */
const CLOCK: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
};

const FIELD_MANAGER = 'tranship-corpus';

interface DiscoveredResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** The calls to an API server that the dry run of the corpus needs, by kind as manifests name it. */
export class CorpusServer {
  /** The context that is asked. */
  readonly context: string;
  readonly #http: HttpConnection;
  readonly #discovered = new Map<string, Promise<readonly DiscoveredResource[]>>();

  /** @param context of the user's kubeconfig. @default - its current context. @throws Error when there is no such context */
  constructor(context: string | undefined) {
    const config = new KubeConfig();
    config.loadFromDefault();
    if (context !== undefined) {
      const known = config.getContexts().map(({ name }) => name);
      if (!known.includes(context))
        throw new Error(`--context ${context}: the kubeconfig has no such context; it has: ${known.join(', ')}`);
      config.setCurrentContext(context);
    }
    this.context = config.getCurrentContext();
    this.#http = new HttpConnection({ config: kubeconfig(config), clock: CLOCK, timeouts: { call: 120_000 } });
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  /** @throws Error when the server's minor version is none that can be rendered for */
  async version(): Promise<KubernetesVersion> {
    const { major, minor } = await this.#get<{ readonly major: string; readonly minor: string }>('/version');
    const found = `${major}.${Number.parseInt(minor, 10)}`;
    const version = KUBERNETES_VERSIONS.find((target) => target === found);
    if (version === undefined) {
      const allowed = KUBERNETES_VERSIONS.join(', ');
      throw new Error(`context ${this.context} runs Kubernetes ${found}; manifests are rendered for ${allowed}`);
    }
    return version;
  }

  /** Whether objects of a kind can be listed; a new CustomResourceDefinition takes a moment. */
  async serves(apiVersion: string, kind: string): Promise<boolean> {
    try {
      await this.list(apiVersion, kind);
      return true;
    } catch {
      return false;
    }
  }

  /** All objects of a kind. */
  async list(apiVersion: string, kind: string, labelSelector = ''): Promise<readonly Manifest[]> {
    const resource = await this.#resource(apiVersion, kind);
    const call = callOn('list', resource, {});
    const sent = { method: 'GET', path: collectionPath(call, undefined), query: { labelSelector } } as const;
    return (await this.#http.call<{ readonly items: readonly Manifest[] }>(call, sent, undefined)).items;
  }

  /**
   * Server-side apply with strict field validation.
   *
   * @param dryRun whether nothing is to be stored
   * @throws ApiError with the server's words
   */
  async apply(manifest: Manifest, dryRun: boolean): Promise<void> {
    const resource = await this.#resource(manifest.apiVersion, manifest.kind);
    const call = callOn('apply', resource, { name: manifest.metadata });
    await this.#http.call(
      call,
      {
        method: 'PATCH',
        path: objectPath(call, manifest.metadata),
        query: {
          fieldManager: FIELD_MANAGER,
          force: 'true',
          fieldValidation: 'Strict',
          ...(dryRun ? { dryRun: 'All' } : {}),
        },
        body: manifest,
        contentType: 'application/apply-patch+yaml',
      },
      undefined,
    );
  }

  /** Deletes an object of the whole cluster; one that is gone already is fine. */
  async delete(apiVersion: string, kind: string, name: string): Promise<void> {
    const resource = await this.#resource(apiVersion, kind);
    const call = callOn('delete', resource, { name: { name } });
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' };
    try {
      await this.#http.call(call, { method: 'DELETE', path: objectPath(call, { name }), body }, undefined);
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }

  /** Asks again every second until `done`. @throws Error after so many seconds */
  async until(what: string, seconds: number, done: () => Promise<boolean>): Promise<void> {
    const end = CLOCK.now() + seconds * 1000;
    while (!(await done())) {
      if (CLOCK.now() > end) throw new Error(`${what}: not so after ${seconds} s; look at context ${this.context}`);
      await CLOCK.sleep(1000);
    }
  }

  async #resource(apiVersion: string, kind: string): Promise<Resource> {
    const discovered = this.#discovered.get(apiVersion) ?? this.#discover(apiVersion);
    this.#discovered.set(apiVersion, discovered);
    const found = (await discovered).find((resource) => resource.kind === kind && !resource.name.includes('/'));
    if (found === undefined) {
      this.#discovered.delete(apiVersion);
      throw new Error(`the server has no ${apiVersion} ${kind}`);
    }
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    return { group: group ?? '', version: version ?? '', plural: found.name, kind, namespaced: found.namespaced };
  }

  async #discover(apiVersion: string): Promise<readonly DiscoveredResource[]> {
    const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    try {
      return (await this.#get<{ readonly resources: readonly DiscoveredResource[] }>(path)).resources;
    } catch (error) {
      if (isApiError(error, 'NotFound')) return [];
      throw error;
    }
  }

  #get<T>(path: string): Promise<T> {
    const call = callOn('get', { group: '', version: 'v1', plural: path, kind: '', namespaced: false }, {});
    return this.#http.call<T>(call, { method: 'GET', path }, undefined);
  }
}
