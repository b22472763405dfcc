import { parseTemplatedArn } from '../ecs/templated-arn.js';
import { type IamRole, UNKNOWN_ACCOUNT } from './iam-role.js';
import { DEFAULT_PORT_OPTIONS } from './options.js';
import type { PortContext } from './pod-draft.js';

/** How pods get the credentials of a role: EKS Pod Identity, or IAM roles for service accounts. */
export type IdentityMode = 'pod-identity' | 'irsa';

/** The mode for the pods of a workload: the agent of Pod Identity runs neither on Windows nor on EKS Fargate. */
export function identityMode(context: PortContext): IdentityMode {
  return context.windows || context.fargate ? 'irsa' : context.options.identity;
}

/**
 * The ServiceAccount of a role, one per namespace, role and mode, shared by all workloads that use it, with what makes it
 * the role's: an ACK PodIdentityAssociation, or IRSA's annotation. Says which trust the role needs.
 *
 * Source: Amazon EKS User Guide, "EKS Pod Identity" and "IAM roles for service accounts"; aws-controllers-k8s/eks-controller.
 *
 * @param purpose for the list of prerequisites: `task role of Deployment shop/web`
 * @returns the ServiceAccount's name
 */
export function serviceAccountFor(context: PortContext, role: IamRole, mode: IdentityMode, purpose: string): string {
  const { namespace, options, findings } = context;
  // In a port by Pod Identity, a role that Windows pods use too has two accounts: they differ by the annotation.
  const name = mode === 'irsa' && options.identity !== 'irsa' ? `${role.label}.irsa` : role.label;
  const annotations = mode === 'irsa' ? { annotations: { 'eks.amazonaws.com/role-arn': role.arn } } : {};
  context.share({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace, ...annotations },
    automountServiceAccountToken: false,
  });
  if (mode === 'irsa') {
    findings.require('oidc-provider', purpose);
    findings.trust({
      role: role.text,
      change: `let ServiceAccount ${namespace}/${name} assume the role; OIDC_PROVIDER is the cluster's issuer without https:// (aws eks describe-cluster --name ${options.eksCluster} --query cluster.identity.oidc.issuer)`,
      statement: oidcStatement(role, namespace, name, context.account),
    });
    return name;
  }
  context.share({
    apiVersion: 'eks.services.k8s.aws/v1alpha1',
    kind: 'PodIdentityAssociation',
    metadata: { name, namespace },
    spec: { clusterName: options.eksCluster, namespace, serviceAccount: name, roleARN: role.arn },
  });
  findings.require('pod-identity-agent', purpose);
  findings.require('ack-eks-controller', purpose);
  if (options.eksCluster === DEFAULT_PORT_OPTIONS.eksCluster) {
    findings.assume(`the EKS cluster is called ${options.eksCluster} in PodIdentityAssociations; put its name there`);
  }
  findings.trust({
    role: role.text,
    change:
      'let EKS Pod Identity assume the role, beside ecs-tasks.amazonaws.com for as long as ECS still runs the task',
    statement: {
      Effect: 'Allow',
      Principal: { Service: 'pods.eks.amazonaws.com' },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
    },
  });
  return name;
}

function oidcStatement(
  role: IamRole,
  namespace: string,
  name: string,
  account: string | undefined,
): Record<string, unknown> {
  const arn = parseTemplatedArn(role.arn);
  const owner = arn?.account ?? account ?? UNKNOWN_ACCOUNT;
  return {
    Effect: 'Allow',
    Principal: { Federated: `arn:${arn?.partition ?? 'aws'}:iam::${owner}:oidc-provider/OIDC_PROVIDER` },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: {
      StringEquals: {
        'OIDC_PROVIDER:sub': `system:serviceaccount:${namespace}:${name}`,
        'OIDC_PROVIDER:aud': 'sts.amazonaws.com',
      },
    },
  };
}
