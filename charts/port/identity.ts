import type { Field } from '../ecs/field.js';
import type { TaskDefinition } from '../ecs/model/ahead-of-sdk.js';
import { applyExecutionRole } from './execution-role.js';
import { type IamRole, iamRole } from './iam-role.js';
import type { PodDraft, PortContext } from './pod-draft.js';
import { identityMode, serviceAccountFor } from './service-account.js';

/**
 * Task role and execution role. The task role becomes the pod's ServiceAccount; the execution role has no counterpart, and
 * its jobs go to others. No pod gets a token for the Kubernetes API: ECS tasks have nothing of the kind, and both ways to
 * a role bring a token of their own.
 *
 * A pod without a task role has no ServiceAccount of its own, and so no AWS permissions but those that the node lends it.
 *
 * Source: ECS API `RegisterTaskDefinition.taskRoleArn` and `executionRoleArn`.
 *
 * @param definition with the overrides of a call applied
 */
export function applyIdentity(definition: Field<TaskDefinition>, pod: PodDraft, context: PortContext): void {
  pod.spec.automountServiceAccountToken = false;
  const field = definition.get('taskRoleArn');
  const role = iamRole(field.value, context);
  if (role === undefined) field.same([], 'empty: no task role');
  else {
    const name = serviceAccountFor(context, role, identityMode(context), `task role of ${context.title}`);
    pod.spec.serviceAccountName = name;
    markTaskRole(field, role, context);
  }
  applyExecutionRole(definition, context);
}

function markTaskRole(field: Field<string>, role: IamRole, context: PortContext): void {
  const complete = role.known ? '' : `; complete the role's ARN ${role.arn}`;
  if (identityMode(context) === 'irsa') {
    const why =
      context.options.identity === 'irsa'
        ? ''
        : `; Pod Identity does not reach ${context.windows ? 'Windows pods' : 'EKS Fargate'}`;
    field.needsAddon(
      ['PodSpec.serviceAccountName', 'ServiceAccount.metadata.annotations["eks.amazonaws.com/role-arn"]'],
      `credentials come from a web identity token (IRSA)${why}; code that reads AWS_CONTAINER_CREDENTIALS_RELATIVE_URI itself finds nothing`,
      `add the trust statement for the cluster's OIDC provider to the role${complete}`,
    );
    return;
  }
  field.needsAddon(
    ['PodSpec.serviceAccountName', 'PodIdentityAssociation.spec.roleARN'],
    'credentials come from EKS Pod Identity, which AWS SDKs know since November 2023; code that reads AWS_CONTAINER_CREDENTIALS_RELATIVE_URI itself finds nothing',
    `add the trust statement for pods.eks.amazonaws.com to the role${complete}`,
  );
}
