import { Construct } from 'constructs';
import type { RunTask, TaskDefinition } from '../ecs/model/ahead-of-sdk.js';
import type { Port } from '../port/port.js';
import { type EcsJson, inputFile, portInto } from './ported.js';

/** A task that runs once, in the words of the ECS API. */
export interface EcsTaskProps {
  /** `RegisterTaskDefinition` input, or what `describe-task-definition` prints. */
  readonly taskDefinition: EcsJson<Partial<TaskDefinition>>;
  /** `RunTask` input: count and overrides. @default one task without overrides */
  readonly runTask?: EcsJson<Partial<RunTask>>;
}

/**
 * An ECS task that runs once, as a Job.
 *
 * @throws InputError when ECS would refuse the task definition or its overrides
 * @example new EcsTask(cluster, 'migrate', { taskDefinition, runTask: { overrides: { containerOverrides: [...] } } })
 */
export class EcsTask extends Construct {
  /** What became of each field, and what the cluster must have. */
  readonly port: Port;

  constructor(scope: Construct, id: string, props: EcsTaskProps) {
    super(scope, id);
    const files = [inputFile(this, 'task-definition', props.taskDefinition)];
    if (props.runTask !== undefined) files.push(inputFile(this, 'run-task', props.runTask));
    this.port = portInto(this, files, 'task').port;
  }
}
