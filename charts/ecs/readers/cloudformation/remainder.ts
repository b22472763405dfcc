import type { Mark } from '../../../report/fidelity.js';
import { leavesOf, memberOf, type SourceNode, stringOf } from '../../source/source-node.js';
import { howToSupply, PROCESSED } from './derivation.js';
import type { Parameters } from './parameters.js';
import type { Reading } from './reading.js';
import type { Resource, Template } from './template.js';

/** What becomes of resources that this tool does not read, by type or by the start of it; the first that fits counts. */
const OTHERS: readonly (readonly [start: string, lost: string, todo?: string])[] = [
  [
    'AWS::ECS::CapacityProvider',
    'instances that ECS scales are not carried',
    'give the nodes to Karpenter or a managed node group',
  ],
  [
    'AWS::ECS::ClusterCapacityProviderAssociations',
    'instances that ECS scales are not carried',
    'give the nodes to Karpenter or a managed node group',
  ],
  [
    'AWS::ECS::',
    'this kind of ECS resource is not read',
    'port what `aws ecs describe-services` and `describe-task-definition` answer',
  ],
  ['AWS::Logs::LogGroup', 'the log group stays in CloudFormation; the log agent of the nodes writes to it'],
  ['AWS::IAM::', 'stays in CloudFormation'],
  ['AWS::EC2::SecurityGroup', 'stays in CloudFormation; pods get it by a SecurityGroupPolicy where a service names it'],
  [
    'AWS::ServiceDiscovery::',
    'stays in CloudFormation; pods are found by their Service instead, callers outside the cluster need external-dns',
  ],
  [
    'AWS::ElasticLoadBalancingV2::LoadBalancer',
    'stays in CloudFormation; the AWS Load Balancer Controller registers pods in its target groups',
  ],
  ['AWS::ElasticLoadBalancingV2::', 'stays in CloudFormation, where it keeps routing to the target groups'],
  ['AWS::AppMesh::', 'App Mesh is not carried, and AWS ends it on 2026-09-30', 'choose a mesh, or the Gateway API'],
  ['AWS::AutoScaling::', 'container instances are not carried', 'give the nodes to Karpenter or a managed node group'],
  [
    'AWS::CloudWatch::Alarm',
    'stays in CloudFormation; one on AWS/ECS metrics gets no data after the move',
    'point it at the metrics of Container Insights for EKS',
  ],
  [
    'AWS::CodeDeploy::',
    'deployments by CodeDeploy are not carried',
    'see what the report says of the deployment controller of the service',
  ],
  ['AWS::CloudFormation::Stack', 'a nested stack has a template of its own', 'port that template too'],
  ['AWS::Serverless::', 'needs the SAM transform, which only CloudFormation runs; it stays there'],
  ['AWS::Events::Rule', 'starts no ECS task; it stays in CloudFormation'],
  ['AWS::Scheduler::', 'starts no ECS task; it stays in CloudFormation'],
  ['AWS::ApplicationAutoScaling::', 'scales no ECS service that the template tells; it stays in CloudFormation'],
  ['Custom::', 'runs code when the stack is deployed; it stays in CloudFormation'],
];

/** What the sections of a template are for, once their values stand where they are used. */
const SECTIONS: ReadonlyMap<string, string> = new Map([
  ['AWSTemplateFormatVersion', 'says how the template is to be read'],
  ['Description', 'says what the template is for'],
  ['Metadata', 'is for tools; CloudFormation deploys nothing of it'],
  ['Mappings', 'its values stand where they are looked up'],
  ['Conditions', 'they are decided where they are used'],
  ['Outputs', 'stay in CloudFormation, with the resources they tell of'],
  ['Rules', 'check parameters when the stack is deployed'],
  ['Hooks', 'belong to blue/green deployments by CloudFormation'],
  ['Transform', 'is run by CloudFormation only; what it would change is not seen here'],
  ['Globals', 'are for the SAM transform, which only CloudFormation runs'],
]);

/** Attributes of a resource beside its properties. */
const ATTRIBUTES: ReadonlyMap<string, string> = new Map([
  ['Type', 'says what the resource is'],
  ['DependsOn', 'orders the work of CloudFormation; Kubernetes objects may come in any order'],
  ['Metadata', 'is for tools; CloudFormation deploys nothing of it'],
  ['CreationPolicy', 'has no effect on ECS resources'],
  ['UpdatePolicy', 'has no effect on ECS resources'],
]);

/** Accounts for a resource that is not read, as one entry. @param roles what {@link rolesOfTasks} found */
export function setAsideResource(resource: Resource, roles: ReadonlyMap<string, string>, reading: Reading): void {
  const { ledger } = reading.input;
  if (resource.type === 'AWS::ECS::Cluster') {
    const lost = 'the EKS cluster takes its place, and its name becomes the namespace; its settings are not carried';
    ledger.collapse(resource.node, { fidelity: 'near', kubernetes: ['Namespace.metadata.name'], lost });
    return;
  }
  const use = resource.type === 'AWS::IAM::Role' ? roles.get(resource.id) : undefined;
  if (use !== undefined) {
    const why = use.includes('task')
      ? 'it trusts ECS and not the pods of the cluster'
      : 'nothing in the cluster assumes it: other roles pull images, read secrets and write logs';
    const todo = 'change roles and their trust as the IAM section of the report says';
    ledger.collapse(resource.node, {
      fidelity: 'near',
      kubernetes: [],
      lost: `the ${use} stays in CloudFormation, but ${why}`,
      todo,
    });
    return;
  }
  const [, why, todo] = OTHERS.find(([start]) => resource.type.startsWith(start)) ?? [];
  const lost = `${resource.type}${why === undefined ? ' is not an ECS resource; it stays in CloudFormation' : `: ${why}`}`;
  // What stays where it is and keeps working is not lost: nothing is to be done about it.
  ledger.collapse(resource.node, todo === undefined ? { fidelity: 'same', kubernetes: [], lost } : none(lost, todo));
  if (resource.type.startsWith('AWS::ECS::')) {
    reading.derivation.say('note', 'resource-not-read', `${resource.id} is not carried: ${lost}`, resource.node, todo);
  }
}

