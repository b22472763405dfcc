import { AGENT_TODO, agentField, type DriverOption } from '../driver-options.js';
import type { RouteValue } from '../log-route.js';

/** Where a log server listens. */
export interface Address {
  readonly scheme: string;
  readonly host: RouteValue;
  readonly port: string;
}

/** Variables that every log agent has: the node's address and name, which no configuration could know. */
export const NODE_IP = { variable: 'NODE_IP' } as const;
export const NODE_NAME = { variable: 'NODE_NAME' } as const;

/**
 * Reads the address option of a Docker driver and marks it. `localhost` was the container instance, where people run a
 * collector; the agent's own loopback is another, so the node's address stands for it.
 *
 * @param schemes what the driver and Fluent Bit both speak; the first is meant when none is given
 * @returns undefined when the address is absent, or none that the agent can use
 * @example takeAddress(options.take('gelf-address'), ['udp', 'tcp'], '12201')
 */
export function takeAddress(
  option: DriverOption,
  schemes: readonly string[],
  defaultPort: string,
): Address | undefined {
  const { field, text } = option;
  if (text === undefined) return undefined;
  const parsed =
    /^(?:([a-z+]{2,8}):\/\/)?(?:([A-Za-z0-9._-]{1,253})|\[([0-9A-Fa-f:.]{2,45})\])(?::(\d{1,5}))?\/?$/.exec(text);
  const scheme = parsed?.[1] ?? schemes[0] ?? '';
  const host = parsed?.[2] ?? parsed?.[3];
  if (host === undefined || !schemes.includes(scheme)) {
    const sockets = /^unix/.test(text)
      ? 'a socket of the node is not mounted into the log agent'
      : `not an address that the log agent can send to: it takes ${schemes.join(', ')} and a host`;
    field.none(`nothing is sent: ${sockets}`, 'give a host and port that the nodes reach');
    return undefined;
  }
  const onNode = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|0\.0\.0\.0)$/.test(host);
  field.needsAddon(
    [agentField('OUTPUT', 'Host'), agentField('OUTPUT', 'Port')],
    onNode
      ? 'sent by the log agent; the instance itself is meant, so what listens there must listen on the address of the node'
      : 'sent by the log agent of the node',
    AGENT_TODO,
  );
  return { scheme, host: onNode ? [NODE_IP] : host, port: parsed?.[4] ?? defaultPort };
}
