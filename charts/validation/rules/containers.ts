import { below, quoted, type Report } from '../finding.js';
import { field, isTrue, listOf, numberOf, textOf } from '../json.js';
import { dnsLabel, portName, portNumber } from '../names.js';
import { type CheckContext, expectName, expectOneOf, expectText } from '../rule.js';
import { checkEnvironment } from './environment.js';
import { checkLifecycle, checkProbe } from './probes.js';
import { checkResources } from './resources.js';
import { checkRestartPolicy } from './restart.js';
import { checkContainerSecurity } from './security.js';
import { checkMounts } from './volumes.js';

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'];

/**
 * All containers of a pod.
 * Source: pkg/apis/core/validation/validation.go, validateContainers and validateInitContainers
 *
 * @param volumes names of the pod's volumes
 * @param isPod whether the spec is a Pod's own, where what a template leaves open is settled
 */
export function checkContainers(
  context: CheckContext,
  spec: unknown,
  specPath: string,
  volumes: ReadonlySet<string>,
  isPod: boolean,
): void {
  const { report } = context;
  const graceSeconds = numberOf(spec, 'terminationGracePeriodSeconds') ?? 30;
  if (listOf(spec, 'containers').length === 0)
    report(`${specPath}.containers`, 'is empty, a pod needs at least one container');
  const names = new Map<string, string>();
  const hostPorts = new Map<string, string>();
  for (const list of ['containers', 'initContainers']) {
    for (const [index, container] of listOf(spec, list).entries()) {
      const path = below(`${specPath}.${list}`, index);
      checkName(report, container, path, names);
      checkContainer(context, spec, container, path, {
        isInit: list === 'initContainers',
        isPod,
        graceSeconds,
        volumes,
      });
      // Init containers run one after the other, so only within one of them can ports collide.
      checkPorts(report, spec, container, path, list === 'containers' ? hostPorts : new Map(), isPod);
    }
  }
}

/** Names are DNS labels and no two containers share one, init containers included. */
function checkName(report: Report, container: unknown, path: string, names: Map<string, string>): void {
  const name = textOf(container, 'name');
  if (name === undefined) return;
  expectName(report, `${path}.name`, name, dnsLabel);
  const other = names.get(name);
  // The schema reports two of the same list.
  if (other !== undefined && listPart(other) !== listPart(path))
    report(`${path}.name`, `${quoted(name)} is the name of ${other} too; give each container of the pod its own`);
  else names.set(name, path);
}

function listPart(path: string): string {
  return path.slice(0, path.lastIndexOf('['));
}

interface Place {
  readonly isInit: boolean;
  readonly isPod: boolean;
  readonly graceSeconds: number;
  readonly volumes: ReadonlySet<string>;
}

function checkContainer(context: CheckContext, spec: unknown, container: unknown, path: string, place: Place): void {
  const { report } = context;
  const image = textOf(container, 'image');
  expectText(report, `${path}.image`, image, 'is required: name an image such as nginx:1.29');
  if (place.isPod && image !== undefined && image.trim() !== image)
    report(`${path}.image`, `${quoted(image)} must not start or end with a blank`);
  checkEnvironment(context, container, path);
  checkMounts(report, container, path, place.volumes);
  checkResources(report, container, path);
  checkRestartPolicy(context, container, path, place.isInit);
  checkContainerSecurity(report, spec, container, path);
  checkResizePolicy(report, container, path, place.isInit);
  if (field(field(container, 'lifecycle'), 'stopSignal') !== undefined) {
    report(
      `${path}.lifecycle.stopSignal`,
      `is dropped by Kubernetes ${context.version}: the feature ContainerStopSignals is off by default; set STOPSIGNAL in the image`,
    );
  }
  if (place.isInit && textOf(container, 'restartPolicy') !== 'Always') {
    for (const name of [...PROBES, 'lifecycle']) {
      if (field(container, name) !== undefined)
        report(
          `${path}.${name}`,
          'is for init containers with restartPolicy Always only; leave it out or make this a sidecar',
        );
    }
    return;
  }
  for (const probe of PROBES) checkProbe(report, container, path, probe);
  checkLifecycle(report, container, path, place.graceSeconds);
}

/** Source: validation.go, validateResizePolicy; RestartContainer makes no sense where nothing is started again */
function checkResizePolicy(report: Report, container: unknown, path: string, isInit: boolean): void {
  const seen = new Set<unknown>();
  for (const [index, policy] of listOf(container, 'resizePolicy').entries()) {
    const at = below(`${path}.resizePolicy`, index);
    const resource = field(policy, 'resourceName');
    expectOneOf(report, `${at}.resourceName`, resource, ['cpu', 'memory']);
    if (seen.has(resource)) report(`${at}.resourceName`, `${quoted(resource)} has a policy already; keep one`);
    seen.add(resource);
    const isPlainInit = isInit && textOf(container, 'restartPolicy') !== 'Always';
    expectOneOf(
      report,
      `${at}.restartPolicy`,
      field(policy, 'restartPolicy'),
      isPlainInit ? ['NotRequired'] : ['NotRequired', 'RestartContainer'],
    );
  }
}

/**
 * Numbers and names of ports; a port of the node is taken once.
 * Source: validation.go, validateContainerPorts, checkHostPortConflicts, validatePodHostNetworkDeps
 *
 * @param hostPorts what the containers before this one take of the node
 */
function checkPorts(
  report: Report,
  spec: unknown,
  container: unknown,
  containerPath: string,
  hostPorts: Map<string, string>,
  isPod: boolean,
): void {
  const names = new Map<string, number>();
  for (const [index, port] of listOf(container, 'ports').entries()) {
    const path = below(`${containerPath}.ports`, index);
    const name = textOf(port, 'name') ?? '';
    if (name !== '') {
      expectName(report, `${path}.name`, name, portName);
      if (names.has(name))
        report(
          `${path}.name`,
          `${quoted(name)} is the name of ports[${String(names.get(name))}] too; port names are unique in a container`,
        );
      names.set(name, index);
    }
    const containerPort = numberOf(port, 'containerPort');
    const hostPort = numberOf(port, 'hostPort') ?? 0;
    for (const [field_, number] of [
      ['containerPort', containerPort],
      ['hostPort', hostPort === 0 ? undefined : hostPort],
    ] as const) {
      const problem = number === undefined ? undefined : portNumber(number);
      if (problem !== undefined) report(`${path}.${field_}`, `${String(number)} ${problem}`);
    }
    if (isTrue(spec, 'hostNetwork') && hostPort !== containerPort && hostPort !== 0) {
      report(
        `${path}.hostPort`,
        `${hostPort} must be the containerPort (${String(containerPort)}) when hostNetwork is true`,
      );
    }
    // With hostNetwork every port is the node's, by defaulting; the API server does this for templates too when it makes the pods.
    const taken = hostPort !== 0 ? hostPort : isPod && isTrue(spec, 'hostNetwork') ? (containerPort ?? 0) : 0;
    if (taken === 0) continue;
    const key = `${textOf(port, 'protocol') ?? 'TCP'}/${textOf(port, 'hostIP') ?? ''}/${taken}`;
    const other = hostPorts.get(key);
    if (other !== undefined) report(`${path}.hostPort`, `${taken} of the node is taken by ${other} already`);
    else hostPorts.set(key, path);
  }
}
