import type {
  PutScalingPolicyCommandInput,
  PutScheduledActionCommandInput,
  RegisterScalableTargetCommandInput,
} from '@aws-sdk/client-application-auto-scaling';
import { Construct } from 'constructs';
import type { Service, TaskDefinition } from '../ecs/model/ahead-of-sdk.js';
import type { Port } from '../port/port.js';
import { type EcsJson, inputFile, portInto } from './ported.js';

/** A service, in the words of the ECS API. */
export interface EcsServiceProps {
  /** `RegisterTaskDefinition` input, or what `describe-task-definition` prints. */
  readonly taskDefinition: EcsJson<Partial<TaskDefinition>>;
  /** `CreateService` input. @default a REPLICA service of one task, named by the construct's id */
  readonly service?: EcsJson<Partial<Service>>;
  /** Application Auto Scaling inputs of the service. @default the desired count is fixed */
  readonly scaling?: readonly Partial<
    RegisterScalableTargetCommandInput | PutScalingPolicyCommandInput | PutScheduledActionCommandInput
  >[];
}

/**
 * An ECS service as Kubernetes objects: a Deployment or DaemonSet with its Services, budgets, autoscaler and volumes.
 *
 * @throws InputError when ECS would refuse the task definition or the service, with the place of each fault
 * @example new EcsService(cluster, 'web', { taskDefinition: { family: 'web', containerDefinitions: [...] } })
 */
export class EcsService extends Construct {
  /**
   * A service of one task, from a task definition alone.
   *
   * @param json `RegisterTaskDefinition` input or `describe-task-definition` output, as a value or as text
   * @example EcsService.fromTaskDefinition(cluster, 'web', readFileSync('task-definition.json', 'utf8'))
   */
  static fromTaskDefinition(scope: Construct, id: string, json: EcsJson<Partial<TaskDefinition>>): EcsService {
    return new EcsService(scope, id, { taskDefinition: json });
  }

  /** What became of each field, and what the cluster must have. */
  readonly port: Port;

  constructor(scope: Construct, id: string, props: EcsServiceProps) {
    super(scope, id);
    const service = props.service ?? { serviceName: id, desiredCount: 1 };
    const files = [
      inputFile(this, 'task-definition', props.taskDefinition),
      inputFile(this, 'service', typeof service === 'string' ? service : { serviceName: id, ...service }),
      ...(props.scaling ?? []).map((scaling, index) => inputFile(this, `scaling-${index}`, scaling)),
    ];
    this.port = portInto(this, files, 'service').port;
  }
}
