import type { Field } from '../../ecs/field.js';
import type { ScheduleInput } from '../../ecs/input.js';
import { parseScheduleExpression, ScheduleExpressionError, toCronSchedules } from '../../ecs/schedule-expression.js';
import { defaulted } from '../not-known.js';
import type { PortContext } from '../pod-draft.js';
import { MAXIMUM_EVENT_AGE_SECONDS, startingDeadline } from './deadline.js';

/** When CronJobs run. */
export interface Timing {
  /** `CronJob.spec.schedule` of each CronJob; at least one. */
  readonly schedules: readonly string[];
  readonly timeZone: string;
  readonly suspend: boolean;
  readonly startingDeadlineSeconds: number;
}

const UTC = 'Etc/UTC';
const KUBERNETES = ['CronJob.spec.schedule', 'CronJob.spec.timeZone'];
/** A schedule that suspended CronJobs carry because they must have one. */
const STAND_IN = '0 0 1 1 *';

/** Marks what says when a schedule runs: expression, time zone, state, maximum age. */
export function timingOf(schedule: ScheduleInput, context: PortContext): Timing {
  const [expression, state, age] =
    schedule.kind === 'rule'
      ? [
          schedule.rule.get('ScheduleExpression'),
          schedule.rule.get('State') as Field<string>,
          schedule.target.get('RetryPolicy').get('MaximumEventAgeInSeconds'),
        ]
      : [
          schedule.schedule.get('ScheduleExpression'),
          schedule.schedule.get('State') as Field<string>,
          schedule.schedule.get('Target').get('RetryPolicy').get('MaximumEventAgeInSeconds'),
        ];
  const zone = schedule.kind === 'rule' ? UTC : timeZone(schedule.schedule.get('ScheduleExpressionTimezone'));
  const { schedules, found } = schedulesOf(expression, zone, context);
  const disabled = state.value === 'DISABLED';
  if (!defaulted(state, 'the CronJob is not suspended')) state.same('CronJob.spec.suspend');
  const startingDeadlineSeconds = deadline(age, schedules);
  return { schedules, timeZone: zone, suspend: disabled || !found, startingDeadlineSeconds };
}

function timeZone(field: Field<string>): string {
  if (field.placeholder !== undefined) {
    field.near(
      'CronJob.spec.timeZone',
      `the value of ${field.placeholder} is not known; UTC is used`,
      'give the value with --parameter',
    );
    return UTC;
  }
  field.same('CronJob.spec.timeZone');
  return field.value ?? UTC;
}

/** The schedules of an expression; a stand-in, to be suspended, when no CronJob can run as it says. */
function schedulesOf(
  expression: Field<string>,
  zone: string,
  context: PortContext,
): { readonly schedules: readonly string[]; readonly found: boolean } {
  const byHand = `kubectl create job --from=cronjob/${context.name} NAME runs it; set suspend to false once the schedule is right`;
  const text = expression.value;
  if (text === undefined || expression.placeholder !== undefined) {
    const why = `the value of ${expression.placeholder ?? 'the schedule'} is not known, so the CronJob is suspended`;
    expression.none(why, 'give the value with --parameter NAME=VALUE, and port again');
    return { schedules: [STAND_IN], found: false };
  }
  try {
    const parsed = parseScheduleExpression(text);
    const { schedules, fidelity, lost, refusal } = toCronSchedules(parsed, zone);
    if (schedules.length > 0) {
      const several = schedules.length === 1 ? undefined : `${schedules.length} CronJobs share the schedule`;
      const notes = [lost, several].flatMap((note) => note ?? []);
      const note = notes.length === 0 ? {} : { lost: notes.join('; ') };
      expression.mark({ fidelity, kubernetes: KUBERNETES, ...note });
      return { schedules, found: true };
    }
    expression.mark({
      fidelity,
      kubernetes: KUBERNETES,
      lost: `${refusal ?? text}; the CronJob is suspended`,
      todo: byHand,
    });
    return { schedules: [parsed.kind === 'at' ? onDate(parsed.time) : STAND_IN], found: false };
  } catch (error) {
    if (!(error instanceof ScheduleExpressionError)) throw error;
    expression.none(`EventBridge would refuse it: ${error.message}`, 'correct the expression');
    return { schedules: [STAND_IN], found: false };
  }
}

/** `at(2030-01-31T12:00:00)` once a year, for a CronJob that is suspended. */
function onDate(time: string): string {
  const [, month = '1', day = '1', hour = '0', minute = '0'] = time.split(/[-T:]/);
  return `${Number(minute)} ${Number(hour)} ${Number(day)} ${Number(month)} *`;
}

function deadline(age: Field<number>, schedules: readonly string[]): number {
  const wanted = age.value ?? MAXIMUM_EVENT_AGE_SECONDS;
  const seconds = startingDeadline(schedules, wanted);
  if (defaulted(age, `a run may start ${seconds} s late`)) return seconds;
  const shortened =
    seconds === wanted ? '' : `; shortened to ${seconds} s, since more than 100 missed runs confuse the controller`;
  age.near(
    'CronJob.spec.startingDeadlineSeconds',
    `after an outage only the latest missed run starts, while EventBridge delivers each${shortened}`,
  );
  return seconds;
}
