import { lstat, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RenderedFile } from '../render.js';
import { hashOf, isWithin, readList, type WrittenList } from './written-list.js';

/** What writing to a folder will do, found out before anything is changed. */
export interface WritePlan {
  readonly out: string;
  /** What earlier runs wrote, as their list says. */
  readonly listed: WrittenList;
  readonly write: readonly RenderedFile[];
  readonly unchanged: readonly RenderedFile[];
  /** Files of earlier runs that this one no longer has. */
  readonly remove: readonly string[];
  /** As {@link remove}, but somebody changed them since: they stay. */
  readonly keep: readonly string[];
  /** As {@link remove}, but this run could not read or render all of its input: they stay, since it may be theirs. */
  readonly spare: readonly string[];
  /** What is in the way: files that tranship did not write, or that somebody changed since. */
  readonly foreign: readonly Foreign[];
}

/** Something in the place of a file that is to be written. */
export interface Foreign {
  readonly path: string;
  readonly why: string;
  /** Whether it may be replaced when the user insists; a folder, or a link that leads elsewhere, may not. */
  readonly replaceable: boolean;
}

type Found =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'file'; readonly hash: string }
  | ({ readonly kind: 'other' } & Omit<Foreign, 'path'>);

/**
 * Compares files with what lies in a folder. Symbolic links below the folder are never followed: one in the way counts as
 * somebody else's file.
 *
 * @param complete whether the files are all that the input has; if not, those of earlier runs are spared
 * @throws Error when the folder cannot be read or its list is damaged
 */
export async function planWrite(out: string, files: readonly RenderedFile[], complete = true): Promise<WritePlan> {
  const listed = await readList(out);
  const folders = new Map<string, Promise<string | undefined>>();
  const look = async (path: string): Promise<Found> => {
    const blocked = await obstacle(out, dirname(path), folders);
    return blocked === undefined ? find(join(out, path)) : { kind: 'other', why: blocked, replaceable: false };
  };
  const write: RenderedFile[] = [];
  const unchanged: RenderedFile[] = [];
  const foreign: Foreign[] = [];
  for (const file of files) {
    if (!isWithin(file.path)) throw new Error(`${JSON.stringify(file.path)} is not a path within the out folder`);
    const found = await look(file.path);
    const ours = listed.get(file.path);
    if (found.kind === 'file' && found.hash === hashOf(file.text)) unchanged.push(file);
    else {
      write.push(file);
      if (found.kind === 'other') foreign.push({ path: file.path, why: found.why, replaceable: found.replaceable });
      else if (found.kind === 'file' && ours?.includes(found.hash) !== true) {
        const why = ours === undefined ? 'tranship did not write it' : 'it was changed since tranship wrote it';
        foreign.push({ path: file.path, why, replaceable: true });
      }
    }
  }
  const wanted = new Set(files.map(({ path }) => path));
  const remove: string[] = [];
  const keep: string[] = [];
  const spare: string[] = [];
  for (const [path, hashes] of listed) {
    if (wanted.has(path)) continue;
    const found = await look(path);
    if (found.kind === 'file' && hashes.includes(found.hash)) (complete ? remove : spare).push(path);
    else if (found.kind !== 'nothing') keep.push(path);
  }
  return { out, listed, write, unchanged, remove, keep, spare, foreign };
}

/** Why files below a folder cannot be reached, if they cannot; looked up once a folder. */
function obstacle(
  out: string,
  folder: string,
  known: Map<string, Promise<string | undefined>>,
): Promise<string | undefined> {
  if (folder === '.') return Promise.resolve(undefined);
  const earlier = known.get(folder);
  if (earlier !== undefined) return earlier;
  const answer = (async (): Promise<string | undefined> => {
    const above = await obstacle(out, dirname(folder), known);
    if (above !== undefined) return above;
    const entry = await lstat(join(out, folder)).catch(absent);
    if (entry === undefined || entry.isDirectory()) return undefined;
    return `${folder} is ${entry.isSymbolicLink() ? 'a symbolic link' : 'not a folder'}`;
  })();
  known.set(folder, answer);
  return answer;
}

async function find(path: string): Promise<Found> {
  const entry = await lstat(path).catch(absent);
  if (entry === undefined) return { kind: 'nothing' };
  if (entry.isFile()) return { kind: 'file', hash: hashOf(await readFile(path)) };
  if (entry.isDirectory()) return { kind: 'other', why: 'it is a folder', replaceable: false };
  return {
    kind: 'other',
    why: entry.isSymbolicLink() ? 'it is a symbolic link' : 'it is not a file',
    replaceable: true,
  };
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
}
