import type { IProbe } from 'kubernetes-models/v1';
import type { Field } from '../ecs/field.js';
import type { ContainerDefinition } from '../ecs/model/ahead-of-sdk.js';
import { ANNOTATION } from './annotations.js';
import type { Order } from './order.js';
import type { ContainerDraft, PodDraft, PortContext } from './pod-draft.js';

/** Defaults of an ECS container health check. Source: ECS API `HealthCheck`. */
const INTERVAL_SECONDS = 30;
const TIMEOUT_SECONDS = 5;
const RETRIES = 3;

/**
 * Turns container health checks into the probes that do what ECS does with them. An essential container of a service gets
 * a liveness probe; a container that others wait for with HEALTHY gets a startup probe; a check that ECS only displays
 * (non-essential containers, tasks that run once) gets none. `startPeriod` is a window in which failures do not count and
 * a success ends it: a startup probe, never an initial delay.
 *
 * Source: ECS API `HealthCheck`; Kubernetes `Probe`.
 *
 * @param graceSeconds the service's healthCheckGracePeriodSeconds, during which ECS ignores failures
 */
export function applyHealth(
  pod: PodDraft,
  context: PortContext,
  order: Order,
  runsOnce: boolean,
  graceSeconds = 0,
): void {
  const replaced: string[] = [];
  for (const draft of pod.containers) {
    const check = draft.definition.get('healthCheck');
    const startTimeout = draft.definition.get('startTimeout');
    const awaited = order.edges.some((edge) => edge.dependency === draft.ecsName && edge.condition === 'HEALTHY');
    const role = order.roles.get(draft.ecsName) ?? 'main';
    markStartTimeout(startTimeout, draft, order);
    const probe = probeOf(check, context.windows);
    if (!check.exists || probe === undefined) {
      if (check.get('command').value?.[0] === 'NONE')
        check.same('Container', 'the check is switched off, and so it is in Kubernetes');
      else check.none('the check has no command that a probe could run');
      continue;
    }
    const essential = draft.definition.get('essential').value !== false;
    if (role === 'init') {
      check.none('the container runs to its end before others start, and such a container has no probes');
      continue;
    }
    const alive = essential && !runsOnce;
    if (!awaited && !alive) {
      check.near(
        [],
        runsOnce
          ? 'ECS shows the health of a standalone task but does not act on it; no probe is made'
          : 'ECS does not act on the health of a container that is not essential and that nothing waits for; no probe is made',
      );
      continue;
    }
    const startPeriod = check.get('startPeriod');
    const window = Math.max(startPeriod.value ?? 0, essential ? graceSeconds : 0);
    const period = probe.periodSeconds ?? INTERVAL_SECONDS;
    if (awaited || window > 0) {
      const generous = Math.ceil(window / period) + (probe.failureThreshold ?? RETRIES);
      const limit = startTimeout.value === undefined ? generous : Math.max(1, Math.floor(startTimeout.value / period));
      draft.spec.startupProbe = { ...probe, failureThreshold: awaited ? Math.min(generous, limit) : generous };
    }
    if (alive) {
      draft.spec.livenessProbe = probe;
      replaced.push(draft.spec.name);
    }
    markCheck(check, draft, alive);
  }
  if (replaced.length === 0) return;
  pod.annotations.set(ANNOTATION.replaceUnhealthy, replaced.join(','));
  context.findings.require('tranship-operator', `${context.title}: replaces an unhealthy task, the new one first`);
}

function probeOf(check: Field<NonNullable<ContainerDefinition['healthCheck']>>, windows: boolean): IProbe | undefined {
  const command = check.get('command').value?.map(String);
  const [form, ...words] = command ?? [];
  if (form === undefined || words.length === 0 || (form !== 'CMD' && form !== 'CMD-SHELL')) return undefined;
  const shell = windows ? ['cmd', '/S', '/C'] : ['/bin/sh', '-c'];
  return {
    exec: { command: form === 'CMD' ? words : [...shell, words.join(' ')] },
    periodSeconds: positive(check.get('interval').value, INTERVAL_SECONDS),
    timeoutSeconds: positive(check.get('timeout').value, TIMEOUT_SECONDS),
    failureThreshold: positive(check.get('retries').value, RETRIES),
  };
}

function positive(value: number | undefined, otherwise: number): number {
  return value !== undefined && value >= 1 ? Math.floor(value) : otherwise;
}

function markCheck(
  check: Field<NonNullable<ContainerDefinition['healthCheck']>>,
  draft: ContainerDraft,
  alive: boolean,
): void {
  const probes = [
    ...(draft.spec.startupProbe === undefined ? [] : ['startupProbe']),
    ...(alive ? ['livenessProbe'] : []),
  ];
  const of = (field: string): string[] => probes.map((probe) => `Container.${probe}.${field}`);
  if (alive) {
    check
      .get('command')
      .near(
        of('exec.command'),
        'when it fails, Kubernetes restarts the container in place, where ECS starts a new task first',
        'install the tranship operator to have the task replaced',
      );
  } else check.get('command').same(of('exec.command'));
  check.get('interval').same(of('periodSeconds'));
  check.get('timeout').same(of('timeoutSeconds'));
  check.get('retries').same(of('failureThreshold'));
  check.get('startPeriod').near('Container.startupProbe.failureThreshold', 'rounded up to whole intervals');
}

function markStartTimeout(startTimeout: Field<number>, draft: ContainerDraft, order: Order): void {
  const conditions = new Set(order.edges.filter((e) => e.dependency === draft.ecsName).map((e) => e.condition));
  if (conditions.has('HEALTHY')) {
    startTimeout.near(
      'Container.startupProbe.failureThreshold',
      'when it is over, the container restarts, where ECS stops the task',
    );
  } else if (conditions.has('COMPLETE') || conditions.has('SUCCESS')) {
    startTimeout.none(
      'Kubernetes does not limit how long an init container runs',
      'let its command end itself, as `timeout 60 …` does',
    );
  } else startTimeout.same([], 'ECS does not use it either: nothing waits for the container to be healthy or to end');
}
