import { iamRole, partitionOf, UNKNOWN_ACCOUNT } from '../iam-role.js';
import { LABEL } from '../annotations.js';
import type { Manifest } from '../manifest.js';
import type { PortOptions } from '../options.js';
import type { PortContext } from '../pod-draft.js';

/** Names of the log agent's objects. One agent serves the cluster, in a namespace that no workload is in. */
export const LOG_AGENT = { namespace: 'tranship-logging', name: 'log-agent', role: 'tranship-log-agent' } as const;

/** Who may write logs on EKS Fargate, in words: the role's name is not in the input. */
const FARGATE_ROLE = 'the pod execution role of the EKS Fargate profile';

/**
 * The agent's ServiceAccount, with what gives it its role: an ACK PodIdentityAssociation, or IRSA's annotation.
 *
 * @param aws whether any route calls AWS; without, the agent has no role
 */
export function agentIdentity(options: PortOptions, account: string | undefined, aws: boolean): readonly Manifest[] {
  const { namespace, name, role } = LOG_AGENT;
  const roleArn = iamRole(role, { account: account ?? options.account, region: options.region })?.arn ?? role;
  const irsa = aws && options.identity === 'irsa';
  const serviceAccount: Manifest = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name,
      namespace,
      labels: { [LABEL.name]: name, [LABEL.managedBy]: 'tranship' },
      ...(irsa ? { annotations: { 'eks.amazonaws.com/role-arn': roleArn } } : {}),
    },
    automountServiceAccountToken: false,
  };
  if (!aws || irsa) return [serviceAccount];
  return [
    serviceAccount,
    {
      apiVersion: 'eks.services.k8s.aws/v1alpha1',
      kind: 'PodIdentityAssociation',
      metadata: { name, namespace },
      spec: { clusterName: options.eksCluster, namespace, serviceAccount: name, roleARN: roleArn },
    },
  ];
}

/** Something the agent does in AWS for a route. */
export interface Grant {
  /** For people: `write to log group /ecs/web`. */
  readonly purpose: string;
  readonly actions: readonly string[];
  /** ARNs, or what {@link awsArn} makes. */
  readonly resources: readonly string[];
}

/** ARN of a resource in the workload's account. */
export function awsArn(context: PortContext, service: string, region: string, resource: string): string {
  return `arn:${partitionOf(region)}:${service}:${region}:${context.account ?? UNKNOWN_ACCOUNT}:${resource}`;
}

/**
 * Says what the agent's role must be allowed, and that it must trust the agent. ECS wrote `awslogs` logs with the execution
 * role of the task; FireLens used the task role.
 */
export function requireGrants(context: PortContext, grants: readonly Grant[]): void {
  if (grants.length === 0) return;
  const { findings, options, fargate } = context;
  const role = fargate ? FARGATE_ROLE : LOG_AGENT.role;
  for (const { purpose, actions, resources } of grants) {
    findings.trust({
      role,
      change: `allow it to ${purpose}, by this statement in a permissions policy`,
      statement: { Effect: 'Allow', Action: actions, Resource: resources },
    });
  }
  if (fargate) return;
  const why = `role of the log agent, for ${context.title}`;
  if (options.identity === 'irsa') {
    findings.require('oidc-provider', why);
    findings.trust({
      role,
      change: `create the role, and let ServiceAccount ${LOG_AGENT.namespace}/${LOG_AGENT.name} assume it; OIDC_PROVIDER is the cluster's issuer without https://`,
      statement: {
        Effect: 'Allow',
        Principal: {
          Federated: `arn:${partitionOf(context.region)}:iam::${context.account ?? UNKNOWN_ACCOUNT}:oidc-provider/OIDC_PROVIDER`,
        },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: {
            'OIDC_PROVIDER:sub': `system:serviceaccount:${LOG_AGENT.namespace}:${LOG_AGENT.name}`,
            'OIDC_PROVIDER:aud': 'sts.amazonaws.com',
          },
        },
      },
    });
    return;
  }
  findings.require('pod-identity-agent', why);
  findings.require('ack-eks-controller', why);
  findings.trust({
    role,
    change: 'create the role, and let EKS Pod Identity assume it',
    statement: {
      Effect: 'Allow',
      Principal: { Service: 'pods.eks.amazonaws.com' },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
    },
  });
}
