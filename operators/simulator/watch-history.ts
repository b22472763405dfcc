import type { JsonObject } from './json.js';

/** One change, as it is kept for watches that come later. `before` or `after` is absent where the object was. */
export interface Change {
  readonly version: number;
  readonly before?: JsonObject;
  readonly after?: JsonObject;
}

/**
 * The newest changes of one resource, in order. A watch reads it from a version on; what left the window is gone, and a
 * watch from before it has to list anew.
 */
export class WatchHistory {
  readonly #changes: Change[] = [];
  readonly #window: number;
  #compacted: number;
  #dropped = 0;

  /** @param compacted version up to which nothing is kept @param window changes that are kept */
  constructor(compacted: number, window: number) {
    this.#compacted = compacted;
    this.#window = window;
  }

  append(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length > this.#window) this.compact(this.#changes.at(-this.#window - 1)?.version);
  }

  /** Forgets changes up to a version. */
  compact(version = this.#compacted): void {
    this.#compacted = Math.max(this.#compacted, version);
    const kept = this.#changes.findIndex((change) => change.version > this.#compacted);
    const dropped = this.#changes.splice(0, kept < 0 ? this.#changes.length : kept);
    this.#dropped = dropped.at(-1)?.version ?? this.#dropped;
  }

  /** Whether a watch may begin after this version. */
  holds(version: number): boolean {
    return version >= this.#compacted;
  }

  /** Whether a reader that stands at this version has missed changes. */
  lost(version: number): boolean {
    return version < this.#dropped;
  }

  /** Changes after a version. */
  after(version: number): readonly Change[] {
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#changes[middle]?.version ?? 0) > version) high = middle;
      else low = middle + 1;
    }
    return this.#changes.slice(low);
  }
}
