/** Beyond this a table is emptied: what is shared already stays shared, and memory stays bounded. */
const MOST = 20_000;

/**
 * Lets projections share what is equal: the pods of one ReplicaSet have the same labels, images and annotations, and
 * 10,000 of them fit in a few megabytes only if they hold one copy.
 */
export class Interning {
  readonly #texts = new Map<string, string>();
  readonly #values = new Map<string, Map<string, unknown>>();

  /** The first string that was given with this content. */
  text(value: string): string {
    const known = this.#texts.get(value);
    if (known !== undefined) return known;
    if (this.#texts.size >= MOST) this.#texts.clear();
    this.#texts.set(value, value);
    return value;
  }

  /**
   * The value that was made first for this content.
   *
   * @param table one for each type of value
   * @param content equal for equal values
   */
  share<T>(table: string, content: string, make: () => T): T {
    let values = this.#values.get(table);
    if (values === undefined) this.#values.set(table, (values = new Map()));
    const known = values.get(content) as T | undefined;
    if (known !== undefined) return known;
    if (values.size >= MOST) values.clear();
    const made = make();
    values.set(content, made);
    return made;
  }
}
