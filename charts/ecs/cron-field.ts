/** A day that the calendar decides: the last one, the working day nearest to one, or a certain weekday of the month. */
export type CalendarDay =
  | { readonly kind: 'last-day'; readonly daysBefore: number }
  | { readonly kind: 'last-working-day' }
  | { readonly kind: 'nearest-working-day'; readonly day: number }
  | { readonly kind: 'last-weekday'; readonly weekday: number }
  | { readonly kind: 'nth-weekday'; readonly weekday: number; readonly nth: number };

/** One of the six fields of a cron expression. */
export interface CronField {
  readonly text: string;
  /** Where the field starts: 0-based, in UTF-16 units of the schedule expression. */
  readonly column: number;
  /** Ascending; none for `?` and for a calendar day. */
  readonly values: readonly number[];
  /** `?`: the other day field decides. */
  readonly any: boolean;
  readonly calendarDay?: CalendarDay;
}

export type CronFieldName = 'minutes' | 'hours' | 'day-of-month' | 'month' | 'day-of-week' | 'year';

/** What a field takes. Weekdays go from 1, Sunday, to 7, Saturday. */
interface FieldKind {
  readonly minimum: number;
  readonly maximum: number;
  /** Names of the values from `minimum` on. */
  readonly names: readonly string[];
  /** The wildcards that AWS lists for the field. */
  readonly wildcards: string;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const KINDS: Readonly<Record<CronFieldName, FieldKind>> = {
  minutes: { minimum: 0, maximum: 59, names: [], wildcards: ', - * /' },
  hours: { minimum: 0, maximum: 23, names: [], wildcards: ', - * /' },
  'day-of-month': { minimum: 1, maximum: 31, names: [], wildcards: ', - * ? / L W' },
  month: { minimum: 1, maximum: 12, names: MONTHS, wildcards: ', - * /' },
  'day-of-week': { minimum: 1, maximum: 7, names: WEEKDAYS, wildcards: ', - * ? / L #' },
  year: { minimum: 1970, maximum: 2199, names: [], wildcards: ', - * /' },
};

/** A field that EventBridge would not accept. */
export class CronFieldError extends Error {
  override readonly name = 'CronFieldError';

  /** @param offset where it is: 0-based, in UTF-16 units of the field */
  constructor(
    readonly offset: number,
    problem: string,
  ) {
    super(problem);
  }
}

/**
 * Reads one field of an EventBridge cron expression.
 *
 * A range may run over the end, as `FRI-MON`; `n/step` runs from `n` to the end of the field, `L` among the weekdays is
 * Saturday. Names are read in any letter case.
 *
 * @throws CronFieldError
 * @example parseCronField('MON-FRI', 'day-of-week', 14).values // [2, 3, 4, 5, 6]
 */
export function parseCronField(text: string, name: CronFieldName, column: number): CronField {
  const kind = KINDS[name];
  if (text === '?' && kind.wildcards.includes('?')) return { text, column, values: [], any: true };
  const calendarDay = name === 'day-of-month' || name === 'day-of-week' ? parseCalendarDay(text, name) : undefined;
  if (calendarDay !== undefined) return { text, column, values: [], any: false, calendarDay };
  const values = new Set<number>();
  let offset = 0;
  for (const item of text.split(',')) {
    for (const value of itemValues(item, name, offset)) values.add(value);
    offset += item.length + 1;
  }
  return { text, column, values: [...values].toSorted((a, b) => a - b), any: false };
}

function itemValues(item: string, name: CronFieldName, offset: number): readonly number[] {
  const { minimum, maximum } = KINDS[name];
  const parts = /^(?<from>\*|\w+)(?:-(?<to>\w+))?(?:\/(?<step>\d+))?$/.exec(item)?.groups;
  const from = parts?.['from'];
  if (parts === undefined || from === undefined || (from === '*' && parts['to'] !== undefined)) {
    throw unexpected(item, name, offset);
  }
  const step = Number(parts['step'] ?? '1');
  if (step === 0) throw new CronFieldError(offset, `found the step 0 in ${name}, allowed: 1 or more; remove it`);
  const first = from === '*' ? minimum : valueOf(from, name, offset);
  let last = first;
  if (parts['to'] !== undefined) last = valueOf(parts['to'], name, offset + from.length + 1);
  else if (from === '*' || parts['step'] !== undefined) last = maximum;
  if (last < first && name === 'year') throw unexpected(item, name, offset);
  const size = maximum - minimum + 1;
  const count = Math.floor((last < first ? last + size - first : last - first) / step) + 1;
  return Array.from({ length: count }, (_, index) => minimum + ((first - minimum + index * step) % size));
}

function valueOf(text: string, name: CronFieldName, offset: number): number {
  const { minimum, maximum, names } = KINDS[name];
  const named = names.indexOf(text.toUpperCase());
  if (named !== -1) return minimum + named;
  if (name === 'day-of-week' && text.toUpperCase() === 'L') return maximum;
  const number = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= minimum && number <= maximum) return number;
  throw unexpected(text, name, offset);
}

function parseCalendarDay(text: string, name: 'day-of-month' | 'day-of-week'): CalendarDay | undefined {
  const upper = text.toUpperCase();
  if (name === 'day-of-week') {
    const weekday = /^(?<day>[1-7]|[A-Z]{3})(?:L|#(?<nth>[1-5]))$/.exec(upper)?.groups;
    if (weekday?.['day'] === undefined) return undefined;
    const day = valueOf(weekday['day'], name, 0);
    const nth = weekday['nth'];
    return nth === undefined
      ? { kind: 'last-weekday', weekday: day }
      : { kind: 'nth-weekday', weekday: day, nth: Number(nth) };
  }
  if (upper === 'LW') return { kind: 'last-working-day' };
  const last = /^L(?:-(?<days>[1-9]|[12]\d|30))?$/.exec(upper)?.groups;
  if (last !== undefined) return { kind: 'last-day', daysBefore: Number(last['days'] ?? '0') };
  const working = /^(?<day>\d+)W$/.exec(upper)?.groups?.['day'];
  return working === undefined ? undefined : { kind: 'nearest-working-day', day: valueOf(working, name, 0) };
}

function unexpected(found: string, name: CronFieldName, offset: number): CronFieldError {
  const { minimum, maximum, names, wildcards } = KINDS[name];
  const named = names.length === 0 ? '' : ` or ${names[0]}-${names.at(-1)}`;
  return new CronFieldError(
    offset,
    `found ${JSON.stringify(found.slice(0, 40))} in ${name}, allowed: ${minimum}-${maximum}${named} with ${wildcards}; correct it`,
  );
}
