import type { Field } from '../../ecs/field.js';
import type { Service } from '../../ecs/model/ahead-of-sdk.js';
import { ANNOTATION } from '../annotations.js';
import { unread } from '../not-known.js';
import type { PortContext } from '../pod-draft.js';
import type { PodPort } from './ports.js';
import type { ServiceDrafts } from './services.js';

type Registry = NonNullable<Service['serviceRegistries']>[number];

/**
 * Cloud Map registries become one headless Service: its name has A records of all ready pods, and SRV records for its
 * ports, within the cluster. The name that the VPC sees is in Cloud Map, not in the service, so external-dns must be told.
 *
 * Source: ECS API `ServiceRegistry`; Kubernetes DNS specification.
 */
export function applyServiceRegistries(
  registries: Field<Registry[]>,
  ports: readonly PodPort[],
  services: ServiceDrafts,
  context: PortContext,
): void {
  unread(registries);
  const known = registries.items().filter((registry) => !unread(registry));
  if (known.length === 0) return;
  const targets = known.flatMap((registry) => targetsOf(registry, ports));
  const name = services.headless(targets);
  const arns = known.flatMap((registry) => registry.get('registryArn').value ?? []);
  if (arns.length > 0) services.annotate(name, ANNOTATION.ecsArn, arns.join(','));
  for (const registry of known) {
    registry
      .get('registryArn')
      .needsAddon(
        ['Service.spec.clusterIP', `metadata.annotations["${ANNOTATION.ecsArn}"]`],
        `the name ${name}.${context.namespace}.svc.cluster.local leads to the pods; the Cloud Map name does not`,
        `annotate Service ${name} with external-dns.alpha.kubernetes.io/hostname and the DNS name that Cloud Map has for the registry`,
      );
    const records = 'SRV records of a headless Service are named after the port and its protocol';
    registry.get('port').near('ServicePort.port', records);
    registry
      .get('containerName')
      .near('Service.spec.selector', 'a Service selects pods; the port says which container is meant');
    registry.get('containerPort').same('ServicePort.targetPort');
  }
  context.findings.require('external-dns', `${context.title}: Cloud Map names`);
}

/** An SRV registry names a container and its port, or a port that is alike inside and outside; an A registry names none. */
function targetsOf(registry: Field<Registry>, ports: readonly PodPort[]): readonly { port: number; target: PodPort }[] {
  const container = registry.get('containerName').value;
  const number = registry.get('containerPort').value ?? registry.get('port').value;
  if (number === undefined || number < 1 || number > 65535) return [];
  const target = ports.find(
    (other) => other.containerPort === number && (container === undefined || other.container === container),
  );
  return [{ port: number, target: target ?? { container: container ?? '', containerPort: number, protocol: 'TCP' } }];
}
