/**
 * What a cache holds of an object: at least its identity and version. A projection keeps beside them the few fields that
 * its readers need, which is what makes 10,000 pods fit in a few megabytes.
 */
export interface Cached {
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** A change that the cache saw. Deleted and made anew under one name is `deleted`, then `added`, never `updated`. */
export type CacheChange<T extends Cached> =
  | { readonly type: 'added'; readonly key: string; readonly after: T }
  | { readonly type: 'updated'; readonly key: string; readonly before: T; readonly after: T }
  | { readonly type: 'deleted'; readonly key: string; readonly before: T };

/** The reading side of a cache. Objects are shared: nobody changes them. */
export interface CacheReader<T extends Cached> {
  /** False until the first list is complete: no decision before that. */
  readonly synced: boolean;
  readonly size: number;
  get(key: string): T | undefined;
  list(): Iterable<T>;
  /** Objects whose index function (given at construction) yields this value. @throws RangeError an index of that name was not declared */
  byIndex(index: string, value: string): readonly T[];
  /**
   * Whether the cache is as new as a write whose answer carried this version: read-your-writes (KEP-5647). Versions
   * compare as numbers (KEP-5504). An object that was deleted since counts as seen.
   */
  hasSeen(key: string, written: { readonly uid: string; readonly resourceVersion: string }): boolean;
  /** Calls back on each change after the store has it. Returns the way to stop. A listener that throws is logged, not fatal. */
  subscribe(listener: (change: CacheChange<T>) => void): () => void;
}
