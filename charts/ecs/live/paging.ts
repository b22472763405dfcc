import { LiveAccountError } from './live-account-error.js';

/** One page of an answer. */
export interface Page<T> {
  readonly items: readonly T[] | undefined;
  /** Token of the next page; absent or empty on the last. */
  readonly next: string | undefined;
}

/**
 * All items of a paged answer, in the order of the pages.
 *
 * @param action the call as IAM names it, for errors
 * @param page asks for one page; the first without a token
 * @throws LiveAccountError `partial` when a token comes again, since the pages would never end
 * @example await allPages('ecs:ListServices', async (nextToken) => { … return { items: arns, next: nextToken } })
 */
export async function allPages<T>(
  action: string,
  page: (token: string | undefined) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const found: T[] = [];
  const seen = new Set<string>();
  let token: string | undefined;
  for (;;) {
    const { items = [], next } = await page(token);
    for (const item of items) found.push(item);
    if (next === undefined || next === '') return found;
    if (seen.has(next)) {
      const problem = `${action} answered the token of page ${seen.size + 1} a second time, so its pages do not end`;
      throw new LiveAccountError('partial', {
        action,
        problem,
        fix: 'try again; a proxy or an emulator may be at fault',
      });
    }
    seen.add(next);
    token = next;
  }
}

/**
 * Cuts a list into parts of at most so many items, for calls that take no more.
 *
 * @example batchesOf([1, 2, 3], 2) // [[1, 2], [3]]
 */
export function batchesOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const batches: (readonly T[])[] = [];
  for (let start = 0; start < items.length; start += size) batches.push(items.slice(start, start + size));
  return batches;
}

/** Distinct texts in the order of their code units, which is the same on every machine. */
export function sortedTexts(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)].sort(byText);
}

/** Items in the order of a text that each has, such as its ARN. */
export function sortedBy<T>(items: readonly T[], text: (item: T) => string): readonly T[] {
  return [...items].sort((a, b) => byText(text(a), text(b)));
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
