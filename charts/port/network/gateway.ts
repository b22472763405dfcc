import type { Field } from '../../ecs/field.js';
import type { GatewayConnector, Service } from '../../ecs/model/ahead-of-sdk.js';
import { defaulted, unread } from '../not-known.js';
import type { PortContext } from '../pod-draft.js';
import type { PodPort } from './ports.js';
import type { ServiceDrafts } from './services.js';

/** What ECS waits for unless the connector says otherwise. Source: ECS API `DeregistrationDelay`. */
const DEREGISTRATION_SECONDS = 300;

/**
 * ECS gateways: each connected port gets a Service for an HTTPRoute to lead to. The Gateway and its routes belong to
 * whoever runs the gateway, so they are not made here.
 *
 * Source: ECS API `GatewayConnector`.
 *
 * @returns seconds for which the gateway still sends requests to a task that is to stop; 0 without connectors
 */
export function applyGateways(
  connectors: Field<NonNullable<Service['gatewayConnectors']>>,
  ports: readonly PodPort[],
  services: ServiceDrafts,
  context: PortContext,
): number {
  unread(connectors);
  let drain = 0;
  for (const connector of connectors.items()) {
    if (unread(connector)) continue;
    markPort(connector, ports, services);
    const check = connector.get('healthCheck');
    if (!unread(check))
      check.needsAddon(
        [],
        'a Service has no health check',
        'set it in the TargetGroupConfiguration of the AWS Load Balancer Controller',
      );
    connector
      .get('filters')
      .needsAddon(
        [],
        'the scheme belongs to the load balancer of the Gateway',
        'set scheme in its LoadBalancerConfiguration: internal or internet-facing',
      );
    const delay = connector.get('deregistrationDelay').get('timeoutSeconds');
    unread(connector.get('deregistrationDelay'));
    if (!defaulted(delay, `the default, ${DEREGISTRATION_SECONDS} s, is used`)) {
      delay.near(
        'Container.lifecycle.preStop.sleep.seconds',
        'the pod waits as long, plus 5 s for the controller to react',
        'set deregistration_delay.timeout_seconds in the TargetGroupConfiguration too',
      );
    }
    drain = Math.max(drain, delay.value ?? DEREGISTRATION_SECONDS);
    context.findings.require('gateway-api-controller', `${context.title}: ECS gateway connectors`);
  }
  return drain;
}

function markPort(connector: Field<GatewayConnector>, ports: readonly PodPort[], services: ServiceDrafts): void {
  const portName = connector.get('portName');
  const port = ports.find((other) => other.ecsName !== undefined && other.ecsName === portName.value);
  const name = services.ownName;
  if (port === undefined) {
    portName.none(
      `no container has a port mapping of the name ${JSON.stringify(portName.value)}, so there is no Service`,
    );
  } else if (!services.open(name, port.containerPort, port)) {
    portName.none(`Service ${name} already leads elsewhere with its port ${port.containerPort}`);
  } else {
    portName.needsAddon(
      'ServicePort.name',
      'a Service is there, but nothing leads to it from outside',
      `write an HTTPRoute whose backend is Service ${name}, port ${port.containerPort}`,
    );
  }
}
