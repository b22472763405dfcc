import type { SourceNode } from '../../source/source-node.js';
import { at, implied, made, object, textOf } from '../derived/nodes.js';
import { durationSeconds } from '../derived/go-duration.js';
import type { Manifest } from './manifest.js';

/** Presets as EventBridge writes them. Source: `scheduled_job.go` of aws/copilot-cli. */
const PRESETS: ReadonlyMap<string, string> = new Map([
  ['@hourly', '0 * * * ? *'],
  ['@daily', '0 0 * * ? *'],
  ['@midnight', '0 0 * * ? *'],
  ['@weekly', '0 0 ? * 1 *'],
  ['@monthly', '0 0 1 * ? *'],
  ['@yearly', '0 0 1 1 ? *'],
  ['@annually', '0 0 1 1 ? *'],
]);

/** The rule and the target that start a scheduled job. */
export interface DerivedSchedule {
  /** In `PutRule` form. */
  readonly rule: SourceNode;
  /** A target of `PutTargets`. */
  readonly target: SourceNode;
}

/**
 * Reads `on`, `retries` and `timeout` of a Scheduled Job. Copilot starts the task by a state machine; here the rule starts
 * it directly, and what only the state machine does is marked with the Job's field that does it.
 */
export function scheduleOf(manifest: Manifest, networkConfiguration: SourceNode): DerivedSchedule | undefined {
  markRetries(manifest);
  const schedule = manifest.get('on', 'schedule');
  const text = textOf(schedule);
  if (schedule === undefined || text === undefined || text.trim() === '') {
    manifest.say(
      'refused',
      'missing-field',
      manifest.get('on') ?? manifest.root,
      'a Scheduled Job needs on.schedule',
      'on.schedule',
    );
    return undefined;
  }
  const off = text.trim() === 'none';
  const known = schedule.kind === 'scalar' && schedule.placeholder === undefined;
  const expression = off ? 'rate(5 minutes)' : known ? scheduleExpression(text) : text;
  if (expression === undefined) {
    manifest.coverage.none(schedule, 'not a schedule that Copilot takes');
    manifest.say(
      'refused',
      'invalid-value',
      schedule,
      `${JSON.stringify(text)} is no schedule`,
      'on.schedule',
      'write five cron fields, @daily, @every 1h30m, rate(…), cron(…) or none',
    );
    return undefined;
  }
  return {
    rule: object(schedule, [
      ['Name', implied(manifest.name, schedule)],
      ['ScheduleExpression', made(expression, schedule)],
      ['State', implied(off ? 'DISABLED' : 'ENABLED', schedule)],
    ]),
    target: object(schedule, [
      ['Id', implied(manifest.name, schedule)],
      [
        'Arn',
        implied(
          `arn:aws:ecs:${manifest.options.region ?? ''}:${manifest.options.account ?? ''}:cluster/${manifest.cluster ?? 'default'}`,
          schedule,
        ),
      ],
      [
        'EcsParameters',
        object(schedule, [
          ['TaskDefinitionArn', implied(manifest.name, schedule)],
          ['TaskCount', implied(1, schedule)],
          ['LaunchType', implied('FARGATE', schedule)],
          ['PropagateTags', implied('TASK_DEFINITION', schedule)],
          ['NetworkConfiguration', networkConfiguration],
        ]),
      ],
    ]),
  };
}

/**
 * EventBridge's expression for a schedule of a manifest; undefined when it is none. Of the day of the month and the day of
 * the week at most one may be given, and days of the week count from 1.
 *
 * @example scheduleExpression('0 9 * * 1-5') // 'cron(0 9 ? * 2-6 *)'
 * @example scheduleExpression('@every 1h30m') // 'rate(90 minutes)'
 */
export function scheduleExpression(schedule: string): string | undefined {
  const text = schedule.trim();
  if (/^(rate|cron)\([^)]*\)$/.test(text)) return text;
  if (text.startsWith('@every ')) return rateOf(text.slice('@every '.length));
  const preset = PRESETS.get(text);
  if (preset !== undefined) return `cron(${preset})`;
  const fields = text.split(/\s+/);
  const [minute, hour, dayOfMonth, month, dayOfWeek] = fields;
  if (fields.length !== 5 || fields.some((field) => !/^[\w*?,/#-]+$/.test(field))) return undefined;
  if (
    minute === undefined ||
    hour === undefined ||
    dayOfMonth === undefined ||
    month === undefined ||
    dayOfWeek === undefined
  )
    return undefined;
  const byMonth = !/[*?]/.test(dayOfMonth);
  const byWeek = !/[*?]/.test(dayOfWeek);
  if (byMonth && byWeek) return undefined;
  // A step such as the 2 of 1-5/2 counts days and is not one itself.
  const days = dayOfWeek.replace(/(?<![/\d])\d+/g, (day) => String(Number(day) + 1));
  if (byWeek && /(?<![/\d])(?:[89]|\d{2})/.test(days)) return undefined;
  return `cron(${minute} ${hour} ${byWeek ? '?' : byMonth ? dayOfMonth : '*'} ${month} ${byWeek ? days : '?'} *)`;
}

function rateOf(duration: string): string | undefined {
  const minutes = (durationSeconds(duration) ?? 0) / 60;
  if (minutes < 1 || !Number.isInteger(minutes)) return undefined;
  return minutes === 1 ? 'rate(1 minute)' : `rate(${minutes} minutes)`;
}

function markRetries(manifest: Manifest): void {
  const retries = manifest.get('retries');
  const timeout = manifest.get('timeout');
  manifest.coverage.none(
    retries,
    "Copilot's state machine starts a failed task again, with growing pauses; the rule that is ported does not",
    `set spec.jobTemplate.spec.backoffLimit of the CronJob to ${textOf(retries) ?? 'it'}`,
  );
  const seconds = timeout === undefined ? undefined : durationSeconds(textOf(timeout) ?? '');
  manifest.coverage.none(
    timeout,
    "Copilot's state machine stops a task that takes longer; the rule that is ported does not",
    `set spec.jobTemplate.spec.activeDeadlineSeconds of the CronJob${seconds === undefined ? '' : ` to ${seconds}`}`,
  );
  manifest.coverage.none(at(manifest.root, 'count'), 'a job runs one task at a time; Copilot ignores count');
  manifest.coverage.none(at(manifest.root, 'exec'), 'Copilot does not use it for jobs');
  manifest.coverage.none(at(manifest.root, 'deployment'), 'a job is not rolled out');
}
