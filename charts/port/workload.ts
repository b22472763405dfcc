import type {
  AppSpecInput,
  RunTaskInput,
  ScalingInput,
  ScheduleInput,
  ServiceInput,
  TargetGroupInput,
  TaskDefinitionInput,
} from '../ecs/input.js';

/** What runs: a task definition with all that the input says of how it runs. One workload becomes one set of manifests. */
export interface Workload {
  /**
   * - `service`: runs for ever (Deployment, or DaemonSet for the DAEMON strategy)
   * - `task`: runs once (Job)
   * - `schedule`: runs by the clock (CronJob)
   */
  readonly kind: 'service' | 'task' | 'schedule';
  /** ECS service name, schedule name, or family. */
  readonly name: string;
  /** Short name of the ECS cluster, where the input says. */
  readonly cluster?: string;
  readonly taskDefinition: TaskDefinitionInput;
  /** True when the task definition stands in for one that the input does not hold; no manifests are rendered then. */
  readonly stub: boolean;
  readonly service?: ServiceInput;
  readonly runTask?: RunTaskInput;
  readonly schedule?: ScheduleInput;
  readonly scaling: readonly ScalingInput[];
  /** Target groups of the service's load balancers, as far as the input holds them. */
  readonly targetGroups: readonly TargetGroupInput[];
  readonly appSpec?: AppSpecInput;
}
