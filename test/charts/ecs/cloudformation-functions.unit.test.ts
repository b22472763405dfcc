import { describe, expect, it } from '@jest/globals';
import { readTemplate, resolved } from './cloudformation-template.js';

const PARAMETERS = {
  Tag: { Type: 'String', Default: '1.4' },
  Port: { Type: 'Number', Default: 8080 },
  Subnets: { Type: 'CommaDelimitedList', Default: 'a, b' },
  Unknown: { Type: 'String' },
  Password: { Type: 'String', NoEcho: true, Default: 'hunter2' },
};
const WITH_PARAMETERS = { Parameters: PARAMETERS };

describe('Fn::Sub and Fn::Join', () => {
  it('fills a text from parameters and from variables of its own, and leaves ${!Literal} as text', () => {
    const text = {
      'Fn::Sub': ['${Repo}:${Tag} ${!HOME}', { Repo: { 'Fn::Join': ['/', ['shop', { Ref: 'Unknown' }]] } }],
    };
    expect(resolved(text, WITH_PARAMETERS)).toMatchObject({
      value: 'shop/${Unknown}:1.4 ${HOME}',
      placeholder: 'Unknown',
    });
  });

  it('names all that is missing in a text', () => {
    expect(resolved({ 'Fn::Sub': '${Unknown}-${AWS::StackName}-${Unknown}' }, WITH_PARAMETERS).placeholder).toBe(
      'Unknown, AWS::StackName',
    );
  });

  it('leaves out what is AWS::NoValue', () => {
    expect(resolved({ 'Fn::Join': ['-', ['a', { Ref: 'AWS::NoValue' }, 'b']] }).value).toBe('a-b');
  });

  it('treats dynamic references as values that only the deployed stack knows', () => {
    expect(resolved('postgres://{{resolve:secretsmanager:db:SecretString:user}}@db')).toMatchObject({
      value: 'postgres://${resolve:secretsmanager:db:SecretString:user}@db',
      placeholder: 'resolve:secretsmanager:db:SecretString:user',
    });
    expect(resolved({ 'Fn::Sub': '{{resolve:ssm:${Unknown}}}' }, WITH_PARAMETERS).placeholder).toBe(
      'resolve:ssm:Unknown',
    );
  });
});

describe('Fn::If and conditions', () => {
  const choice = { 'Fn::If': ['IsProd', 'prod', 'test'] };
  const sections = (condition: unknown, more: object = {}) => ({
    ...WITH_PARAMETERS,
    Conditions: { IsProd: condition, ...more },
  });
  const equals = (left: unknown, right: unknown) => ({ 'Fn::Equals': [left, right] });

  it.each([
    ['Fn::Equals that holds', equals({ Ref: 'Tag' }, '1.4'), 'prod'],
    ['Fn::Equals that does not', equals({ Ref: 'Tag' }, '1.5'), 'test'],
    ['numbers by their text', equals({ Ref: 'Port' }, '8080'), 'prod'],
    ['Fn::Not', { 'Fn::Not': [equals('a', 'a')] }, 'test'],
    ['Fn::And', { 'Fn::And': [equals('a', 'a'), equals('a', 'b')] }, 'test'],
    [
      'Fn::And with a false operand beside an undecided one',
      { 'Fn::And': [equals({ Ref: 'Unknown' }, 'x'), equals('a', 'b')] },
      'test',
    ],
    ['Fn::Or', { 'Fn::Or': [equals('a', 'b'), { Condition: 'Other' }] }, 'prod'],
    ['the default of a NoEcho parameter', equals({ Ref: 'Password' }, ''), 'test'],
  ])('decides by %s', (_name, condition, expected) => {
    const { value, codes } = resolved(choice, sections(condition, { Other: equals('b', 'b') }));
    expect({ value, codes }).toEqual({ value: expected, codes: [] });
  });

  it('takes the first value and says so when the condition hangs on a missing value', () => {
    const { value, codes } = resolved(choice, sections(equals({ Ref: 'Unknown' }, 'x')));
    expect({ value, codes }).toEqual({ value: 'prod', codes: ['undecided-condition'] });
  });

  it('survives conditions that refer to themselves or do not exist', () => {
    expect(resolved(choice, sections({ Condition: 'IsProd' })).codes).toEqual(['circular-condition']);
    expect(resolved(choice).codes).toEqual(['unknown-condition']);
  });

  it('drops an item of a list that is AWS::NoValue', () => {
    const input = readTemplate(`
Parameters: {EnvFile: {Type: String, Default: ''}}
Conditions: {HasEnvFile: !Not [!Equals [!Ref EnvFile, '']]}
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: app
          EnvironmentFiles: [!If [HasEnvFile, {Type: s3, Value: !Ref EnvFile}, !Ref AWS::NoValue]]
`);
    expect(input.taskDefinitions[0]?.definition.value?.containerDefinitions?.[0]?.environmentFiles).toEqual([]);
    expect(input.placeholders).toEqual([]);
  });
});

