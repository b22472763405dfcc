import type { Field } from '../ecs/field.js';
import type { TaskDefinition } from '../ecs/model/ahead-of-sdk.js';
import { type IamRole, iamRole } from './iam-role.js';
import type { PortContext } from './pod-draft.js';

/** A thing that the execution role does for a task, and who does it on EKS. */
interface Job {
  readonly what: string;
  readonly now: string;
  /** What has to change in IAM, when that is not said elsewhere. */
  readonly change?: string;
}

/** The execution role that reads the workload's secrets: the RunTask call's when that overrides the task definition's. */
export function executionRole(context: PortContext): IamRole | undefined {
  const { runTask, taskDefinition } = context.workload;
  const override = runTask?.definition.get('overrides').get('executionRoleArn').value;
  return iamRole(
    override === undefined || override === '' ? taskDefinition.definition.get('executionRoleArn').value : override,
    context,
  );
}

/**
 * Accounts for the execution role: a pod has none, so what it did for this task is split between the node, the External
 * Secrets operator and the log agent. Only the jobs that the task definition gives it are named.
 *
 * @param definition with the overrides of a call applied
 */
export function applyExecutionRole(definition: Field<TaskDefinition>, context: PortContext): void {
  const field = definition.get('executionRoleArn');
  const role = iamRole(field.value, context);
  if (role === undefined) {
    field.same([], 'empty: no execution role');
    return;
  }
  const jobs = jobsOf(definition, context);
  if (jobs.length === 0) {
    field.same(
      [],
      'nothing in this task needs it: the images are public, and it reads no secrets and writes no CloudWatch logs',
    );
    return;
  }
  field.mark({
    fidelity: 'none',
    kubernetes: jobs.some(({ change }) => change === undefined) ? ['SecretStore.spec.provider.aws'] : [],
    lost: `a pod has no execution role; its jobs for this task: ${jobs.map(({ what, now }) => `${what} (now ${now})`).join(', ')}`,
    todo: 'move the permissions to those who do the jobs now; see the IAM changes of the report',
  });
  for (const { change } of jobs) if (change !== undefined) context.findings.trust({ role: role.text, change });
}

function jobsOf(definition: Field<TaskDefinition>, context: PortContext): readonly Job[] {
  const containers = definition.get('containerDefinitions').items();
  const puller = context.fargate ? 'the pod execution role of the Fargate profile' : 'the role of the nodes';
  const reader =
    context.options.identity === 'irsa'
      ? 'the External Secrets operator by this role (IRSA)'
      : 'the External Secrets operator, which assumes this role';
  const jobs: Job[] = [];
  if (containers.some((container) => /\.dkr[.-]ecr[.-]/.test(container.get('image').value ?? ''))) {
    jobs.push({
      what: 'pulling from ECR',
      now: puller,
      change: `grant its ECR pull permissions (AmazonEC2ContainerRegistryPullOnly) to ${puller}; they hold for every pod there`,
    });
  }
  const logs = containers.map((container) => container.get('logConfiguration'));
  if (
    containers.some((container) => container.get('secrets').items().length > 0) ||
    logs.some((log) => log.get('secretOptions').items().length > 0)
  ) {
    jobs.push({ what: 'reading secrets', now: reader });
  }
  if (containers.some((container) => container.get('repositoryCredentials').get('credentialsParameter').exists)) {
    jobs.push({ what: 'reading registry credentials', now: reader });
  }
  if (
    definition
      .get('volumes')
      .items()
      .some((volume) => volume.get('fsxWindowsFileServerVolumeConfiguration').exists)
  ) {
    jobs.push({ what: 'reading file server credentials', now: reader });
  }
  if (containers.some((container) => container.get('environmentFiles').items().length > 0)) {
    jobs.push({
      what: 'reading environment files',
      now: 'whoever creates the Secret from the file',
      change: 'grant its s3:GetObject on the environment files to whoever deploys',
    });
  }
  if (logs.some((log) => log.get('logDriver').value === 'awslogs')) {
    jobs.push({
      what: 'writing CloudWatch logs',
      now: "the log agent's role",
      change:
        'grant its logs:CreateLogStream and logs:PutLogEvents (and logs:CreateLogGroup with awslogs-create-group) to the role of the log agent',
    });
  }
  return jobs;
}
