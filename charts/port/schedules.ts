import type { TaskOverride } from '@aws-sdk/client-ecs';
import type { IPodTemplateSpec } from 'kubernetes-models/v1';
import type { Field } from '../ecs/field.js';
import type { ScheduleInput } from '../ecs/input.js';
import type { RunTask } from '../ecs/model/ahead-of-sdk.js';
import { scheduledCall } from '../ecs/scheduled-call.js';
import { ANNOTATION } from './annotations.js';
import { WORKLOAD_NAME_LENGTH, withHash } from './names.js';
import type { PortContext } from './pod-draft.js';
import { callToJob } from './run-task.js';
import { markSchedule } from './schedules/marks.js';
import { timingOf } from './schedules/timing.js';

/** The overrides that a schedule's constant input holds; undefined when it has none. */
export function scheduleOverrides(schedule: ScheduleInput): Field<TaskOverride> | undefined {
  const overrides = scheduledCall(schedule).call.get('overrides');
  return overrides.exists ? overrides : undefined;
}

/**
 * Adds the CronJob of a scheduled task, or several where one schedule needs more than one cron line. Runs may overlap,
 * none is retried, and each is kept for an hour, as ECS does it.
 *
 * A schedule that no CronJob can keep (a date, an odd rate, an unknown value) becomes a suspended CronJob, so that the
 * task is there to be run by hand or by whatever takes the schedule's place.
 *
 * Source: EventBridge `PutRule` and `PutTargets`, EventBridge Scheduler `CreateSchedule`; Kubernetes `CronJobSpec`.
 *
 * @param podTemplate the task's pod, with the overrides of {@link scheduleOverrides} applied
 * @example scheduleToCronJobs(context, { spec: { containers: [{ name: 'main', image: 'report' }] } })
 */
export function scheduleToCronJobs(context: PortContext, podTemplate: IPodTemplateSpec): void {
  const { schedule, runTask } = context.workload;
  if (schedule === undefined)
    throw new Error(`${context.title} has no schedule: only a workload of kind 'schedule' has one`);
  const call = runTask?.definition ?? scheduledCall(schedule).call;
  if (runTask === undefined) markUnplaced(call);
  const timing = timingOf(schedule, context);
  const { job, labels, annotations } = callToJob(call, podTemplate, context, 'CronJob');
  const own = { ...annotations, ...markSchedule(schedule, context) };
  const { name } = context.workload;
  if (name !== context.name) own[ANNOTATION.ecsName] = name;
  const arn = schedule.ids.find((id) => id.startsWith('arn:'));
  if (arn !== undefined) own[ANNOTATION.ecsArn] = arn;
  const sorted = Object.fromEntries(Object.entries(own).sort(([a], [b]) => (a < b ? -1 : 1)));
  for (const [index, cron] of timing.schedules.entries()) {
    context.add({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: {
        name: index === 0 ? context.name : numbered(context.name, index + 1),
        namespace: context.namespace,
        labels,
        ...(Object.keys(sorted).length === 0 ? {} : { annotations: sorted }),
      },
      spec: {
        schedule: cron,
        timeZone: timing.timeZone,
        concurrencyPolicy: 'Allow',
        startingDeadlineSeconds: timing.startingDeadlineSeconds,
        ...(timing.suspend ? { suspend: true } : {}),
        jobTemplate: { metadata: { labels }, spec: job },
      },
    });
  }
}

/** A second name that no other workload has: a plain `web-2` may be one's own. */
function numbered(name: string, number: number): string {
  return withHash(`${name.slice(0, WORKLOAD_NAME_LENGTH - 9)}-${number}`, `${name}/${number}`, WORKLOAD_NAME_LENGTH);
}

/** Placement is applied to the pods of calls that the workload holds; a schedule on its own has none. */
function markUnplaced(call: Field<RunTask>): void {
  const todo = 'add an affinity or a nodeSelector to the pod template by hand';
  call.get('launchType').near([], 'the pods run on the nodes of the cluster');
  call.get('capacityProviderStrategy').none('no node is chosen for the pods', todo);
  call.get('placementConstraints').none('no node is chosen for the pods', todo);
  call.get('placementStrategy').none('no node is chosen for the pods', todo);
  call.get('volumeConfigurations').none('no volume is made for the run', todo);
}
