import type { Mark } from '../../../report/fidelity.js';
import { joinPath, type Ledger } from '../../../report/ledger.js';
import type { Diagnostic } from '../../diagnostic.js';
import { closest } from '../../closest.js';
import type { Field } from '../../field.js';
import type { SourceNode } from '../../source/source-node.js';
import { documentLeavesOf } from './nodes.js';

/** A part of a document that nothing accounts for: the largest node none of whose leaves is covered. */
export interface Uncovered {
  readonly key: string;
  readonly path: string;
  readonly keyOffset: number;
  readonly node: SourceNode;
  /** Whether the same key follows later in the same object, and so this value has no effect. */
  readonly repeated: boolean;
}

/**
 * What a reader that derives trees from a document has accounted for: by a mark of its own or by a tree whose origins the
 * translations mark. What is left over is an unknown field, so that a manifest's field cannot vanish in its reader.
 */
export class Coverage {
  private readonly covered = new Set<SourceNode>();
  private readonly roots: SourceNode[] = [];

  constructor(private readonly ledger: Ledger) {}

  /** Marks the document leaves that a node stands for; a mark that a translation makes on a derived tree outranks it. */
  mark(node: SourceNode | undefined, mark: Mark): void {
    if (node === undefined) return;
    for (const leaf of documentLeavesOf(node)) {
      // Null stands for nothing given, whatever is said of its section.
      if (leaf.kind === 'scalar' && leaf.value === null) continue;
      this.ledger.mark(leaf, mark);
      this.covered.add(leaf);
    }
  }

  same(node: SourceNode | undefined, kubernetes: readonly string[], note: string): void {
    this.mark(node, { fidelity: 'same', kubernetes, lost: note });
  }

  near(node: SourceNode | undefined, kubernetes: readonly string[], lost: string, todo?: string): void {
    this.mark(node, { fidelity: 'near', kubernetes, lost, ...(todo === undefined ? {} : { todo }) });
  }

  needsAddon(node: SourceNode | undefined, kubernetes: readonly string[], lost: string, todo: string): void {
    this.mark(node, { fidelity: 'needs-addon', kubernetes, lost, todo });
  }

  none(node: SourceNode | undefined, lost: string, todo?: string): void {
    this.mark(node, { fidelity: 'none', kubernetes: [], lost, ...(todo === undefined ? {} : { todo }) });
  }

  /** Takes the tree of a field as covering its origins; call it with the conformed tree. */
  derived<T>(field: Field<T>): Field<T> {
    if (field.node === undefined) return field;
    this.roots.push(field.node);
    for (const leaf of documentLeavesOf(field.node)) this.covered.add(leaf);
    return field;
  }

  /** The roots of all trees given to {@link derived}. */
  get trees(): readonly SourceNode[] {
    return this.roots;
  }

  /** The parts of a document that are not accounted for. Null and empty values account for themselves. */
  uncovered(root: SourceNode): readonly Uncovered[] {
    const found: Uncovered[] = [];
    this.visit(root, '', found);
    return found;
  }

  /**
   * Marks what {@link uncovered} finds as unknown and says so.
   *
   * @param form what has no such field: `a Copilot manifest`
   * @param vocabulary every field name of that form, for "did you mean"
   */
  refuseRest(root: SourceNode, form: string, vocabulary: ReadonlySet<string>): readonly Diagnostic[] {
    return this.uncovered(root).map((part) => {
      const known = vocabulary.has(part.key);
      const guess = known ? undefined : closest(part.key, [...vocabulary]);
      const why = part.repeated
        ? 'given twice; the last one counts'
        : known
          ? `${form} does not use it here`
          : `${form} has no such field`;
      const fix = guess === undefined || part.repeated ? undefined : `did you mean ${guess}?`;
      this.none(part.node, part.repeated ? why : `unknown field: ${why}`, fix);
      return {
        severity: 'warning',
        code: part.repeated ? 'duplicate-field' : 'unknown-field',
        message: part.repeated ? why : `unknown field: ${why}`,
        path: part.path,
        position: part.node.file.position(part.keyOffset),
        ...(fix === undefined ? {} : { fix }),
      };
    });
  }

  private visit(node: SourceNode, path: string, found: Uncovered[]): void {
    if (node.kind === 'array') {
      for (const [index, item] of node.items.entries()) {
        const state = this.stateOf(item);
        const key = /([^.[\]"]*)"?\]?$/.exec(path)?.[1] ?? '';
        if (state === 'none')
          found.push({ key, path: `${path}[${index}]`, keyOffset: item.offset, node: item, repeated: false });
        else if (state === 'some') this.visit(item, `${path}[${index}]`, found);
      }
      return;
    }
    if (node.kind === 'scalar') {
      if (path === '' && this.stateOf(node) === 'none')
        found.push({ key: '', path, keyOffset: node.offset, node, repeated: false });
      return;
    }
    const last = new Map(node.members.map((member) => [member.key, member]));
    for (const member of node.members) {
      const state = this.stateOf(member.value);
      const memberPath = joinPath(path, member.key);
      if (state === 'some') this.visit(member.value, memberPath, found);
      if (state !== 'none') continue;
      const repeated = last.get(member.key) !== member;
      found.push({ key: member.key, path: memberPath, keyOffset: member.keyOffset, node: member.value, repeated });
    }
  }

  /** Whether all, some or none of the leaves below are accounted for. */
  private stateOf(node: SourceNode): 'all' | 'some' | 'none' {
    let covered = 0;
    let open = 0;
    for (const leaf of documentLeavesOf(node)) {
      if (leaf.kind !== 'scalar' || leaf.value === null) continue;
      if (this.covered.has(leaf)) covered++;
      else open++;
    }
    return open === 0 ? 'all' : covered === 0 ? 'none' : 'some';
  }
}
