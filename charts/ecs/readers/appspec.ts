import { Field } from '../field.js';
import type { EcsInput, InputDocument, Reader, ReadOptions } from '../input.js';
import { memberOfAnyCase, positionOf, type SourceNode } from '../source/source-node.js';
import { Coverage } from './derived/coverage.js';
import { itemsOf, membersOf, numberOf, textOf } from './derived/nodes.js';

const VOCABULARY: ReadonlySet<string> = new Set([
  'version',
  'Resources',
  'TargetService',
  'Type',
  'Properties',
  'TaskDefinition',
  'LoadBalancerInfo',
  'ContainerName',
  'ContainerPort',
  'PlatformVersion',
  'NetworkConfiguration',
  'AwsvpcConfiguration',
  'Subnets',
  'SecurityGroups',
  'AssignPublicIp',
  'CapacityProviderStrategy',
  'Base',
  'CapacityProvider',
  'Weight',
  'Hooks',
  'BeforeInstall',
  'AfterInstall',
  'AfterAllowTestTraffic',
  'BeforeAllowTraffic',
  'AfterAllowTraffic',
]);

/**
 * Reads a CodeDeploy appspec for ECS: the task definition to deploy, the container and port behind the load balancer, and
 * the Lambda functions of its lifecycle events. An appspec for EC2, for on-premises servers or for Lambda is refused.
 *
 * Source: CodeDeploy User Guide, "AppSpec file structure for Amazon ECS compute platform deployments".
 *
 * @example appSpecReader.read(document, input, options); input.appSpecs[0]?.hooks // [{ event: 'BeforeInstall', lambda: 'check' }]
 */
export const appSpecReader: Reader = {
  form: 'CodeDeploy appspec',

  recognizes({ root }: InputDocument): boolean {
    const version = textOf(memberOfAnyCase(root, 'version'));
    if (version === undefined || !/^0(\.0)?$/.test(version)) return false;
    return memberOfAnyCase(root, 'Resources')?.kind === 'array' || memberOfAnyCase(root, 'os') !== undefined;
  },

  read(document: InputDocument, input: EcsInput, _options: ReadOptions): void {
    const { root } = document;
    const coverage = new Coverage(input.ledger);
    const services = itemsOf(memberOfAnyCase(root, 'Resources')).flatMap((resource) =>
      membersOf(resource).map(({ value }) => value),
    );
    const foreign = foreignPlatform(root, services);
    if (foreign !== undefined) {
      coverage.none(root, `not read: ${foreign.message}`);
      input.diagnostics.push({
        severity: 'refused',
        code: 'not-ecs',
        message: foreign.message,
        position: positionOf(foreign.node),
        fix: 'give the appspec of an ECS deployment, whose resource has the type AWS::ECS::Service',
      });
      return;
    }
    coverage.same(memberOfAnyCase(root, 'version'), [], 'the version of the file format');
    const hooks = hooksOf(root, coverage);
    for (const service of services) {
      const properties = memberOfAnyCase(service, 'Properties');
      markService(service, properties, coverage);
      const balancer = memberOfAnyCase(properties, 'LoadBalancerInfo');
      const taskDefinition = textOf(memberOfAnyCase(properties, 'TaskDefinition'));
      const containerName = textOf(memberOfAnyCase(balancer, 'ContainerName'));
      const containerPort = numberOf(memberOfAnyCase(balancer, 'ContainerPort'));
      input.appSpecs.push({
        document: document.path,
        ids: [],
        ...(taskDefinition === undefined ? {} : { taskDefinition }),
        ...(containerName === undefined ? {} : { containerName }),
        ...(containerPort === undefined ? {} : { containerPort }),
        hooks,
        root: Field.root<unknown>(input.ledger, root),
        diagnostics: [],
      });
    }
    input.diagnostics.push(...coverage.refuseRest(root, 'an appspec for ECS', VOCABULARY));
  },
};

