import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  formatSecretReference,
  parseSecretReference,
  type SecretReference,
} from '../../../charts/ecs/secret-reference.js';

const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db-AbCdEf';
const PARAMETER = 'arn:aws:ssm:eu-west-1:111122223333:parameter';

describe('a secret reference', () => {
  it.each<[string, string, SecretReference]>([
    ['a whole secret', SECRET, { service: 'SecretsManager', id: SECRET, region: 'eu-west-1' }],
    [
      'a key of a secret',
      `${SECRET}:password::`,
      { service: 'SecretsManager', id: SECRET, region: 'eu-west-1', jsonKey: 'password' },
    ],
    [
      'a staged version',
      `${SECRET}::AWSPREVIOUS:`,
      { service: 'SecretsManager', id: SECRET, region: 'eu-west-1', versionStage: 'AWSPREVIOUS' },
    ],
    [
      'a version by its id, of one key',
      `${SECRET}:password::9d4cb84b-ad69-40c0-a0ab-cead36b967e8`,
      {
        service: 'SecretsManager',
        id: SECRET,
        region: 'eu-west-1',
        jsonKey: 'password',
        versionId: '9d4cb84b-ad69-40c0-a0ab-cead36b967e8',
      },
    ],
    [
      'a secret of China without the six characters at its end',
      'arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:db',
      {
        service: 'SecretsManager',
        id: 'arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:db',
        region: 'cn-north-1',
      },
    ],
    [
      'a parameter in a hierarchy',
      `${PARAMETER}/shop/db`,
      { service: 'ParameterStore', id: `${PARAMETER}/shop/db`, region: 'eu-west-1' },
    ],
    [
      'a version of a parameter',
      `${PARAMETER}/db:3`,
      { service: 'ParameterStore', id: `${PARAMETER}/db`, region: 'eu-west-1', parameterVersion: '3' },
    ],
    ['a parameter by name', 'SQL_PASS', { service: 'ParameterStore', id: 'SQL_PASS' }],
    ['a parameter by name with a slash', '/shop/db', { service: 'ParameterStore', id: '/shop/db' }],
    [
      'a parameter by name and label',
      '/shop/db:live',
      { service: 'ParameterStore', id: '/shop/db', parameterVersion: 'live' },
    ],
  ])('is read as %s', (_, text, expected) => {
    expect(parseSecretReference(text)).toEqual(expected);
  });

  it('keeps placeholders, whose colons separate nothing', () => {
    expect(
      parseSecretReference('arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:db:user::'),
    ).toEqual({
      service: 'SecretsManager',
      id: 'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:db',
      region: '${AWS::Region}',
      jsonKey: 'user',
    });
    expect(parseSecretReference('arn:aws:ssm:us-east-1:{{ must_env `ACCOUNT:ID` }}:parameter/a')?.region).toBe(
      'us-east-1',
    );
  });

  it('takes a placeholder with three selectors for a secret', () => {
    expect(parseSecretReference('${DbSecret}:password::')).toEqual({
      service: 'SecretsManager',
      id: '${DbSecret}',
      jsonKey: 'password',
    });
  });

  it.each<[string, string]>([
    ['${REDIS_PASSWORD_SECRET_ARN}', 'SecretsManager'],
    ['<certificate_arn>', 'SecretsManager'],
    ['${support_email}', 'ParameterStore'],
  ])('guesses the service of %s by its name, and says that it is a guess', (text, service) => {
    expect(parseSecretReference(text)).toEqual({ service, id: text, guessed: true });
  });

  it('takes a bare name for a secret where ECS does so', () => {
    expect(parseSecretReference('registry/login', 'SecretsManager')).toEqual({
      service: 'SecretsManager',
      id: 'registry/login',
    });
  });

  it.each([
    '',
    'arn:aws:s3:::bucket/key',
    'arn:aws:ssm:eu-west-1:1:document/a',
    'arn:aws:secretsmanager:eu-west-1:1:secret:',
    'a:b:c',
    ':',
  ])('is none in %j', (text) => {
    expect(parseSecretReference(text)).toBeUndefined();
  });

  const word = fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/);
  const path = fc.array(word, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const place = fc.record({
    partition: fc.constantFrom('aws', 'aws-cn', 'aws-us-gov', '${AWS::Partition}'),
    region: fc.constantFrom('eu-west-1', 'cn-north-1', '${AWS::Region}', '{{ region }}'),
    account: fc.constantFrom('111122223333', '${AWS::AccountId}', '{{account}}'),
  });
  const secret = fc
    .tuple(place, path, fc.record({ jsonKey: word, versionStage: word, versionId: fc.uuid() }, { requiredKeys: [] }))
    .map(([{ partition, region, account }, name, selectors]): SecretReference => {
      const id = `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}`;
      return { service: 'SecretsManager', id, region, ...selectors };
    });
  const parameter = fc
    .tuple(place, path, fc.record({ parameterVersion: word }, { requiredKeys: [] }))
    .map(([{ partition, region, account }, name, version]): SecretReference => {
      const id = `arn:${partition}:ssm:${region}:${account}:parameter/${name}`;
      return { service: 'ParameterStore', id, region, ...version };
    });
  const named = fc.tuple(fc.boolean(), path, fc.record({ parameterVersion: word }, { requiredKeys: [] })).map(
    ([rooted, name, version]): SecretReference => ({
      service: 'ParameterStore',
      id: rooted ? `/${name}` : name,
      ...version,
    }),
  );

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.oneof(secret, parameter, named), (reference) => {
        expect(parseSecretReference(formatSecretReference(reference))).toEqual(reference);
      }),
    );
  });

  it('reads any text without failing, and what it reads is stable', () => {
    const text = fc.oneof(
      fc.string(),
      fc
        .array(
          fc.constantFrom(
            'arn',
            ':',
            'aws',
            'ssm',
            'secretsmanager',
            'secret',
            'parameter/',
            '${',
            '}',
            '{{',
            '}}',
            'x',
            '\uE000',
          ),
          { maxLength: 30 },
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (given) => {
        const read = parseSecretReference(given);
        const again = read === undefined ? undefined : parseSecretReference(formatSecretReference(read));
        expect(again).toEqual(read);
      }),
    );
  });
});
