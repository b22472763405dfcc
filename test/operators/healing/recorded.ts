import type { KubernetesEvent } from '../../../operators/runtime/event-recorder.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import type { Cluster } from './cluster.js';

export type HealingEventLike = KubernetesEvent;

/** The Events that the operator wrote. */
export function eventsOf(cluster: Cluster): readonly KubernetesEvent[] {
  return cluster.server.objects<KubernetesEvent>(RESOURCE.event);
}
