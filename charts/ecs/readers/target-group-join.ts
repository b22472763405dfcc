import { basename } from 'node:path';
import type { InputDocument } from '../input.js';
import type { SourceNode } from '../source/source-node.js';
import { type AttributesPart, type GroupPart, targetGroupPartsOf } from './target-group-parts.js';

/** Says which attributes belong to which target group, among the documents of one run. */
export class TargetGroupJoin {
  private readonly groups: readonly GroupPart[];
  private readonly attributes: readonly { readonly part: AttributesPart; readonly document: InputDocument }[];
  private readonly byArn: ReadonlyMap<string, GroupPart>;
  private readonly byRoot: ReadonlyMap<SourceNode, readonly GroupPart[]>;

  constructor(documents: readonly InputDocument[]) {
    const found = documents.map((document) => ({ document, parts: targetGroupPartsOf(document.root) }));
    this.groups = found.flatMap(({ parts }) => parts.groups);
    this.attributes = found.flatMap(({ document, parts }) => parts.attributes.map((part) => ({ part, document })));
    this.byArn = new Map(this.groups.flatMap((part) => (part.arn === undefined ? [] : [[part.arn, part] as const])));
    this.byRoot = new Map(found.map(({ document, parts }) => [document.root, parts.groups]));
  }

  /** The attributes of a target group; of an attribute that several of them have the last counts. */
  attributesOf(group: GroupPart): readonly AttributesPart[] {
    return this.attributes.flatMap(({ part, document }) => {
      if (part.arn !== undefined) return part.arn === group.arn ? [part] : [];
      // Spares a large run the search for the owner of what cannot be this group's.
      const possible =
        this.groups.length === 1 || group.node.file === document.root.file || isNamedAfter(document, group);
      const owner = possible ? this.ownerOf(part, document) : undefined;
      return owner !== undefined && isSame(owner, group) ? [part] : [];
    });
  }

  /** The target group that attributes belong to; undefined when it is not in the run or cannot be told. */
  ownerOf(attributes: AttributesPart, document: InputDocument): GroupPart | undefined {
    if (attributes.arn !== undefined) return this.byArn.get(attributes.arn);
    const beside = this.byRoot.get(document.root) ?? [];
    if (beside.length > 0) return beside.length === 1 ? beside[0] : undefined;
    let best: GroupPart | undefined;
    for (const group of this.groups) {
      if ((group.name?.length ?? 0) > (best?.name?.length ?? 0) && isNamedAfter(document, group)) best = group;
    }
    if (best !== undefined) return best;
    return this.attributes.length === 1 && this.groups.length === 1 ? this.groups[0] : undefined;
  }
}

/** `describe-target-group-attributes` does not say of what, so the name of the file it was written to has to. */
function isNamedAfter(document: InputDocument, { name = '' }: GroupPart): boolean {
  return name !== '' && basename(document.path).includes(name);
}

/** A document that was looked through twice yields two parts at one place. */
function isSame(a: GroupPart, b: GroupPart): boolean {
  return a.node.file === b.node.file && a.node.offset === b.node.offset;
}
