import { CAUSES, type HealingPolicySpec, type LabelSelector } from './healing-policy.js';
import { percentOf, scaled } from './int-or-percent.js';
import { compileSelector } from './selection.js';

const MAXIMUM_SECONDS = 31_536_000;

/**
 * Why nothing may be done under a policy: each sentence names the field, its value and what is allowed. The schema of the
 * custom resource refuses the same; this holds where an older schema let something through.
 *
 * @returns empty when the policy is valid
 * @example `spec.budget.maxUnavailable is 0: a number of 1 or more, or a percentage from 1% to 100%`
 */
export function problemsOf(spec: HealingPolicySpec): readonly string[] {
  const {
    causes = {},
    budget = {},
    stormGuard = {},
    throttle = {},
    quarantine = {},
    memory = {},
    failedPods = {},
  } = spec;
  return [
    ...selectorProblems(spec.selector),
    ...oneOf('spec.mode', spec.mode, ['Enforce', 'DryRun']),
    ...share('spec.budget.maxUnavailable', budget.maxUnavailable),
    ...share('spec.budget.maxReplacements', budget.maxReplacements),
    ...share('spec.stormGuard.maxUnhealthy', stormGuard.maxUnhealthy),
    ...percent('spec.stormGuard.zoneUnhealthy', stormGuard.zoneUnhealthy),
    ...whole('spec.stormGuard.minimumPods', stormGuard.minimumPods, 1),
    ...whole('spec.causes.unhealthy.afterSeconds', causes.unhealthy?.afterSeconds),
    ...whole('spec.causes.crashLoop.maxRestarts', causes.crashLoop?.maxRestarts, 1),
    ...whole('spec.causes.crashLoop.periodSeconds', causes.crashLoop?.periodSeconds, 1),
    ...whole('spec.causes.exec.afterSeconds', causes.exec?.afterSeconds),
    ...whole('spec.causes.unhealthyNode.afterSeconds', causes.unhealthyNode?.afterSeconds),
    ...whole('spec.causes.maximumAge.seconds', causes.maximumAge?.seconds, 1),
    ...whole('spec.causes.cannotStart.afterSeconds', causes.cannotStart?.afterSeconds),
    ...whole('spec.throttle.initialSeconds', throttle.initialSeconds, 1),
    ...whole('spec.throttle.maximumSeconds', throttle.maximumSeconds, 1),
    ...whole('spec.throttle.resetAfterSeconds', throttle.resetAfterSeconds, 1),
    ...(quarantine.causes ?? []).flatMap((cause, at) => oneOf(`spec.quarantine.causes[${at}]`, cause, CAUSES)),
    ...whole('spec.quarantine.keepSeconds', quarantine.keepSeconds),
    ...whole('spec.quarantine.maxPods', quarantine.maxPods),
    ...whole('spec.memory.avoidNodeSeconds', memory.avoidNodeSeconds),
    ...whole('spec.failedPods.keep', failedPods.keep),
    ...whole('spec.failedPods.keepSeconds', failedPods.keepSeconds),
  ];
}

function selectorProblems(selector: LabelSelector | undefined): readonly string[] {
  const compiled = compileSelector(selector);
  return typeof compiled === 'function' ? [] : [compiled.message];
}

function share(field: string, value: unknown): readonly string[] {
  if (value === undefined) return [];
  const allowed = 'a number of 1 or more, or a percentage from 1% to 100%';
  const percentage = percentOf(value);
  const fits =
    typeof value === 'number' ? (scaled(value, 1, 'up') ?? 0) >= 1 : percentage !== undefined && percentage >= 1;
  return fits && (percentage ?? 1) <= 100 ? [] : [`${field} is ${shown(value)}: ${allowed}`];
}

function percent(field: string, value: unknown): readonly string[] {
  if (value === undefined) return [];
  const percentage = percentOf(value);
  const fits = percentage !== undefined && percentage >= 1 && percentage <= 100;
  return fits ? [] : [`${field} is ${shown(value)}: a percentage from 1% to 100%`];
}

function whole(field: string, value: unknown, minimum = 0): readonly string[] {
  if (value === undefined) return [];
  const fits = typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= MAXIMUM_SECONDS;
  return fits ? [] : [`${field} is ${shown(value)}: a whole number from ${minimum} to ${MAXIMUM_SECONDS}`];
}

function oneOf(field: string, value: unknown, allowed: readonly string[]): readonly string[] {
  if (value === undefined || (typeof value === 'string' && allowed.includes(value))) return [];
  return [`${field} is ${shown(value)}: one of ${allowed.join(', ')}`];
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'not set').slice(0, 60);
}
