import { atLeast } from '../../port/kubernetes-version.js';
import { below, quoted, type Report } from '../finding.js';
import { entriesOf, field, isObject, listOf, numberOf, textOf } from '../json.js';
import { dnsLabel, dnsSubdomain, portNumber, qualifiedName } from '../names.js';
import { expectName, expectOneOf, expectRange, type Rule } from '../rule.js';
import { isAddress, isAddressRange } from './addresses.js';
import { checkLabels } from './metadata.js';
import { checkPortReference } from './probes.js';

/** Source: pkg/apis/core/validation/validation.go, validateService */
export const service: Rule = ({ manifest, version, report }) => {
  const spec = field(manifest, 'spec');
  if (!isObject(spec)) return report('spec', 'is required');
  const type = textOf(spec, 'type') ?? 'ClusterIP';
  const isHeadless = spec['clusterIP'] === 'None';
  checkPorts(report, spec, type, isHeadless);
  checkLabels(report, 'spec.selector', entriesOf(spec, 'selector'));
  if (isHeadless && (type === 'LoadBalancer' || type === 'NodePort'))
    report('spec.clusterIP', `None is not allowed with type ${type}`);
  const address = textOf(spec, 'clusterIP') ?? '';
  if (address !== '' && !isHeadless && !isAddress(address))
    report('spec.clusterIP', `${quoted(address)} must be empty, None or an IP address`);
  const addresses = listOf(spec, 'clusterIPs');
  if (addresses.length > 0 && addresses[0] !== address)
    report(
      'spec.clusterIPs[0]',
      `${quoted(addresses[0])} must be the same as clusterIP (${quoted(address)}); leave clusterIPs out`,
    );
  if (isHeadless && addresses.length > 1) report('spec.clusterIPs', 'must hold nothing beside None');
  listOf(spec, 'externalIPs').forEach((ip, index) => {
    if (typeof ip === 'string' && !isAddress(ip))
      report(below('spec.externalIPs', index), `${quoted(ip)} is no IP address`);
  });
  if (type === 'ExternalName') checkExternalName(report, spec);
  checkAffinity(report, spec);
  checkLoadBalancer(report, spec, type);
  const distributions = ['PreferClose', ...(atLeast(version, '1.34') ? ['PreferSameZone', 'PreferSameNode'] : [])];
  expectOneOf(report, 'spec.trafficDistribution', spec['trafficDistribution'], distributions);
};

/** Ports have a number, a name when there are several, and no two are alike. */
function checkPorts(report: Report, spec: Readonly<Record<string, unknown>>, type: string, isHeadless: boolean): void {
  const ports = listOf(spec, 'ports');
  if (ports.length === 0 && !isHeadless && type !== 'ExternalName')
    report('spec.ports', 'is empty; add a port, or set clusterIP: None for a service without one');
  const names = new Set<string>();
  const nodePorts = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const path = below('spec.ports', index);
    const name = textOf(port, 'name') ?? '';
    if (name === '' && ports.length > 1) report(`${path}.name`, 'is required when there is more than one port');
    if (name !== '') {
      expectName(report, `${path}.name`, name, dnsLabel);
      if (names.has(name)) report(`${path}.name`, `${quoted(name)} is used twice; give each port its own name`);
      names.add(name);
    }
    const problem = typeof field(port, 'port') === 'number' ? portNumber(numberOf(port, 'port') ?? 0) : undefined;
    if (problem !== undefined) report(`${path}.port`, `${String(field(port, 'port'))} ${problem}`);
    const target = field(port, 'targetPort');
    // 0 and '' count as left out, which means the same number as port.
    if (target !== 0 && target !== '') checkPortReference(report, target, `${path}.targetPort`);
    expectName(report, `${path}.appProtocol`, field(port, 'appProtocol'), qualifiedName);
    const nodePort = numberOf(port, 'nodePort') ?? 0;
    if (nodePort === 0) continue;
    if (type === 'ClusterIP') report(`${path}.nodePort`, 'must be left out with type ClusterIP');
    const key = `${textOf(port, 'protocol') ?? 'TCP'} ${nodePort}`;
    if (nodePorts.has(key)) report(`${path}.nodePort`, `${nodePort} is used twice`);
    nodePorts.add(key);
  }
}

function checkExternalName(report: Report, spec: Readonly<Record<string, unknown>>): void {
  const name = (textOf(spec, 'externalName') ?? '').replace(/\.$/, '');
  if (name === '') report('spec.externalName', 'is required with type ExternalName');
  else expectName(report, 'spec.externalName', name, dnsSubdomain);
  if ((textOf(spec, 'clusterIP') ?? '') !== '') report('spec.clusterIP', 'must be left out with type ExternalName');
}

function checkAffinity(report: Report, spec: Readonly<Record<string, unknown>>): void {
  const config = spec['sessionAffinityConfig'];
  if (spec['sessionAffinity'] !== 'ClientIP' && config !== undefined)
    report('spec.sessionAffinityConfig', 'needs sessionAffinity: ClientIP');
  expectRange(
    report,
    'spec.sessionAffinityConfig.clientIP.timeoutSeconds',
    field(field(config, 'clientIP'), 'timeoutSeconds'),
    1,
    86_400,
  );
}

/** Fields that count for services which are reached from outside. */
function checkLoadBalancer(report: Report, spec: Readonly<Record<string, unknown>>, type: string): void {
  if (type !== 'LoadBalancer') {
    for (const name of ['loadBalancerClass', 'allocateLoadBalancerNodePorts'])
      if (spec[name] !== undefined) report(`spec.${name}`, 'needs type LoadBalancer');
    if (listOf(spec, 'loadBalancerSourceRanges').length > 0)
      report('spec.loadBalancerSourceRanges', 'needs type LoadBalancer');
  }
  expectName(report, 'spec.loadBalancerClass', spec['loadBalancerClass'], qualifiedName);
  listOf(spec, 'loadBalancerSourceRanges').forEach((range, index) => {
    if (typeof range === 'string' && !isAddressRange(range.trim()))
      report(below('spec.loadBalancerSourceRanges', index), `${quoted(range)} is no address range such as 10.0.0.0/8`);
  });
  const isOutside = type === 'LoadBalancer' || type === 'NodePort' || listOf(spec, 'externalIPs').length > 0;
  if (!isOutside && (textOf(spec, 'externalTrafficPolicy') ?? '') !== '')
    report('spec.externalTrafficPolicy', 'needs type LoadBalancer or NodePort');
}
