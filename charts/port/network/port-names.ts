import { withHash } from '../names.js';
import type { PodDraft } from '../pod-draft.js';
import type { PodPort } from './ports.js';

/** IANA service name length. Source: RFC 6335 5.1. */
const PORT_NAME_LENGTH = 15;

/** The names of one pod's ports: each is given once, so that a name leads to one port whatever container has it. */
export class PortNames {
  private readonly taken = new Set<string>();

  of(ecsName: string): string {
    const name = portName(ecsName);
    let unique = name;
    for (let round = 2; this.taken.has(unique); round++)
      unique = withHash(name, `${ecsName}/${round}`, PORT_NAME_LENGTH);
    this.taken.add(unique);
    return unique;
  }
}

/** Says how the names of port mappings were carried; apart, since a Service may carry more of a name than a port can. */
export function markPortNames(pod: PodDraft, ports: readonly PodPort[]): void {
  for (const { definition, ecsName: container } of pod.containers) {
    for (const mapping of definition.get('portMappings').items()) {
      const field = mapping.get('name');
      const port = ports.find((other) => other.ecsName === field.value && other.container === container);
      if (port === undefined) continue;
      if (port.name === field.value) field.same('ContainerPort.name');
      else if (port.name === undefined)
        field.near(
          'ServicePort.name',
          'a whole range, or a port that another mapping lists, has no name of its own in the pod',
        );
      else
        field.near(
          'ContainerPort.name',
          `called ${port.name} in the pod: a port's name has at most 15 characters, lower-case letters, digits and single hyphens`,
        );
    }
  }
}

/**
 * A port name (RFC 6335: 1 to 15 of `[a-z0-9-]`, at least one letter, no hyphen at an end or beside another) as near to
 * the ECS name as it can be; a shortened one ends in a hash of the whole.
 *
 * @example portName('http_api') // 'http-api'
 */
export function portName(ecsName: string): string {
  const label = ecsName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .replace(/-$/, '');
  const lettered = /[a-z]/.test(label) ? label : label === '' ? 'p' : `p-${label}`;
  return lettered.length <= PORT_NAME_LENGTH ? lettered : withHash(lettered, ecsName, PORT_NAME_LENGTH);
}
