import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Where the out folder keeps the list of what was written. It has no `.json` at its end, because `kubectl apply -R -f`
 * would take it for a manifest.
 */
export const LIST_NAME = '.tranship';

/** What earlier runs wrote: paths relative to the out folder, each with the hashes of the contents it may have from us. */
export type WrittenList = ReadonlyMap<string, readonly string[]>;

/** SHA-256 of a file's content, in hex. */
export function hashOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * Whether a listed path stays within the out folder. Lists can be tampered with, and what they name may be removed.
 *
 * @example isWithin('shop/web.yaml') // true
 * @example isWithin('../secret') // false
 */
export function isWithin(path: string): boolean {
  if (path === '' || path.length > 4096 || /[\\\0:]|^\//.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..') && path !== LIST_NAME;
}

/**
 * The list of an out folder; empty when there is none.
 *
 * @throws Error when the file is there and is no such list
 */
export async function readList(out: string): Promise<WrittenList> {
  const text = await readFile(join(out, LIST_NAME), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (text === undefined) return new Map();
  try {
    const { files } = JSON.parse(text) as { readonly files: unknown };
    if (typeof files !== 'object' || files === null) throw new Error('no files');
    return new Map(
      Object.entries(files).map(([path, hashes]) => {
        const strings = Array.isArray(hashes) && hashes.every((hash) => typeof hash === 'string');
        if (!isWithin(path) || !strings) throw new Error(`not a path and its hashes: ${path}`);
        return [path, hashes];
      }),
    );
  } catch (error) {
    throw new Error(
      `${join(out, LIST_NAME)} is not the list that tranship writes; delete it to have all files of the folder taken for others'`,
      {
        cause: error,
      },
    );
  }
}

/** The list as text, sorted by path. */
export function listText(list: WrittenList): string {
  const files = Object.fromEntries([...list].sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ about: 'files that tranship wrote here, by the SHA-256 of their contents', files }, null, 2)}\n`;
}
