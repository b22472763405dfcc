import type { IServicePort, IServiceSpec } from 'kubernetes-models/v1';
import { dnsLabel, withHash } from '../names.js';
import type { PortContext } from '../pod-draft.js';
import type { PodPort } from './ports.js';

/** A Service in the making. */
interface ServiceDraft {
  readonly ports: IServicePort[];
  readonly annotations: Map<string, string>;
  type: 'ClusterIP' | 'NodePort';
  headless: boolean;
}

/**
 * The Services of one workload, by name. Service Connect aliases, load balancers and registries may want the same name:
 * what fits together becomes one Service with the ports of all.
 */
export class ServiceDrafts {
  private readonly drafts = new Map<string, ServiceDraft>();

  constructor(private readonly context: PortContext) {}

  /** The Service that carries the workload's own name; names of Services begin with a letter (RFC 1035). */
  get ownName(): string {
    const { name } = this.context;
    return /^[a-z]/.test(name) ? name : withHash(`s-${name}`, name);
  }

  /** A name for a further Service of the workload, which no other workload's name can be. */
  furtherName(purpose: string): string {
    return withHash(`${this.ownName}-${purpose}`, `${this.context.name}/${purpose}`);
  }

  /** The port that a Service of this name already has, if it has one of this number and protocol. */
  portOf(service: string, port: number, protocol: 'TCP' | 'UDP'): IServicePort | undefined {
    return this.drafts.get(service)?.ports.find((other) => other.port === port && other.protocol === protocol);
  }

  /**
   * Adds a port to the Service of that name, making the Service when there is none.
   *
   * @param port number under which clients reach it
   * @returns false when the Service has that port for something else already, or is headless; nothing is changed then
   */
  open(service: string, port: number, target: PodPort, type: 'ClusterIP' | 'NodePort' = 'ClusterIP'): boolean {
    const draft = this.drafts.get(service);
    const targetPort = target.name ?? target.containerPort;
    const taken = this.portOf(service, port, target.protocol);
    if (draft?.headless === true || (taken !== undefined && taken.targetPort !== targetPort)) return false;
    const kept = this.draft(service);
    if (type === 'NodePort') kept.type = type;
    if (taken !== undefined) return true;
    kept.ports.push({
      name: this.portName(kept, port, target),
      port,
      protocol: target.protocol,
      targetPort,
      ...(target.appProtocol === undefined ? {} : { appProtocol: target.appProtocol }),
    });
    return true;
  }

  /** A Service without an address of its own, whose name leads to all ready pods. @returns the name it got */
  headless(targets: readonly { readonly port: number; readonly target: PodPort }[]): string {
    const name = this.drafts.has(this.ownName) ? this.furtherName('headless') : this.ownName;
    const draft = this.draft(name);
    draft.headless = true;
    for (const { port, target } of targets) {
      if (this.portOf(name, port, target.protocol) !== undefined) continue;
      draft.ports.push({
        name: this.portName(draft, port, target),
        port,
        protocol: target.protocol,
        targetPort: target.name ?? target.containerPort,
      });
    }
    return name;
  }

  annotate(service: string, key: string, value: string): void {
    this.drafts.get(service)?.annotations.set(key, value);
  }

  /** Adds the Services to the manifests, in the order in which they came up. */
  render(): void {
    for (const [name, draft] of this.drafts) {
      const spec: IServiceSpec = {
        ...(draft.headless ? { clusterIP: 'None' } : { type: draft.type }),
        selector: { ...this.context.selector },
        ...(draft.ports.length === 0 ? {} : { ports: draft.ports }),
      };
      const annotations = Object.fromEntries(draft.annotations);
      this.context.add({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: {
          name,
          namespace: this.context.namespace,
          ...(draft.annotations.size === 0 ? {} : { annotations }),
        },
        spec,
      });
    }
  }

  private draft(name: string): ServiceDraft {
    const draft = this.drafts.get(name) ?? {
      ports: [],
      annotations: new Map<string, string>(),
      type: 'ClusterIP',
      headless: false,
    };
    this.drafts.set(name, draft);
    return draft;
  }

  /** Unique within the Service, as Kubernetes wants of the ports of one Service. */
  private portName(draft: ServiceDraft, port: number, target: PodPort): string {
    const plain = `${target.protocol.toLowerCase()}-${port}`;
    const wanted = target.ecsName === undefined ? plain : dnsLabel(target.ecsName);
    const taken = new Set(draft.ports.map((other) => other.name));
    if (!taken.has(wanted)) return wanted;
    return taken.has(plain) ? withHash(plain, `${wanted}/${port}`) : plain;
  }
}
