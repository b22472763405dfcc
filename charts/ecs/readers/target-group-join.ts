import { basename } from 'node:path';
import type { InputDocument } from '../input.js';
import type { SourceNode } from '../source/source-node.js';
import { type AttributesPart, type GroupPart, targetGroupPartsOf } from './target-group-parts.js';

/** Says which attributes belong to which target group, among the documents of one run; made once for all of them. */
export class TargetGroupJoin {
  private readonly groups: readonly GroupPart[];
  private readonly attributes: readonly { readonly part: AttributesPart; readonly document: InputDocument }[];
  private readonly byArn: ReadonlyMap<string, GroupPart>;
  private readonly byRoot: ReadonlyMap<SourceNode, readonly GroupPart[]>;
  /** The first group of each name; the longest names come first. */
  private readonly byName: readonly (readonly [name: string, group: GroupPart])[];
  private readonly owned = new Map<string, AttributesPart[]>();

  constructor(documents: readonly InputDocument[]) {
    const found = documents.map((document) => ({ document, parts: targetGroupPartsOf(document.root) }));
    this.groups = found.flatMap(({ parts }) => parts.groups);
    this.attributes = found.flatMap(({ document, parts }) => parts.attributes.map((part) => ({ part, document })));
    this.byArn = new Map(this.groups.flatMap((part) => (part.arn === undefined ? [] : [[part.arn, part] as const])));
    this.byRoot = new Map(found.map(({ document, parts }) => [document.root, parts.groups]));
    this.byName = [...Map.groupBy(this.groups, ({ name = '' }) => name)]
      .flatMap(([name, [group]]) => (name === '' || group === undefined ? [] : [[name, group] as const]))
      .sort(([a], [b]) => b.length - a.length);
    for (const { part, document } of this.attributes) {
      const owner = this.ownerOf(part, document);
      if (owner === undefined) continue;
      const known = this.owned.get(placeOf(owner));
      if (known === undefined) this.owned.set(placeOf(owner), [part]);
      else known.push(part);
    }
  }

  /** The attributes of a target group; of an attribute that several of them have the last counts. */
  attributesOf(group: GroupPart): readonly AttributesPart[] {
    return this.owned.get(placeOf(group)) ?? [];
  }

  /** The target group that attributes belong to; undefined when it is not in the run or cannot be told. */
  ownerOf(attributes: AttributesPart, document: InputDocument): GroupPart | undefined {
    if (attributes.arn !== undefined) return this.byArn.get(attributes.arn);
    const beside = this.byRoot.get(document.root) ?? [];
    if (beside.length > 0) return beside.length === 1 ? beside[0] : undefined;
    // `describe-target-group-attributes` does not say of what, so the name of the file it was written to has to.
    const file = basename(document.path);
    const named = this.byName.find(([name]) => file.includes(name));
    if (named !== undefined) return named[1];
    return this.attributes.length === 1 && this.groups.length === 1 ? this.groups[0] : undefined;
  }
}

/** The join of all documents of a run, for `ReadOptions.derived`. */
export function joinTargetGroups(documents: readonly InputDocument[]): TargetGroupJoin {
  return new TargetGroupJoin(documents);
}

/** A document that was looked through twice yields two parts at one place. */
function placeOf({ node }: GroupPart): string {
  return `${node.offset} ${node.file.path}`;
}
