import type { SourceNode } from '../../source/source-node.js';
import { at, implied, itemsOf, list, made, membersOf, object, textOf } from '../derived/nodes.js';
import type { Manifest } from './manifest.js';

/** A port that a container of the task listens on. */
export interface ExposedPort {
  readonly container: string;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  /** Where the manifest says so. */
  readonly node: SourceNode;
  /** Whether it is the container's own `port`, and not one that only a load balancer's rule names. */
  own: boolean;
}

/** What a rule of a load balancer forwards to. */
export interface Target {
  readonly container: string;
  readonly port: number;
  /** The node that says which port, when it stands in the rule. */
  readonly portNode?: SourceNode;
}

/** The listener port of a Network Load Balancer or a sidecar's port: `8080`, `8080/tcp`, `443/tls`. */
export function parsePort(
  node: SourceNode | undefined,
): { readonly port: number; readonly protocol?: string } | undefined {
  const match = /^\s*(\d{1,5})(?:\/([A-Za-z]+))?\s*$/.exec(textOf(node) ?? '');
  const port = Number(match?.[1]);
  if (match === null || port > 65_535) return undefined;
  return match[2] === undefined ? { port } : { port, protocol: match[2].toLowerCase() };
}

/** The ports of a task, found as Copilot finds them: sidecars, load balancer rules, and then the main container's own. */
export class Ports {
  private readonly exposed = new Map<number, ExposedPort>();

  constructor(private readonly manifest: Manifest) {
    for (const { key, value } of manifest.sorted(manifest.get('sidecars'))) this.expose(at(value, 'port'), key, true);
    for (const rule of [manifest.get('http'), ...itemsOf(manifest.get('http', 'additional_rules'))]) {
      this.expose(at(rule, 'target_port'), containerOf(rule) ?? manifest.name, false);
    }
    for (const listener of listenersOf(manifest)) {
      this.expose(
        at(listener, 'target_port') ?? at(listener, 'port'),
        containerOf(listener) ?? manifest.name,
        false,
        at(listener, 'port'),
      );
    }
    this.expose(manifest.get('image', 'port'), manifest.name, true);
  }

  /** The port that a container declares itself. */
  own(container: string): ExposedPort | undefined {
    return [...this.exposed.values()].find((exposed) => exposed.own && exposed.container === container);
  }

  /** The target of a rule of the Application Load Balancer. */
  targetOf(rule: SourceNode | undefined): Target | undefined {
    const given = containerOf(rule);
    const portNode = at(rule, 'target_port');
    const port = parsePort(portNode)?.port;
    if (portNode !== undefined && port !== undefined) {
      return { container: given ?? this.exposed.get(port)?.container ?? this.manifest.name, port, portNode };
    }
    const own = this.own(given ?? this.manifest.name);
    return own === undefined ? undefined : { container: own.container, port: own.port };
  }

  /** The target of a listener of the Network Load Balancer: the listener's port unless the manifest says otherwise. */
  targetOfListener(listener: SourceNode): Target | undefined {
    const listens = at(listener, 'port');
    const port = parsePort(listens)?.port;
    if (port === undefined || listens === undefined) return undefined;
    const given = containerOf(listener);
    if (at(listener, 'target_port') !== undefined) return this.targetOf(listener);
    const own = given === undefined || given === this.manifest.name ? undefined : this.own(given);
    return own === undefined
      ? { container: given ?? this.manifest.name, port, portNode: listens }
      : { container: own.container, port: own.port };
  }

  /**
   * `portMappings` of a container.
   *
   * @param named the port that Service Connect serves and that therefore gets a name
   */
  mappingsOf(container: string, named: Target | undefined, where: SourceNode): SourceNode | undefined {
    const mappings = [...this.exposed.values()]
      .filter((exposed) => exposed.container === container)
      .sort((a, b) => a.port - b.port)
      .map((exposed) =>
        object(exposed.node, [
          [
            'name',
            named?.container === container && named.port === exposed.port ? implied('target', exposed.node) : undefined,
          ],
          ['containerPort', made(exposed.port, exposed.node)],
          ['protocol', implied(exposed.protocol, exposed.node)],
        ]),
      );
    return list(where, mappings);
  }

  private expose(node: SourceNode | undefined, container: string, own: boolean, protocolNode = node): void {
    if (node === undefined) return;
    const parsed = parsePort(node);
    if (parsed === undefined) {
      if (!(node.kind === 'scalar' && node.placeholder !== undefined))
        this.manifest.reject(node, 'a port is a number from 0 to 65535, with /tcp or /udp if need be');
      else
        this.manifest.coverage.none(
          node,
          `the value of ${node.placeholder} is not known`,
          `pass --parameter ${node.placeholder}=PORT`,
        );
      return;
    }
    const earlier = this.exposed.get(parsed.port);
    if (earlier !== undefined) {
      if (own) earlier.own = true;
      this.manifest.coverage.same(node, ['Container.ports'], 'the same port is named elsewhere in the manifest');
      return;
    }
    const protocol = parsePort(protocolNode)?.protocol === 'udp' ? 'udp' : 'tcp';
    this.exposed.set(parsed.port, { container, port: parsed.port, protocol, node, own });
  }
}

/** The listeners of the Network Load Balancer: the main one and the additional ones. */
export function listenersOf(manifest: Manifest): readonly SourceNode[] {
  const nlb = manifest.get('nlb');
  return nlb === undefined || membersOf(nlb).length === 0 ? [] : [nlb, ...itemsOf(at(nlb, 'additional_listeners'))];
}

function containerOf(rule: SourceNode | undefined): string | undefined {
  return textOf(at(rule, 'target_container') ?? at(rule, 'targetContainer'));
}
