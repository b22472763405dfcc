import type { PutScheduledActionCommandInput } from '@aws-sdk/client-application-auto-scaling';
import type { Field } from '../../ecs/field.js';
import { parseScheduleExpression, ScheduleExpressionError, toCronSchedules } from '../../ecs/schedule-expression.js';
import { defaulted } from '../not-known.js';
import type { Trigger } from './metric.js';
import { PATHS, type Scaler } from './scaler.js';

type Action = Field<PutScheduledActionCommandInput>;

/** What scheduled actions make of the scalable target's range. */
export interface ScheduledRange {
  readonly minimum: number;
  readonly maximum: number;
  /** KEDA cron triggers that raise the minimum for a while. */
  readonly triggers: readonly Trigger[];
}

/** An action that repeats by a schedule that a cron trigger can keep. */
interface Recurring {
  readonly action: Action;
  readonly schedules: readonly string[];
  readonly timeZone: string;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
}

/** From one action to the next, the minimum that the first one set. */
interface Span {
  readonly recurring: Recurring;
  readonly minimum: number;
  readonly start: string;
  readonly end: string;
}

/**
 * Scheduled actions set the range, KEDA's cron trigger sets a floor between two times. So each action that sets a minimum
 * holds until the next one that does; the lowest of them is the range's own, and the others become triggers. The maximum
 * is the highest that any action sets, since KEDA's cannot change.
 *
 * Source: Application Auto Scaling API `PutScheduledAction`; KEDA `cron_scaler.go`, which is active when the end comes
 * before the next start.
 *
 * @param range of the scalable target
 * @param how.suspended whether scheduled scaling is suspended; then the actions change nothing
 * @param how.byPolicies the autoscaler that policies have made necessary already, if any
 */
export function scheduledRange(
  actions: readonly Action[],
  range: { readonly minimum: number; readonly maximum: number },
  how: { readonly suspended: boolean; readonly byPolicies: Scaler | undefined },
): ScheduledRange {
  const recurring = actions.flatMap((action) => recurringOf(action) ?? []);
  if (how.suspended) {
    for (const { action } of recurring) {
      for (const key of ['Schedule', 'Timezone', 'ScalableTargetAction'] as const) {
        action
          .get(key)
          .near(
            [],
            'scheduled scaling is suspended, so there is no trigger',
            'add a cron trigger to end the suspension',
          );
      }
    }
    return { ...range, triggers: [] };
  }
  const maxima = recurring.flatMap(({ maximum }) => maximum ?? []);
  const raising = recurring.filter(({ minimum }) => minimum !== undefined);
  const minima = raising.flatMap(({ minimum }) => minimum ?? []);
  const spans = spansOf(raising);
  const minimum = minima.length === 0 ? range.minimum : spans === undefined ? Math.max(...minima) : Math.min(...minima);
  const maximum = maxima.length === 0 ? range.maximum : Math.max(...maxima);
  const triggers = (spans ?? []).filter((each) => each.minimum > minimum).map(triggerOf);
  const scaler = triggers.length > 0 ? 'ScaledObject' : how.byPolicies;
  for (const each of recurring) {
    if (scaler === undefined) markAlone(each);
    else
      markRange(each, { minimum, maximum, followed: spans !== undefined, single: raising.length === 1 }, PATHS[scaler]);
  }
  return { minimum, maximum, triggers };
}

/** Marks the fields of an action that no schedule depends on, and its schedule when no trigger can keep it. */
function recurringOf(action: Action): Recurring | undefined {
  action.get('ScheduledActionName').same('ScaledObject.spec.triggers[].name', 'only names the action');
  const dates = 'add and remove the trigger by hand';
  action.get('StartTime').none('a cron trigger has no first day', dates);
  action.get('EndTime').none('a cron trigger has no last day', dates);
  const schedule = action.get('Schedule');
  const zone = action.get('Timezone');
  const target = action.get('ScalableTargetAction');
  const lose = (lost: string, todo: string): undefined => {
    for (const field of [schedule, zone, target]) field.none(lost, todo);
    return undefined;
  };
  const text = schedule.value;
  if (text === undefined || schedule.placeholder !== undefined) {
    const lost =
      schedule.placeholder === undefined
        ? 'without a schedule the action never runs'
        : `the value of ${schedule.placeholder} is not known`;
    return lose(lost, 'give the value with --parameter NAME=VALUE, and port again');
  }
  if (defaulted(zone, 'UTC is used'))
    return lose('the time zone is not known', 'give the value with --parameter NAME=VALUE');
  try {
    const expression = parseScheduleExpression(text);
    const cron = toCronSchedules(expression, zone.value);
    if (cron.schedules.length === 0) {
      return lose(
        cron.refusal ?? `${text} is no schedule of a cron trigger`,
        `kubectl scale at that time, or a CronJob that patches the autoscaler`,
      );
    }
    const { MinCapacity: minimum, MaxCapacity: maximum } = target.value ?? {};
    return { action, schedules: cron.schedules, timeZone: cron.timeZone, minimum, maximum };
  } catch (error) {
    if (!(error instanceof ScheduleExpressionError)) throw error;
    return lose(`Application Auto Scaling would refuse the schedule: ${error.message}`, 'correct the expression');
  }
}

