import { isPlaceholder, parseTemplatedArn, splitAtColons } from './templated-arn.js';

/** Where a secret's value is kept. The words are those of the External Secrets operator's AWS provider. */
export type SecretService = 'SecretsManager' | 'ParameterStore';

/** What `secrets[].valueFrom` and its like refer to: never a value. */
export interface SecretReference {
  readonly service: SecretService;
  /**
   * What the AWS API is asked for: the ARN or the name, as the input writes it. An ARN of Secrets Manager without the six
   * characters that Secrets Manager adds to names stays without them, and is looked up as ECS looks it up.
   */
  readonly id: string;
  /** From an ARN; absent for a name, which means the task's own region. */
  readonly region?: string;
  /** Key of the secret's JSON object; absent for the whole secret. */
  readonly jsonKey?: string;
  /** Staging label of the secret's version, such as `AWSPREVIOUS`. */
  readonly versionStage?: string;
  readonly versionId?: string;
  /** Version number or label of a parameter. */
  readonly parameterVersion?: string;
  /** Set when the text is a placeholder that hides which service is meant; `service` is then a guess by its name. */
  readonly guessed?: true;
}

/**
 * Reads a reference in any form that ECS takes: the ARN of a secret with `:json-key:version-stage:version-id` behind it
 * or not, the ARN of a parameter, or a bare name, with or without a leading `/`. Placeholders of deployment tools are kept.
 *
 * Source: ECS API `Secret.valueFrom`; amazon-ecs-agent `taskresource/asmsecret`.
 *
 * @param bareName the service that a bare name belongs to. @default 'ParameterStore', as for `secrets[]`
 * @returns undefined when the text is empty or the ARN of something else
 * @example parseSecretReference('arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:password::')?.jsonKey // 'password'
 */
export function parseSecretReference(
  text: string,
  bareName: SecretService = 'ParameterStore',
): SecretReference | undefined {
  if (text === '') return undefined;
  const arn = parseTemplatedArn(text);
  if (arn?.service === 'secretsmanager') {
    const [type, name, ...selectors] = splitAtColons(arn.resource);
    if (type !== 'secret' || name === undefined || name === '') return undefined;
    const id = `arn:${arn.partition}:secretsmanager:${arn.region}:${arn.account}:secret:${name}`;
    return { service: 'SecretsManager', id, ...given('region', arn.region), ...secretSelectors(selectors) };
  }
  if (arn?.service === 'ssm') {
    const [name, version] = splitAtColons(arn.resource);
    if (name === undefined || !/^parameter\/./s.test(name)) return undefined;
    const id = `arn:${arn.partition}:ssm:${arn.region}:${arn.account}:${name}`;
    return { service: 'ParameterStore', id, ...given('region', arn.region), ...given('parameterVersion', version) };
  }
  if (arn !== undefined || text.startsWith('arn:')) return undefined;
  return bare(text, bareName);
}

/**
 * The text that {@link parseSecretReference} reads as this reference.
 *
 * @example formatSecretReference({ service: 'ParameterStore', id: '/db/password' }) // '/db/password'
 */
export function formatSecretReference(reference: SecretReference): string {
  if (reference.service === 'ParameterStore') {
    return reference.parameterVersion === undefined ? reference.id : `${reference.id}:${reference.parameterVersion}`;
  }
  const selectors = [reference.jsonKey, reference.versionStage, reference.versionId];
  if (selectors.every((selector) => selector === undefined)) return reference.id;
  return [reference.id, ...selectors.map((selector) => selector ?? '')].join(':');
}

function bare(text: string, bareName: SecretService): SecretReference | undefined {
  const [id, ...rest] = splitAtColons(text);
  if (id === undefined || id === '') return undefined;
  if (isPlaceholder(id)) {
    // `${Secret}:key::` can only be a secret: parameters have at most one selector.
    if (rest.length === 3) return { service: 'SecretsManager', id, ...secretSelectors(rest) };
    if (rest.length > 1) return undefined;
    const service = /secret|arn/i.test(id) && rest.length === 0 ? 'SecretsManager' : bareName;
    return { service, id, ...parameterSelector(service, rest), guessed: true };
  }
  if (bareName === 'SecretsManager') return { service: bareName, id: text };
  return rest.length > 1 ? undefined : { service: bareName, id, ...parameterSelector(bareName, rest) };
}

function secretSelectors(selectors: readonly string[]): Partial<SecretReference> {
  const [jsonKey, versionStage, versionId] = selectors;
  return { ...given('jsonKey', jsonKey), ...given('versionStage', versionStage), ...given('versionId', versionId) };
}

function parameterSelector(service: SecretService, rest: readonly string[]): Partial<SecretReference> {
  return service === 'ParameterStore' ? given('parameterVersion', rest[0]) : {};
}

function given(key: keyof SecretReference, value: string | undefined): Partial<SecretReference> {
  return value === undefined || value === '' ? {} : { [key]: value };
}
