import type { Cause, HealingPolicySpec, IntOrPercent, LabelSelector } from './healing-policy.js';

/** A policy with its defaults filled in; times are milliseconds, and a cause that is switched off is undefined or false. */
export interface Settings {
  readonly selector: LabelSelector;
  readonly dryRun: boolean;
  readonly paused: boolean;
  readonly essentialContainerExit: boolean;
  readonly unhealthy: { readonly after: number; readonly startFirst: boolean } | undefined;
  readonly outOfMemory: boolean;
  readonly crashLoop: { readonly maxRestarts: number; readonly period: number } | undefined;
  readonly drift: boolean;
  readonly exec: { readonly after: number } | undefined;
  readonly unhealthyNode: { readonly after: number } | undefined;
  readonly maximumAge: number | undefined;
  readonly cannotStart: { readonly after: number } | undefined;
  readonly maxUnavailable: IntOrPercent;
  readonly maxReplacements: IntOrPercent;
  readonly storm: { readonly maxUnhealthy: IntOrPercent; readonly minimumPods: number; readonly zoneUnhealthy: string };
  readonly throttle: { readonly initial: number; readonly maximum: number; readonly resetAfter: number };
  readonly quarantine: { readonly causes: ReadonlySet<Cause>; readonly keep: number; readonly maxPods: number };
  readonly avoidNode: number;
  readonly failedPods: { readonly keep: number; readonly keepFor: number };
}

/** Fills in the defaults that `healing-policy.ts` documents. The spec must be valid (`problemsOf`). */
export function settingsOf(spec: HealingPolicySpec): Settings {
  const {
    causes = {},
    budget = {},
    stormGuard = {},
    throttle = {},
    quarantine = {},
    memory = {},
    failedPods = {},
  } = spec;
  const { unhealthy = {}, crashLoop = {}, exec = {}, unhealthyNode = {}, cannotStart = {} } = causes;
  return {
    selector: spec.selector,
    dryRun: spec.mode === 'DryRun',
    paused: spec.paused === true,
    essentialContainerExit: causes.essentialContainerExit?.enabled !== false,
    unhealthy: unless(unhealthy.enabled === false, {
      after: ms(unhealthy.afterSeconds, 60),
      startFirst: unhealthy.startFirst !== false,
    }),
    outOfMemory: causes.outOfMemory?.enabled !== false,
    crashLoop: unless(crashLoop.enabled === false, {
      maxRestarts: crashLoop.maxRestarts ?? 5,
      period: ms(crashLoop.periodSeconds, 600),
    }),
    drift: causes.drift?.enabled !== false,
    exec: unless(exec.enabled !== true, { after: ms(exec.afterSeconds, 3600) }),
    unhealthyNode: unless(unhealthyNode.enabled === false, { after: ms(unhealthyNode.afterSeconds, 60) }),
    maximumAge: causes.maximumAge === undefined ? undefined : ms(causes.maximumAge.seconds, 0),
    cannotStart: unless(cannotStart.enabled === false, { after: ms(cannotStart.afterSeconds, 300) }),
    maxUnavailable: budget.maxUnavailable ?? '25%',
    maxReplacements: budget.maxReplacements ?? '25%',
    storm: {
      maxUnhealthy: stormGuard.maxUnhealthy ?? '50%',
      minimumPods: stormGuard.minimumPods ?? 3,
      zoneUnhealthy: stormGuard.zoneUnhealthy ?? '55%',
    },
    throttle: {
      initial: ms(throttle.initialSeconds, 10),
      maximum: ms(throttle.maximumSeconds, 1620),
      resetAfter: ms(throttle.resetAfterSeconds, 600),
    },
    quarantine: {
      causes: new Set(quarantine.causes),
      keep: ms(quarantine.keepSeconds, 3600),
      maxPods: quarantine.maxPods ?? 1,
    },
    avoidNode: ms(memory.avoidNodeSeconds, 1800),
    failedPods: { keep: failedPods.keep ?? 1, keepFor: ms(failedPods.keepSeconds, 3600) },
  };
}

function ms(seconds: number | undefined, otherwise: number): number {
  return (seconds ?? otherwise) * 1000;
}

function unless<T>(off: boolean, value: T): T | undefined {
  return off ? undefined : value;
}
