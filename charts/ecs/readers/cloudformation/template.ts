import { memberOf, type SourceNode, type SourceObject, stringOf } from '../../source/source-node.js';

/** One resource of a template. */
export interface Resource {
  /** Its logical id, by which the rest of the template refers to it. */
  readonly id: string;
  /** Such as `AWS::ECS::Service`. */
  readonly type: string;
  readonly node: SourceObject;
  readonly properties: SourceNode | undefined;
}

/** A CloudFormation template by its sections; nothing in it is resolved. */
export interface Template {
  readonly root: SourceObject;
  /** In the order of the template; of a logical id given twice the last counts. */
  readonly resources: ReadonlyMap<string, Resource>;
  /** Members of `Resources` that are no resource: no object, no `Type`, or `Fn::ForEach`, which is a loop. */
  readonly strangers: readonly { readonly id: string; readonly node: SourceNode; readonly keyOffset: number }[];
  /** Declarations of the `Parameters` section, by name. */
  readonly parameters: ReadonlyMap<string, SourceNode>;
  /** Definitions of the `Conditions` section, by name. */
  readonly conditions: ReadonlyMap<string, SourceNode>;
  readonly mappings: SourceNode | undefined;
}

/**
 * Whether a document is a CloudFormation template: its `Resources` are an object whose members have types such as
 * `AWS::ECS::Service`. An appspec, whose `Resources` are a list, is not.
 *
 * @example isTemplate(fromPlain({ Resources: { Web: { Type: 'AWS::ECS::Service' } } }, origin)) // true
 */
export function isTemplate(root: SourceNode): boolean {
  const resources = memberOf(root, 'Resources');
  if (resources?.kind !== 'object') return false;
  if (memberOf(root, 'AWSTemplateFormatVersion') !== undefined) return true;
  return resources.members.some((member) => isType(stringOf(memberOf(member.value, 'Type'))));
}

/**
 * Takes a template apart.
 *
 * @returns undefined when the document has no object `Resources`
 */
export function templateOf(root: SourceNode): Template | undefined {
  const section = memberOf(root, 'Resources');
  if (root.kind !== 'object' || section?.kind !== 'object') return undefined;
  const resources = new Map<string, Resource>();
  const strangers: { id: string; node: SourceNode; keyOffset: number }[] = [];
  for (const { key: id, value: node, keyOffset } of section.members) {
    const type = stringOf(memberOf(node, 'Type'));
    const earlier = resources.get(id);
    if (earlier !== undefined) strangers.push({ id, node: earlier.node, keyOffset });
    if (node.kind !== 'object' || type === undefined) strangers.push({ id, node, keyOffset });
    else resources.set(id, { id, type, node, properties: memberOf(node, 'Properties') });
  }
  return {
    root,
    resources,
    strangers,
    parameters: membersOf(memberOf(root, 'Parameters')),
    conditions: membersOf(memberOf(root, 'Conditions')),
    mappings: memberOf(root, 'Mappings'),
  };
}

function membersOf(node: SourceNode | undefined): ReadonlyMap<string, SourceNode> {
  return new Map(node?.kind === 'object' ? node.members.map((member) => [member.key, member.value]) : []);
}

function isType(type: string | undefined): boolean {
  return type?.includes('::') ?? false;
}
