import type { IPodTemplateSpec } from 'kubernetes-models/v1';
import type { RunTask, TaskDefinition } from '../ecs/model/ahead-of-sdk.js';
import { SourceFile } from '../ecs/source/position.js';
import { Field } from '../ecs/field.js';
import { ANNOTATION } from './annotations.js';
import type { PortContext } from './pod-draft.js';
import { callToJob } from './run-task.js';

/**
 * Adds the Job of a one-off task: it runs each pod once and never again, and Kubernetes forgets it an hour after it has
 * finished, as ECS forgets a stopped task. A task definition without a call runs once.
 *
 * Jobs cannot be changed: to run one again it must be deleted, or be made with `metadata.generateName`, which only
 * `kubectl create` takes.
 *
 * @param podTemplate the task's pod, with the call's overrides applied
 * @example taskToJob(context, { spec: { containers: [{ name: 'main', image: 'migrate' }] } })
 */
export function taskToJob(context: PortContext, podTemplate: IPodTemplateSpec): void {
  const { runTask, taskDefinition, name } = context.workload;
  const call: Field<RunTask> = runTask?.definition ?? emptyCall(taskDefinition.definition);
  const { job, labels, annotations } = callToJob(call, podTemplate, context, 'Job');
  const named = context.name === name ? annotations : { [ANNOTATION.ecsName]: name, ...annotations };
  context.add({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: context.name,
      namespace: context.namespace,
      labels,
      ...(Object.keys(named).length === 0 ? {} : { annotations: named }),
    },
    spec: job,
  });
}

/** A call that says nothing, for a task definition that the input only describes. */
function emptyCall({ ledger, node }: Field<TaskDefinition>): Field<RunTask> {
  const { file, offset } = node ?? { file: new SourceFile('', ''), offset: 0 };
  return Field.root<RunTask>(ledger, { kind: 'object', file, offset, members: [] });
}
