import { atLeast } from '../../port/kubernetes-version.js';
import { below, quoted, type Report } from '../finding.js';
import { field, isObject, isTrue, listOf, textOf } from '../json.js';
import { dnsLabel, dnsSubdomain, qualifiedName } from '../names.js';
import { type CheckContext, expectName, expectOneOf, expectRange, type Rule } from '../rule.js';
import { checkContainers } from './containers.js';
import { checkDeviceClaims } from './device-claims.js';
import { isAddress } from './addresses.js';
import { checkLabelsAndAnnotations } from './metadata.js';
import { checkPodResources } from './resources.js';
import { checkScheduling } from './scheduling.js';
import { checkPodSecurity } from './security.js';
import { checkVolumes } from './volumes.js';

/** A Pod on its own. Source: pkg/apis/core/validation/validation.go, validatePodMetadataAndSpec */
export const pod: Rule = ({ manifest, version, report }) => {
  const spec = field(manifest, 'spec');
  checkPodSpec({ report, version }, spec, 'spec', { isPod: true });
  if ((textOf(spec, 'serviceAccountName') ?? '') !== '') return;
  for (const [index, volume] of listOf(spec, 'volumes').entries()) {
    for (const [part, source] of listOf(field(volume, 'projected'), 'sources').entries()) {
      if (field(source, 'serviceAccountToken') === undefined) continue;
      report(
        `${below('spec.volumes', index)}.projected.sources[${part}].serviceAccountToken`,
        'needs serviceAccountName to be set',
      );
    }
  }
};

/**
 * The template of the pods that a workload makes. Source: validation.go, ValidatePodTemplateSpec
 *
 * @param path of the template, such as `spec.template`
 * @param claimedVolumes volumes that the workload adds to each pod: a StatefulSet's volumeClaimTemplates
 */
export function checkPodTemplate(
  context: CheckContext,
  template: unknown,
  path: string,
  claimedVolumes: readonly string[] = [],
): void {
  if (!isObject(template)) return;
  checkLabelsAndAnnotations(context.report, `${path}.metadata`, template['metadata']);
  checkPodSpec(context, template['spec'], `${path}.spec`, { isPod: false, claimedVolumes });
  if (listOf(template['spec'], 'ephemeralContainers').length > 0)
    context.report(`${path}.spec.ephemeralContainers`, 'must not be in a template');
}

/** Everything about a pod but its metadata. Source: validation.go, ValidatePodSpec */
function checkPodSpec(
  context: CheckContext,
  spec: unknown,
  path: string,
  place: { readonly isPod: boolean; readonly claimedVolumes?: readonly string[] },
): void {
  if (!isObject(spec)) return context.report(path, 'is required');
  const volumes = new Set([...checkVolumes(context, spec, path), ...(place.claimedVolumes ?? [])]);
  checkContainers(context, spec, path, volumes, place.isPod);
  checkPodResources(context, spec, path);
  checkScheduling(context.report, spec, path);
  checkPodSecurity(context.report, spec, path);
  checkNamesAndTimes(context.report, spec, path);
  checkNetwork(context.report, spec, path);
  checkGates(context, spec, path);
  checkDeviceClaims(context, spec, path);
}

function checkNamesAndTimes(report: Report, spec: Readonly<Record<string, unknown>>, path: string): void {
  expectRange(report, `${path}.terminationGracePeriodSeconds`, spec['terminationGracePeriodSeconds'], 0);
  expectRange(report, `${path}.activeDeadlineSeconds`, spec['activeDeadlineSeconds'], 1, 2 ** 31 - 1);
  for (const name of ['serviceAccountName', 'nodeName', 'priorityClassName', 'runtimeClassName']) {
    if (spec[name] !== '' || name === 'runtimeClassName')
      expectName(report, `${path}.${name}`, spec[name], dnsSubdomain);
  }
  for (const name of ['hostname', 'subdomain'])
    if (spec[name] !== '') expectName(report, `${path}.${name}`, spec[name], dnsLabel);
  expectOneOf(report, `${path}.os.name`, textOf(spec['os'], 'name'), ['linux', 'windows']);
  listOf(spec, 'readinessGates').forEach((gate, index) =>
    expectName(
      report,
      `${below(`${path}.readinessGates`, index)}.conditionType`,
      field(gate, 'conditionType'),
      qualifiedName,
    ),
  );
  listOf(spec, 'schedulingGates').forEach((gate, index) =>
    expectName(report, `${below(`${path}.schedulingGates`, index)}.name`, field(gate, 'name'), qualifiedName),
  );
}

