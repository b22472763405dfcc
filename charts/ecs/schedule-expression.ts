import type { CronField } from './cron-field.js';
import {
  type CronExpression,
  parseScheduleExpression,
  type RateExpression,
  type ScheduleExpression,
} from './schedule-grammar.js';

export {
  parseScheduleExpression,
  type ScheduleErrorCode,
  type ScheduleExpression,
  ScheduleExpressionError,
} from './schedule-grammar.js';

/** What Kubernetes CronJobs need in the place of one schedule. */
export interface CronSchedules {
  /** `CronJob.spec.schedule`, five fields; one CronJob for each; none when the schedule is refused. */
  readonly schedules: readonly string[];
  /** `CronJob.spec.timeZone`; never left to the control plane, whose zone is not known. */
  readonly timeZone: string;
  readonly fidelity: 'same' | 'near' | 'needs-addon' | 'none';
  /** What is different, in a sentence. */
  readonly lost?: string;
  /** Why there is no schedule, and what to do. */
  readonly refusal?: string;
}

const UTC = 'Etc/UTC';
const UTC_NAMES = new Set([
  'UTC',
  'Etc/UTC',
  'GMT',
  'Etc/GMT',
  'Etc/GMT0',
  'Etc/Universal',
  'Etc/Zulu',
  'Zulu',
  'Universal',
]);
/** The hours in which clocks go back, somewhere in the world. */
const HOURS_OF_CLOCK_CHANGES = new Set([23, 0, 1, 2, 3]);
const MONTHS_OF_30_DAYS = new Set([4, 6, 9, 11]);
const FEBRUARY = 2;
const MINUTES_OF_DAY = 1440;
/** More CronJobs than this for one schedule nobody would look after. */
const MAXIMUM_SCHEDULES = 4;
const GUARD = 'let a CronJob run on all the days in question and its command stop on the wrong ones';

/**
 * The Kubernetes schedules for an EventBridge schedule. The rule: a CronJob never starts at a time at which EventBridge
 * would not have, so what five fields cannot say is refused rather than widened. Two differences are accepted and
 * stated: a rate is counted from the full hour or from midnight UTC, because Kubernetes does not know when the rule was
 * made, and a CronJob in a zone with daylight saving time starts twice in the hour that comes twice.
 *
 * - cron: minutes, hours, days, months, weekdays with lists, ranges, steps and names; `L` as day of the month when
 *   February is not among the months; `L` as weekday. Refused: a year, `W`, `#`, `nL`, `L-n`.
 * - rate: what divides a day into times that at most four schedules say, and 7 days. Refused: other rates, such as
 *   7 minutes, for which five fields have a shorter gap once an hour or a day.
 * - at: refused, a CronJob repeats.
 *
 * @param expression as EventBridge has it, or already read
 * @param timeZone `ScheduleExpressionTimezone` of EventBridge Scheduler; UTC unless given, as for rules
 * @throws ScheduleExpressionError for a text that EventBridge would not accept
 * @example toCronSchedules('cron(0 10 ? * MON-FRI *)').schedules // ['0 10 * * 1-5']
 */
export function toCronSchedules(expression: string | ScheduleExpression, timeZone: string = UTC): CronSchedules {
  const schedule = typeof expression === 'string' ? parseScheduleExpression(expression) : expression;
  switch (schedule.kind) {
    case 'cron':
      return fromCron(schedule, UTC_NAMES.has(timeZone) ? UTC : timeZone);
    case 'rate':
      return fromRate(schedule);
    default:
      return refused(
        timeZone,
        'none',
        `runs once, at ${schedule.time}, and a CronJob repeats: create a Job at that time`,
      );
  }
}

function fromCron(cron: CronExpression, timeZone: string): CronSchedules {
  const { years, daysOfMonth, daysOfWeek, hours } = cron;
  if (years.values.length !== 2199 - 1970 + 1) {
    const reason = `CronJobs know no year, found ${years.text}: write "*" and remove or suspend the CronJob in time`;
    return refused(timeZone, 'none', reason);
  }
  if (daysOfWeek.calendarDay !== undefined) {
    const reason = `CronJobs know no weekday of a certain week, found ${daysOfWeek.text} as day-of-week: ${GUARD}`;
    return refused(timeZone, 'needs-addon', reason);
  }
  if (daysOfMonth.calendarDay !== undefined) return fromCalendarDay(cron, timeZone);
  const days = daysOfMonth.any ? '*' : render(daysOfMonth.values, 1, 31);
  const weekdays = daysOfWeek.any
    ? '*'
    : render(
        daysOfWeek.values.map((day) => day - 1),
        0,
        6,
      );
  const schedule = `${time(cron)} ${days} ${render(cron.months.values, 1, 12)} ${weekdays}`;
  return inZone([schedule], hours, timeZone);
}

