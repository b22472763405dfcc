import type { RenderedFile } from '../render.js';
import { CommandError, EXIT } from './exit-codes.js';
import { type WriteControls, Interrupted, writeFiles } from './write-files.js';
import { planWrite, type WritePlan } from './write-plan.js';

/** How files get into the out folder. */
export interface WriteOutOptions extends Pick<WriteControls, 'onFile'> {
  /** Whether files that tranship did not write may be replaced. */
  readonly force: boolean;
  /** Whether to leave everything as it is. */
  readonly dryRun: boolean;
  /** Whether the files are all that the input has; if not, files of earlier runs stay. @default true */
  readonly complete?: boolean;
}

/** At most so many files in the way are named. */
const MOST_NAMED = 10;

/**
 * Writes files to a folder, unless others' files are in the way. Ctrl-C stops between two files.
 *
 * @throws CommandError when files are in the way or the folder cannot be written; Interrupted after Ctrl-C
 */
export async function writeOut(
  out: string,
  files: readonly RenderedFile[],
  options: WriteOutOptions,
): Promise<WritePlan> {
  const controller = new AbortController();
  // Before and after this, nothing is half done and the default, to end at once, is right.
  const stop = (): void => controller.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const plan = await planWrite(out, files, options.complete);
    const blocking = plan.foreign.filter(({ replaceable }) => !options.force || !replaceable);
    if (blocking.length > 0) throw inTheWay(out, blocking, options.force);
    if (options.dryRun) return plan;
    const { onFile } = options;
    await writeFiles(plan, { signal: controller.signal, ...(onFile === undefined ? {} : { onFile }) });
    return plan;
  } catch (error) {
    if (error instanceof CommandError || error instanceof Interrupted) throw error;
    throw new CommandError(
      EXIT.usage,
      `--out ${out} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

function inTheWay(out: string, foreign: WritePlan['foreign'], forced: boolean): CommandError {
  const lines = foreign.slice(0, MOST_NAMED).map(({ path, why }) => `  ${path}: ${why}`);
  if (foreign.length > MOST_NAMED) lines.push(`  and ${foreign.length - MOST_NAMED} more`);
  const fix = forced ? 'move it away, or choose another --out' : 'choose another --out, or replace them with --force';
  return new CommandError(
    EXIT.usage,
    `nothing was written: files in ${out} are in the way (${fix})\n${lines.join('\n')}`,
  );
}
