import { emptyInput } from '../../../charts/ecs/empty-input.js';
import type { EcsInput, ReadOptions } from '../../../charts/ecs/input.js';
import { cloudFormationReader } from '../../../charts/ecs/readers/cloudformation.js';
import { parseSource } from '../../../charts/ecs/source/parse-source.js';
import type { SourceNode } from '../../../charts/ecs/source/source-node.js';
import type { Mark } from '../../../charts/report/fidelity.js';
import { type Entry, Ledger } from '../../../charts/report/ledger.js';

/** A stack with everything that the reader reads, and some of what it does not. */
export const STACK = `
AWSTemplateFormatVersion: '2010-09-09'
Description: A shop
Parameters:
  Tag: {Type: String, Default: '1.4'}
  Spare: {Type: String}
  Stage: {Type: String}
Conditions:
  Scaled: !Equals [yes, yes]
  Blue: !Equals [a, b]
Resources:
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: shop}}
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, Tags: [{Key: a, Value: b}]}}
  TaskRole: {Type: AWS::IAM::Role, Properties: {Path: /}}
  Task:
    Type: AWS::ECS::TaskDefinition
    DeletionPolicy: Retain
    Properties:
      Family: web
      TaskRoleArn: !GetAtt TaskRole.Arn
      Volumes: [{Name: data, EFSVolumeConfiguration: {FilesystemId: fs-1}}]
      ContainerDefinitions:
        - Name: app
          Image: !Join ['', [shop, !If [Blue, '-blue', ':'], !Sub '\${Tag}']]
          PortMappings: [{ContainerPort: !If [Blue, 81, 80]}]
  Service:
    Type: AWS::ECS::Service
    DependsOn: Listener
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 2
      PlacementStrategies: [{Type: spread, Field: instanceId}]
      LoadBalancers: [{TargetGroupArn: !Ref Targets, ContainerName: app, ContainerPort: 80}]
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Port: 80
      Targets: [{Id: i-1}]
      TargetGroupAttributes: [{Key: deregistration_delay.timeout_seconds, Value: 60}]
  Scaling:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Condition: Scaled
    Properties:
      ServiceNamespace: ecs
      ScalableDimension: ecs:service:DesiredCount
      ResourceId: !Join ['/', [service, !Ref Cluster, !GetAtt Service.Name]]
      MinCapacity: 1
      MaxCapacity: 4
      Tags: [{Key: team, Value: web}]
      ScheduledActions:
        - {ScheduledActionName: night, Schedule: cron(0 20 * * ? *), ScalableTargetAction: {MaxCapacity: 1}}
  Policy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: cpu
      PolicyType: TargetTrackingScaling
      ScalingTargetId: !Ref Scaling
      TargetTrackingScalingPolicyConfiguration:
        TargetValue: 50
        PredefinedMetricSpecification: {PredefinedMetricType: ECSServiceAverageCPUUtilization}
  Nightly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 day)
      Targets:
        - Id: run
          Arn: !GetAtt Cluster.Arn
          Input: '{"containerOverrides": [{"name": "app", "command": ["clean"]}]}'
          EcsParameters: {TaskDefinitionArn: !Ref Task, TaskCount: 1, TagList: [{Key: a, Value: b}]}
        - {Id: log, Arn: 'arn:aws:sns:eu-west-1:111122223333:log'}
  Hourly:
    Type: AWS::Scheduler::Schedule
    Properties:
      Name: hourly
      ScheduleExpression: rate(1 hour)
      FlexibleTimeWindow: {Mode: 'OFF'}
      Target: {Arn: !GetAtt Cluster.Arn, RoleArn: r, EcsParameters: {TaskDefinitionArn: web}}
  OnEvent:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [aws.s3]}
      Targets: [{Id: a, Arn: !GetAtt Cluster.Arn, EcsParameters: {TaskDefinitionArn: !Ref Task}}]
  Green:
    Type: AWS::ECS::Service
    Condition: Blue
    Properties: {TaskDefinition: !Ref Task}
Outputs:
  Name: {Value: !Ref Service}
`;

/** What a user may give beside the template. */
export interface Given {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly region?: string;
  readonly account?: string;
}

export function optionsOf({ parameters = {}, ...rest }: Given): ReadOptions {
  return { ...rest, parameters: new Map(Object.entries(parameters)), siblings: [], derived: (make) => make([]) };
}

/** Reads a template: an object as JSON, a text as YAML. */
export function readTemplate(template: unknown, given: Given = {}): EcsInput {
  const [path, text] =
    typeof template === 'string' ? ['stack.yaml', template] : ['stack.json', JSON.stringify(template)];
  const [root] = parseSource(path, text);
  if (root === undefined) throw new Error('the template is empty');
  return readRoot(root, path, given);
}

/** Reads a template that is parsed already, which its form is not checked for. */
export function readRoot(root: SourceNode, path = 'stack.json', given: Given = {}): EcsInput {
  const ledger = new Ledger();
  ledger.addDocument(path, root);
  const input = emptyInput(ledger);
  cloudFormationReader.read({ path, root }, input, optionsOf(given));
  return input;
}

/** What the value of an environment variable resolves to, in a template with the given sections beside its resources. */
export function resolved(
  value: unknown,
  sections: Readonly<Record<string, unknown>> = {},
  given: Given = {},
): Resolved {
  const { Resources: resources, ...others } = sections;
  const task = {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: { ContainerDefinitions: [{ Name: 'app', Hostname: value }] },
  };
  const input = readTemplate({ ...others, Resources: { Task: task, ...(resources as object | undefined) } }, given);
  const field = input.taskDefinitions[0]?.definition.get('containerDefinitions').items()[0]?.get('hostname');
  return {
    value: field?.value,
    placeholder: field?.placeholder,
    placeholders: input.placeholders.map(({ name, fix }) => ({ name, fix })),
    codes: input.diagnostics.map(({ code }) => code),
  };
}

export interface Resolved {
  readonly value: unknown;
  readonly placeholder: string | undefined;
  readonly placeholders: readonly { readonly name: string; readonly fix: string }[];
  readonly codes: readonly string[];
}

/** Marks every field that a translation would mark, as far as the reader left it to translations. */
export function translateAll(input: EcsInput): readonly Entry[] {
  const mark: Mark = { fidelity: 'same', kubernetes: ['translated'] };
  for (const { definition } of [...input.taskDefinitions, ...input.services]) definition.mark(mark);
  for (const { definition } of input.scaling) definition.mark(mark);
  for (const { definition, attributes } of input.targetGroups) {
    definition.mark(mark);
    for (const attribute of attributes.values()) attribute.mark(mark);
  }
  for (const item of input.schedules) {
    if (item.kind === 'schedule') item.schedule.mark(mark);
    else {
      item.rule.mark(mark);
      item.target.mark(mark);
    }
  }
  return input.ledger.entries();
}
