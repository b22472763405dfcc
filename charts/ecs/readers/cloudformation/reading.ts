import type { Mark } from '../../../report/fidelity.js';
import { joinPath } from '../../../report/ledger.js';
import type { Field } from '../../field.js';
import type { EcsInput, InputDocument } from '../../input.js';
import type { SourceMember, SourceNode, SourceObject } from '../../source/source-node.js';
import { type Tree, treeOf } from '../../tree.js';
import { type Derivation, howToSupply } from './derivation.js';
import type { Resolver } from './intrinsics.js';
import type { Resource, Template } from './template.js';

/** One template being read: its resolved properties, and the trees made of them. */
export class Reading {
  private readonly resolved = new Map<Resource, SourceNode>();
  private readonly reported = new Set<string>();

  constructor(
    readonly document: InputDocument,
    readonly template: Template,
    readonly resolver: Resolver,
    readonly derivation: Derivation,
    readonly input: EcsInput,
  ) {}

  /** The properties of a resource with their functions resolved; an empty object when it has none. */
  properties(resource: Resource): SourceNode {
    const known = this.resolved.get(resource);
    if (known !== undefined) return known;
    const { file, offset } = resource.node;
    const raw = resource.properties;
    const node = (raw === undefined ? undefined : this.resolver.resolve(raw)) ?? {
      kind: 'object',
      file,
      offset,
      members: [],
    };
    this.resolved.set(resource, node);
    return node;
  }

  /** The path of a resource's property, as messages name it: `Resources.Web.Properties.Cluster`. */
  path(resource: Resource, property = ''): string {
    return `${joinPath('Resources', resource.id)}.Properties${property === '' ? '' : `.${property}`}`;
  }

  /** Brings resolved properties into an AWS structure's shape and reports what is missing in them. */
  tree<T>(node: SourceNode, structure: string, path: string): Tree<T> {
    this.reportMissing(node);
    return treeOf<T>(this.input.ledger, node, structure, { path });
  }

  /** Lists what is missing in a part of the template, each name once. */
  reportMissing(node: SourceNode): void {
    for (const { name, supply, node: at } of this.derivation.allMissing(node)) {
      if (this.reported.has(name)) continue;
      this.reported.add(name);
      this.input.placeholders.push({ name, document: this.document.path, node: at, fix: howToSupply(supply) });
    }
  }

  /** Says what becomes of a resolved node that is in no tree. */
  mark(node: SourceNode, mark: Mark): void {
    this.input.ledger.addDerived(node);
    this.input.ledger.mark(node, mark);
  }
}

/** An object with other members, made from `node`. */
export function withMembers(node: SourceObject, members: readonly SourceMember[]): SourceObject {
  return { ...node, members, origins: [node] };
}

/** The object without some of its members; anything else as it is. */
export function without(node: SourceNode, ...keys: readonly string[]): SourceNode {
  if (node.kind !== 'object' || !node.members.some(({ key }) => keys.includes(key))) return node;
  return withMembers(
    node,
    node.members.filter(({ key }) => !keys.includes(key)),
  );
}

/** The object with members renamed from what CloudFormation calls them to what the API does; anything else as it is. */
export function renamed(node: SourceNode, names: ReadonlyMap<string, string>): SourceNode {
  if (node.kind !== 'object' || !node.members.some(({ key }) => names.has(key))) return node;
  return withMembers(
    node,
    node.members.map((member) => ({ ...member, key: names.get(member.key) ?? member.key })),
  );
}

/** A string field's text when nothing is missing in it. */
export function knownText(field: Field<string>): string | undefined {
  return field.placeholder === undefined ? writtenText(field) : undefined;
}

/** A string field's text, perhaps with `${Name}` in it. */
export function writtenText(field: Field<string>): string | undefined {
  const value: unknown = field.value;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Ids without repetition and without those that are absent. */
export function idsOf(...ids: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(ids.filter((id) => id !== undefined))];
}

/** The short name of an ECS cluster from its name or ARN; undefined when it is absent or not known. */
export function clusterNameOf(text: string | undefined): string | undefined {
  const name = text?.slice(text.lastIndexOf('/') + 1);
  return name === undefined || name === '' || text?.includes('${') === true ? undefined : name;
}
