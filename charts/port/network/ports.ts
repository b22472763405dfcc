import type { Field } from '../../ecs/field.js';
import type { ContainerDefinition, TaskDefinition } from '../../ecs/model/ahead-of-sdk.js';
import { defaulted, unread } from '../not-known.js';
import type { ContainerDraft, PodDraft, PortContext } from '../pod-draft.js';
import { PortNames } from './port-names.js';

type PortMapping = NonNullable<ContainerDefinition['portMappings']>[number];

/** One port of the pod, for those who route to it. */
export interface PodPort {
  /** The container's name in ECS. */
  readonly container: string;
  readonly containerPort: number;
  readonly protocol: 'TCP' | 'UDP';
  /** The port mapping's name in ECS, by which Service Connect, VPC Lattice and gateways call it. */
  readonly ecsName?: string;
  /** The port's name in the pod; ports whose mapping has no name have none. */
  readonly name?: string;
  /** In the words of `ServicePort.appProtocol`. */
  readonly appProtocol?: string;
}

/** How many ports of ranges a pod lists; Kubernetes has no ranges, and each port is an entry of its own. */
const RANGE_PORTS = 100;

/** Source: ECS API `PortMapping.appProtocol`; KEP-3726 for the names of Kubernetes' own protocols. */
const APP_PROTOCOL: ReadonlyMap<string, string> = new Map([
  ['http', 'http'],
  ['http2', 'kubernetes.io/h2c'],
  ['grpc', 'grpc'],
]);

/**
 * Turns port mappings into container ports. A container port only informs, so nothing is opened or closed by it; a fixed
 * host port of the bridge mode does bind a port of the node and so places one pod a node, as in ECS.
 *
 * Source: ECS API `PortMapping`; Kubernetes `ContainerPort`.
 *
 * @returns the pod's ports in the order of the input, ranges written out
 */
export function applyPorts(definition: Field<TaskDefinition>, pod: PodDraft, context: PortContext): readonly PodPort[] {
  const mode = definition.get('networkMode').value ?? 'bridge';
  const pass = new PortPass(mode, context.fargate);
  for (const draft of pod.containers) {
    const mappings = draft.definition.get('portMappings');
    unread(mappings);
    for (const mapping of mappings.items()) if (!unread(mapping)) pass.mapping(mapping, draft);
  }
  return pass.ports;
}

class PortPass {
  readonly ports: PodPort[] = [];
  private readonly names = new PortNames();
  private readonly owners = new Map<string, string>();
  private readonly hostPorts = new Set<string>();
  private budget = RANGE_PORTS;

  constructor(
    private readonly mode: string,
    private readonly fargate: boolean,
  ) {}

  mapping(mapping: Field<PortMapping>, draft: ContainerDraft): void {
    const protocol = mapping.get('protocol');
    const transport = protocol.value === 'udp' ? 'UDP' : 'TCP';
    if (!defaulted(protocol, 'TCP is used')) protocol.same(['ContainerPort.protocol', 'ServicePort.protocol']);
    const single = mapping.get('containerPort');
    const range = mapping.get('containerPortRange');
    const numbers = single.value === undefined ? this.rangeOf(range) : validPort(single.value) ? [single.value] : [];
    if (single.value !== undefined) range.none('a mapping has either a port or a range; the port counts');
    this.markPort(single, transport, draft, numbers.length > 0);
    this.markNaming(mapping, numbers.length > 0);
    const ecsName = mapping.get('name').value;
    const appProtocol = APP_PROTOCOL.get(mapping.get('appProtocol').value ?? '');
    const hostPort = this.hostPort(mapping, transport, single.value);
    for (const containerPort of numbers) {
      const name = this.list(draft, containerPort, transport, {
        ecsName: numbers.length > 1 ? undefined : ecsName,
        hostPort,
      });
      this.ports.push({
        container: draft.ecsName,
        containerPort,
        protocol: transport,
        ...(ecsName === undefined ? {} : { ecsName }),
        ...(name === undefined ? {} : { name }),
        ...(appProtocol === undefined ? {} : { appProtocol }),
      });
    }
  }

