import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { appSpecReader } from '../../../charts/ecs/readers/appspec.js';
import { entryAt, findings, read, untouched } from './derived-reading.js';

const ECS = `version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: <TASK_DEFINITION>
        LoadBalancerInfo: {ContainerName: web, ContainerPort: 8080}
        PlatformVersion: LATEST
        NetworkConfiguration:
          AwsvpcConfiguration: {Subnets: [subnet-1], SecurityGroups: [sg-1], AssignPublicIp: DISABLED}
        CapacityProviderStrategy: [{Base: 1, CapacityProvider: FARGATE, Weight: 2}]
Hooks:
  - BeforeInstall: check-install
  - AfterAllowTestTraffic: arn:aws:lambda:eu-west-1:111122223333:function:check
`;

describe('an appspec for ECS', () => {
  it('names the task definition, the container behind the load balancer and the hooks in their order', () => {
    const { input } = read(appSpecReader, { 'appspec.yaml': ECS });
    expect(input.appSpecs).toMatchObject([
      {
        document: 'appspec.yaml',
        taskDefinition: '<TASK_DEFINITION>',
        containerName: 'web',
        containerPort: 8080,
        hooks: [
          { event: 'BeforeInstall', lambda: 'check-install' },
          { event: 'AfterAllowTestTraffic', lambda: 'arn:aws:lambda:eu-west-1:111122223333:function:check' },
        ],
      },
    ]);
  });

  it('accounts for each field: hooks need an add-on, platform versions and weights are lost', () => {
    const reading = read(appSpecReader, { 'appspec.yaml': ECS });
    const properties = 'Resources[0].TargetService.Properties';
    expect(entryAt(reading, 'Hooks[0].BeforeInstall')).toMatchObject({
      fidelity: 'needs-addon',
      kubernetes: ['Deployment.metadata.annotations'],
    });
    expect(entryAt(reading, `${properties}.LoadBalancerInfo.ContainerPort`)).toMatchObject({ fidelity: 'same' });
    expect(entryAt(reading, `${properties}.PlatformVersion`)).toMatchObject({ fidelity: 'none' });
    expect(entryAt(reading, `${properties}.NetworkConfiguration.AwsvpcConfiguration.Subnets[0]`)).toMatchObject({
      fidelity: 'needs-addon',
    });
    expect(entryAt(reading, `${properties}.CapacityProviderStrategy[0].Weight`)).toMatchObject({ fidelity: 'none' });
    expect(untouched(reading)).toEqual([]);
  });

  it('is read from JSON, with its fields in either letter case', () => {
    const text =
      '{"version": 0.0, "resources": [{"web": {"type": "AWS::ECS::Service", "properties": {"taskDefinition": "web:3"}}}]}';
    const reading = read(appSpecReader, { 'appspec.json': text });
    expect(reading.input.appSpecs).toMatchObject([{ taskDefinition: 'web:3', hooks: [] }]);
    expect(untouched(reading)).toEqual([]);
  });

  it('reports fields that an appspec does not have', () => {
    const reading = read(appSpecReader, { 'appspec.yaml': ECS.replace('PlatformVersion', 'PlatformVersoin') });
    expect(reading.input.diagnostics).toMatchObject([
      { code: 'unknown-field', fix: 'did you mean PlatformVersion?', position: { line: 8, column: 9 } },
    ]);
  });
});

describe('an appspec for something else', () => {
  it.each([
    [
      'servers',
      'version: 0.0\nos: linux\nfiles: [{source: a, destination: b}]\n',
      'copies files to EC2 or on-premises servers',
    ],
    [
      'Lambda',
      'version: 0.0\nResources: [{f: {Type: "AWS::Lambda::Function", Properties: {Name: x}}}]\n',
      '"AWS::Lambda::Function" deploys no ECS service',
    ],
    ['nothing', 'version: 0.0\nResources: []\n', 'names no service under Resources'],
  ])('is refused with its reason when it is for %s', (_what, text, reason) => {
    const reading = read(appSpecReader, { 'appspec.yml': text });
    expect(findings(reading)).toEqual([expect.stringContaining(reason)]);
    expect(reading.input.appSpecs).toEqual([]);
    expect(untouched(reading)).toEqual([]);
  });
});

describe('documents that are no appspec', () => {
  it.each(['version: 1\nResources: []\n', 'Resources: {A: {Type: "AWS::ECS::Service"}}\n', 'version: 0.0\n'])(
    'are left to other readers: %j',
    (text) => {
      expect(read(appSpecReader, { 'a.yml': text }).input.diagnostics).toEqual([]);
    },
  );
});

describe('any JSON value', () => {
  it('under Resources and Hooks is accounted for, whatever its shape', () => {
    const service = fc.record({ Type: fc.constant('AWS::ECS::Service'), Properties: fc.jsonValue() });
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string(), fc.oneof(service, fc.jsonValue()))),
        fc.jsonValue(),
        fc.jsonValue(),
        (Resources, Hooks, rest) => {
          const reading = read(appSpecReader, {
            'appspec.json': JSON.stringify({ version: '0.0', Resources, Hooks, rest }),
          });
          expect(untouched(reading)).toEqual([]);
        },
      ),
    );
  });
});
