import type { Field } from '../../ecs/field.js';
import type { Service } from '../../ecs/model/ahead-of-sdk.js';
import { unread } from '../not-known.js';
import type { PortContext } from '../pod-draft.js';
import type { PodPort } from './ports.js';
import type { ServiceDrafts } from './services.js';

type LatticeConfiguration = NonNullable<Service['vpcLatticeConfigurations']>[number];

/**
 * VPC Lattice target groups: each named port gets a Service that the AWS Gateway API controller can export to Lattice. The
 * existing target group cannot be bound, since that controller makes target groups of its own.
 *
 * Source: ECS API `VpcLatticeConfiguration`; aws-application-networking-k8s `ServiceExport`.
 */
export function applyLattice(
  configurations: Field<LatticeConfiguration[]>,
  ports: readonly PodPort[],
  services: ServiceDrafts,
  context: PortContext,
): void {
  unread(configurations);
  for (const configuration of configurations.items()) {
    if (unread(configuration)) continue;
    const portName = configuration.get('portName');
    const port = ports.find((other) => other.ecsName !== undefined && other.ecsName === portName.value);
    const name = services.ownName;
    if (port === undefined) {
      portName.none(
        `no container has a port mapping of the name ${JSON.stringify(portName.value)}, so there is no Service`,
      );
    } else if (!services.open(name, port.containerPort, port)) {
      portName.none(`Service ${name} already leads elsewhere with its port ${port.containerPort}`);
    } else portName.same('ServicePort.name');
    const exported = `export Service ${name} with a ServiceExport and let the Lattice listener forward to the target group that it makes`;
    configuration
      .get('targetGroupArn')
      .needsAddon([], 'the AWS Gateway API controller makes its own target groups and cannot fill this one', exported);
    configuration
      .get('roleArn')
      .none('ECS registers targets with it', 'the AWS Gateway API controller has a role of its own');
    configuration
      .get('advancedConfiguration')
      .none(
        'traffic is not shifted between two Lattice target groups',
        'weigh the two target groups in the Lattice listener rule',
      );
    context.findings.require('lattice-controller', `${context.title}: VPC Lattice target groups`);
  }
}
