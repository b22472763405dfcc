import { atLeast } from '../../port/kubernetes-version.js';
import { below, quoted, type Report } from '../finding.js';
import { field, isObject, listOf, numberOf, textOf } from '../json.js';
import { dnsLabel, dnsSubdomain, portName, portNumber, rfc1035Label } from '../names.js';
import { type CheckContext, expectName, expectText, type Rule } from '../rule.js';
import { isAddress, isAddressRange, isWithin } from './addresses.js';
import { checkPortReference } from './probes.js';
import { checkLabelSelector } from './selectors.js';

/** Source: pkg/apis/networking/validation/validation.go, ValidateIngressCreate */
export const ingress: Rule = ({ manifest, version, report }) => {
  const spec = field(manifest, 'spec');
  const rules = listOf(spec, 'rules');
  if (rules.length === 0 && !isObject(field(spec, 'defaultBackend'))) report('spec', 'needs rules or a defaultBackend');
  expectName(report, 'spec.ingressClassName', field(spec, 'ingressClassName'), dnsSubdomain);
  if (isObject(field(spec, 'defaultBackend')))
    checkBackend({ report, version }, field(spec, 'defaultBackend'), 'spec.defaultBackend');
  for (const [index, rule] of rules.entries()) {
    const path = below('spec.rules', index);
    checkHost(report, textOf(rule, 'host'), `${path}.host`);
    const http = field(rule, 'http');
    if (!isObject(http)) continue;
    if (listOf(http, 'paths').length === 0) report(`${path}.http.paths`, 'is empty, it needs at least one path');
    for (const [position, route] of listOf(http, 'paths').entries())
      checkRoute({ report, version }, route, below(`${path}.http.paths`, position));
  }
  for (const [index, tls] of listOf(spec, 'tls').entries()) {
    listOf(tls, 'hosts').forEach((host, position) =>
      checkHost(
        report,
        typeof host === 'string' ? host : undefined,
        below(`${below('spec.tls', index)}.hosts`, position),
      ),
    );
    if (textOf(tls, 'secretName') !== '')
      expectName(report, `${below('spec.tls', index)}.secretName`, field(tls, 'secretName'), dnsSubdomain);
  }
};

function checkHost(report: Report, host: string | undefined, path: string): void {
  if (host === undefined || host === '') return;
  if (isAddress(host)) return report(path, `${quoted(host)} is an IP address, a host is a DNS name`);
  expectName(report, path, host.startsWith('*.') ? host.slice(2) : host, dnsSubdomain);
}

function checkRoute({ report, version }: CheckContext, route: unknown, path: string): void {
  const type = textOf(route, 'pathType');
  const text = textOf(route, 'path') ?? '';
  if (type === 'Exact' || type === 'Prefix') {
    if (!text.startsWith('/')) report(`${path}.path`, `${quoted(text)} must start with "/"`);
    if (/\/\/|\/\.\/|\/\.\.\/|%2f/i.test(text) || /\/\.{1,2}$/.test(text))
      report(`${path}.path`, `${quoted(text)} must not hold "//", "/./", "/../" or "%2f"`);
  } else if (text !== '' && !text.startsWith('/')) report(`${path}.path`, `${quoted(text)} must start with "/"`);
  checkBackend({ report, version }, field(route, 'backend'), `${path}.backend`);
}

function checkBackend({ report, version }: CheckContext, backend: unknown, path: string): void {
  const service = field(backend, 'service');
  if (isObject(service) === isObject(field(backend, 'resource')))
    return report(path, 'must have exactly one of service, resource');
  if (!isObject(service)) return;
  expectText(report, `${path}.service.name`, service['name']);
  if (service['name'] !== '')
    expectName(report, `${path}.service.name`, service['name'], atLeast(version, '1.36') ? dnsLabel : rfc1035Label);
  const name = textOf(service['port'], 'name') ?? '';
  const number = numberOf(service['port'], 'number') ?? 0;
  if ((name === '') === (number === 0)) return report(`${path}.service.port`, 'must have exactly one of name, number');
  if (name !== '') expectName(report, `${path}.service.port.name`, name, portName);
  const problem = number === 0 ? undefined : portNumber(number);
  if (problem !== undefined) report(`${path}.service.port.number`, `${number} ${problem}`);
}

/** Source: pkg/apis/networking/validation/validation.go, ValidateNetworkPolicySpec */
export const networkPolicy: Rule = ({ manifest, report }) => {
  const spec = field(manifest, 'spec');
  checkLabelSelector(report, 'spec.podSelector', field(spec, 'podSelector'));
  const types = listOf(spec, 'policyTypes');
  if (types.length > 2)
    report('spec.policyTypes', `has ${types.length} types, at most 2 are allowed: Ingress and Egress`);
  for (const [direction, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const) {
    for (const [index, rule] of listOf(spec, direction).entries()) {
      const path = below(`spec.${direction}`, index);
      for (const [position, port] of listOf(rule, 'ports').entries())
        checkPolicyPort(report, port, below(`${path}.ports`, position));
      for (const [position, peer] of listOf(rule, peers).entries())
        checkPeer(report, peer, below(`${path}.${peers}`, position));
    }
  }
};

function checkPolicyPort(report: Report, port: unknown, path: string): void {
  const number = field(port, 'port');
  if (number !== undefined) checkPortReference(report, number, `${path}.port`);
  const end = numberOf(port, 'endPort');
  if (end === undefined) return;
  if (typeof number !== 'number') return report(`${path}.endPort`, 'needs a port that is a number');
  if (end < number || end > 65_535)
    report(`${path}.endPort`, `${end} is out of range, must be from ${number} to 65535`);
}

function checkPeer(report: Report, peer: unknown, path: string): void {
  const block = field(peer, 'ipBlock');
  const selectors = ['podSelector', 'namespaceSelector'].filter((name) => isObject(field(peer, name)));
  if (!isObject(block) && selectors.length === 0)
    return report(path, 'must have a podSelector, a namespaceSelector or an ipBlock');
  if (isObject(block) && selectors.length > 0) report(path, `must not have ${selectors.join(' and ')} beside ipBlock`);
  for (const name of selectors) checkLabelSelector(report, `${path}.${name}`, field(peer, name));
  if (!isObject(block)) return;
  const range = textOf(block, 'cidr') ?? '';
  if (!isAddressRange(range)) report(`${path}.ipBlock.cidr`, `${quoted(range)} is no address range such as 10.0.0.0/8`);
  listOf(block, 'except').forEach((except, index) => {
    if (typeof except !== 'string') return;
    const at = below(`${path}.ipBlock.except`, index);
    if (!isAddressRange(except)) report(at, `${quoted(except)} is no address range such as 10.0.0.0/8`);
    else if (!isWithin(except, range))
      report(at, `${quoted(except)} must be a smaller part of cidr (${quoted(range)})`);
  });
}
