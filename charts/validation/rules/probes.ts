import { below, quoted, type Report } from '../finding.js';
import { field, isObject, listOf, numberOf, textOf } from '../json.js';
import { portName, portNumber } from '../names.js';
import { expectRange, expectText } from '../rule.js';

const PROBE_HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'];
const HOOK_HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'sleep'];

/**
 * A liveness, readiness or startup probe: one handler, numbers that make sense.
 *
 * The API server takes 0 for a number that is left out, so 0 passes.
 * Source: pkg/apis/core/validation/validation.go, validateProbe and its callers
 *
 * @param name `livenessProbe`, `readinessProbe` or `startupProbe`
 */
export function checkProbe(report: Report, container: unknown, containerPath: string, name: string): void {
  const probe = field(container, name);
  if (!isObject(probe)) return;
  const path = `${containerPath}.${name}`;
  checkHandler(report, probe, path, PROBE_HANDLERS);
  for (const number of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ]) {
    expectRange(report, `${path}.${number}`, probe[number], 0);
  }
  const successes = numberOf(probe, 'successThreshold') ?? 0;
  if (name !== 'readinessProbe' && successes > 1)
    report(`${path}.successThreshold`, `${successes} is not allowed, it must be 1 for a ${name}`);
  const grace = numberOf(probe, 'terminationGracePeriodSeconds');
  if (grace === undefined) return;
  if (name === 'readinessProbe')
    report(`${path}.terminationGracePeriodSeconds`, 'must not be set: a readiness probe ends nothing');
  else expectRange(report, `${path}.terminationGracePeriodSeconds`, grace, 1);
}

/**
 * Lifecycle hooks: one handler each, and a sleep no longer than the pod's grace period.
 * Source: validation.go, validateLifecycle and validateSleepAction
 *
 * @param graceSeconds the pod's terminationGracePeriodSeconds, 30 when it is left out
 */
export function checkLifecycle(report: Report, container: unknown, containerPath: string, graceSeconds: number): void {
  const lifecycle = field(container, 'lifecycle');
  for (const hook of ['postStart', 'preStop']) {
    const handler = field(lifecycle, hook);
    if (!isObject(handler)) continue;
    const path = `${containerPath}.lifecycle.${hook}`;
    checkHandler(report, handler, path, HOOK_HANDLERS);
    const seconds = numberOf(field(handler, 'sleep'), 'seconds');
    if (seconds !== undefined && (seconds < 0 || seconds > graceSeconds)) {
      report(
        `${path}.sleep.seconds`,
        `${seconds} is out of range, must be from 0 to terminationGracePeriodSeconds (${graceSeconds}); raise that or sleep less`,
      );
    }
  }
}

function checkHandler(
  report: Report,
  holder: Readonly<Record<string, unknown>>,
  path: string,
  allowed: readonly string[],
): void {
  const given = allowed.filter((name) => isObject(holder[name]));
  if (given.length !== 1) {
    const found = given.length === 0 ? 'has no handler' : `has ${given.length} handlers (${given.join(', ')})`;
    report(path, `${found}, it must have exactly one of ${allowed.join(', ')}`);
  }
  if (isObject(holder['exec']) && listOf(holder['exec'], 'command').length === 0)
    report(`${path}.exec.command`, 'is empty, it needs at least the program');
  if (isObject(holder['httpGet'])) checkHttpGet(report, holder['httpGet'], `${path}.httpGet`);
  if (isObject(holder['tcpSocket'])) checkPortReference(report, holder['tcpSocket']['port'], `${path}.tcpSocket.port`);
  if (isObject(holder['grpc'])) checkPortReference(report, holder['grpc']['port'], `${path}.grpc.port`);
}

function checkHttpGet(report: Report, action: Readonly<Record<string, unknown>>, path: string): void {
  checkPortReference(report, action['port'], `${path}.port`);
  for (const [index, header] of listOf(action, 'httpHeaders').entries()) {
    const name = textOf(header, 'name');
    if (name !== undefined && !/^[-A-Za-z0-9]+$/.test(name)) {
      report(
        `${below(`${path}.httpHeaders`, index)}.name`,
        `${quoted(name)} is no HTTP header name: letters, digits and hyphens`,
      );
    }
  }
}

/** A port by number or by a container port's name. */
export function checkPortReference(report: Report, port: unknown, path: string): void {
  if (typeof port !== 'string') {
    const problem = typeof port === 'number' ? portNumber(port) : undefined;
    return problem === undefined ? undefined : report(path, `${String(port)} ${problem}`);
  }
  const problem = portName(port);
  if (problem !== undefined) report(path, `${quoted(port)} names no port: it ${problem}`);
  expectText(report, path, port);
}
