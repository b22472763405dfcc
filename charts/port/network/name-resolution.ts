import { isIP } from 'node:net';
import type { Field } from '../../ecs/field.js';
import type { ContainerDefinition } from '../../ecs/model/ahead-of-sdk.js';
import { unread } from '../not-known.js';
import type { PodDraft } from '../pod-draft.js';

/** Limits of a pod's DNS configuration. Source: kubernetes pkg/apis/core/validation, `MaxDNSNameservers` and its kin. */
const NAMESERVERS = 3;
const SEARCHES = 32;
const SEARCH_CHARACTERS = 2048;

/**
 * Names that containers resolve: links, extra hosts, DNS servers and search domains. Each container has its own in ECS;
 * a pod has one set, so they are joined, and what contradicts an earlier container is left out and said.
 *
 * Source: ECS API `links`, `extraHosts`, `dnsServers`, `dnsSearchDomains`; Kubernetes `HostAlias`, `PodDNSConfig`.
 */
export function applyNameResolution(pod: PodDraft): void {
  const hosts = new HostNames();
  for (const { definition } of pod.containers) {
    applyLinks(definition, hosts);
    applyExtraHosts(definition, hosts);
  }
  if (hosts.byAddress.size > 0) {
    pod.spec.hostAliases = [...hosts.byAddress].map(([ip, hostnames]) => ({ ip, hostnames: [...hostnames] }));
  }
  applyDns(pod);
}

/** Host names of the pod by address; a name leads to one address. */
class HostNames {
  readonly byAddress = new Map<string, Set<string>>();
  private readonly addresses = new Map<string, string>();

  /** @returns why the name cannot be taken; undefined when it was */
  add(hostname: string, ip: string): string | undefined {
    const name = hostname.toLowerCase();
    if (!isHostName(name))
      return `${JSON.stringify(hostname)} is not a host name that Kubernetes takes: letters, digits, hyphens and dots`;
    const earlier = this.addresses.get(name);
    if (earlier !== undefined && earlier !== ip)
      return `${name} leads to ${earlier} already, and the pod has one list for all containers`;
    this.addresses.set(name, ip);
    this.byAddress.set(ip, (this.byAddress.get(ip) ?? new Set()).add(name));
    return undefined;
  }
}

function isHostName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((label) => /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label));
}

/** `name:alias`: both names lead to the linked container, which in a pod is this very host. */
function applyLinks(container: Field<ContainerDefinition>, hosts: HostNames): void {
  unread(container.get('links'));
  for (const link of container.get('links').items()) {
    const names = (link.value ?? '').split(':').filter((name) => name !== '');
    const refused = names.flatMap((name) => hosts.add(name, '127.0.0.1') ?? []);
    const variables = 'the containers share one network, and Docker’s link variables (NAME_PORT…) are gone';
    if (refused.length > 0) link.none(refused.join('; '), 'let the application call localhost');
    else link.near('PodSpec.hostAliases', variables);
  }
}

function applyExtraHosts(container: Field<ContainerDefinition>, hosts: HostNames): void {
  unread(container.get('extraHosts'));
  for (const host of container.get('extraHosts').items()) {
    if (unread(host)) continue;
    const [hostname, address] = [host.get('hostname'), host.get('ipAddress')];
    const ip = address.value ?? '';
    const refused =
      ip === 'host-gateway'
        ? 'a pod has no host-gateway'
        : isIP(ip) === 0
          ? `${JSON.stringify(ip)} is not an IP address`
          : hosts.add(hostname.value ?? '', ip);
    if (refused !== undefined) {
      const todo =
        ip === 'host-gateway' ? 'take the address of the node from the downward API, status.hostIP' : undefined;
      hostname.none(refused, todo);
      address.none(refused, todo);
      continue;
    }
    hostname.near('PodSpec.hostAliases[].hostnames', 'for all containers of the pod');
    address.same('PodSpec.hostAliases[].ip');
  }
}

function applyDns(pod: PodDraft): void {
  const servers = new Set<string>();
  const searches = new Set<string>();
  for (const { definition } of pod.containers) {
    unread(definition.get('dnsServers'));
    for (const field of definition.get('dnsServers').items()) {
      const server = field.value ?? '';
      if (isIP(server) === 0) field.none(`${JSON.stringify(server)} is not an IP address`);
      else if (!servers.has(server) && servers.size === NAMESERVERS)
        field.none(`a pod has at most ${NAMESERVERS} name servers`);
      else {
        servers.add(server);
        field.near(
          ['PodSpec.dnsConfig.nameservers', 'PodSpec.dnsPolicy'],
          'for all containers of the pod, which no longer resolve names of Services',
          'leave dnsServers out, and let CoreDNS forward to the server, if the pod calls Services',
        );
      }
    }
    unread(definition.get('dnsSearchDomains'));
    for (const field of definition.get('dnsSearchDomains').items()) {
      const domain = (field.value ?? '').toLowerCase();
      const characters = [...searches, domain].join(' ').length;
      if (!isHostName(domain)) field.none(`${JSON.stringify(field.value)} is not a domain that Kubernetes takes`);
      else if (!searches.has(domain) && (searches.size === SEARCHES || characters > SEARCH_CHARACTERS)) {
        field.none(`a pod has at most ${SEARCHES} search domains of ${SEARCH_CHARACTERS} characters together`);
      } else {
        searches.add(domain);
        field.near(
          ['PodSpec.dnsConfig.searches', 'PodSpec.dnsConfig.options'],
          'for all containers of the pod, after the cluster’s own search domains',
        );
      }
    }
  }
  if (servers.size > 0) pod.spec.dnsPolicy = 'None';
  if (servers.size + searches.size === 0) return;
  // ECS asks for a name with one dot as it stands. With the cluster's domains in the list `service.namespace` must still be
  // searched, so there the threshold is 2 and not 1; Kubernetes' default of 5 would send every outside name around first.
  const ndots = servers.size > 0 ? '1' : '2';
  pod.spec.dnsConfig = {
    ...(servers.size > 0 ? { nameservers: [...servers] } : {}),
    ...(searches.size > 0 ? { searches: [...searches] } : {}),
    options: [{ name: 'ndots', value: ndots }],
  };
}
