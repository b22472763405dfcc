import { SpanKind } from '@opentelemetry/api';
import type { KubernetesApi, WatchEvent, WatchOptions } from './api.js';
import { type ApiCall, callOn } from './api-call.js';
import type { Clock } from './clock.js';
import { NAME } from './names.js';
import { keyOf, type KubernetesObject, RESOURCE, type Resource } from './resource.js';
import { errorType, type Telemetry } from './telemetry.js';

/**
 * Counts each call by verb, resource and code, measures how long it takes, and makes a client span of it. Watches are
 * counted when they end, and have no span: they last for minutes.
 *
 * It goes inside of the fence (`fenced(observedApi(api, ...), leadership)`): what is counted is what was sent.
 */
export function observedApi(api: KubernetesApi, telemetry: Telemetry, clock: Clock): KubernetesApi {
  const observed = async <T>(call: ApiCall, act: () => Promise<T>): Promise<T> => {
    const { verb } = call;
    const resource = nameOfResource(call.resource);
    const start = clock.now();
    let code = 'OK';
    const attributes = {
      [NAME.attribute.verb]: verb,
      [NAME.attribute.resource]: resource,
      ...(call.name === undefined ? {} : { [NAME.attribute.object]: keyOf(call.name) }),
    };
    try {
      return await telemetry.inSpan(`${NAME.span.api} ${verb}`, attributes, act, SpanKind.CLIENT);
    } catch (error) {
      code = errorType(error);
      throw error;
    } finally {
      telemetry.apiCalled(verb, resource, code, Math.max(0, clock.now() - start) / 1000);
    }
  };
  return {
    list: (resource, options) => observed(callOn('list', resource, options ?? {}), () => api.list(resource, options)),
    watch: (resource, options) => observedWatch(api, telemetry, resource, options),
    get: (resource, name, options) =>
      observed(callOn('get', resource, { name }), () => api.get(resource, name, options)),
    create: (resource, object, options) =>
      observed(callOn('create', resource, { name: object.metadata }), () => api.create(resource, object, options)),
    apply: (resource, object, options) =>
      observed(callOn('apply', resource, { name: object.metadata }), () => api.apply(resource, object, options)),
    patch: (resource, name, operations, options) =>
      observed(callOn('patch', resource, { name }), () => api.patch(resource, name, operations, options)),
    delete: (resource, name, options) =>
      observed(callOn('delete', resource, { name }), () => api.delete(resource, name, options)),
    evict: (pod, options) => observed(callOn('evict', RESOURCE.pod, { name: pod }), () => api.evict(pod, options)),
  };
}

async function* observedWatch<T extends KubernetesObject>(
  api: KubernetesApi,
  telemetry: Telemetry,
  resource: Resource,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<T>> {
  let code = 'OK';
  try {
    yield* api.watch<T>(resource, options);
  } catch (error) {
    code = errorType(error);
    throw error;
  } finally {
    telemetry.apiCalled('watch', nameOfResource(resource), code);
  }
}

/** @example `deployments.apps`, `pods` */
function nameOfResource({ plural, group }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`;
}
