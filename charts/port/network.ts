import type { Field } from '../ecs/field.js';
import type { TaskDefinition } from '../ecs/model/ahead-of-sdk.js';
import { applyGateways } from './network/gateway.js';
import { applyLattice } from './network/lattice.js';
import { applyLoadBalancers } from './network/load-balancers.js';
import { applyNameResolution } from './network/name-resolution.js';
import { applyPodNetwork } from './network/pod-network.js';
import { markPortNames } from './network/port-names.js';
import { applyPorts } from './network/ports.js';
import { applyAwsvpc } from './network/security-groups.js';
import { applyServiceConnect } from './network/service-connect.js';
import { applyServiceRegistries } from './network/service-registries.js';
import { ServiceDrafts } from './network/services.js';
import { LONGEST_DEREGISTRATION_SECONDS } from './network/target-groups.js';
import { defaulted, unread } from './not-known.js';
import type { PodDraft, PortContext } from './pod-draft.js';

/** What the network says to the other concerns. */
export interface NetworkResult {
  /**
   * How long each pod must go on serving once it is told to stop: the deregistration delay of its load balancers and the
   * controller's reaction. 0 without load balancers.
   */
  readonly drainSeconds: number;
  /** Whether ECS judges the tasks' health by a load balancer. */
  readonly hasLoadBalancer: boolean;
  /** Seconds in which ECS ignores failing health checks of a new task; absent when the service does not say. */
  readonly healthCheckGracePeriodSeconds?: number;
}

/** The controller takes a pod out of its target groups a moment after the pod began to end. */
const REACTION_SECONDS = 5;

/**
 * Everything of a task and its service that concerns the network: ports, Services, target groups, Service Connect,
 * Cloud Map, VPC Lattice, gateways, security groups and name resolution.
 *
 * Services of one workload that want the same name become one. Service Connect comes first, because its names are what
 * clients call.
 *
 * @example
 * const network = applyNetwork(definition, pod, context);
 * const { containers } = placeContainers(definition, pod, context, order, { runsOnce, drainSeconds: network.drainSeconds });
 */
export function applyNetwork(definition: Field<TaskDefinition>, pod: PodDraft, context: PortContext): NetworkResult {
  applyPodNetwork(definition, pod, context);
  applyNameResolution(pod);
  const ports = applyPorts(definition, pod, context);
  markPortNames(pod, ports);
  const service = context.workload.service?.definition;
  if (service === undefined) return { drainSeconds: 0, hasLoadBalancer: false };

  const services = new ServiceDrafts(context);
  applyServiceConnect(service.get('serviceConnectConfiguration'), ports, services, context);
  applyLattice(service.get('vpcLatticeConfigurations'), ports, services, context);
  const gatewayDrain = applyGateways(service.get('gatewayConnectors'), ports, services, context);
  const networkMode = definition.get('networkMode').value ?? 'bridge';
  const drain = applyLoadBalancers(service.get('loadBalancers'), { networkMode, pod, ports, services, context });
  applyServiceRegistries(service.get('serviceRegistries'), ports, services, context);
  services.render();

  const network = service.get('networkConfiguration');
  if (!unread(network)) applyAwsvpc(network.get('awsvpcConfiguration'), context);
  const grace = service.get('healthCheckGracePeriodSeconds');
  if (!defaulted(grace, 'there is no grace period')) {
    grace.near(
      ['Container.startupProbe', 'Deployment.spec.progressDeadlineSeconds'],
      'container health checks and the deadline of an update wait for it; readiness needs no grace, since it stops nothing',
    );
  }
  const connected = service.get('gatewayConnectors').items().length > 0;
  const longest = Math.min(LONGEST_DEREGISTRATION_SECONDS, Math.max(0, drain ?? 0, gatewayDrain));
  return {
    drainSeconds: drain === undefined && !connected ? 0 : longest + REACTION_SECONDS,
    hasLoadBalancer: connected || service.get('loadBalancers').items().length > 0,
    ...(grace.value === undefined ? {} : { healthCheckGracePeriodSeconds: Math.max(0, grace.value) }),
  };
}
