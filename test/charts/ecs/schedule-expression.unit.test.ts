import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  parseScheduleExpression,
  ScheduleExpressionError,
  toCronSchedules,
} from '../../../charts/ecs/schedule-expression.js';

function failure(text: string): ScheduleExpressionError {
  try {
    parseScheduleExpression(text);
  } catch (error) {
    if (error instanceof ScheduleExpressionError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} was accepted`);
}

/** Where an expression is wrong; 0 when it is right. */
function columnOfFailure(text: string): number {
  try {
    toCronSchedules(text);
    return 0;
  } catch (error) {
    if (error instanceof ScheduleExpressionError) return error.column;
    throw error;
  }
}

describe('cron expressions of EventBridge', () => {
  it.each([
    ['cron(0 10 * * ? *)', '0 10 * * *'],
    ['cron(15 12 * * ? *)', '15 12 * * *'],
    ['cron(0 18 ? * MON-FRI *)', '0 18 * * 1-5'],
    ['cron(0 8 1 * ? *)', '0 8 1 * *'],
    ['cron(0/15 * * * ? *)', '*/15 * * * *'],
    ['cron(0/10 * ? * MON-FRI *)', '*/10 * * * 1-5'],
    ['cron(0/5 8-17 ? * 2-6 *)', '*/5 8-17 * * 1-5'],
    ['cron(00 11 ? * * *)', '0 11 * * *'],
    ['cron(1/10 0,12 ? JAN,jul * *)', '1-51/10 0,12 * 1,7 *'],
    ['cron(0 22-2 ? * FRI-MON *)', '0 0-2,22,23 * * 0,1,5,6'],
    ['cron(0 0 ? * SUN *)', '0 0 * * 0'],
    ['cron(0 0 ? * 7 *)', '0 0 * * 6'],
    ['cron(0 0 ? * L *)', '0 0 * * 6'],
    ['cron(0 0 1/2 * ? *)', '0 0 */2 * *'],
    ['cron(0 0 1-31 1-12 ? 1970-2199)', '0 0 * * *'],
    ['cron(5,4,4 3 * * ? *)', '4,5 3 * * *'],
  ])('%s is %s', (text, schedule) => {
    expect(toCronSchedules(text)).toEqual({ schedules: [schedule], timeZone: 'Etc/UTC', fidelity: 'same' });
  });

  it('need two CronJobs for the last day of months of different length', () => {
    expect(toCronSchedules('cron(0 0 L 3-6 ? *)').schedules).toEqual(['0 0 31 3,5 *', '0 0 30 4,6 *']);
    expect(toCronSchedules('cron(0 0 L 4 ? *)').schedules).toEqual(['0 0 30 4 *']);
  });

  it.each([
    ['cron(0 0 L * ? *)', 'needs-addon', 'February'],
    ['cron(0 0 L-3 1 ? *)', 'needs-addon', 'L-3'],
    ['cron(0 0 LW * ? *)', 'needs-addon', 'LW'],
    ['cron(0 0 3W * ? *)', 'needs-addon', '3W'],
    ['cron(0 0 ? * 6L *)', 'needs-addon', '6L'],
    ['cron(0 0 ? * TUE#2 *)', 'needs-addon', 'TUE#2'],
    ['cron(0 0 1 1 ? 2030)', 'none', '2030'],
    ['cron(0 0 1 1 ? 2030-2199)', 'none', '2030-2199'],
  ])('%s is refused with a reason rather than run on other days', (text, fidelity, named) => {
    expect(toCronSchedules(text)).toEqual({
      schedules: [],
      timeZone: 'Etc/UTC',
      fidelity,
      refusal: expect.stringContaining(named),
    });
  });

  it('keep their time zone, and tell of the hour that comes twice', () => {
    expect(toCronSchedules('cron(0 9 * * ? *)', 'Europe/Berlin')).toMatchObject({
      timeZone: 'Europe/Berlin',
      fidelity: 'same',
    });
    const night = toCronSchedules('cron(30 2 * * ? *)', 'Europe/Berlin');
    expect(night).toMatchObject({ fidelity: 'near', lost: expect.stringContaining('twice') });
    expect(toCronSchedules('cron(30 2 * * ? *)', 'UTC')).toMatchObject({ timeZone: 'Etc/UTC', fidelity: 'same' });
  });

  it.each([
    ['cron(0 10 * * ?)', 'field-count', 15],
    ['cron(0 10 * * ? * *)', 'field-count', 18],
    ['cron()', 'field-count', 5],
    ['cron(60 10 * * ? *)', 'bad-field', 5],
    ['cron(0 10-24 * * ? *)', 'bad-field', 10],
    ['cron(0 1,x * * ? *)', 'bad-field', 9],
    ['cron(0 10 0 * ? *)', 'bad-field', 10],
    ['cron(0 10 ? MAI * *)', 'bad-field', 12],
    ['cron(0 10 ? * 0 *)', 'bad-field', 14],
    ['cron(0 10 ? * 3#6 *)', 'bad-field', 14],
    ['cron(0 10 32W * ? *)', 'bad-field', 10],
    ['cron(? 10 * * ? *)', 'bad-field', 5],
    ['cron(*/0 10 * * ? *)', 'bad-field', 5],
    ['cron(0 10 * * ? 1969)', 'bad-field', 16],
    ['cron(0 10 * * ? 2030-2020)', 'bad-field', 16],
    ['cron(0 10 * * * *)', 'day-fields', 14],
    ['cron(0 10 ? * ? *)', 'day-fields', 14],
    ['0 10 * * ? *', 'unknown-form', 0],
    ['cron(0 10 * * ? *) x', 'unknown-form', 0],
    ['${Schedule}', 'unknown-form', 0],
    [`cron(${' '.repeat(300)})`, 'too-long', 256],
    ['rate(0 minutes)', 'bad-rate', 5],
    ['rate(5 weeks)', 'bad-rate', 5],
    ['rate(1.5 hours)', 'bad-rate', 5],
    ['at(2030-02-30T00:00:00)', 'bad-time', 3],
    ['at(2030-02-20 00:00:00)', 'bad-time', 3],
  ])('%s is refused as %s in column %i', (text, code, column) => {
    const error = failure(text);
    expect([error.code, error.column]).toEqual([code, column]);
    expect(error.message).toMatch(/found .+, allowed: .+; /);
  });

  it('answer any text with schedules or with a ScheduleExpressionError inside the text', () => {
    const piece = fc.constantFrom(
      '*',
      '?',
      'L',
      'W',
      '#',
      '/',
      '-',
      ',',
      ' ',
      '1',
      '31',
      '99',
      'MON',
      'FEB',
      '__proto__',
    );
    const inner = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));
    const text = fc.oneof(
      fc.string(),
      fc.tuple(fc.constantFrom('cron', 'rate', 'at'), inner).map(([a, b]) => `${a}(${b})`),
    );
    fc.assert(
      fc.property(text, (input) => {
        const column = columnOfFailure(input);
        expect(column).toBeGreaterThanOrEqual(0);
        expect(column).toBeLessThanOrEqual(input.length);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('rates', () => {
  it.each<[string, readonly string[]]>([
    ['rate(1 minute)', ['* * * * *']],
    ['rate(5 minutes)', ['*/5 * * * *']],
    ['rate(1 hour)', ['0 * * * *']],
    ['rate(60 minutes)', ['0 * * * *']],
    ['rate(6 hours)', ['0 */6 * * *']],
    ['rate(12 hours)', ['0 0,12 * * *']],
    ['rate(90 minutes)', ['0 */3 * * *', '30 1-22/3 * * *']],
    ['rate(1 day)', ['0 0 * * *']],
    ['rate(24 hours)', ['0 0 * * *']],
    ['rate(7 days)', ['0 0 * * 0']],
  ])('%s is %j', (text, schedules) => {
    expect(toCronSchedules(text).schedules).toEqual(schedules);
  });

  it('of more than a minute are counted from another moment than in EventBridge, and say so', () => {
    expect(toCronSchedules('rate(1 minute)')).not.toHaveProperty('lost');
    expect(toCronSchedules('rate(1 hour)')).toMatchObject({
      fidelity: 'near',
      lost: expect.stringContaining('full hour'),
    });
    expect(toCronSchedules('rate(1 day)')).toMatchObject({
      fidelity: 'near',
      lost: expect.stringContaining('midnight UTC'),
    });
  });

  it('are counted in UTC whatever the zone, because a rate does not know clock changes', () => {
    expect(toCronSchedules('rate(1 day)', 'Europe/Berlin').timeZone).toBe('Etc/UTC');
  });

  it.each([
    ['rate(7 minutes)', 'rate(6 minutes) or rate(8 minutes)'],
    ['rate(2 days)', 'rate(1 day) or rate(7 days)'],
    ['rate(5 hours)', 'rate(4 hours) or rate(6 hours)'],
    ['rate(96 minutes)', 'rate(90 minutes) or rate(2 hours)'],
    ['rate(999999999 days)', 'rate(1 day) or rate(7 days)'],
  ])('%s is refused, because no five fields have such gaps, and %s is the advice', (text, advice) => {
    expect(toCronSchedules(text)).toMatchObject({
      schedules: [],
      fidelity: 'none',
      refusal: expect.stringContaining(advice),
    });
  });

  it('have the same gap all day and all week when they are kept', () => {
    const twoDays = minutesOf(Date.UTC(2024, 1, 28), 2);
    for (let minutes = 1; minutes <= 1440; minutes++) {
      const { schedules, refusal } = toCronSchedules(`rate(${minutes} minutes)`);
      if (refusal !== undefined) continue;
      const runs = schedules.map(kubernetesCron);
      const starts = twoDays.filter((minute) => runs.some((run) => run(minute)));
      expect(starts.map(({ minute }, index) => [index, minute])).toEqual(
        Array.from({ length: (2 * 1440) / minutes }, (_, index) => [index, (index * minutes) % 60]),
      );
    }
  });
});

describe('one-time schedules', () => {
  it('are refused, because a CronJob repeats', () => {
    expect(toCronSchedules('at(2030-01-31T12:00:00)')).toMatchObject({
      schedules: [],
      fidelity: 'none',
      refusal: expect.stringContaining('2030-01-31T12:00:00'),
    });
  });
});

/** One minute of one day, with what both kinds of cron look at. Weekdays count from 0, Sunday. */
interface Minute {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  readonly weekday: number;
  readonly daysInMonth: number;
}

function minutesOf(start: number, days: number): readonly Minute[] {
  return Array.from({ length: days * 1440 }, (_, index) => {
    const date = new Date(start + index * 60_000);
    return {
      minute: date.getUTCMinutes(),
      hour: date.getUTCHours(),
      day: date.getUTCDate(),
      month: date.getUTCMonth() + 1,
      weekday: date.getUTCDay(),
      daysInMonth: new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
    };
  });
}

/** The five fields as the CronJob controller reads them: both day fields restricted means either. */
function kubernetesCron(schedule: string): (minute: Minute) => boolean {
  const [minutes = '', hours = '', days = '', months = '', weekdays = '', ...rest] = schedule.split(' ');
  expect(rest).toEqual([]);
  const set = (field: string, minimum: number, maximum: number) => {
    const values = new Set<number>();
    for (const item of field.split(',')) {
      const [range = '', step = '1'] = item.split('/');
      const [from = '', to = from] = range === '*' ? [String(minimum), String(maximum)] : range.split('-');
      expect([Number(from) >= minimum, Number(to) <= maximum, Number(from) <= Number(to)]).toEqual([true, true, true]);
      for (let value = Number(from); value <= Number(to); value += Number(step)) values.add(value);
    }
    return values;
  };
  const [m, h, d, n, w] = [
    set(minutes, 0, 59),
    set(hours, 0, 23),
    set(days, 1, 31),
    set(months, 1, 12),
    set(weekdays, 0, 6),
  ];
  const either = days !== '*' && weekdays !== '*';
  return ({ minute, hour, day, month, weekday }) =>
    m.has(minute) &&
    h.has(hour) &&
    n.has(month) &&
    (either ? d.has(day) || w.has(weekday) : d.has(day) && w.has(weekday));
}

/** The six fields as the EventBridge documentation describes them. */
function eventBridgeCron(fields: readonly string[]): (minute: Minute) => boolean {
  const [minutes = '', hours = '', days = '', months = '', weekdays = '', year = ''] = fields;
  const set = (field: string, minimum: number, maximum: number, names: readonly string[] = []) => {
    const number = (text: string) => (names.includes(text) ? names.indexOf(text) + minimum : Number(text));
    const size = maximum - minimum + 1;
    const matches = (value: number) =>
      field.split(',').some((item) => {
        const [range = '', step] = item.split('/');
        if (range === '*') return (value - minimum) % Number(step ?? 1) === 0;
        const [from = Number.NaN, to] = range.split('-').map(number);
        const last = to ?? (step === undefined ? from : maximum);
        const distance = (value - from + size) % size;
        return distance <= (last - from + size) % size && distance % Number(step ?? 1) === 0;
      });
    return new Set(Array.from({ length: size }, (_, index) => minimum + index).filter(matches));
  };
  const names = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
  const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
  const [m, h, d, n] = [set(minutes, 0, 59), set(hours, 0, 23), set(days, 1, 31), set(months, 1, 12, monthNames)];
  const [weekdayField = '', nth] = weekdays.split('#');
  const w = set(weekdayField, 1, 7, names);
  const onDay = ({ day, daysInMonth, weekday }: Minute) => {
    if (days === '?') return true;
    if (days === 'L') return day === daysInMonth;
    if (!days.endsWith('W')) return d.has(day);
    const wanted = Number(days.slice(0, -1));
    if (weekday === 0 || weekday === 6) return false;
    return day === wanted || (weekday === 5 && day === wanted - 1) || (weekday === 1 && day === wanted + 1);
  };
  const onWeekday = ({ day, daysInMonth, weekday }: Minute) => {
    if (weekdays === '?') return true;
    if (weekdays === 'L') return weekday === 6;
    if (weekdays.endsWith('L')) return weekday + 1 === Number(weekdays.slice(0, -1)) && day > daysInMonth - 7;
    return w.has(weekday + 1) && (nth === undefined || Math.ceil(day / 7) === Number(nth));
  };
  return (at) => year === '*' && m.has(at.minute) && h.has(at.hour) && n.has(at.month) && onDay(at) && onWeekday(at);
}

describe('the law', () => {
  /** A list of single values, ranges (over the end too) and steps. */
  const field = (minimum: number, maximum: number, names: readonly string[] = []) => {
    const value = fc.integer({ min: minimum, max: maximum }).map((number) => names[number - minimum] ?? String(number));
    const range = fc.tuple(value, value).map(([from, to]) => `${from}-${to}`);
    const step = fc.integer({ min: 1, max: 12 });
    const stepped = fc.tuple(fc.oneof(fc.constant('*'), value, range), step).map(([start, by]) => `${start}/${by}`);
    const item = fc.oneof({ arbitrary: value, weight: 3 }, range, stepped);
    const list = fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(','));
    return fc.oneof({ arbitrary: fc.constant('*'), weight: 2 }, { arbitrary: list, weight: 3 });
  };
  const weekdays = field(1, 7, ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']);
  const plainDays = fc.oneof(
    fc.tuple(field(1, 31), fc.constant('?')),
    fc.tuple(fc.constant('?'), fc.oneof(weekdays, field(1, 7), fc.constant('L'))),
    fc.tuple(fc.constant('L'), fc.constant('?')),
  );
  const hardDays = fc.constantFrom(['15W', '?'], ['1W', '?'], ['?', '6L'], ['?', '3#2'], ['L', '?']);
  const months = fc.oneof(field(1, 12), fc.constantFrom('JAN', 'MAR-JUN', 'APR', 'OCT-FEB', '3-12'));
  const expression = (days: fc.Arbitrary<readonly [string, string] | string[]>, years: fc.Arbitrary<string>) =>
    fc
      .tuple(field(0, 59), field(0, 23), days, months, years)
      .map(([m, h, [d = '', w = ''], n, y]) => [m, h, d, n, w, y] as const);

  /** Days around ends of months, leap days and changes of the year; one minute in 7 keeps every remainder. */
  const DAYS = [Date.UTC(2023, 1, 24), Date.UTC(2024, 1, 25), Date.UTC(2024, 3, 10), Date.UTC(2024, 11, 25)];
  const MINUTES = DAYS.flatMap((start) => minutesOf(start, 9)).filter((_, index) => index % 7 === 0);

  it('starts at exactly the minutes at which EventBridge would, for every schedule that is kept', () => {
    fc.assert(
      fc.property(expression(plainDays, fc.constant('*')), (fields) => {
        const { schedules, refusal } = toCronSchedules(`cron(${fields.join(' ')})`);
        fc.pre(refusal === undefined);
        const expected = eventBridgeCron(fields);
        const runs = schedules.map(kubernetesCron);
        const different = MINUTES.filter((minute) => runs.some((run) => run(minute)) !== expected(minute));
        expect(different).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('refuses no schedule of numbers, names, ranges and steps', () => {
    const days = fc.oneof(fc.tuple(field(1, 31), fc.constant('?')), fc.tuple(fc.constant('?'), weekdays));
    fc.assert(
      fc.property(expression(days, fc.constant('*')), (fields) => {
        expect(toCronSchedules(`cron(${fields.join(' ')})`)).toMatchObject({
          fidelity: 'same',
          schedules: [expect.any(String)],
        });
      }),
    );
  });

  it('never starts at a minute at which EventBridge would not, whatever the schedule', () => {
    fc.assert(
      fc.property(expression(hardDays, fc.constantFrom('*', '2024')), (fields) => {
        const { schedules, refusal } = toCronSchedules(`cron(${fields.join(' ')})`);
        expect(schedules.length === 0).toBe(refusal !== undefined);
        const allowed = eventBridgeCron(fields);
        const runs = schedules.map(kubernetesCron);
        expect(MINUTES.filter((minute) => runs.some((run) => run(minute)) && !allowed(minute))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
