import type { Cached, CacheChange } from './cached.js';
import { keyOf, nameOf } from './resource.js';

/** Finds the values under which an object stands in an index. It must not change its mind about one object. */
export type IndexFunction<T> = (object: T) => readonly string[];

interface Index<T> {
  readonly valuesOf: IndexFunction<T>;
  readonly objects: Map<string, Set<T>>;
}

/**
 * Objects by key, with their indexes. Each way of changing it yields the changes that it made, and those alone, so a
 * reader who folds them has the same objects.
 */
export class ObjectStore<T extends Cached> {
  /** By namespace (empty for objects of the whole cluster), then name: strings that the objects have anyway. */
  readonly #objects = new Map<string, Map<string, T>>();
  readonly #indexes = new Map<string, Index<T>>();
  #size = 0;

  constructor(indexes: Readonly<Record<string, IndexFunction<T>>> = {}) {
    for (const [name, valuesOf] of Object.entries(indexes)) this.#indexes.set(name, { valuesOf, objects: new Map() });
  }

  get size(): number {
    return this.#size;
  }

  get(key: string): T | undefined {
    const { namespace = '', name } = nameOf(key);
    return this.#objects.get(namespace)?.get(name);
  }

  *values(): IterableIterator<T> {
    for (const named of this.#objects.values()) yield* named.values();
  }

  /** @throws RangeError an index of that name was not declared */
  byIndex(index: string, value: string): readonly T[] {
    const found = this.#indexes.get(index);
    if (found === undefined) {
      throw new RangeError(
        `cache: no index ${JSON.stringify(index)}; declared are: ${[...this.#indexes.keys()].join(', ') || 'none'}`,
      );
    }
    return [...(found.objects.get(value) ?? [])];
  }

  /** Runs the index functions, so that one that throws does so before anything is changed. @throws what they throw */
  check(object: T): void {
    for (const { valuesOf } of this.#indexes.values()) valuesOf(object);
  }

  /** Takes an object in. The same version again is no change; another uid is another object. */
  put(object: T): readonly CacheChange<T>[] {
    const key = keyOf(object);
    const before = this.get(key);
    if (before === undefined) {
      this.#set(object);
      return [{ type: 'added', key, after: object }];
    }
    if (before.uid !== object.uid) {
      this.#unset(before);
      this.#set(object);
      return [
        { type: 'deleted', key, before },
        { type: 'added', key, after: object },
      ];
    }
    if (before.resourceVersion === object.resourceVersion) return [];
    this.#unset(before);
    this.#set(object);
    return [{ type: 'updated', key, before, after: object }];
  }

  remove(key: string): readonly CacheChange<T>[] {
    const before = this.get(key);
    if (before === undefined) return [];
    this.#unset(before);
    return [{ type: 'deleted', key, before }];
  }

  /** Takes these objects in and lets go of all others. */
  replace(objects: readonly T[]): readonly CacheChange<T>[] {
    const kept = new Set(objects.map(keyOf));
    const gone = [...this.values()].map(keyOf).filter((key) => !kept.has(key));
    return [...gone.flatMap((key) => this.remove(key)), ...objects.flatMap((object) => this.put(object))];
  }

  #set(object: T): void {
    addTo(this.#objects, object.namespace ?? '', () => new Map<string, T>()).set(object.name, object);
    this.#size++;
    for (const { valuesOf, objects } of this.#indexes.values()) {
      for (const value of valuesOf(object)) addTo(objects, value, () => new Set<T>()).add(object);
    }
  }

  #unset(object: T): void {
    const { namespace = '', name } = object;
    const named = this.#objects.get(namespace);
    if (named?.delete(name) === true) this.#size--;
    if (named?.size === 0) this.#objects.delete(namespace);
    for (const { valuesOf, objects } of this.#indexes.values()) {
      for (const value of valuesOf(object)) {
        const found = objects.get(value);
        found?.delete(object);
        if (found?.size === 0) objects.delete(value);
      }
    }
  }
}

function addTo<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
