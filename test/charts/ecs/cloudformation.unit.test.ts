import { describe, expect, it } from '@jest/globals';
import { cloudFormationReader } from '../../../charts/ecs/readers/cloudformation.js';
import { parseSource } from '../../../charts/ecs/source/parse-source.js';
import { readTemplate, STACK } from './cloudformation-template.js';

describe('recognition', () => {
  const recognizes = (text: string): boolean =>
    parseSource('x.yaml', text).some((root) => cloudFormationReader.recognizes({ path: 'x.yaml', root }));

  it('takes templates and leaves an appspec and a compose file alone', () => {
    expect(recognizes('Resources: {Web: {Type: AWS::ECS::Service}}')).toBe(true);
    expect(recognizes('AWSTemplateFormatVersion: 2010-09-09\nResources: {}')).toBe(true);
    expect(recognizes('version: 0.0\nResources: [{TargetService: {Type: AWS::ECS::Service}}]')).toBe(false);
    expect(recognizes('resources: {a: {type: b}}')).toBe(false);
    expect(recognizes('Resources: {a: {Type: b}}')).toBe(false);
  });

  it('refuses Resources that are no object, with the place', () => {
    expect(() => readTemplate('AWSTemplateFormatVersion: 1\nResources: []')).toThrow(/^stack\.yaml:2:12: .*Resources/);
  });
});

describe('what a template holds', () => {
  const input = readTemplate(STACK);

  it('reads task definitions with their functions resolved and their CloudFormation names as the API has them', () => {
    const [task] = input.taskDefinitions;
    expect(task).toMatchObject({ family: 'web', ids: ['Task', 'web'], document: 'stack.yaml' });
    const value = task?.definition.value;
    expect(value?.containerDefinitions?.[0]).toMatchObject({
      image: 'shop:1.4',
      portMappings: [{ containerPort: 80 }],
    });
    expect(value?.volumes?.[0]?.efsVolumeConfiguration?.fileSystemId).toBe('fs-1');
    expect(value?.taskRoleArn).toBe('${TaskRole.Arn}');
  });

  it('reads services that refer to the rest by logical ids, and leaves out those whose condition is false', () => {
    expect(input.services).toHaveLength(1);
    const [service] = input.services;
    expect(service).toMatchObject({ name: 'Service', ids: ['Service'], cluster: 'shop', taskDefinition: 'Task' });
    const value = service?.definition.value;
    expect(value?.placementStrategy).toEqual([{ type: 'spread', field: 'instanceId' }]);
    expect(value?.loadBalancers?.[0]?.targetGroupArn).toBe('Targets');
  });

  it('reads target groups with their attributes', () => {
    const [group] = input.targetGroups;
    expect(group?.ids).toEqual(['Targets']);
    expect([...(group?.attributes ?? [])].map(([key, field]) => [key, field.value])).toEqual([
      ['deregistration_delay.timeout_seconds', '60'],
    ]);
  });

  it('reads scalable targets, the scheduled actions in them, and policies by the id of their target', () => {
    expect(input.scaling.map(({ kind, service, cluster }) => [kind, service, cluster])).toEqual([
      ['target', 'Service', 'shop'],
      ['scheduled-action', 'Service', 'shop'],
      ['policy', 'Service', 'shop'],
    ]);
    const resourceIds = input.scaling.map(({ definition }) => (definition.value as { ResourceId?: string }).ResourceId);
    expect(resourceIds).toEqual(Array.from({ length: 3 }, () => 'service/shop/Service'));
    expect(input.scaling[0]?.definition.value).toMatchObject({ MaxCapacity: 4, Tags: { team: 'web' } });
  });

  it('reads schedules of either kind, but not rules that wait for events', () => {
    expect(
      input.schedules.map(({ kind, name, cluster, taskDefinition }) => [kind, name, cluster, taskDefinition]),
    ).toEqual([
      ['rule', 'Nightly', 'shop', 'Task'],
      ['schedule', 'hourly', 'shop', 'web'],
    ]);
  });

  it('lists each missing value once', () => {
    expect(input.placeholders.map(({ name, document }) => [name, document])).toEqual([['TaskRole.Arn', 'stack.yaml']]);
  });
});

describe('templates as tools write them', () => {
  it('reads JSON as the CDK writes it', () => {
    const input = readTemplate(
      {
        Parameters: {
          BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/x/version' },
        },
        Rules: {
          CheckBootstrapVersion: {
            Assertions: [{ Assert: { 'Fn::Not': [{ 'Fn::Contains': [['1'], { Ref: 'BootstrapVersion' }] }] } }],
          },
        },
        Resources: {
          Logs0A: { Type: 'AWS::Logs::LogGroup' },
          Task1B: {
            Type: 'AWS::ECS::TaskDefinition',
            Metadata: { 'aws:cdk:path': 'stack/Task' },
            Properties: {
              ContainerDefinitions: [
                {
                  Name: 'app',
                  Image: {
                    'Fn::Join': [
                      '',
                      [
                        { Ref: 'AWS::AccountId' },
                        '.dkr.ecr.',
                        { Ref: 'AWS::Region' },
                        '.',
                        { Ref: 'AWS::URLSuffix' },
                        '/app',
                      ],
                    ],
                  },
                  LogConfiguration: { LogDriver: 'awslogs', Options: { 'awslogs-group': { Ref: 'Logs0A' } } },
                },
              ],
            },
          },
        },
      },
      { region: 'eu-west-1' },
    );
    const container = input.taskDefinitions[0]?.definition.get('containerDefinitions').items()[0];
    expect(container?.value).toMatchObject({
      image: '${AWS::AccountId}.dkr.ecr.eu-west-1.amazonaws.com/app',
      logConfiguration: { options: { 'awslogs-group': 'Logs0A' } },
    });
    expect(input.placeholders.map(({ name }) => name)).toEqual(['AWS::AccountId']);
    expect(input.taskDefinitions[0]?.family).toBe('Task1B');
  });

  it('reports loops and transforms, which only CloudFormation runs', () => {
    const input = readTemplate({
      Transform: ['AWS::LanguageExtensions', 'Shout'],
      Resources: {
        'Fn::ForEach::Web': ['N', ['a'], { '${N}': { Type: 'AWS::ECS::Service' } }],
        Other: { Type: 'AWS::SNS::Topic' },
      },
    });
    expect(input.diagnostics.map(({ code, severity, position }) => [code, severity, position.line])).toEqual([
      ['not-expanded', 'note', 1],
      ['not-expanded', 'warning', 1],
    ]);
  });
});
