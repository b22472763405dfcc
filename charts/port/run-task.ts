import type { IPodTemplateSpec } from 'kubernetes-models/v1';
import type { IJobSpec } from 'kubernetes-models/batch/v1';
import type { Field } from '../ecs/field.js';
import type { RunTask } from '../ecs/model/ahead-of-sdk.js';
import { ANNOTATION, LABEL } from './annotations.js';
import { isLabelValue, keyName } from './names.js';
import { applyAwsvpc } from './network/security-groups.js';
import { defaulted, unread } from './not-known.js';
import { labelValue } from './placement/node-label.js';
import { taskGroupLabelKey } from './placement/task-group.js';
import type { PortContext } from './pod-draft.js';

/** ECS keeps a stopped task for an hour. Source: Amazon ECS developer guide, "stopped tasks". */
const KEPT_SECONDS = 3600;
/** Source: ECS API `RunTask.count`, EventBridge Scheduler API `EcsParameters.TaskCount`. */
const MAXIMUM_COUNT = 10;
/** The prefix of pod labels that task-group expressions look for. */
const GROUP_PREFIX = LABEL.nodeAttributePrefix.replace(/\/$/, '');
const STARTED_BY = 'tranship.dev/started-by';
const REFERENCE_ID = 'tranship.dev/reference-id';