function fromCalendarDay(cron: CronExpression, timeZone: string): CronSchedules {
  const { daysOfMonth, months } = cron;
  if (daysOfMonth.calendarDay?.kind !== 'last-day' || daysOfMonth.calendarDay.daysBefore > 0) {
    const reason = `CronJobs know days by number only, found ${daysOfMonth.text} as day-of-month: ${GUARD}`;
    return refused(timeZone, 'needs-addon', reason);
  }
  if (months.values.includes(FEBRUARY)) {
    const reason = `CronJobs do not know the last day of February, found L as day-of-month: run on days 28-31; ${GUARD}`;
    return refused(timeZone, 'needs-addon', reason);
  }
  const short = months.values.filter((month) => MONTHS_OF_30_DAYS.has(month));
  const long = months.values.filter((month) => !MONTHS_OF_30_DAYS.has(month));
  const schedules = [
    ...(long.length === 0 ? [] : [`${time(cron)} 31 ${render(long, 1, 12)} *`]),
    ...(short.length === 0 ? [] : [`${time(cron)} 30 ${render(short, 1, 12)} *`]),
  ];
  return inZone(schedules, cron.hours, timeZone);
}

function fromRate({ value, unit }: RateExpression): CronSchedules {
  const period = value * { minute: 1, hour: 60, day: MINUTES_OF_DAY }[unit];
  const schedules = period === 7 * MINUTES_OF_DAY ? ['0 0 * * 0'] : schedulesOfPeriod(period);
  if (schedules === undefined) {
    const reason = `five fields have no even gaps of ${inUnit(value, unit)}: take ${nearestPeriods(period)}, or a Deployment that waits between runs`;
    return refused(UTC, 'none', reason);
  }
  if (period === 1) return { schedules, timeZone: UTC, fidelity: 'same' };
  const lost =
    60 % period === 0
      ? 'EventBridge counts from when the rule was made or from the start date; the CronJob counts from the full hour'
      : 'EventBridge counts from when the rule was made or from the start date; the CronJob counts from midnight UTC';
  return { schedules, timeZone: UTC, fidelity: 'near', lost };
}

/** The schedules that start every `period` minutes from midnight on; `undefined` when there is no even way to. */
function schedulesOfPeriod(period: number): readonly string[] | undefined {
  if (MINUTES_OF_DAY % period !== 0) return undefined;
  const minutesByHour = new Map<number, number[]>();
  for (let start = 0; start < MINUTES_OF_DAY; start += period) {
    const hour = Math.floor(start / 60);
    minutesByHour.set(hour, [...(minutesByHour.get(hour) ?? []), start % 60]);
  }
  const hoursByMinutes = new Map<string, number[]>();
  for (const [hour, minutes] of minutesByHour) {
    const text = render(minutes, 0, 59);
    hoursByMinutes.set(text, [...(hoursByMinutes.get(text) ?? []), hour]);
  }
  if (hoursByMinutes.size > MAXIMUM_SCHEDULES) return undefined;
  return [...hoursByMinutes].map(([minutes, hours]) => `${minutes} ${render(hours, 0, 23)} * * *`);
}

/** The rates below and above that can be kept, for the fix. */
function nearestPeriods(period: number): string {
  if (period > MINUTES_OF_DAY) return 'rate(1 day) or rate(7 days)';
  const kept = (step: number): string => {
    let candidate = period;
    while (schedulesOfPeriod(candidate) === undefined) candidate += step;
    return candidate % 60 === 0 ? `rate(${inUnit(candidate / 60, 'hour')})` : `rate(${inUnit(candidate, 'minute')})`;
  };
  return `${kept(-1)} or ${kept(1)}`;
}

function inUnit(value: number, unit: string): string {
  return `${value} ${unit}${value === 1 ? '' : 's'}`;
}

function inZone(schedules: readonly string[], hours: CronField, timeZone: string): CronSchedules {
  if (timeZone === UTC || !hours.values.some((hour) => HOURS_OF_CLOCK_CHANGES.has(hour))) {
    return { schedules, timeZone, fidelity: 'same' };
  }
  const lost = `if clocks in ${timeZone} go back, a CronJob starts again in the hour that comes twice; EventBridge runs once`;
  return { schedules, timeZone, fidelity: 'near', lost };
}

function refused(timeZone: string, fidelity: 'needs-addon' | 'none', refusal: string): CronSchedules {
  return { schedules: [], timeZone, fidelity, refusal };
}

function time({ minutes, hours }: CronExpression): string {
  return `${render(minutes.values, 0, 59)} ${render(hours.values, 0, 23)}`;
}

/**
 * Ascending values as one field: `*`, a step, or numbers and ranges.
 *
 * @example render([0, 15, 30, 45], 0, 59) // '*\/15'
 */
function render(values: readonly number[], minimum: number, maximum: number): string {
  const [first = minimum, second = first] = values;
  const last = values.at(-1) ?? first;
  if (values.length === maximum - minimum + 1) return '*';
  const step = second - first;
  const even = values.every((value, index) => value === first + index * step);
  if (even && step > 1 && values.length > 2) {
    return first === minimum && last + step > maximum ? `*/${step}` : `${first}-${last}/${step}`;
  }
  const ranges: [number, number][] = [];
  for (const value of values) {
    const range = ranges.at(-1);
    if (range?.[1] === value - 1) range[1] = value;
    else ranges.push([value, value]);
  }
  const texts = ranges.flatMap(([from, to]) =>
    to - from > 1 ? [`${from}-${to}`] : [...new Set([from, to])].map(String),
  );
  return texts.join(',');
}
