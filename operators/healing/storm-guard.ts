import { percentOf, scaled } from './int-or-percent.js';
import type { ObservedNode } from './observation.js';
import type { Scene } from './scene.js';

/** With fewer nodes down than this a zone has lost machines, not itself. Source: kube-controller-manager, `ComputeZoneState`. */
const FEWEST_NODES_OF_AN_OUTAGE = 3;

/**
 * Why nothing is replaced while so much is wrong that the pods are not the cause.
 *
 * @param unhealthy pods that have failed and are not Ready; one that failed and works again is no part of a storm
 * @param selected pods that the policy selects and that have not ended
 */
export function stormOf(unhealthy: number, selected: number, { settings }: Scene): string | undefined {
  const { maxUnhealthy, minimumPods } = settings.storm;
  if (selected < minimumPods) return undefined;
  const limit = scaled(maxUnhealthy, selected, 'up') ?? 0;
  return unhealthy > limit
    ? `${unhealthy} of ${selected} pods are unhealthy, more than ${limit} (stormGuard.maxUnhealthy ${maxUnhealthy}): the pods are hardly the cause`
    : undefined;
}

/**
 * Why pods of a node are left where they are: its zone is out, or no node at all is Ready, which says more about the way to
 * the nodes than about them.
 */
export function outageOf(node: ObservedNode | undefined, { observation, settings }: Scene): string | undefined {
  const nodes = [...observation.nodes.values()];
  if (nodes.every(({ ready }) => !ready)) return `none of ${nodes.length} nodes is Ready: there is nowhere to go`;
  const zone = nodes.filter((other) => other.zone === node?.zone);
  const down = zone.filter(({ ready }) => !ready).length;
  const limit = percentOf(settings.storm.zoneUnhealthy) ?? 0;
  if (down < FEWEST_NODES_OF_AN_OUTAGE || down * 100 <= limit * zone.length) return undefined;
  return `${down} of ${zone.length} nodes of zone ${node?.zone ?? '(none)'} are not Ready, more than ${limit}% (stormGuard.zoneUnhealthy)`;
}
