import type { Position } from '../ecs/source/position.js';
import { positionOf, type SourceNode } from '../ecs/source/source-node.js';
import { type Mark, worse } from './fidelity.js';

/** What became of one leaf of the input. */
export interface Entry extends Mark {
  /** The input it stands in: a file's path, or `aws:` and an ARN. */
  readonly document: string;
  /** The field as the input writes it, such as `containerDefinitions[0].cpu`. */
  readonly path: string;
  readonly position: Position;
  /** How many leaves the entry stands for; more than 1 only where a whole part was set aside, such as a VPC in a template. */
  readonly leaves: number;
}

const NULL: Mark = { fidelity: 'same', kubernetes: [], lost: 'null, the same as absent' };
const EMPTY: Mark = { fidelity: 'same', kubernetes: [], lost: 'empty, nothing to carry' };
const UNTOUCHED: Mark = {
  fidelity: 'none',
  kubernetes: [],
  lost: 'no translation deals with this field',
  todo: 'carry it by hand, and report it as a gap in tranship',
  untouched: true,
};

/**
 * The account of every input field. Documents are entered whole, translations mark what they deal with, and what nobody
 * marked is an entry too: a field cannot vanish.
 *
 * A mark on an object or array holds for all below it that has no mark of its own; of several marks on one node, the
 * least faithful counts; a mark on a derived node counts for its origins.
 */
export class Ledger {
  private readonly documents: { readonly name: string; readonly root: SourceNode }[] = [];
  private readonly trees: SourceNode[] = [];
  private readonly marks = new Map<SourceNode, Mark>();
  private readonly collapsed = new Set<SourceNode>();

  /** Enters a document; each of its leaves will be in {@link entries} exactly once. */
  addDocument(name: string, root: SourceNode): void {
    this.documents.push({ name, root });
  }

  /** Enters a tree that a reader derived from documents, so that marks on it reach its origins. */
  addDerived(root: SourceNode): void {
    this.trees.push(root);
  }

  /** Says what becomes of a node and of all below it that is not marked itself. */
  mark(node: SourceNode, mark: Mark): void {
    const earlier = this.marks.get(node);
    this.marks.set(node, earlier === undefined ? mark : worse(earlier, mark));
  }

  /** As {@link mark}, but the whole node becomes one entry instead of one a leaf. */
  collapse(node: SourceNode, mark: Mark): void {
    this.mark(node, mark);
    this.collapsed.add(node);
  }

  /** Every leaf of every document with what became of it, in document order. */
  entries(): readonly Entry[] {
    const reached = this.marksOfOrigins();
    const entries: Entry[] = [];
    for (const { name, root } of this.documents) {
      this.walk(root, undefined, '', (node, path, inherited) => {
        const mark = reached.get(node) ?? inherited ?? implied(node);
        entries.push({ document: name, path, position: positionOf(node), leaves: this.leavesOf(node), ...mark });
      });
    }
    return entries;
  }

  /** Marks of derived leaves, carried back to the leaves of the documents they come from. */
  private marksOfOrigins(): ReadonlyMap<SourceNode, Mark> {
    const reached = new Map<SourceNode, Mark>();
    const reach = (leaf: SourceNode, mark: Mark): void => {
      const earlier = reached.get(leaf);
      reached.set(leaf, earlier === undefined || earlier === mark ? mark : worse(earlier, mark));
    };
    /** Reaches the raw leaves that a derived leaf was made from; an origin may be a whole part, such as a chosen branch. */
    const reachOrigins = (node: SourceNode, mark: Mark): void => {
      if (node.origins !== undefined && node.origins.length > 0)
        for (const origin of node.origins) reachOrigins(origin, mark);
      else this.eachLeaf(node, undefined, (leaf) => reach(leaf, mark));
    };
    for (const tree of this.trees) {
      this.eachLeaf(tree, undefined, (leaf, mark) => {
        if (mark !== undefined) reachOrigins(leaf, mark);
      });
    }
    return reached;
  }

  /** As {@link walk}, without the paths, which most passes over a tree do not need. */
  private eachLeaf(
    node: SourceNode,
    inherited: Mark | undefined,
    visit: (leaf: SourceNode, mark: Mark | undefined) => void,
  ): void {
    const own = this.marks.get(node);
    const mark = own ?? inherited;
    if (own !== undefined && this.collapsed.has(node)) visit(node, mark);
    else if (node.kind === 'array' && node.items.length > 0)
      for (const item of node.items) this.eachLeaf(item, mark, visit);
    else if (node.kind === 'object' && node.members.length > 0)
      for (const member of node.members) this.eachLeaf(member.value, mark, visit);
    else visit(node, mark);
  }

  private walk(
    node: SourceNode,
    inherited: Mark | undefined,
    path: string,
    visit: (leaf: SourceNode, path: string, mark: Mark | undefined) => void,
  ): void {
    const own = this.marks.get(node);
    const mark = own ?? inherited;
    if (own !== undefined && this.collapsed.has(node)) visit(node, path, mark);
    else if (node.kind === 'array' && node.items.length > 0) {
      node.items.forEach((item, index) => this.walk(item, mark, `${path}[${index}]`, visit));
    } else if (node.kind === 'object' && node.members.length > 0) {
      for (const member of node.members) this.walk(member.value, mark, joinPath(path, member.key), visit);
    } else visit(node, path, mark);
  }

  private leavesOf(node: SourceNode): number {
    if (!this.collapsed.has(node)) return 1;
    let count = 0;
    const pending = [node];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const children =
        next.kind === 'array' ? next.items : next.kind === 'object' ? next.members.map((m) => m.value) : [];
      if (children.length === 0) count++;
      else pending.push(...children);
    }
    return count;
  }
}

/** `a` and `b` make `a.b`; keys that would be ambiguous are quoted: `options["awslogs-group"]`. */
export function joinPath(path: string, key: string): string {
  if (!/^[A-Za-z_][\w:]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

function implied(node: SourceNode): Mark {
  if (node.kind === 'scalar') return node.value === null ? NULL : UNTOUCHED;
  return EMPTY;
}