/** Host aliases and resolver settings. Source: validation.go, ValidateHostAliases and validatePodDNSConfig */
function checkNetwork(report: Report, spec: Readonly<Record<string, unknown>>, path: string): void {
  for (const [index, alias] of listOf(spec, 'hostAliases').entries()) {
    const at = below(`${path}.hostAliases`, index);
    const ip = textOf(alias, 'ip');
    if (ip !== undefined && !isAddress(ip)) report(`${at}.ip`, `${quoted(ip)} is no IP address such as 10.9.8.7`);
    listOf(alias, 'hostnames').forEach((name, position) =>
      expectName(report, below(`${at}.hostnames`, position), name, dnsSubdomain),
    );
  }
  const config = spec['dnsConfig'];
  const servers = listOf(config, 'nameservers');
  if (spec['dnsPolicy'] === 'None' && servers.length === 0)
    report(`${path}.dnsConfig.nameservers`, 'needs at least one server when dnsPolicy is None');
  if (servers.length > 3)
    report(`${path}.dnsConfig.nameservers`, `has ${servers.length} servers, at most 3 are allowed`);
  servers.forEach((server, index) => {
    if (typeof server === 'string' && !isAddress(server))
      report(below(`${path}.dnsConfig.nameservers`, index), `${quoted(server)} is no IP address`);
  });
  const searches = listOf(config, 'searches').filter((search) => typeof search === 'string');
  if (searches.length > 32)
    report(`${path}.dnsConfig.searches`, `has ${searches.length} domains, at most 32 are allowed`);
  if (searches.join(' ').length > 2048)
    report(`${path}.dnsConfig.searches`, 'has more than 2048 characters, blanks between included');
  searches.forEach((search, index) => {
    // RelaxedDNSSearchValidation is on in every target: a lone dot and underscores pass.
    if (search !== '.')
      expectName(report, below(`${path}.dnsConfig.searches`, index), search.replace(/\.$/, ''), searchDomain);
  });
  for (const [index, option] of listOf(config, 'options').entries())
    if ((textOf(option, 'name') ?? '') === '')
      report(`${below(`${path}.dnsConfig.options`, index)}.name`, 'is required');
}

function searchDomain(text: string): string | undefined {
  const isDomain =
    text.length <= 253 && text.split('.').every((label) => /^_?[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/.test(label));
  return isDomain ? undefined : 'must be a DNS name of lower-case letters, digits, "-", "_" and "."';
}

/** Fields that the target knows but drops, because their feature is off by default. Source: pkg/features/kube_features.go */
function checkGates({ report, version }: CheckContext, spec: Readonly<Record<string, unknown>>, path: string): void {
  if (spec['hostnameOverride'] !== undefined) {
    if (!atLeast(version, '1.35'))
      report(
        `${path}.hostnameOverride`,
        `is dropped by Kubernetes ${version}: the feature HostnameOverride is on from 1.35`,
      );
    else {
      expectName(report, `${path}.hostnameOverride`, spec['hostnameOverride'], dnsSubdomain);
      if ((textOf(spec, 'hostnameOverride') ?? '').length > 64)
        report(`${path}.hostnameOverride`, 'has more than 64 characters');
      for (const name of ['setHostnameAsFQDN', 'hostNetwork'])
        if (isTrue(spec, name)) report(`${path}.hostnameOverride`, `must not stand beside ${name}`);
    }
  }
  for (const name of ['workloadRef', 'schedulingGroup']) {
    if (spec[name] !== undefined)
      report(`${path}.${name}`, `is dropped by Kubernetes ${version}: its feature is off by default`);
  }
}
