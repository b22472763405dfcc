import { atLeast } from '../../port/kubernetes-version.js';
import { below, quoted, type Report } from '../finding.js';
import { entriesOf, field, isObject, listOf, textOf } from '../json.js';
import { qualifiedName } from '../names.js';
import { compareQuantities, parseQuantity } from '../quantity.js';
import { type CheckContext, expectName } from '../rule.js';

const NATIVE = new Set(['cpu', 'memory', 'ephemeral-storage']);
/** What {@link parseQuantity} makes of 1. */
const WHOLE = 10n ** 9n;
const POD_LEVEL = new Set(['cpu', 'memory']);

/**
 * Requests and limits of one container: known names, no negative amounts, no request above its limit.
 * Extended resources and huge pages cannot be overcommitted, so their request and limit are equal.
 * Source: pkg/apis/core/validation/validation.go, validateResourceRequirements
 */
export function checkResources(report: Report, container: unknown, containerPath: string): void {
  const resources = field(container, 'resources');
  if (!isObject(resources)) return;
  const path = `${containerPath}.resources`;
  const limits = new Map(entriesOf(resources, 'limits'));
  for (const kind of ['limits', 'requests']) {
    for (const [name, amount] of entriesOf(resources, kind)) {
      const at = below(`${path}.${kind}`, name);
      expectName(report, at, name, qualifiedName);
      if (!name.includes('/') && !NATIVE.has(name) && !isHugePages(name)) {
        report(
          at,
          `${quoted(name)} is no resource of a container; allowed: ${[...NATIVE].join(', ')}, hugepages-SIZE or a name with a domain such as nvidia.com/gpu`,
        );
      }
      checkAmount(report, at, name, amount);
      if (kind === 'requests') checkRequest(report, `${path}.requests`, name, amount, limits);
    }
  }
}

function checkRequest(
  report: Report,
  path: string,
  name: string,
  amount: unknown,
  limits: ReadonlyMap<string, unknown>,
): void {
  const limit = limits.get(name);
  const overcommits = NATIVE.has(name);
  if (limit === undefined) {
    if (!overcommits) report(below(path, name), `needs a limit of the same amount: ${name} cannot be overcommitted`);
    return;
  }
  const order = compareQuantities(amount, limit);
  if (order === undefined || order === 0) return;
  if (order > 0)
    report(below(path, name), `${quoted(amount)} is above the limit ${quoted(limit)}; raise the limit or request less`);
  else if (!overcommits)
    report(
      below(path, name),
      `${quoted(amount)} differs from the limit ${quoted(limit)}: ${name} cannot be overcommitted`,
    );
}

/** Amounts are not negative, and those of extended resources are whole. Source: ValidateResourceQuantityValue */
function checkAmount(report: Report, path: string, name: string, amount: unknown): void {
  const value = parseQuantity(amount);
  if (value === undefined) return;
  if (value < 0n) report(path, `${quoted(amount)} is negative`);
  if (!NATIVE.has(name) && value % WHOLE !== 0n)
    report(path, `${quoted(amount)} is no whole number, which ${name} must be`);
}

function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-');
}

/**
 * Requests and limits of a whole pod, which count from Kubernetes 1.34: at least what its containers request together,
 * and no container above them.
 * Source: validation.go, validatePodResources and validatePodResourceConsistency (feature PodLevelResources)
 */
export function checkPodResources({ report, version }: CheckContext, spec: unknown, specPath: string): void {
  const resources = field(spec, 'resources');
  if (!isObject(resources)) return;
  const path = `${specPath}.resources`;
  if (!atLeast(version, '1.34'))
    return report(
      path,
      `is dropped by Kubernetes ${version}: the feature PodLevelResources is on from 1.34; set the containers' resources`,
    );
  if (textOf(field(spec, 'os'), 'name') === 'windows') return report(path, 'must not be set for a Windows pod');
  if (field(resources, 'claims') !== undefined)
    report(`${path}.claims`, 'must not be set for a pod; name claims on containers');
  const limits = new Map(entriesOf(resources, 'limits'));
  for (const kind of ['limits', 'requests']) {
    for (const [name, amount] of entriesOf(resources, kind)) {
      const at = below(`${path}.${kind}`, name);
      if (!POD_LEVEL.has(name) && !isHugePages(name))
        report(at, `${quoted(name)} is not allowed for a pod; allowed: cpu, memory, hugepages-SIZE`);
      checkAmount(report, at, name, amount);
      if (kind === 'requests') checkRequest(report, `${path}.requests`, name, amount, limits);
    }
  }
  for (const [name, amount] of entriesOf(resources, 'requests')) {
    const together = sumOfRequests(spec, name);
    const request = parseQuantity(amount);
    if (request !== undefined && together > request) {
      report(
        below(`${path}.requests`, name),
        `${quoted(amount)} is less than the containers request together; raise it or let them request less`,
      );
    }
  }
  for (const [index, container] of listOf(spec, 'containers').entries()) {
    for (const [name, amount] of entriesOf(field(container, 'resources'), 'limits')) {
      if (compareQuantities(amount, limits.get(name)) !== 1) continue;
      report(
        below(`${specPath}.containers[${index}].resources.limits`, name),
        `${quoted(amount)} is above the pod's limit ${quoted(limits.get(name))}`,
      );
    }
  }
}

/**
 * What the scheduler counts: the containers and sidecars together, or the largest init container with the sidecars
 * that are up by then. Source: component-helpers resource/helpers.go, AggregateContainerRequests
 */
function sumOfRequests(spec: unknown, name: string): bigint {
  // A limit without a request is a request of the same amount, by defaulting.
  const requestOf = (container: unknown): bigint => {
    const resources = field(container, 'resources');
    return parseQuantity(field(field(resources, 'requests'), name) ?? field(field(resources, 'limits'), name)) ?? 0n;
  };
  let running = listOf(spec, 'containers').reduce<bigint>((sum, container) => sum + requestOf(container), 0n);
  let sidecars = 0n;
  let largestStart = 0n;
  for (const container of listOf(spec, 'initContainers')) {
    const request = requestOf(container);
    const isSidecar = textOf(container, 'restartPolicy') === 'Always';
    if (isSidecar) sidecars += request;
    const needed = isSidecar ? sidecars : sidecars + request;
    if (needed > largestStart) largestStart = needed;
  }
  running += sidecars;
  return running > largestStart ? running : largestStart;
}
