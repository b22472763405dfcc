import type { AwsVpcConfiguration } from '@aws-sdk/client-ecs';
import type { Field } from '../../ecs/field.js';
import { unread } from '../not-known.js';
import type { PortContext } from '../pod-draft.js';

/** EKS takes as many for one pod. Source: Amazon EKS user guide, security groups for pods. */
const MOST_GROUPS = 5;

/**
 * `awsvpcConfiguration`: security groups become a SecurityGroupPolicy for the workload's pods. Subnets and public addresses
 * are properties of nodes in EKS, so they are only reported.
 *
 * Source: ECS API `AwsVpcConfiguration`; `vpcresources.k8s.aws/v1beta1`.
 */
export function applyAwsvpc(configuration: Field<AwsVpcConfiguration>, context: PortContext): void {
  if (unread(configuration)) return;
  const subnets = configuration.get('subnets');
  if (!unread(subnets) && subnets.exists) {
    const list = (subnets.value ?? []).map(String).join(', ');
    subnets.needsAddon(
      [],
      'a pod takes its address from the subnet of its node',
      context.fargate
        ? `name ${list} in the Fargate profile`
        : `run nodes in ${list}, or give pods these subnets with an ENIConfig of the VPC CNI`,
    );
    if (context.fargate) context.findings.require('fargate-profile', `${context.title}: subnets ${list}`);
  }
  const publicIp = configuration.get('assignPublicIp');
  if (publicIp.value === 'DISABLED') publicIp.same([], 'pods have no public address');
  else
    publicIp.none(
      'pods have no public address',
      'let nodes reach the internet by a NAT gateway, and clients reach the pods by a load balancer',
    );
  applySecurityGroups(configuration.get('securityGroups'), context);
}

/**
 * Security groups of the workload's pods, from a service, a RunTask call or a schedule alike.
 *
 * @param groups ids such as `sg-0123456789abcdef0`
 */
export function applySecurityGroups(groups: Field<string[]>, context: PortContext): void {
  if (unread(groups)) return;
  const ids = [...new Set((groups.value ?? []).filter((id) => typeof id === 'string' && id !== ''))];
  if (ids.length === 0) {
    groups.none('names no security group, so pods keep those of their node');
    return;
  }
  if (context.windows) {
    groups.none('EKS has no security groups for Windows pods', 'put the groups on the nodes, or write a NetworkPolicy');
    return;
  }
  context.add({
    apiVersion: 'vpcresources.k8s.aws/v1beta1',
    kind: 'SecurityGroupPolicy',
    metadata: { name: context.name, namespace: context.namespace },
    spec: {
      podSelector: { matchLabels: { ...context.selector } },
      securityGroups: { groupIds: ids.slice(0, MOST_GROUPS) },
    },
  });
  context.findings.require('security-groups-for-pods', `${context.title}: ${ids.slice(0, MOST_GROUPS).join(', ')}`);
  const more =
    ids.length > MOST_GROUPS ? `; EKS takes ${MOST_GROUPS}, so ${ids.slice(MOST_GROUPS).join(', ')} are left out` : '';
  groups.needsAddon(
    'SecurityGroupPolicy.spec.securityGroups.groupIds',
    `pods get the groups of the task${more}`,
    'enable security groups for pods in the VPC CNI, and let the groups admit DNS from the pods and probes from the nodes',
  );
}
