/** EventBridge gives up an invocation after this long. Source: EventBridge API `RetryPolicy.MaximumEventAgeInSeconds`. */
export const MAXIMUM_EVENT_AGE_SECONDS = 86_400;

/** A CronJob controller that finds more missed runs than this in the deadline only says so (kubernetes#42649). */
const MOST_MISSED_RUNS = 100;
const MINUTES_OF_HOUR = 60;
const HOURS_OF_DAY = 24;

/**
 * How late a run may still start: as long as EventBridge keeps an invocation, but never so long that more than 100 runs
 * of the schedule fit in, since the controller counts the runs that it missed within the deadline.
 *
 * @param schedules `CronJob.spec.schedule` texts, five fields
 * @param maximumAgeSeconds at least 60
 * @returns seconds
 * @example startingDeadline(['* * * * *'], 86_400) // 5940
 */
export function startingDeadline(schedules: readonly string[], maximumAgeSeconds: number): number {
  const gap = Math.min(...schedules.map(shortestGapMinutes), HOURS_OF_DAY * MINUTES_OF_HOUR);
  return Math.min(maximumAgeSeconds, (MOST_MISSED_RUNS - 1) * gap * 60);
}

/** A lower bound of the minutes between two runs of one schedule, from its minute and hour fields. */
function shortestGapMinutes(schedule: string): number {
  const [minuteField = '*', hourField = '*'] = schedule.split(' ');
  const minutes = valuesOf(minuteField, MINUTES_OF_HOUR);
  if (minutes.length > 1) return shortestStep(minutes, MINUTES_OF_HOUR);
  return shortestStep(valuesOf(hourField, HOURS_OF_DAY), HOURS_OF_DAY) * MINUTES_OF_HOUR;
}

function shortestStep(values: readonly number[], size: number): number {
  const [first = 0] = values;
  return Math.min(...values.map((value, index) => (values[index + 1] ?? first + size) - value));
}

/** The ascending values of a field: `*`, numbers and ranges, each with a step or without, in a list. */
function valuesOf(field: string, size: number): readonly number[] {
  const values = field.split(',').flatMap((item) => {
    const [range = '*', step = '1'] = item.split('/');
    const [from = '0', to = from] = range === '*' ? ['0', String(size - 1)] : range.split('-');
    const count = Math.floor((Number(to) - Number(from)) / Number(step)) + 1;
    return Array.from({ length: count }, (_, index) => Number(from) + index * Number(step));
  });
  return values.toSorted((a, b) => a - b);
}
