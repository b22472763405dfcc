import { memberOf, type SourceNode } from '../../source/source-node.js';
import type { Derivation, Missing } from './derivation.js';
import type { Resource } from './template.js';

/** What a `Ref` or `Fn::GetAtt` to a resource amounts to. */
export interface Referred {
  readonly text: string;
  readonly missing: readonly Missing[];
  /** Set when the text is a logical id that stands for an ARN or a name, which must not be taken apart. */
  readonly whole?: true;
}

/** Attributes of resources that this tool reads too; a reference to them is by logical id, as `Ref`. */
const LINKED: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['AWS::ECS::TaskDefinition', new Set(['Ref', 'TaskDefinitionArn'])],
  ['AWS::ECS::Service', new Set(['Ref', 'ServiceArn', 'Name'])],
  ['AWS::ElasticLoadBalancingV2::TargetGroup', new Set(['Ref', 'TargetGroupArn', 'TargetGroupName'])],
  ['AWS::ApplicationAutoScaling::ScalableTarget', new Set(['Ref', 'Id'])],
]);

/**
 * Resources that CloudFormation knows by a name the template may give: the property that names it, and what references
 * amount to, with the name as `{}`. Source: "Return values" of each type in the CloudFormation template reference.
 */
const NAMED: ReadonlyMap<string, { readonly property: string; readonly values: ReadonlyMap<string, string> }> = new Map(
  [
    named('AWS::Logs::LogGroup', 'LogGroupName', { Ref: '{}', Arn: arn('logs', 'log-group:{}:*') }),
    named('AWS::IAM::Role', 'RoleName', {
      Ref: '{}',
      Arn: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role{Path}{}',
    }),
    named('AWS::ECR::Repository', 'RepositoryName', {
      Ref: '{}',
      Arn: arn('ecr', 'repository/{}'),
      RepositoryUri: '${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/{}',
    }),
    named('AWS::SSM::Parameter', 'Name', { Ref: '{}' }),
    named('AWS::SecretsManager::Secret', 'Name', {
      Ref: arn('secretsmanager', 'secret:{}'),
      Id: arn('secretsmanager', 'secret:{}'),
    }),
    named('AWS::S3::Bucket', 'BucketName', { Ref: '{}', Arn: 'arn:${AWS::Partition}:s3:::{}' }),
    named('AWS::DynamoDB::Table', 'TableName', { Ref: '{}', Arn: arn('dynamodb', 'table/{}') }),
    named('AWS::SQS::Queue', 'QueueName', {
      Ref: 'https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/{}',
      Arn: arn('sqs', '{}'),
      QueueName: '{}',
    }),
    named('AWS::SNS::Topic', 'TopicName', { Ref: arn('sns', '{}'), TopicArn: arn('sns', '{}'), TopicName: '{}' }),
    named('AWS::Kinesis::Stream', 'Name', { Ref: '{}', Arn: arn('kinesis', 'stream/{}') }),
    named('AWS::Lambda::Function', 'FunctionName', { Ref: '{}', Arn: arn('lambda', 'function:{}') }),
  ],
);

/** References to named resources may lead from name to name; no real template does so often. */
const LONGEST_CHAIN = 8;

/** Answers what references to the resources of a template amount to. */
export class References {
  private readonly names = new Map<string, Referred | undefined>();
  private readonly pending = new Set<string>();

  /**
   * @param resolve resolves the property that names a resource
   * @param pseudo the value of a pseudo parameter, when it is known
   */
  constructor(
    private readonly derivation: Derivation,
    private readonly resolve: (node: SourceNode) => SourceNode | undefined,
    private readonly pseudo: (name: string) => string | undefined,
  ) {}

  /**
   * @param attribute as in `Fn::GetAtt`; `Ref` for a `Ref`
   * @returns undefined when only the deployed stack knows
   */
  referred(resource: Resource, attribute: string): Referred | undefined {
    if (LINKED.get(resource.type)?.has(attribute) === true) return { text: resource.id, missing: [], whole: true };
    if (resource.type === 'AWS::ECS::Cluster' && (attribute === 'Ref' || attribute === 'Arn')) {
      const name = this.nameOf(resource, 'ClusterName');
      return name?.missing.length === 0 ? { ...name, whole: true } : { text: resource.id, missing: [], whole: true };
    }
    const known = NAMED.get(resource.type);
    const form = known?.values.get(attribute);
    if (known === undefined || form === undefined) return undefined;
    const name = this.nameOf(resource, known.property);
    if (form === '{}' && name !== undefined) return name;
    if (form === '{}' && resource.type === 'AWS::Logs::LogGroup') return { text: resource.id, missing: [] };
    return name === undefined || name.missing.length > 0 ? undefined : this.filled(form, name.text, resource);
  }

  /** The name that the template gives a resource, perhaps with parts missing; undefined when CloudFormation makes one up. */
  private nameOf(resource: Resource, property: string): Referred | undefined {
    if (this.names.has(resource.id)) return this.names.get(resource.id);
    const given = memberOf(resource.properties, property);
    if (given === undefined || this.pending.has(resource.id) || this.pending.size >= LONGEST_CHAIN) return undefined;
    this.pending.add(resource.id);
    const node = this.resolve(given);
    this.pending.delete(resource.id);
    const name =
      node?.kind === 'scalar' && node.value !== null && node.value !== ''
        ? { text: String(node.value), missing: this.derivation.missingIn(node) }
        : undefined;
    this.names.set(resource.id, name);
    return name;
  }

  /** The form with name, path and pseudo parameters put in; undefined when one of them is not known. */
  private filled(form: string, name: string, resource: Resource): Referred | undefined {
    const path = memberOf(resource.properties, 'Path');
    let text = form;
    if (form.includes('{Path}')) {
      const node = path === undefined ? undefined : this.resolve(path);
      if (node !== undefined && (node.kind !== 'scalar' || this.derivation.missingIn(node).length > 0))
        return undefined;
      text = text.replace('{Path}', () => String(node?.value ?? '/'));
    }
    for (const pseudo of ['AWS::Partition', 'AWS::Region', 'AWS::AccountId', 'AWS::URLSuffix']) {
      if (!text.includes(`\${${pseudo}}`)) continue;
      const value = this.pseudo(pseudo);
      if (value === undefined) return undefined;
      text = text.replaceAll(`\${${pseudo}}`, () => value);
    }
    return { text: text.replace('{}', () => name), missing: [] };
  }
}

function arn(service: string, resource: string): string {
  return `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`;
}

function named(
  type: string,
  property: string,
  values: Readonly<Record<string, string>>,
): [string, { property: string; values: ReadonlyMap<string, string> }] {
  return [type, { property, values: new Map(Object.entries(values)) }];
}
