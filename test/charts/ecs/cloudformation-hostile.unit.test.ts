import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { InputError } from '../../../charts/ecs/diagnostic.js';
import { isTemplate } from '../../../charts/ecs/readers/cloudformation/template.js';
import { SourceFile } from '../../../charts/ecs/source/position.js';
import { fromPlain, leavesOf, type SourceNode } from '../../../charts/ecs/source/source-node.js';
import { readRoot, translateAll } from './cloudformation-template.js';

const TYPES = [
  'AWS::ECS::TaskDefinition',
  'AWS::ECS::Service',
  'AWS::ECS::Cluster',
  'AWS::ElasticLoadBalancingV2::TargetGroup',
  'AWS::ApplicationAutoScaling::ScalableTarget',
  'AWS::ApplicationAutoScaling::ScalingPolicy',
  'AWS::Events::Rule',
  'AWS::Scheduler::Schedule',
  'AWS::IAM::Role',
];
const KEYS = [
  'Family',
  'ContainerDefinitions',
  'Environment',
  'Name',
  'Value',
  'Image',
  'Cluster',
  'LoadBalancers',
  'PlacementStrategies',
  'TargetGroupAttributes',
  'Key',
  'Targets',
  'Target',
  'EcsParameters',
  'ScheduleExpression',
  'EventPattern',
  'ServiceNamespace',
  'ResourceId',
  'ScalingTargetId',
  'ScheduledActions',
  'Tags',
  'RoleName',
  'Input',
  'constructor',
  '__proto__',
];
const NAMES = ['A', 'B', 'C', 'AWS::Region', 'AWS::NoValue', 'toString'];
const FUNCTIONS = [
  'Ref',
  'Fn::GetAtt',
  'Fn::Sub',
  'Fn::Join',
  'Fn::If',
  'Fn::Select',
  'Fn::Split',
  'Fn::FindInMap',
  'Fn::ImportValue',
  'Fn::Base64',
  'Fn::Length',
  'Fn::ToJsonString',
  'Fn::Transform',
  'Fn::ForEach::X',
  'Fn::Equals',
  'Fn::And',
  'Fn::Not',
  'Condition',
  'Fn::Cidr',
];

const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(
      0,
      1,
      true,
      null,
      '',
      ',',
      'ecs',
      'service/A/B',
      '${A.Arn}-${B}',
      '${!A}${',
      '{{resolve:ssm:${C}}}',
      'rate(1 day)',
      ...NAMES,
    ),
    fc.tuple(fc.constantFrom(...FUNCTIONS), tie('value')).map(([name, argument]) => ({ [name]: argument })),
    fc
      .tuple(fc.constantFrom(...FUNCTIONS), fc.constantFrom(...NAMES))
      .map(([name, argument]) => ({ [name]: argument })),
    fc
      .tuple(fc.constantFrom(...FUNCTIONS), fc.tuple(fc.constantFrom(...NAMES, 0, ','), tie('value'), tie('value')))
      .map(([name, items]) => ({ [name]: items })),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(fc.constantFrom(...KEYS), tie('value')), { maxLength: 5 }).map(ownEntries),
  ),
}));

/** An object with just these entries, `__proto__` among them. */
function ownEntries(entries: readonly (readonly [string, unknown])[]): object {
  return JSON.parse(
    `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`,
  ) as object;
}

const resource = fc.record(
  {
    Type: fc.constantFrom(...TYPES),
    Properties: fc.array(fc.tuple(fc.constantFrom(...KEYS), anyValue), { maxLength: 6 }).map(ownEntries),
    Condition: fc.constantFrom(...NAMES),
  },
  { requiredKeys: ['Type', 'Properties'] },
);

const template = fc.record(
  {
    Parameters: fc.oneof(
      anyValue,
      fc.dictionary(
        fc.constantFrom(...NAMES),
        fc.record({ Type: fc.constantFrom('String', 'List<String>', 'Number'), Default: anyValue }),
        { maxKeys: 2 },
      ),
    ),
    Conditions: fc.oneof(anyValue, fc.dictionary(fc.constantFrom(...NAMES), anyValue, { maxKeys: 3 })),
    Mappings: anyValue,
    Resources: fc.dictionary(fc.constantFrom('A', 'B', 'C'), resource, { minKeys: 1 }),
  },
  { requiredKeys: ['Resources'] },
);

function rootOf(plain: unknown): SourceNode {
  return fromPlain(plain, { file: new SourceFile('stack.json', JSON.stringify(plain) ?? ''), offset: 0 });
}

/** Reads, and answers what was thrown, if anything. */
function failure(root: SourceNode): unknown {
  try {
    readRoot(root);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('any template', () => {
  it('throws nothing but InputError for any JSON', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue({ maxDepth: 6 }),
          fc.jsonValue().map((value) => ({ Resources: value })),
        ),
        (plain) => {
          const root = rootOf(plain);
          isTemplate(root);
          const error = failure(root);
          return error === undefined || error instanceof InputError;
        },
      ),
    );
  });

  it('is read whatever its functions refer to', () => {
    fc.assert(
      fc.property(template, (plain) => {
        expect(failure(rootOf(plain))).toBeUndefined();
      }),
      { numRuns: 400 },
    );
  });

  it('has each leaf in the account once, and leaves none untouched once the translations are through', () => {
    fc.assert(
      fc.property(template, (plain) => {
        const root = rootOf(plain);
        const entries = translateAll(readRoot(root));
        const leaves = [...leavesOf(root)].length;
        expect(entries.reduce((sum, entry) => sum + entry.leaves, 0)).toBe(leaves);
        expect(entries.filter((entry) => entry.untouched === true).map(({ path }) => path)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});

describe('templates that multiply', () => {
  const bucket = (name: unknown) => ({ Type: 'AWS::S3::Bucket', Properties: { BucketName: name } });

  it('refuses names that double with each reference', () => {
    const resources = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`B${index}`, bucket({ 'Fn::Sub': `\${B${index + 1}}`.repeat(200) })]),
    );
    const task = { Type: 'AWS::ECS::TaskDefinition', Properties: { Family: { Ref: 'B0' } } };
    const error = failure(rootOf({ Resources: { ...resources, B30: bucket('x'.repeat(50)), Task: task } }));
    expect(error).toBeInstanceOf(InputError);
  });

  it('ends for long chains of conditions and names', () => {
    const conditions = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, index) => [`C${index}`, { Condition: `C${index + 1}` }]),
    );
    const buckets = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, index) => [`B${index}`, bucket({ Ref: `B${index + 1}` })]),
    );
    const family = { 'Fn::If': ['C0', { Ref: 'B0' }, 'b'] };
    const task = { Type: 'AWS::ECS::TaskDefinition', Properties: { Family: family } };
    expect(failure(rootOf({ Conditions: conditions, Resources: { ...buckets, Task: task } }))).toBeUndefined();
  });
});
