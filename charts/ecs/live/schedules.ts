import {
  GetScheduleCommand,
  type GetScheduleCommandOutput,
  ListSchedulesCommand,
  type ScheduleSummary,
} from '@aws-sdk/client-scheduler';
import { shortName } from '../arn.js';
import type { LiveAccount } from './account.js';
import { allPages, sortedBy } from './paging.js';

/** A schedule as `get-schedule` answers it. */
export type DescribedSchedule = Omit<GetScheduleCommandOutput, '$metadata'>;

/** The largest page. Source: EventBridge Scheduler API, ListSchedules. */
const SCHEDULES_A_PAGE = 100;

/** The cluster of a `RunTask` call that names none. Source: ECS API, RunTask. */
const DEFAULT_CLUSTER = 'default';

/** EventBridge Scheduler's schedules that start tasks of the cluster, in all groups, by ARN. */
export async function readSchedules(account: LiveAccount): Promise<readonly DescribedSchedule[]> {
  const { calls, clients } = account;
  const action = 'scheduler:ListSchedules';
  const lost = 'tasks that EventBridge Scheduler starts are not seen and not ported';
  const summaries = await calls.optional({ lost }, () =>
    allPages(action, async (token) => {
      const command = new ListSchedulesCommand({
        MaxResults: SCHEDULES_A_PAGE,
        ...(token === undefined ? {} : { NextToken: token }),
      });
      const page = await calls.send(action, () => clients.scheduler.send(command));
      return { items: page.Schedules, next: page.NextToken };
    }),
  );
  const candidates = (summaries ?? []).filter(
    ({ Target }) => Target?.Arn === account.clusterArn || isUniversal(Target?.Arn),
  );
  const described = await Promise.all(candidates.map((summary) => readSchedule(account, summary)));
  const own = described.flatMap((schedule) => schedule ?? []).filter((schedule) => isOfCluster(account, schedule));
  if (own.length > 0) account.progress(`EventBridge schedules: ${own.length}`);
  return sortedBy(own, ({ Arn, GroupName, Name }) => Arn ?? `${GroupName ?? ''}/${Name ?? ''}`);
}

/** Task definitions that the schedules start. */
export function taskDefinitionsOfSchedules(schedules: readonly DescribedSchedule[]): readonly string[] {
  return schedules.flatMap(({ Target }) => {
    if (isUniversal(Target?.Arn)) return runTaskOf(Target?.Input)?.taskDefinition ?? [];
    return Target?.EcsParameters?.TaskDefinitionArn ?? [];
  });
}

async function readSchedule(
  { calls, clients }: LiveAccount,
  { GroupName, Name }: ScheduleSummary,
): Promise<DescribedSchedule | undefined> {
  if (Name === undefined) return undefined;
  const about = { of: `${GroupName ?? 'default'}/${Name}`, lost: 'the task that the schedule starts is not ported' };
  return calls.optional(about, async () => {
    const command = new GetScheduleCommand({ Name, ...(GroupName === undefined ? {} : { GroupName }) });
    const { $metadata: _call, ...schedule } = await calls.send('scheduler:GetSchedule', () =>
      clients.scheduler.send(command),
    );
    return schedule;
  });
}

/** The target that calls the ECS API itself; only its input says which cluster it means. */
function isUniversal(arn: string | undefined): boolean {
  return arn !== undefined && /:aws-sdk:ecs:runTask$/i.test(arn);
}

function isOfCluster(
  { calls, cluster, clusterArn }: LiveAccount,
  { Target, GroupName, Name }: DescribedSchedule,
): boolean {
  if (!isUniversal(Target?.Arn)) return Target?.Arn === clusterArn;
  const call = runTaskOf(Target?.Input);
  if (call !== undefined) return call.cluster === clusterArn || call.cluster === cluster;
  calls.note({
    call: 'scheduler:GetSchedule',
    of: [`${GroupName ?? 'default'}/${Name ?? ''}`],
    why: 'the input of the schedule is not the JSON of a RunTask call, so its cluster is not known',
    lost: 'it is not ported',
    todo: 'see whether the schedule is still in use; it cannot start a task as it is',
  });
  return false;
}

interface RunTaskCall {
  /** As written: a name or an ARN. */
  readonly cluster: string;
  readonly taskDefinition?: string;
}

function runTaskOf(input: string | undefined): RunTaskCall | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(input ?? '');
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  const entries = new Map(Object.entries(parsed).map(([key, value]) => [key.toLowerCase(), value as unknown]));
  const cluster = entries.get('cluster') ?? DEFAULT_CLUSTER;
  const taskDefinition = entries.get('taskdefinition');
  if (typeof cluster !== 'string') return undefined;
  return { cluster, ...(typeof taskDefinition === 'string' ? { taskDefinition } : {}) };
}

/** Name of a schedule for a document's path. */
export function nameOfSchedule({ GroupName, Name, Arn }: DescribedSchedule): string {
  return `${GroupName ?? 'default'}/${Name ?? shortName(Arn ?? '')}`;
}