  /**
   * Lists the port in its container, once: server-side apply takes no two entries of one number and protocol.
   *
   * @returns the name of the entry
   */
  private list(
    draft: ContainerDraft,
    containerPort: number,
    protocol: 'TCP' | 'UDP',
    { ecsName, hostPort }: { readonly ecsName: string | undefined; readonly hostPort: number | undefined },
  ): string | undefined {
    const ports = (draft.spec.ports ??= []);
    const listed = ports.find((other) => other.containerPort === containerPort && other.protocol === protocol);
    if (listed !== undefined) return listed.name;
    const name = ecsName === undefined ? undefined : this.names.of(ecsName);
    ports.push({
      ...(name === undefined ? {} : { name }),
      containerPort,
      ...(hostPort === undefined ? {} : { hostPort }),
      protocol,
    });
    return name;
  }

  private markPort(port: Field<number>, transport: string, draft: ContainerDraft, usable: boolean): void {
    if (port.placeholder !== undefined) {
      port.none(
        `the value of ${port.placeholder} is not known, so the port is not listed and nothing routes to it`,
        'give the value and port again',
      );
      return;
    }
    if (!usable) {
      port.none(
        port.value === undefined
          ? 'without its number nothing can be listed or routed to'
          : `${port.value} is not a port number from 1 to 65535`,
      );
      return;
    }
    const key = `${port.value ?? ''}/${transport}`;
    const owner = this.owners.get(key);
    if (owner === undefined) this.owners.set(key, draft.ecsName);
    if (owner === undefined || owner === draft.ecsName) {
      port.same('ContainerPort.containerPort');
      return;
    }
    const why = this.mode === 'bridge' ? 'in bridge mode each container has a network of its own; the' : 'the';
    port.none(
      `container ${owner} listens on ${key} too: ${why} containers of a pod share one, and only the first can bind it`,
      'let one of the containers listen on another port',
    );
  }

  private markNaming(mapping: Field<PortMapping>, usable: boolean): void {
    const appProtocol = mapping.get('appProtocol');
    if (!defaulted(appProtocol, 'no protocol is named')) {
      appProtocol.near('ServicePort.appProtocol', 'what it does depends on the load balancer or mesh that reads it');
    }
    if (!usable) mapping.get('name').none('the port it names is not known');
  }

  private rangeOf(range: Field<string>): readonly number[] {
    if (!range.exists) return [];
    const match = /^(\d{1,5})-(\d{1,5})$/.exec(range.value ?? '');
    const [first, last] = [Number(match?.[1]), Number(match?.[2])];
    if (match === null || !validPort(first) || !validPort(last) || last < first) {
      range.none(`${JSON.stringify(range.value)} is not a range of ports such as 8000-8010`);
      return [];
    }
    const count = Math.min(last - first + 1, this.budget);
    this.budget -= count;
    const listed = `written out as ${count} ports, since Kubernetes has no ranges`;
    if (first + count - 1 === last) range.near('ContainerPort.containerPort', listed);
    else {
      range.near(
        'ContainerPort.containerPort',
        `${listed}; the ${last - first + 1 - count} above are open in the pod but not listed`,
        'list in a Service those that clients use',
      );
    }
    return Array.from({ length: count }, (_, index) => first + index);
  }

  private hostPort(
    mapping: Field<PortMapping>,
    transport: string,
    containerPort: number | undefined,
  ): number | undefined {
    const field = mapping.get('hostPort');
    if (defaulted(field, 'no port of the node is taken')) return undefined;
    const wanted = field.value;
    if (wanted === undefined) return undefined;
    if (this.mode === 'awsvpc' || this.mode === 'host' || this.mode === 'none') {
      if (wanted === containerPort || wanted === 0)
        field.same('ContainerPort.containerPort', `as in ECS, the container port is the port in ${this.mode} mode`);
      else field.none(`in ${this.mode} mode a host port must equal the container port`);
      return undefined;
    }
    if (wanted === 0) {
      field.near('Service', 'a random port of the node in ECS; clients use the Service or the load balancer instead');
      return undefined;
    }
    const key = `${wanted}/${transport}`;
    if (!validPort(wanted) || containerPort === undefined || this.hostPorts.has(key) || this.fargate) {
      field.none(
        this.fargate
          ? 'EKS Fargate has no host ports'
          : this.hostPorts.has(key)
            ? `host port ${key} is taken twice by the task`
            : 'not a single port from 1 to 65535',
      );
      return undefined;
    }
    this.hostPorts.add(key);
    field.same('ContainerPort.hostPort', 'one pod a node, as in ECS');
    return wanted;
  }
}

function validPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65535;
}
