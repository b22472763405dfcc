import { describe, expect, it } from '@jest/globals';
import { resolved } from './cloudformation-template.js';

const PARAMETERS = {
  Tag: { Type: 'String', Default: '1.4' },
  Port: { Type: 'Number', Default: 8080 },
  Subnets: { Type: 'CommaDelimitedList', Default: 'a, b' },
  Unknown: { Type: 'String' },
  Image: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/shop/image' },
  Password: { Type: 'String', NoEcho: true, Default: 'hunter2' },
};
const WITH_PARAMETERS = { Parameters: PARAMETERS };

describe('Ref', () => {
  it('is the default of a parameter, in its type', () => {
    expect(resolved({ Ref: 'Tag' }, WITH_PARAMETERS).value).toBe('1.4');
    expect(resolved({ 'Fn::Sub': '${Port}' }, WITH_PARAMETERS).value).toBe('8080');
    expect(resolved({ 'Fn::Join': ['|', { Ref: 'Subnets' }] }, WITH_PARAMETERS).value).toBe('a|b');
  });

  it('is the value that the user gave before the default', () => {
    expect(resolved({ Ref: 'Tag' }, WITH_PARAMETERS, { parameters: { Tag: '2' } }).value).toBe('2');
  });

  it('is a placeholder when the parameter has no value, and says how to supply one', () => {
    expect(resolved({ Ref: 'Unknown' }, WITH_PARAMETERS)).toEqual({
      value: '${Unknown}',
      placeholder: 'Unknown',
      placeholders: [{ name: 'Unknown', fix: '--parameter Unknown=VALUE' }],
      codes: [],
    });
  });

  it('does not take the key of an entry in Parameter Store for its value', () => {
    expect(resolved({ Ref: 'Image' }, WITH_PARAMETERS).placeholder).toBe('Image');
    expect(resolved({ Ref: 'Image' }, WITH_PARAMETERS, { parameters: { Image: '/other' } }).placeholder).toBe('Image');
    expect(resolved({ Ref: 'Image' }, WITH_PARAMETERS, { parameters: { Image: 'shop:1' } }).value).toBe('shop:1');
  });

  it('keeps the default of a NoEcho parameter out of manifests', () => {
    expect(resolved({ Ref: 'Password' }, WITH_PARAMETERS).value).toBe('${Password}');
  });

  it('knows pseudo parameters as far as the user tells region and account', () => {
    const text = { 'Fn::Sub': '${AWS::Partition} ${AWS::Region} ${AWS::AccountId} ${AWS::URLSuffix}' };
    const known = resolved(text, {}, { region: 'cn-north-1', account: '111122223333' });
    expect(known.value).toBe('aws-cn cn-north-1 111122223333 amazonaws.com.cn');
    expect(resolved(text).placeholders).toEqual([
      { name: 'AWS::Region', fix: '--region REGION' },
      { name: 'AWS::AccountId', fix: '--account ACCOUNT' },
    ]);
  });

  it('removes the property when it is AWS::NoValue', () => {
    expect(resolved({ Ref: 'AWS::NoValue' }).value).toBeUndefined();
  });

  it('reports a name that the template does not have once, with the one that is probably meant', () => {
    const { placeholder, codes } = resolved({ 'Fn::Sub': '${Tga}:${Tga}' }, WITH_PARAMETERS);
    expect({ placeholder, codes }).toEqual({ placeholder: 'Tga', codes: ['unknown-reference'] });
  });
});

describe('Fn::GetAtt and Ref to resources', () => {
  const role = (properties: unknown) => ({ Resources: { Role: { Type: 'AWS::IAM::Role', Properties: properties } } });

  it('makes the ARN of a role whose name and account are known', () => {
    const named = role({ RoleName: { 'Fn::Sub': 'web-${AWS::Region}' }, Path: '/app/' });
    const given = { region: 'eu-west-1', account: '111122223333' };
    expect(resolved({ 'Fn::GetAtt': ['Role', 'Arn'] }, named, given).value).toBe(
      'arn:aws:iam::111122223333:role/app/web-eu-west-1',
    );
  });

  it.each([
    ['a list', ['Role', 'Arn']],
    ['a text', 'Role.Arn'],
  ])('keeps a placeholder for an unnamed role, written as %s', (_form, argument) => {
    expect(resolved({ 'Fn::GetAtt': argument }, role({}), { account: '111122223333' }).value).toBe('${Role.Arn}');
  });

  it('takes the value that the user gives for an attribute', () => {
    const given = { parameters: { 'Role.Arn': 'arn:aws:iam::1:role/x' } };
    expect(resolved({ 'Fn::Sub': '${Role.Arn}' }, role({}), given).value).toBe('arn:aws:iam::1:role/x');
  });

  it('names a log group by its name, and by its logical id where CloudFormation makes one up', () => {
    const group = (properties: unknown) => ({
      Resources: { Logs: { Type: 'AWS::Logs::LogGroup', Properties: properties } },
    });
    expect(resolved({ Ref: 'Logs' }, group({ LogGroupName: '/ecs/web' })).value).toBe('/ecs/web');
    expect(resolved({ Ref: 'Logs' }, group({})).value).toBe('Logs');
  });

  it('makes the address of an image repository', () => {
    const sections = {
      Resources: { Repo: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: 'shop/web' } } },
    };
    const given = { region: 'eu-west-1', account: '111122223333' };
    const image = { 'Fn::Sub': '${Repo.RepositoryUri}:1' };
    expect(resolved(image, sections, given).value).toBe('111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/web:1');
    expect(resolved(image, sections).value).toBe('${Repo.RepositoryUri}:1');
  });

  it('ends where names refer to each other', () => {
    const sections = {
      Resources: {
        A: { Type: 'AWS::S3::Bucket', Properties: { BucketName: { Ref: 'B' } } },
        B: { Type: 'AWS::S3::Bucket', Properties: { BucketName: { Ref: 'A' } } },
      },
    };
    expect(resolved({ Ref: 'A' }, sections).placeholder).toBeDefined();
  });
});
