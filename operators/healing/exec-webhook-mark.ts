import type { JsonPatchOperation, KubernetesApi } from '../runtime/api.js';
import { isApiError } from '../runtime/api-error.js';
import type { CacheReader } from '../runtime/cached.js';
import type { Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import { keyOf, type KubernetesObject, RESOURCE } from '../runtime/resource.js';
import type { ExecRequest } from './exec-webhook-review.js';
import type { HealingPolicy } from './healing-policy.js';
import { HEALING, readTime, writeTime } from './names.js';
import type { ObservedPod } from './observation.js';
import type { CachedPolicy } from './project-policy.js';
import { compileSelector } from './selection.js';

/** On pods, beside the time of the first exec: who it was. */
export const EXEC_BY_ANNOTATION = 'tranship.dev/exec-by';

/** What the marker is built from. */
export interface ExecMarkerOptions {
  /**
   * Not fenced: each replica answers the API server, leader or not. That is safe, since the note changes nothing of how a
   * pod runs, is written once, and makes no difference when it is written twice.
   */
  readonly api: KubernetesApi;
  readonly pods: CacheReader<ObservedPod>;
  readonly policies: CacheReader<CachedPolicy>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The API server waits for two seconds, and a person behind it. */
const TIME_TO_MARK_MS = 1500;
/** Others write to the pod too, the kubelet above all. */
const ATTEMPTS = 3;
const DEFAULT_AFTER_SECONDS = 3600;

/** Notes in a pod that somebody was in it, if there is a policy that wants to know. */
export class ExecMarker {
  constructor(private readonly options: ExecMarkerOptions) {}

  /** @returns warnings for whoever runs the command; it never throws */
  async note(request: ExecRequest): Promise<readonly string[]> {
    const { clock, log } = this.options;
    const policy = this.#policyFor(request);
    if (policy === undefined) return [];
    if (request.dryRun) return [warningOf(policy, clock.now())];
    try {
      const since = await this.#mark(request, AbortSignal.timeout(TIME_TO_MARK_MS));
      return since === undefined ? [] : [warningOf(policy, since)];
    } catch (error) {
      log.warn('exec could not be noted', { pod: `${request.namespace}/${request.pod}`, error });
      return [`${nameOf(policy)} could not note this; the pod may stay as you leave it`];
    }
  }

  /** The policy that replaces the pod after an exec. Where two policies select a pod, neither touches it. */
  #policyFor({ namespace, pod }: ExecRequest): HealingPolicy | undefined {
    const { pods, policies } = this.options;
    const labels = pods.get(keyOf({ namespace, name: pod }))?.labels;
    if (labels === undefined) return undefined;
    const selecting = [...policies.list()].filter(({ namespace: of, policy }) => {
      if (of !== namespace) return false;
      const selects = compileSelector(policy.spec.selector);
      return typeof selects === 'function' && selects(labels);
    });
    const [only] = selecting;
    if (selecting.length !== 1 || only?.policy.spec.causes?.exec?.enabled !== true) return undefined;
    return only.policy;
  }

  /** @returns when somebody was in the pod first, or undefined if it is no more */
  async #mark({ namespace, pod: name, user }: ExecRequest, signal: AbortSignal): Promise<number | undefined> {
    const { api, clock } = this.options;
    for (let attempt = 1; ; attempt++) {
      try {
        const pod = await api.get(RESOURCE.pod, { namespace, name }, { signal });
        const before = readTime(pod.metadata.annotations?.[HEALING.execAnnotation]);
        if (before !== undefined) return before;
        const now = clock.now();
        const options = { fieldManager: HEALING.fieldManager, signal };
        await api.patch(RESOURCE.pod, { namespace, name }, operations(pod, writeTime(now), user), options);
        return now;
      } catch (error) {
        if (isApiError(error, 'NotFound')) return undefined;
        if (!isApiError(error, 'Conflict') || attempt === ATTEMPTS) throw error;
      }
    }
  }
}

function operations({ metadata }: KubernetesObject, time: string, user: string): readonly JsonPatchOperation[] {
  const notes: Readonly<Record<string, string>> = { [HEALING.execAnnotation]: time, [EXEC_BY_ANNOTATION]: user };
  const add: readonly JsonPatchOperation[] =
    metadata.annotations === undefined
      ? [{ op: 'add', path: '/metadata/annotations', value: notes }]
      : Object.entries(notes).map(([key, value]) => ({
          op: 'add',
          path: `/metadata/annotations/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
          value,
        }));
  return [
    { op: 'test', path: '/metadata/uid', value: metadata.uid },
    { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
    ...add,
  ];
}

function warningOf(policy: HealingPolicy, since: number): string {
  const { causes, mode, paused } = policy.spec;
  const at = writeTime(since + (causes?.exec?.afterSeconds ?? DEFAULT_AFTER_SECONDS) * 1000);
  const verb =
    mode === 'DryRun' ? 'would replace (dry run)' : paused === true ? 'replaces, once not paused,' : 'replaces';
  return `${nameOf(policy)} ${verb} this pod from ${at} on, since it may no longer be what its image says`;
}

function nameOf({ metadata }: HealingPolicy): string {
  return `HealingPolicy ${metadata.namespace ?? ''}/${metadata.name}`;
}