describe('functions on lists and maps', () => {
  it('selects an item of a split text', () => {
    const image = { 'Fn::Select': ['1', { 'Fn::Split': [':', 'shop:1.4'] }] };
    expect(resolved(image).value).toBe('1.4');
  });

  it('names an item of a missing list by the list and its index', () => {
    const first = {
      'Fn::Select': [0, { 'Fn::Split': [',', { 'Fn::ImportValue': { 'Fn::Sub': '${Unknown}-Subnets' } }] }],
    };
    expect(resolved(first, WITH_PARAMETERS)).toMatchObject({
      placeholder: 'Unknown-Subnets[0]',
      placeholders: [{ name: 'Unknown-Subnets[0]', fix: '--parameter Unknown-Subnets=VALUE' }],
    });
    expect(resolved(first, WITH_PARAMETERS, { parameters: { Unknown: 'net', 'net-Subnets': 'a,b' } }).value).toBe('a');
  });

  it('does not take apart a logical id that stands for an ARN', () => {
    const sections = { Resources: { Web: { Type: 'AWS::ECS::Service' } } };
    expect(resolved({ 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'Web' }] }] }, sections).value).toBe('Web');
  });

  it('finds values in mappings by known keys, else by the default value', () => {
    const sections = { Mappings: { Sizes: { 'eu-west-1': { cpu: 'big' } } } };
    const find = { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'cpu'] };
    expect(resolved(find, sections, { region: 'eu-west-1' }).value).toBe('big');
    expect(resolved(find, sections).placeholder).toBe('Sizes.AWS::Region.cpu');
    expect(resolved(find, sections, { region: 'eu-west-2' }).codes).toEqual(['unknown-mapping']);
    const otherwise = { 'Fn::FindInMap': ['Sizes', '__proto__', 'cpu', { DefaultValue: { Ref: 'Tag' } }] };
    expect(resolved(otherwise, { ...sections, ...WITH_PARAMETERS }).value).toBe('1.4');
  });

  it('converts', () => {
    expect(resolved({ 'Fn::Base64': 'run' }).value).toBe('cnVu');
    expect(resolved({ 'Fn::Length': { Ref: 'Subnets' } }, WITH_PARAMETERS).value).toBe('2');
    expect(
      resolved({ 'Fn::ToJsonString': { a: [{ Ref: 'Tag' }, { Ref: 'Unknown' }] } }, WITH_PARAMETERS),
    ).toMatchObject({
      value: '{"a":["1.4","${Unknown}"]}',
      placeholder: 'Unknown',
    });
  });

  it('leaves what only CloudFormation runs as a placeholder and says how to get its result', () => {
    expect(resolved({ 'Fn::Transform': { Name: 'Shout' } }).codes).toEqual(['not-expanded']);
    expect(resolved({ 'Fn::GetAZs': '' }).placeholder).toBe('Fn::GetAZs');
  });

  it.each([
    ['Fn::Join', ['-']],
    ['Fn::Select', [7, ['a']]],
    ['Fn::Split', ['', 'a']],
    ['Fn::If', ['IsProd', 'a']],
    ['Fn::FindInMap', ['Map']],
    ['Fn::GetAtt', 'Role'],
    ['Fn::Sub', { a: 1 }],
  ])('reports %s that cannot be resolved', (name, argument) => {
    expect(resolved({ [name]: argument }).codes).toEqual(['invalid-function']);
  });
});