/** The time each action holds; undefined when it cannot be told from the schedules which comes next. */
function spansOf(actions: readonly Recurring[]): readonly Span[] | undefined {
  const [first, second, ...more] = actions;
  if (first === undefined || second === undefined) return [];
  if (new Set(actions.map(({ timeZone }) => timeZone)).size > 1) return undefined;
  const times = new Set(actions.map(({ schedules }) => schedules[0]));
  if (times.size < actions.length || actions.some(({ schedules }) => schedules.length > 1)) return undefined;
  if (more.length === 0) return [span(first, second), span(second, first)];
  const ordered = inOrderOfDay(actions);
  return ordered?.map((each, index) => span(each, ordered[(index + 1) % ordered.length] ?? each));
}

function span(recurring: Recurring, next: Recurring): Span {
  return {
    recurring,
    minimum: recurring.minimum ?? 0,
    start: recurring.schedules[0] ?? '',
    end: next.schedules[0] ?? '',
  };
}

/** Actions that run once a day, on the same days, by their time. */
function inOrderOfDay(actions: readonly Recurring[]): readonly Recurring[] | undefined {
  const timed = actions.map((action) => {
    const [minute = '', hour = '', ...days] = (action.schedules[0] ?? '').split(' ');
    const time = /^\d+$/.test(minute) && /^\d+$/.test(hour) ? Number(hour) * 60 + Number(minute) : Number.NaN;
    return { action, time, days: days.join(' ') };
  });
  if (timed.some(({ time }) => Number.isNaN(time)) || new Set(timed.map(({ days }) => days)).size > 1) return undefined;
  return timed.toSorted((a, b) => a.time - b.time).map(({ action }) => action);
}

function triggerOf({ recurring, minimum, start, end }: Span): Trigger {
  const name = recurring.action.get('ScheduledActionName').value;
  return {
    type: 'cron',
    ...(name === undefined ? {} : { name }),
    metadata: { timezone: recurring.timeZone, start, end, desiredReplicas: String(minimum) },
  };
}

/** With no policy and no second action, nothing moves the number of pods, and there is no autoscaler. */
function markAlone({ action }: Recurring): void {
  for (const key of ['Schedule', 'Timezone', 'ScalableTargetAction'] as const) {
    action
      .get(key)
      .none('one action alone, without a policy, is no autoscaler', 'set replicas to what the action sets');
  }
}

interface Range {
  readonly minimum: number;
  readonly maximum: number;
  /** Whether it is known which action follows which. */
  readonly followed: boolean;
  /** Whether only one action sets a minimum. */
  readonly single: boolean;
}

function markRange(
  { action, minimum }: Recurring,
  range: Range,
  paths: { readonly minimum: string; readonly maximum: string },
): void {
  const target = action.get('ScalableTargetAction');
  const schedule = action.get('Schedule');
  const zone = action.get('Timezone');
  const path = 'ScaledObject.spec.triggers[type=cron].metadata';
  markMaximum(target.get('MaxCapacity'), range.maximum, paths.maximum);
  const low = target.get('MinCapacity');
  if (defaulted(low, 'the action does not change the minimum') || minimum === undefined) {
    const lost = 'no autoscaler changes its maximum by the clock';
    for (const field of [schedule, zone]) field.none(lost, 'a CronJob that patches the autoscaler can');
    return;
  }
  if (!range.followed) {
    const lost = `the actions follow each other in no daily order, so the minimum is always the highest, ${range.minimum}`;
    const todo = 'write the cron triggers by hand, each with the time at which the next begins';
    for (const field of [schedule, zone, low]) field.none(lost, todo);
    return;
  }
  if (minimum === range.minimum) {
    const always = range.single
      ? 'no other action changes the minimum, so it always holds'
      : 'the lowest minimum holds whenever no trigger raises it';
    for (const field of [schedule, zone, low]) field.near(paths.minimum, always);
    return;
  }
  const todo = 'install KEDA';
  const held = 'the floor holds until the next action that sets a minimum';
  schedule.needsAddon([`${path}.start`, `${path}.end`], held, todo);
  zone.needsAddon(`${path}.timezone`, held, todo);
  const ended = 'a floor, as in ECS; when it ends, pods are removed as the metrics say, or at once without any';
  low.needsAddon(`${path}.desiredReplicas`, ended, todo);
}

function markMaximum(high: Field<number>, maximum: number, path: string): void {
  if (defaulted(high, 'the action does not change the maximum')) return;
  if (high.value === maximum) high.same(path);
  else
    high.none(
      `no autoscaler changes its maximum by the clock; it is always the highest, ${maximum}`,
      'a CronJob that patches the autoscaler can lower it',
    );
}
