import { atLeast } from '../../port/kubernetes-version.js';
import { below, quoted } from '../finding.js';
import { field, listOf, textOf } from '../json.js';
import { dnsLabel, dnsSubdomain } from '../names.js';
import { type CheckContext, expectName } from '../rule.js';

const SOURCES = ['resourceClaimName', 'resourceClaimTemplateName'];

/**
 * Claims of devices: those of the pod have one source each, and containers name claims of the pod.
 * Source: pkg/apis/core/validation/validation.go, validatePodResourceClaim and validateResourceClaimNames
 */
export function checkDeviceClaims({ report, version }: CheckContext, spec: unknown, specPath: string): void {
  const claims = listOf(spec, 'resourceClaims');
  if (claims.length > 0 && !atLeast(version, '1.34')) {
    return report(
      `${specPath}.resourceClaims`,
      `are dropped by Kubernetes ${version}: the feature DynamicResourceAllocation is on from 1.34`,
    );
  }
  const names = new Set<string>();
  for (const [index, claim] of claims.entries()) {
    const path = below(`${specPath}.resourceClaims`, index);
    const name = textOf(claim, 'name');
    if (name !== undefined) names.add(name);
    expectName(report, `${path}.name`, name, dnsLabel);
    const given = SOURCES.filter((source) => field(claim, source) !== undefined);
    if (given.length !== 1)
      report(path, `has ${given.length} sources, it must have exactly one of ${SOURCES.join(', ')}`);
    for (const source of given) expectName(report, `${path}.${source}`, field(claim, source), dnsSubdomain);
  }
  for (const list of ['containers', 'initContainers']) {
    for (const [index, container] of listOf(spec, list).entries()) {
      for (const [position, claim] of listOf(field(container, 'resources'), 'claims').entries()) {
        const name = textOf(claim, 'name');
        if (name === undefined || names.has(name)) continue;
        const path = below(`${below(`${specPath}.${list}`, index)}.resources.claims`, position);
        report(`${path}.name`, `${quoted(name)} is no entry of the pod's resourceClaims`);
      }
    }
  }
}
