import { type CronField, CronFieldError, type CronFieldName, parseCronField } from './cron-field.js';

/** The longest expression that EventBridge takes, in characters (`ScheduleExpression`). */
const MAXIMUM_LENGTH = 256;
const FIELDS: readonly CronFieldName[] = ['minutes', 'hours', 'day-of-month', 'month', 'day-of-week', 'year'];

/** `cron(minutes hours day-of-month month day-of-week year)`. */
export interface CronExpression {
  readonly kind: 'cron';
  readonly minutes: CronField;
  readonly hours: CronField;
  readonly daysOfMonth: CronField;
  readonly months: CronField;
  readonly daysOfWeek: CronField;
  readonly years: CronField;
}

/** `rate(value unit)`: every so often, counted from when the rule was made or from the schedule's start date. */
export interface RateExpression {
  readonly kind: 'rate';
  readonly value: number;
  readonly unit: 'minute' | 'hour' | 'day';
}

/** `at(yyyy-mm-ddThh:mm:ss)`: once. */
export interface AtExpression {
  readonly kind: 'at';
  /** As written, without a zone: the schedule's time zone applies. */
  readonly time: string;
}

export type ScheduleExpression = CronExpression | RateExpression | AtExpression;

/** What is wrong with a schedule expression; stable, for machines. */
export type ScheduleErrorCode =
  | 'too-long'
  | 'unknown-form'
  | 'field-count'
  | 'bad-field'
  | 'day-fields'
  | 'bad-rate'
  | 'bad-time';

/** A schedule that EventBridge would not accept; the message names what was found, what is allowed and the fix. */
export class ScheduleExpressionError extends Error {
  override readonly name = 'ScheduleExpressionError';

  /** @param column where it is: 0-based, in UTF-16 units of the expression */
  constructor(
    readonly code: ScheduleErrorCode,
    readonly column: number,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`column ${column}: ${problem}`, options);
  }
}

/**
 * Reads a schedule of an EventBridge rule (`ScheduleExpression` of `PutRule`: cron and rate) or of EventBridge Scheduler
 * (`CreateSchedule`: at as well). Rules ask for `1 minute` and `5 minutes`; Scheduler takes either, and so does this.
 *
 * Source: Amazon EventBridge User Guide, "cron expressions"; EventBridge Scheduler User Guide, "schedule types".
 *
 * @throws ScheduleExpressionError with the code and the 0-based column
 * @example parseScheduleExpression('rate(5 minutes)') // { kind: 'rate', value: 5, unit: 'minute' }
 */
export function parseScheduleExpression(text: string): ScheduleExpression {
  if (text.length > MAXIMUM_LENGTH) {
    const problem = `found ${text.length} characters, allowed: ${MAXIMUM_LENGTH}; split the schedule`;
    throw new ScheduleExpressionError('too-long', MAXIMUM_LENGTH, problem);
  }
  const form = /^(?<before>\s*(?<name>cron|rate|at)\()(?<body>[^()]*)\)\s*$/.exec(text)?.groups;
  const body = form?.['body'] ?? '';
  const start = form?.['before']?.length ?? 0;
  switch (form?.['name']) {
    case 'cron':
      return cron(body, start);
    case 'rate':
      return rate(body, start);
    case 'at':
      return at(body, start);
    default: {
      const found = JSON.stringify(text.slice(0, 40));
      const problem = `found ${found}, allowed: cron(...), rate(...), at(...); write one of these forms`;
      throw new ScheduleExpressionError('unknown-form', 0, problem);
    }
  }
}

function cron(body: string, start: number): CronExpression {
  const words = [...body.matchAll(/\S+/g)];
  if (words.length !== FIELDS.length) {
    const extra = words[FIELDS.length];
    const column = start + (extra === undefined ? body.length : extra.index);
    const problem = `found ${words.length} fields, allowed: 6 (${FIELDS.join(' ')}); ${extra === undefined ? 'add what is missing, the year is often forgotten' : 'remove the rest'}`;
    throw new ScheduleExpressionError('field-count', column, problem);
  }
  const field = (name: CronFieldName): CronField => {
    const word = words[FIELDS.indexOf(name)];
    const column = start + (word?.index ?? 0);
    try {
      return parseCronField(word?.[0] ?? '', name, column);
    } catch (error) {
      if (!(error instanceof CronFieldError)) throw error;
      throw new ScheduleExpressionError('bad-field', column + error.offset, error.message, { cause: error });
    }
  };
  const minutes = field('minutes');
  const hours = field('hours');
  const daysOfMonth = field('day-of-month');
  const months = field('month');
  const daysOfWeek = field('day-of-week');
  const years = field('year');
  if (daysOfMonth.any === daysOfWeek.any) {
    const found = `${daysOfMonth.text} and ${daysOfWeek.text}`;
    const problem = `found ${found} as day-of-month and day-of-week, allowed: "?" in one of them and only one; put "?" where every day will do`;
    throw new ScheduleExpressionError('day-fields', daysOfWeek.column, problem);
  }
  return { kind: 'cron', minutes, hours, daysOfMonth, months, daysOfWeek, years };
}

function rate(body: string, start: number): RateExpression {
  const parts = /^\s*(?<value>\d{1,9})\s+(?<unit>minute|hour|day)s?\s*$/.exec(body)?.groups;
  const value = Number(parts?.['value'] ?? '0');
  const unit = parts?.['unit'];
  if (value === 0 || (unit !== 'minute' && unit !== 'hour' && unit !== 'day')) {
    const found = JSON.stringify(body.slice(0, 40));
    const problem = `found ${found}, allowed: a whole number from 1 and minutes, hours or days; write rate(5 minutes)`;
    throw new ScheduleExpressionError('bad-rate', start, problem);
  }
  return { kind: 'rate', value, unit };
}

function at(body: string, start: number): AtExpression {
  const time = body.trim();
  // A date that does not exist, such as 30 February, comes back as another one or not at all.
  const date = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(time) ? new Date(`${time}Z`) : undefined;
  if (date === undefined || Number.isNaN(date.getTime()) || !date.toISOString().startsWith(time)) {
    const found = JSON.stringify(body.slice(0, 40));
    const problem = `found ${found}, allowed: a date and time as 2030-01-31T12:00:00, without a zone; write at(yyyy-mm-ddThh:mm:ss)`;
    throw new ScheduleExpressionError('bad-time', start, problem);
  }
  return { kind: 'at', time };
}
