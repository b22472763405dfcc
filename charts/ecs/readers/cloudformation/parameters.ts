import type { ReadOptions } from '../../input.js';
import { memberOf, type SourceNode, stringOf } from '../../source/source-node.js';

/** A parameter's value; lists for `CommaDelimitedList` and `List<…>`. */
export type ParameterValue = string | number | readonly (string | number)[];

/** Where a parameter's value comes from: the user, the template's `Default`, or nowhere. */
export type ParameterOrigin = 'given' | 'default' | 'unknown';

/** The `Parameters` section of a template together with the values that the user gave. */
export class Parameters {
  private readonly asked = new Set<string>();

  constructor(
    private readonly declarations: ReadonlyMap<string, SourceNode>,
    private readonly given: ReadonlyMap<string, string>,
  ) {}

  has(name: string): boolean {
    return this.declarations.has(name);
  }

  /**
   * The value by the parameter's type, or undefined when it is not known: without default, or kept in Parameter Store.
   *
   * @param deciding true within a condition. Elsewhere the default of a `NoEcho` parameter counts as unknown, since it
   *   would stand in a manifest in plain text
   * @example new Parameters(declarations, new Map([['Subnets', 'a,b']])).value('Subnets', false) // ['a', 'b']
   */
  value(name: string, deciding: boolean): ParameterValue | undefined {
    this.asked.add(name);
    return this.find(name, deciding);
  }

  /** Whether anything that is ported asked for the parameter. */
  isUsed(name: string): boolean {
    return this.asked.has(name);
  }

  origin(name: string): ParameterOrigin {
    if (this.find(name, false) === undefined) return 'unknown';
    return this.given.has(name) ? 'given' : 'default';
  }

  private find(name: string, deciding: boolean): ParameterValue | undefined {
    const declaration = this.declarations.get(name);
    const type = stringOf(memberOf(declaration, 'Type')) ?? 'String';
    const given = this.given.get(name);
    if (type.startsWith('AWS::SSM::Parameter::Value')) {
      // A parameter file gives such a parameter the name of the entry in Parameter Store, which is not the value.
      return given === undefined || given.startsWith('/') ? undefined : typed(given, type.slice(type.indexOf('<') + 1));
    }
    if (given !== undefined) return typed(given, type);
    const value = defaultOf(memberOf(declaration, 'Default'));
    if (value === undefined || (value !== '' && !deciding && isSecret(declaration))) return undefined;
    return typed(value, type);
  }
}

/**
 * The value of `AWS::Region` and its like; undefined when it is known only once the stack is deployed.
 * Partition and URL suffix follow from the region, and are those of the commercial regions where none is given.
 *
 * @example pseudoParameter('AWS::Partition', { ...options, region: 'cn-north-1' }) // 'aws-cn'
 */
export function pseudoParameter(name: string, options: ReadOptions): string | undefined {
  const china = options.region?.startsWith('cn-') ?? false;
  switch (name) {
    case 'AWS::Region':
      return options.region;
    case 'AWS::AccountId':
      return options.account;
    case 'AWS::Partition':
      return china ? 'aws-cn' : (options.region?.startsWith('us-gov-') ?? false) ? 'aws-us-gov' : 'aws';
    case 'AWS::URLSuffix':
      return china ? 'amazonaws.com.cn' : 'amazonaws.com';
    default:
      return undefined;
  }
}

function defaultOf(node: SourceNode | undefined): string | undefined {
  if (node?.kind === 'array') return node.items.flatMap((item) => defaultOf(item) ?? []).join(',');
  return node?.kind === 'scalar' && node.value !== null ? String(node.value) : undefined;
}

function isSecret(declaration: SourceNode | undefined): boolean {
  const noEcho = memberOf(declaration, 'NoEcho');
  return noEcho?.kind === 'scalar' && String(noEcho.value) === 'true';
}

function typed(value: string, type: string): ParameterValue {
  if (!type.startsWith('List<') && !type.startsWith('CommaDelimitedList')) return scalar(value, type);
  const items = value === '' ? [] : value.split(',').map((item) => item.trim());
  return items.map((item) => scalar(item, type.startsWith('List<Number') ? 'Number' : 'String'));
}

function scalar(value: string, type: string): string | number {
  const number = type.startsWith('Number') && /^\s*[+-]?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : value;
}
