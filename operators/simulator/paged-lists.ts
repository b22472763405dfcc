import type { JsonObject } from './json.js';
import { gone } from './refusals.js';

/** One page of a list, as a client gets it. */
export interface Page {
  readonly items: readonly JsonObject[];
  readonly resourceVersion: string;
  readonly continue?: string;
}

interface Snapshot {
  readonly version: number;
  readonly items: readonly JsonObject[];
}

/** Lists that are read page by page: every page shows them as they were at the first one. */
export class PagedLists {
  readonly #snapshots = new Map<string, Snapshot>();
  #count = 0;

  /** @param limit objects a page; 0 for all */
  first(items: readonly JsonObject[], version: number, limit: number): Page {
    const snapshot = { version, items };
    if (limit <= 0 || items.length <= limit) return { items, resourceVersion: String(version) };
    this.#count += 1;
    const id = String(this.#count);
    this.#snapshots.set(id, snapshot);
    return page(id, snapshot, 0, limit);
  }

  /** @throws ApiError `Gone` */
  next(token: string, limit: number): Page {
    const [id = '', offset] = token.split('.');
    const snapshot = this.#snapshots.get(id);
    if (snapshot === undefined) {
      throw gone('The provided continue parameter is too old to display a consistent list result.');
    }
    return page(id, snapshot, Number(offset), limit);
  }

  /** Tokens that were given out lead nowhere from now on. */
  clear(): void {
    this.#snapshots.clear();
  }
}

function page(id: string, { items, version }: Snapshot, from: number, limit: number): Page {
  const end = limit <= 0 ? items.length : from + limit;
  return {
    items: items.slice(from, end),
    resourceVersion: String(version),
    ...(end < items.length && { continue: `${id}.${end}` }),
  };
}
