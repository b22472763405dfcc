import { mkdir, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { WritePlan } from './write-plan.js';
import { hashOf, LIST_NAME, listText } from './written-list.js';

/** How a plan is carried out. */
export interface WriteControls {
  /** Stops between two files when it is aborted; what was written stays whole. */
  readonly signal?: AbortSignal;
  readonly onFile?: (done: number, total: number) => void;
}

/** Thrown when the signal was aborted. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * Carries out a plan. Every file appears whole or not at all (it is written beside its place and renamed), and at any
 * moment the list names all that is ours: a run that is cut off leaves nothing that the next one takes for another's.
 *
 * @throws Interrupted when the signal was aborted
 */
export async function writeFiles(plan: WritePlan, controls: WriteControls = {}): Promise<void> {
  const { out, write, unchanged, remove, keep, spare, listed } = plan;
  const kept = [...keep, ...spare].map((path): [string, readonly string[]] => [path, listed.get(path) ?? []]);
  const all = [...write, ...unchanged].map(({ path, text }): [string, string[]] => [path, [hashOf(text)]]);
  const final = new Map([...kept, ...all]);
  if (write.length === 0 && remove.length === 0 && sameList(listed, final)) return;
  await mkdir(out, { recursive: true });
  const during = new Map(listed);
  for (const [path, hashes] of all) during.set(path, [...new Set([...(listed.get(path) ?? []), ...hashes])]);
  await replace(join(out, LIST_NAME), listText(during), controls.signal);
  const total = write.length + remove.length;
  let done = 0;
  for (const { path, text } of write) {
    stopIfAborted(controls.signal);
    const place = join(out, path);
    await mkdir(dirname(place), { recursive: true });
    await replace(place, text, controls.signal);
    controls.onFile?.(++done, total);
  }
  for (const path of remove) {
    stopIfAborted(controls.signal);
    await unlink(join(out, path));
    await removeEmptyFolders(out, dirname(path));
    controls.onFile?.(++done, total);
  }
  await replace(join(out, LIST_NAME), listText(final), controls.signal);
}

/**
 * Writes one file whole or not at all.
 *
 * @throws Interrupted when the signal was aborted
 */
export async function replace(place: string, text: string | Iterable<string>, signal?: AbortSignal): Promise<void> {
  const temporary = join(dirname(place), `.tranship-${process.pid}.tmp`);
  try {
    await rm(temporary, { force: true });
    await writeFile(temporary, text, { flag: 'wx' });
    stopIfAborted(signal);
    await rename(temporary, place);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Folders of removed files go too, up to the out folder, when nothing else is in them. */
async function removeEmptyFolders(out: string, folder: string): Promise<void> {
  for (let next = folder; next !== '.'; next = dirname(next)) {
    const removed = await rmdir(join(out, next)).then(
      () => true,
      () => false,
    );
    if (!removed) return;
  }
}

function sameList(first: WritePlan['listed'], second: WritePlan['listed']): boolean {
  return listText(first) === listText(second);
}

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new Interrupted('interrupted');
}
