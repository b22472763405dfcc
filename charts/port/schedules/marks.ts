import type { PutRuleCommandInput, Target } from '@aws-sdk/client-eventbridge';
import type { CreateScheduleCommandInput } from '@aws-sdk/client-scheduler';
import type { Field } from '../../ecs/field.js';
import type { ScheduleInput } from '../../ecs/input.js';
import { ANNOTATION } from '../annotations.js';
import { keyName } from '../names.js';
import { defaulted, unread } from '../not-known.js';
import type { PortContext } from '../pod-draft.js';

/** Kubernetes' well-known annotation for a text about an object. */
const DESCRIPTION = 'kubernetes.io/description';
const ROLE = 'EventBridge assumes it to start the task; the CronJob controller needs none';
const RETRIES = 'the controller tries to create the Job until the starting deadline; attempts are not counted';
const NOT_FOR_ECS = 'has no effect on an ECS target';

interface DeadLetter {
  readonly Arn?: string | undefined;
}

interface Retry {
  readonly MaximumRetryAttempts?: number | undefined;
}

/**
 * Marks what a rule or schedule and its target say beside when and what to run.
 *
 * @returns annotations for the CronJobs
 */
export function markSchedule(schedule: ScheduleInput, context: PortContext): Record<string, string> {
  if (schedule.kind === 'rule')
    return { ...markRule(schedule.rule, context), ...markRuleTarget(schedule.target, context) };
  return markScheduler(schedule.schedule, context);
}

function markRule(rule: Field<PutRuleCommandInput>, context: PortContext): Record<string, string> {
  markName(rule.get('Name'), context);
  rule.get('RoleArn').same([], ROLE);
  rule.get('EventBusName').same([], 'schedules run on the default bus only');
  rule
    .get('EventPattern')
    .none(
      'the rule also starts the task on events, which Kubernetes does not hear',
      'send the events to an SQS queue and start jobs from it with a KEDA ScaledJob, or use an Argo Events sensor',
    );
  const annotations = describe(rule.get('Description'));
  const tags = rule.get('Tags');
  if (unread(tags)) return annotations;
  for (const tag of tags.items()) {
    const annotation = `${ANNOTATION.tagPrefix}${keyName(tag.get('Key').value ?? '')}`;
    annotations[annotation] = tag.get('Value').value ?? '';
    const lost = 'an annotation; AWS cost allocation does not read it';
    for (const key of ['Key', 'Value'] as const) tag.get(key).near(`metadata.annotations["${annotation}"]`, lost);
  }
  return annotations;
}

function markRuleTarget(target: Field<Target>, context: PortContext): Record<string, string> {
  target.get('Id').near('metadata.name', `tells the targets of a rule apart; the CronJob is named ${context.name}`);
  target.get('RoleArn').same([], ROLE);
  markInput(target.get('Input'));
  const todo = 'write what the task needs into its task definition, or into the constant Input of the target';
  for (const key of ['InputPath', 'InputTransformer'] as const) {
    target.get(key).none('takes parts of an event, and a CronJob has no event', todo);
  }
  markDelivery(target.get('DeadLetterConfig'), target.get('RetryPolicy'));
  for (const key of [
    'KinesisParameters',
    'RunCommandParameters',
    'BatchParameters',
    'SqsParameters',
    'HttpParameters',
    'RedshiftDataParameters',
    'SageMakerPipelineParameters',
    'AppSyncParameters',
  ] as const) {
    target.get(key).same([], NOT_FOR_ECS);
  }
  unread(target.get('EcsParameters'));
  return {};
}

function markScheduler(schedule: Field<CreateScheduleCommandInput>, context: PortContext): Record<string, string> {
  markName(schedule.get('Name'), context);
  schedule.get('GroupName').near([], 'groups schedules for permissions and tags; CronJobs are grouped by namespace');
  schedule.get('ClientToken').same([], 'says how one API call is made, not what runs');
  schedule.get('KmsKeyArn').near([], 'the CronJob is stored in etcd, which EKS encrypts with a key of the cluster');
  const byHand = `kubectl patch cronjob ${context.name} --patch '{"spec":{"suspend":…}}' at that time`;
  schedule.get('StartDate').none('a CronJob runs from when it is applied', byHand);
  schedule.get('EndDate').none('a CronJob has no end', byHand);
  const completion = schedule.get('ActionAfterCompletion');
  if (completion.value === 'DELETE')
    completion.none('a CronJob is not deleted after its last run', 'delete it by hand');
  else if (!defaulted(completion, 'the CronJob stays')) completion.same([], 'the CronJob stays');
  markWindow(schedule);
  const target = schedule.get('Target');
  const arn = target.get('Arn');
  if (/:aws-sdk:/.test(arn.value ?? '')) arn.same([], 'names the API call that the input holds');
  target.get('RoleArn').same([], ROLE);
  markInput(target.get('Input'));
  markDelivery(target.get('DeadLetterConfig'), target.get('RetryPolicy'));
  for (const key of [
    'EventBridgeParameters',
    'EventBridgePutEventsV2Parameters',
    'EventBridgePutRawEventsParameters',
    'KinesisParameters',
    'SageMakerPipelineParameters',
    'SqsParameters',
  ] as const) {
    target.get(key).same([], NOT_FOR_ECS);
  }
  unread(target.get('EcsParameters'));
  return describe(schedule.get('Description'));
}

function markWindow(schedule: Field<CreateScheduleCommandInput>): void {
  const window = schedule.get('FlexibleTimeWindow');
  if (unread(window)) return;
  const mode = window.get('Mode');
  const minutes = window.get('MaximumWindowInMinutes');
  if (mode.value !== 'FLEXIBLE') {
    const exact = 'runs start at the exact time';
    if (defaulted(mode, exact)) minutes.near([], exact);
    else {
      mode.same([], exact);
      minutes.same([], 'has no effect while the window is off');
    }
    return;
  }
  const lost = `runs start at the exact time, not spread over ${minutes.value ?? 0} minutes`;
  const todo = 'give schedules different minutes, or let the command sleep for a random time first';
  mode.none(lost, todo);
  minutes.none(lost, todo);
}

function markName(name: Field<string>, context: PortContext): void {
  if (name.value === context.name) name.same('metadata.name');
  else name.near('metadata.name', `renamed to ${context.name}, which is a DNS label and unique in its namespace`);
}

/** What the text says is marked part by part by those who apply it. */
function markInput(input: Field<string>): void {
  input.same('CronJob.spec.jobTemplate.spec.template', 'its overrides are applied to the pod');
}

function markDelivery(letters: Field<DeadLetter>, retry: Field<Retry>): void {
  if (!unread(letters)) {
    const todo = 'alert on kube_job_failed and on CronJobs whose last schedule time is old';
    letters.get('Arn').none('a run that could not be started is an event of the CronJob, and sent nowhere', todo);
  }
  if (!unread(retry)) retry.get('MaximumRetryAttempts').near('CronJob.spec.startingDeadlineSeconds', RETRIES);
}

function describe(description: Field<string>): Record<string, string> {
  const { value } = description;
  description.same(`metadata.annotations["${DESCRIPTION}"]`);
  return value === undefined || value === '' ? {} : { [DESCRIPTION]: value };
}
