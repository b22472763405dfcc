import type { HealingPolicy } from '../healing/healing-policy.js';
import { Interning } from '../healing/interning.js';
import { HEALING } from '../healing/names.js';
import { projectPod, type RawPod } from '../healing/project-pod.js';
import type { KubernetesApi, ListOptions } from '../runtime/api.js';
import { isApiError } from '../runtime/api-error.js';
import type { KubernetesEvent } from '../runtime/event-recorder.js';
import { type KubernetesObject, type ObjectName, RESOURCE, type Resource } from '../runtime/resource.js';
import type { ExplainFacts } from './explanation.js';

/**
 * Asks the cluster what it knows of a pod. What the user may not read is left out and said in `gaps`.
 *
 * @throws ApiError the server cannot be asked at all
 */
export async function gather(
  api: KubernetesApi,
  { namespace, name }: Required<ObjectName>,
  now: number,
): Promise<ExplainFacts> {
  const gaps: string[] = [];
  const [pod, policies, events] = await Promise.all([
    findPod(api, { namespace, name }, gaps),
    listAll<HealingPolicy>(api, RESOURCE.healingPolicy, { namespace }, gaps),
    listAll<KubernetesEvent>(api, RESOURCE.event, { namespace, labelSelector: HEALING.policyLabel }, gaps),
  ]);
  return {
    namespace,
    name,
    now,
    policies,
    events: events.filter(({ regarding }) => regarding.kind === 'Pod' && regarding.name === name),
    gaps,
    ...(pod === undefined ? {} : { pod: projectPod(pod, new Interning()) }),
  };
}

async function findPod(api: KubernetesApi, name: ObjectName, gaps: string[]): Promise<RawPod | undefined> {
  try {
    return await api.get<RawPod>(RESOURCE.pod, name);
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    if (!isApiError(error, 'Forbidden')) throw error;
    gaps.push(`you may not read pods there: ${error.message}`);
    return undefined;
  }
}

async function listAll<T extends KubernetesObject>(
  api: KubernetesApi,
  resource: Resource,
  options: ListOptions,
  gaps: string[],
): Promise<readonly T[]> {
  const items: T[] = [];
  try {
    let next: string | undefined;
    do {
      const page = await api.list<T>(resource, { ...options, ...(next === undefined ? {} : { continue: next }) });
      items.push(...page.items);
      next = page.continue;
    } while (next !== undefined);
  } catch (error) {
    if (isApiError(error, 'NotFound')) {
      gaps.push(`the cluster knows no ${resource.plural}: install the operator (kubectl apply -f dist/operator)`);
    } else if (isApiError(error, 'Forbidden')) gaps.push(`you may not list ${resource.plural} there: ${error.message}`);
    else throw error;
  }
  return items;
}