/** What a `RunTask` call says beside what runs and where, ready for the object that makes the call. */
export interface CallDraft {
  readonly job: IJobSpec;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * The Job of one `RunTask` call, and its metadata. Marks everything of the call but what the pod's concerns own:
 * overrides, placement, capacity and volumes.
 *
 * The tasks of a call have nothing to do with each other in ECS, while the first failed pod ends a plain Job and all of
 * its pods with it; so several tasks are an Indexed Job, in which each pod fails alone.
 *
 * Source: ECS API `RunTask`; Kubernetes `JobSpec`, `backoffLimitPerIndex` (stable since 1.33).
 *
 * @param template the pod; it never restarts, as ECS does not restart a task that no service runs
 * @param kind what the fields belong to in the report
 */
export function callToJob(
  call: Field<RunTask>,
  template: IPodTemplateSpec,
  context: PortContext,
  kind: 'Job' | 'CronJob',
): CallDraft {
  const path = kind === 'Job' ? 'Job.spec' : 'CronJob.spec.jobTemplate.spec';
  const labels = new Map<string, string>();
  const annotations = new Map<string, string>();
  const podLabels = new Map<string, string>();
  markCall(call, context, path);
  applyGroup(call.get('group'), podLabels, path);
  identify(call.get('startedBy'), STARTED_BY, labels, annotations);
  identify(call.get('referenceId'), REFERENCE_ID, labels, annotations);
  applyTags(call, annotations, context, path);
  const job = jobSpec(call.get('count'), path);
  const { metadata, spec } = template;
  const pod: IPodTemplateSpec = {
    metadata: {
      ...metadata,
      labels: { ...metadata?.labels, ...Object.fromEntries([...podLabels, ...labels]) },
      ...(metadata?.annotations === undefined && annotations.size === 0
        ? {}
        : { annotations: sorted([...Object.entries(metadata?.annotations ?? {}), ...annotations]) }),
    },
    ...(spec === undefined ? {} : { spec: { ...spec, restartPolicy: 'Never' } }),
  };
  return {
    job: { ...job, ttlSecondsAfterFinished: KEPT_SECONDS, template: pod },
    labels: { [LABEL.name]: context.name, [LABEL.managedBy]: 'tranship', ...Object.fromEntries(labels) },
    annotations: sorted(annotations),
  };
}

function jobSpec(count: Field<number>, path: string): Omit<IJobSpec, 'template'> {
  const asked = count.value ?? 1;
  const tasks = Math.min(MAXIMUM_COUNT, Math.max(1, asked));
  const fields = [`${path}.parallelism`, `${path}.completions`];
  if (tasks !== asked) count.near(fields, `${tasks}: ECS starts 1 to ${MAXIMUM_COUNT} tasks a call`);
  else if (!defaulted(count, 'one task runs')) {
    const alone = tasks === 1 ? undefined : 'each pod fails alone, as tasks do; JOB_COMPLETION_INDEX tells them apart';
    count.same(fields, alone);
  }
  const size = { parallelism: tasks, completions: tasks };
  return tasks === 1 ? { ...size, backoffLimit: 0 } : { ...size, completionMode: 'Indexed', backoffLimitPerIndex: 0 };
}

function markCall(call: Field<RunTask>, context: PortContext, path: string): void {
  call.get('cluster').near('metadata.namespace', `one namespace for the cluster: ${context.namespace}`);
  const network = call.get('networkConfiguration');
  if (!unread(network)) applyAwsvpc(network.get('awsvpcConfiguration'), context);
  call.get('clientToken').same([], 'says how one API call is made, not what runs');
  call.get('platformVersion').none('EKS Fargate has no platform versions to choose from; it follows the cluster');
  const definition = call.get('taskDefinition');
  if (path.startsWith('CronJob')) definition.same(`${path}.template`);
  else {
    const todo = `kubectl delete job ${context.name} first, or set metadata.generateName and use kubectl create`;
    definition.near(
      `${path}.template`,
      'a Job runs once and cannot be changed: applying it again does not run it again',
      todo,
    );
  }
  const exec = call.get('enableExecuteCommand');
  if (defaulted(exec, 'kubectl exec works where RBAC allows it')) return;
  if (exec.value === true) {
    const todo = `allow those who may use it to create pods/exec in namespace ${context.namespace}`;
    exec.near(
      [],
      'kubectl exec takes its place; session logs, their encryption and IAM conditions of ECS Exec are lost',
      todo,
    );
    context.findings.require('rbac-exec', `${context.title}: ECS Exec`);
  } else exec.near([], 'kubectl exec works wherever RBAC allows it; it cannot be switched off for one workload');
}

/** A group that expressions such as `task:group == batch` look for is a label of the pods. */
function applyGroup(group: Field<string>, labels: Map<string, string>, path: string): void {
  const { value } = group;
  if (value === undefined || value === '') {
    group.same([], 'empty, nothing to carry');
    return;
  }
  const key = taskGroupLabelKey(GROUP_PREFIX);
  labels.set(key, labelValue(value));
  const lost = labelValue(value) === value ? undefined : `written as ${labelValue(value)}, since a label takes no more`;
  const kubernetes = `${path}.template.metadata.labels["${key}"]`;
  if (lost === undefined) group.same(kubernetes);
  else group.near(kubernetes, lost);
}

function identify(
  field: Field<string>,
  key: string,
  labels: Map<string, string>,
  annotations: Map<string, string>,
): void {
  const { value } = field;
  if (value === undefined || value === '') {
    field.same([], 'empty, nothing to carry');
    return;
  }
  if (isLabelValue(value)) {
    labels.set(key, value);
    field.same(`metadata.labels["${key}"]`, 'kubectl get pods --selector finds the pods by it');
  } else {
    annotations.set(key, value);
    field.near(
      `metadata.annotations["${key}"]`,
      'an annotation, since a label takes no such value: pods cannot be found by it',
    );
  }
}

function applyTags(call: Field<RunTask>, annotations: Map<string, string>, context: PortContext, path: string): void {
  const carried = `${path}.template.metadata.annotations`;
  const lost = 'an annotation; AWS cost allocation does not read it';
  const tags = call.get('tags');
  unread(tags);
  for (const tag of tags.items()) {
    const key = tag.get('key');
    if (unread(tag)) continue;
    if (key.value === undefined) {
      tag.none('a tag without a key');
      continue;
    }
    const annotation = `${ANNOTATION.tagPrefix}${keyName(key.value)}`;
    annotations.set(annotation, tag.get('value').value ?? '');
    for (const field of [key, tag.get('value')]) field.near(`${carried}["${annotation}"]`, lost);
  }
  const propagate = call.get('propagateTags');
  if (!defaulted(propagate, 'the task definition’s tags are annotations of the pods')) {
    const always = propagate.value === 'TASK_DEFINITION' ? '' : ' all the same';
    propagate.near(carried, `the task definition’s tags are annotations of the pods${always}`);
  }
  const managed = call.get('enableECSManagedTags');
  if (defaulted(managed, 'no annotations are added')) return;
  if (managed.value !== true || context.workload.cluster === undefined) {
    managed.same([], 'nothing to carry');
    return;
  }
  annotations.set(`${ANNOTATION.tagPrefix}${keyName('aws:ecs:clusterName')}`, context.workload.cluster);
  managed.near(carried, lost, 'enable split cost allocation data for Amazon EKS');
}

function sorted(entries: Iterable<readonly [string, string]>): Record<string, string> {
  return Object.fromEntries([...new Map(entries)].sort(([a], [b]) => (a < b ? -1 : 1)));
}