/** Accounts for what a resource that is read has beside its properties. */
export function markAttributes(resource: Resource, reading: Reading): void {
  for (const { key, value } of resource.node.members) {
    if (key === 'Properties' && value === resource.properties) continue;
    reading.input.ledger.mark(value, attributeMark(key, value, reading));
  }
}

/** Transforms that change nothing that is ported. */
const HARMLESS_TRANSFORMS: ReadonlySet<string> = new Set(['AWS::LanguageExtensions', 'AWS::CodeDeployBlueGreen']);

/** Accounts for the sections beside `Resources`: one entry each, and one for every parameter. */
export function markSections(reading: Reading, parameters: Parameters): void {
  const { ledger } = reading.input;
  const { root, strangers, resources } = reading.template;
  for (const { key, value } of root.members) {
    if (memberOf(root, key) !== value) ledger.collapse(value, none('given twice; the last one counts'));
    else if (key === 'Parameters' && value.kind === 'object') {
      for (const parameter of value.members) ledger.collapse(parameter.value, parameterMark(parameter.key, parameters));
    } else if (key !== 'Resources') {
      const known = SECTIONS.get(key);
      ledger.collapse(value, known === undefined ? none('CloudFormation templates have no such section') : same(known));
      if (key === 'Transform') reportTransforms(value, reading);
    }
  }
  for (const { id, node } of strangers) {
    const [code, message] = resources.has(id)
      ? ['duplicate-field', 'given twice; the last one counts']
      : id.startsWith('Fn::')
        ? ['not-expanded', `${id} is not expanded: it is run by CloudFormation only`]
        : ['invalid-resource', 'a resource is an object with a Type'];
    ledger.collapse(node, none(message));
    const fix = code === 'not-expanded' ? PROCESSED : undefined;
    reading.derivation.say('warning', code ?? '', `${id}: ${message ?? ''}`, node, fix);
  }
}

function reportTransforms(value: SourceNode, reading: Reading): void {
  for (const leaf of leavesOf(value)) {
    const name = stringOf(leaf);
    if (name === undefined || HARMLESS_TRANSFORMS.has(name)) continue;
    const message = `transform ${name} is run by CloudFormation only; what it changes is not seen`;
    reading.derivation.say('note', 'not-expanded', message, leaf, PROCESSED);
  }
}

function attributeMark(key: string, value: SourceNode, reading: Reading): Mark {
  if (key === 'Condition') {
    const name = stringOf(value) ?? '';
    const { holds } = reading.resolver.decide(name, value);
    if (holds !== undefined) return same(`condition ${name} is ${String(holds)}`);
    const lost = `condition ${name} cannot be decided; the resource is ported as if it held`;
    const todo = 'supply the parameters that the condition depends on';
    return { fidelity: 'near', kubernetes: [], lost, todo };
  }
  if (key === 'DeletionPolicy' || key === 'UpdateReplacePolicy') {
    const deletes = stringOf(value) === 'Delete';
    return deletes
      ? same('objects are deleted when they are taken away')
      : none('nothing keeps an object that is taken away');
  }
  const known = ATTRIBUTES.get(key);
  return known === undefined ? none('CloudFormation resources have no such attribute') : same(known);
}

function parameterMark(name: string, parameters: Parameters): Mark {
  if (!parameters.isUsed(name)) return same('nothing that is ported uses it');
  const origin = parameters.origin(name);
  if (origin !== 'unknown')
    return same(`${origin === 'given' ? 'the value given for it' : 'its default'} stands where it is used`);
  const lost = 'its value is not known; a placeholder stands where it is used';
  return { fidelity: 'near', kubernetes: [], lost, todo: howToSupply(name) };
}

function same(note: string): Mark {
  return { fidelity: 'same', kubernetes: [], lost: note };
}

function none(lost: string, todo?: string): Mark {
  return { fidelity: 'none', kubernetes: [], lost, ...(todo === undefined ? {} : { todo }) };
}

/** Logical ids that task definitions name as their roles, and which role each is. */
export function rolesOfTasks(template: Template): ReadonlyMap<string, string> {
  const roles = new Map<string, string>();
  for (const { type, properties } of template.resources.values()) {
    if (type !== 'AWS::ECS::TaskDefinition') continue;
    for (const [property, use] of [
      ['TaskRoleArn', 'task role'],
      ['ExecutionRoleArn', 'execution role'],
    ] as const) {
      const value = memberOf(properties, property);
      // The logical id stands in a Ref, in `Role.Arn`, or within the text of a Fn::Sub.
      const words =
        value === undefined ? [] : [...leavesOf(value)].flatMap((leaf) => stringOf(leaf)?.split(/[^A-Za-z0-9]+/) ?? []);
      for (const id of new Set(words)) {
        const known = roles.get(id);
        if (known === undefined) roles.set(id, use);
        else if (!known.includes(use)) roles.set(id, `${known} and ${use}`);
      }
    }
  }
  return roles;
}
