import type { Fidelity, Mark } from '../report/fidelity.js';
import { joinPath, type Ledger } from '../report/ledger.js';
import type { Position } from './source/position.js';
import { memberOf, positionOf, type SourceNode, toPlain } from './source/source-node.js';

type Item<T> = T extends readonly (infer I)[] ? I : never;

/**
 * A cursor over one field of the input, typed by the AWS SDK. Translations read through it and say on it what becomes of
 * the field, so reading and accounting cannot part. A field that is absent has no value, and marking it does nothing.
 *
 * @example
 * const memory = container.get('memory');
 * const limit = memory.value; // number | undefined, MiB
 * memory.same('Container.resources.limits.memory');
 */
export class Field<T> {
  private constructor(
    readonly ledger: Ledger,
    readonly node: SourceNode | undefined,
    private readonly parent: Field<unknown> | undefined,
    private readonly key: string | number,
  ) {}

  /** The root of a tree that `conform` has checked against the AWS model; enters it in the ledger. */
  static root<T>(ledger: Ledger, node: SourceNode): Field<T> {
    ledger.addDerived(node);
    return new Field<T>(ledger, node, undefined, '');
  }

  /** Whether the input has the field; null counts as absent, as for the AWS APIs. */
  get exists(): boolean {
    return this.node !== undefined && !(this.node.kind === 'scalar' && this.node.value === null);
  }

  /** The name of what is missing when the field's value is not known, such as an unresolved `Ref`. */
  get placeholder(): string | undefined {
    return this.node?.kind === 'scalar' ? this.node.placeholder : undefined;
  }

  /**
   * The value as plain data, or undefined when it is absent or not usable as what it must be (that was reported when it
   * was read). A placeholder in a string field is its text.
   */
  get value(): T | undefined {
    if (!this.exists || this.node === undefined) return undefined;
    const plain = toPlain(this.node);
    // Items that are null were refused or are not known; nobody expects them in a list of strings.
    return (Array.isArray(plain) ? plain.filter((item) => item !== null) : plain) as T;
  }

  /** Where the field stands; where its parent stands when it is absent. */
  get position(): Position | undefined {
    return this.node === undefined ? this.parent?.position : positionOf(rawOf(this.node));
  }

  /** The field's path from its root, such as `containerDefinitions[0].cpu`. */
  get path(): string {
    if (this.parent === undefined) return '';
    const path = this.parent.path;
    return typeof this.key === 'number' ? `${path}[${this.key}]` : joinPath(path, this.key);
  }

  get<K extends keyof T & string>(key: K): Field<NonNullable<T[K]>> {
    return new Field<NonNullable<T[K]>>(this.ledger, memberOf(this.node, key), this, key);
  }

  /** The fields of a list; none when it is absent. Items that are null, or whose value is not known, are left out. */
  items(): readonly Field<NonNullable<Item<T>>>[] {
    const fields: Field<NonNullable<Item<T>>>[] = [];
    if (this.node?.kind !== 'array') return fields;
    for (const [index, item] of this.node.items.entries()) {
      const field = new Field<NonNullable<Item<T>>>(this.ledger, item, this, index);
      if (field.exists) fields.push(field);
    }
    return fields;
  }

  /** Whether the list holds items whose value is not known, such as an unresolved `Ref` in the place of a container. */
  get isOpen(): boolean {
    if (this.placeholder !== undefined) return true;
    return (
      this.node?.kind === 'array' &&
      this.node.items.some((item) => item.kind === 'scalar' && item.value === null && item.origins !== undefined)
    );
  }

  /** The entries of a map, in the order of the input; a key given twice counts once, with its last value. */
  entries(): readonly (readonly [string, Field<NonNullable<T[keyof T]>>])[] {
    if (this.node?.kind !== 'object') return [];
    const last = new Map(this.node.members.map((member) => [member.key, member.value]));
    return [...last].map(([key, value]) => [
      key,
      new Field<NonNullable<T[keyof T]>>(this.ledger, value, this as Field<unknown>, key),
    ]);
  }

  /** Kubernetes means the same. @param note what to know all the same */
  same(kubernetes: string | readonly string[], note?: string): this {
    return this.say('same', kubernetes, note);
  }

  /** Carried with a difference. @param lost the difference @param todo what the reader should do, if anything */
  near(kubernetes: string | readonly string[], lost: string, todo?: string): this {
    return this.say('near', kubernetes, lost, todo);
  }

  /** Carried when an add-on or a cluster setting is there. @param todo what to install or set */
  needsAddon(kubernetes: string | readonly string[], lost: string, todo: string): this {
    return this.say('needs-addon', kubernetes, lost, todo);
  }

  /** Not carried. @param lost what is lost @param todo what to do instead, if anything */
  none(lost: string, todo?: string): this {
    return this.say('none', [], lost, todo);
  }

  mark(mark: Mark): this {
    if (this.node !== undefined) this.ledger.mark(this.node, mark);
    return this;
  }

  private say(fidelity: Fidelity, kubernetes: string | readonly string[], lost?: string, todo?: string): this {
    // Most fields of the model are absent from most inputs, and a mark for them would be made for nothing.
    if (this.node === undefined) return this;
    return this.mark({
      fidelity,
      kubernetes: typeof kubernetes === 'string' ? [kubernetes] : kubernetes,
      ...(lost === undefined ? undefined : { lost }),
      ...(todo === undefined ? undefined : { todo }),
    });
  }
}

/** The node of the document that a derived node comes from; the first when there are several. */
export function rawOf(node: SourceNode): SourceNode {
  const origin = node.origins?.[0];
  return origin === undefined ? node : rawOf(origin);
}
