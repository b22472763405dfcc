const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface CronField {
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  /** Names that stand for numbers, the first for `minimum`. */
  readonly names?: readonly string[];
}

const FIELDS: readonly CronField[] = [
  { name: 'minute', minimum: 0, maximum: 59 },
  { name: 'hour', minimum: 0, maximum: 23 },
  { name: 'day of month', minimum: 1, maximum: 31 },
  { name: 'month', minimum: 1, maximum: 12, names: MONTHS },
  { name: 'day of week', minimum: 0, maximum: 6, names: WEEKDAYS },
];

const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/**
 * Why a CronJob's schedule is refused, or `undefined` when it is not: five fields of numbers, names, ranges, lists and steps,
 * or a descriptor such as `@daily` or `@every 1h30m`. Unlike AWS, Sunday is 0 (not 1, and not 7), `L`, `W` and `#` do not
 * exist, and both day fields may be `*`.
 *
 * @example cronProblem('0 12 * * ? *') // 'has 6 fields, …'
 * Source: pkg/apis/batch/validation/validation.go, validateScheduleFormat; github.com/robfig/cron/v3, parser.go
 */
export function cronProblem(schedule: string): string | undefined {
  if (schedule.includes('TZ')) return 'must not hold a time zone; set timeZone instead';
  if (schedule.startsWith('@')) {
    if (DESCRIPTORS.includes(schedule) || /^@every \+?(?:\d{1,9}(?:\.\d{1,9})?(?:ns|us|µs|ms|s|m|h))+$/.test(schedule))
      return undefined;
    return `is no descriptor; allowed: ${DESCRIPTORS.join(', ')}, @every DURATION`;
  }
  const fields = schedule.split(/\s+/).filter((part) => part !== '');
  if (fields.length !== FIELDS.length)
    return `has ${fields.length} fields, it needs ${FIELDS.length}: ${FIELDS.map(({ name }) => name).join(', ')}`;
  for (const [index, cron] of FIELDS.entries()) {
    const problem = fieldProblem(fields[index] ?? '', cron);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function fieldProblem(text: string, cron: CronField): string | undefined {
  for (const part of text.split(',').filter((item) => item !== '')) {
    const [range = '', step, ...rest] = part.split('/');
    const [first = '', last, ...more] = range.split('-');
    const where = `in the ${cron.name} "${part.slice(0, 40)}"`;
    if (rest.length > 0 || more.length > 0) return `has too many slashes or hyphens ${where}`;
    if (step !== undefined && !(/^\d{1,9}$/.test(step) && Number(step) > 0))
      return `has a step that is no positive number ${where}`;
    if (first === '*' || first === '?') continue;
    const from = valueOf(first, cron);
    const to = last === undefined ? from : valueOf(last, cron);
    if (from === undefined || to === undefined)
      return `has a value outside ${cron.minimum} to ${cron.maximum}${cron.names === undefined ? '' : ` or ${cron.names.join(' ')}`} ${where}`;
    if (from > to) return `has a range that ends before it starts ${where}`;
  }
  return undefined;
}

function valueOf(text: string, { minimum, maximum, names = [] }: CronField): number | undefined {
  const named = names.indexOf(text.toLowerCase());
  if (named !== -1) return named + minimum;
  if (!/^\d{1,9}$/.test(text)) return undefined;
  const number = Number(text);
  return number < minimum || number > maximum ? undefined : number;
}
