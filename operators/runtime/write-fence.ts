import type { KubernetesApi } from './api.js';
import { ApiError } from './api-error.js';
import { callOn, describeCall } from './api-call.js';
import type { ApiCall } from './api-call.js';
import type { Leadership } from './leadership.js';
import { RESOURCE } from './resource.js';

/**
 * The API of a process that may write only while it leads: a write is refused with `NotLeader` when leadership is not
 * confirmed, and aborted (`Aborted`) when the term ends while it is under way. Reads pass.
 *
 * It narrows the window in which two leaders write, and does not close it: a request that has left cannot be called back.
 * That is why disruptive calls carry preconditions as well.
 */
export function fenced(api: KubernetesApi, leadership: Leadership): KubernetesApi {
  const write = async <T>(
    call: ApiCall,
    caller: AbortSignal | undefined,
    act: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const { term } = leadership;
    if (!leadership.isLeader() || term.aborted) {
      throw new ApiError('NotLeader', `${describeCall(call)}: not sent: this process does not hold the Lease now`);
    }
    const both = new AbortController();
    const byTerm = (): void => both.abort(term.reason);
    const byCaller = (): void => both.abort(caller?.reason);
    if (caller?.aborted === true) byCaller();
    term.addEventListener('abort', byTerm, { once: true });
    caller?.addEventListener('abort', byCaller, { once: true });
    try {
      return await act(both.signal);
    } finally {
      // A term lasts long, and each write would leave a listener on it.
      term.removeEventListener('abort', byTerm);
      caller?.removeEventListener('abort', byCaller);
    }
  };
  return {
    list: (resource, options) => api.list(resource, options),
    watch: (resource, options) => api.watch(resource, options),
    get: (resource, name, options) => api.get(resource, name, options),
    create: (resource, object, options) =>
      write(callOn('create', resource, { name: object.metadata }), options.signal, (signal) =>
        api.create(resource, object, { ...options, signal }),
      ),
    apply: (resource, object, options) =>
      write(callOn('apply', resource, { ...options, name: object.metadata }), options.signal, (signal) =>
        api.apply(resource, object, { ...options, signal }),
      ),
    patch: (resource, name, operations, options) =>
      write(callOn('patch', resource, { ...options, name }), options.signal, (signal) =>
        api.patch(resource, name, operations, { ...options, signal }),
      ),
    delete: (resource, name, options) =>
      write(callOn('delete', resource, { name }), options.signal, (signal) =>
        api.delete(resource, name, { ...options, signal }),
      ),
    evict: (pod, options) =>
      write(callOn('evict', RESOURCE.pod, { name: pod }), options.signal, (signal) =>
        api.evict(pod, { ...options, signal }),
      ),
  };
}