/** Why the appspec is not one for ECS, and where it says so. */
function foreignPlatform(
  root: SourceNode,
  services: readonly SourceNode[],
): { readonly node: SourceNode; readonly message: string } | undefined {
  const system = memberOfAnyCase(root, 'os');
  if (system !== undefined) {
    return {
      node: system,
      message: 'an appspec with os copies files to EC2 or on-premises servers; no container runs',
    };
  }
  for (const service of services) {
    const type = memberOfAnyCase(service, 'Type');
    if (type === undefined || textOf(type) === 'AWS::ECS::Service') continue;
    const message = `an appspec for ${JSON.stringify(textOf(type) ?? null)} deploys no ECS service; allowed is AWS::ECS::Service`;
    return { node: type, message };
  }
  return services.length === 0 ? { node: root, message: 'the appspec names no service under Resources' } : undefined;
}

function hooksOf(root: SourceNode, coverage: Coverage): { readonly event: string; readonly lambda: string }[] {
  const section = memberOfAnyCase(root, 'Hooks');
  const hooks: { event: string; lambda: string }[] = [];
  for (const member of itemsOf(section).flatMap(membersOf)) {
    const lambda = textOf(member.value);
    if (lambda === undefined || lambda === '') continue;
    hooks.push({ event: member.key, lambda });
    coverage.needsAddon(
      member.value,
      ['Deployment.metadata.annotations'],
      `no Deployment calls a Lambda function at ${member.key}; the hook is carried in an annotation`,
      'install the tranship operator, or call the function from an Argo Rollouts analysis',
    );
  }
  return hooks;
}

function markService(service: SourceNode, properties: SourceNode | undefined, coverage: Coverage): void {
  const of = (key: string): SourceNode | undefined => memberOfAnyCase(properties, key);
  coverage.same(memberOfAnyCase(service, 'Type'), ['Deployment'], 'the resource is an ECS service');
  coverage.same(of('TaskDefinition'), ['Deployment.spec.template'], 'says which task definition the service gets');
  coverage.same(
    memberOfAnyCase(of('LoadBalancerInfo'), 'ContainerName'),
    ['Service.spec.ports.targetPort'],
    'the container that traffic is shifted to',
  );
  coverage.same(
    memberOfAnyCase(of('LoadBalancerInfo'), 'ContainerPort'),
    ['Service.spec.ports.targetPort'],
    'the port that traffic is shifted to',
  );
  coverage.none(
    of('PlatformVersion'),
    'there are no platform versions on EKS; the cluster and its nodes have versions',
  );
  markNetwork(memberOfAnyCase(of('NetworkConfiguration'), 'awsvpcConfiguration'), coverage);
  for (const item of itemsOf(of('CapacityProviderStrategy'))) {
    coverage.near(
      memberOfAnyCase(item, 'CapacityProvider'),
      ['PodSpec.nodeSelector'],
      'the strategy of the service decides where pods run; an appspec does not change it',
      'select the node pool of this capacity provider in the service',
    );
    for (const key of ['Base', 'Weight']) {
      coverage.none(
        memberOfAnyCase(item, key),
        'Kubernetes does not divide the pods of one workload among node pools by number',
      );
    }
  }
}

function markNetwork(network: SourceNode | undefined, coverage: Coverage): void {
  coverage.needsAddon(
    memberOfAnyCase(network, 'subnets'),
    ['PodSpec.nodeSelector'],
    'pods get addresses from the subnets of their nodes',
    'make a node class with these subnets, or an ENIConfig of the VPC CNI',
  );
  coverage.needsAddon(
    memberOfAnyCase(network, 'securityGroups'),
    ['SecurityGroupPolicy.spec.securityGroups.groupIds'],
    'pods have the security groups of their nodes',
    'turn on security groups for pods and list these groups in the policy of the service',
  );
  coverage.none(
    memberOfAnyCase(network, 'assignPublicIp'),
    'pods have no public address',
    'put nodes in a public subnet where traffic has to leave so',
  );
}
