import type { Cached, CacheChange } from './cached.js';
import { keyOf } from './resource.js';

/** Finds the values under which an object stands in an index. It must not change its mind about one object. */
export type IndexFunction<T> = (object: T) => readonly string[];

/**
 * Objects by key, with their indexes. Each way of changing it yields the changes that it made, and those alone, so a
 * reader who folds them has the same objects.
 */
export class ObjectStore<T extends Cached> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<
    string,
    { readonly valuesOf: IndexFunction<T>; readonly keys: Map<string, Set<string>> }
  >();

  constructor(indexes: Readonly<Record<string, IndexFunction<T>>> = {}) {
    for (const [name, valuesOf] of Object.entries(indexes)) this.#indexes.set(name, { valuesOf, keys: new Map() });
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  entries(): IterableIterator<[string, T]> {
    return this.#objects.entries();
  }

  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  /** @throws RangeError an index of that name was not declared */
  byIndex(index: string, value: string): readonly T[] {
    const found = this.#indexes.get(index);
    if (found === undefined) {
      throw new RangeError(
        `cache: no index ${JSON.stringify(index)}; declared are: ${[...this.#indexes.keys()].join(', ') || 'none'}`,
      );
    }
    const objects: T[] = [];
    for (const key of found.keys.get(value) ?? []) {
      const object = this.#objects.get(key);
      if (object !== undefined) objects.push(object);
    }
    return objects;
  }

  /** Runs the index functions, so that one that throws does so before anything is changed. @throws what they throw */
  check(object: T): void {
    for (const { valuesOf } of this.#indexes.values()) valuesOf(object);
  }

  /** Takes an object in. The same version again is no change; another uid is another object. */
  put(object: T): readonly CacheChange<T>[] {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    if (before === undefined) {
      this.#set(key, object);
      return [{ type: 'added', key, after: object }];
    }
    if (before.uid !== object.uid) {
      this.#unset(key, before);
      this.#set(key, object);
      return [
        { type: 'deleted', key, before },
        { type: 'added', key, after: object },
      ];
    }
    if (before.resourceVersion === object.resourceVersion) return [];
    this.#unset(key, before);
    this.#set(key, object);
    return [{ type: 'updated', key, before, after: object }];
  }

  remove(key: string): readonly CacheChange<T>[] {
    const before = this.#objects.get(key);
    if (before === undefined) return [];
    this.#unset(key, before);
    this.#objects.delete(key);
    return [{ type: 'deleted', key, before }];
  }

  /** Takes these objects in and lets go of all others. */
  replace(objects: readonly T[]): readonly CacheChange<T>[] {
    const kept = new Set(objects.map(keyOf));
    const gone = [...this.#objects.keys()].filter((key) => !kept.has(key));
    return [...gone.flatMap((key) => this.remove(key)), ...objects.flatMap((object) => this.put(object))];
  }

  #set(key: string, object: T): void {
    this.#objects.set(key, object);
    for (const { valuesOf, keys } of this.#indexes.values()) {
      for (const value of valuesOf(object)) {
        const bucket = keys.get(value);
        if (bucket === undefined) keys.set(value, new Set([key]));
        else bucket.add(key);
      }
    }
  }

  #unset(key: string, object: T): void {
    for (const { valuesOf, keys } of this.#indexes.values()) {
      for (const value of valuesOf(object)) {
        const bucket = keys.get(value);
        bucket?.delete(key);
        if (bucket?.size === 0) keys.delete(value);
      }
    }
  }
}
