import pico from 'picocolors';
import { printable } from '../report/terminal-text.js';

/** One of the two places that a command writes to. */
export interface Output {
  /** Whether a person watches: it is a terminal that understands cursor movement. */
  readonly interactive: boolean;
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** Resolves when the text was taken; a reader that has gone away takes everything. */
  write(text: string): Promise<void>;
}

/** Where results go, and where progress and findings go. */
export interface Terminal {
  readonly out: Output;
  readonly err: Output;
}

/** Columns where no terminal says otherwise. */
const WIDTH = 100;

/**
 * Whether to colour what is written to a stream: `--no-color` and `NO_COLOR` forbid it, `FORCE_COLOR` demands it, else a
 * terminal decides. Source: https://no-color.org, https://force-color.org.
 */
export function wantsColor(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
  flag = true,
): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  if (!flag || (NO_COLOR !== undefined && NO_COLOR !== '')) return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return stream.isTTY === true && TERM !== 'dumb';
}

/**
 * Keeps a reader that goes away from ending the process: `tranship … | head` closes the pipe early, and the files are
 * still to be written.
 */
export function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** The terminal of this process. @param color false when `--no-color` was given */
export function openTerminal(color: boolean): Terminal {
  const open = (stream: NodeJS.WriteStream): Output => ({
    interactive: stream.isTTY && process.env['TERM'] !== 'dumb',
    color: wantsColor(stream, process.env, color),
    // Some pseudo-terminals say that they have no columns.
    width: stream.columns > 0 ? stream.columns : WIDTH,
    write: (text) =>
      new Promise((resolve) => {
        stream.write(text, () => resolve());
      }),
  });
  return { out: open(process.stdout), err: open(process.stderr) };
}

/** Writes pieces of text in portions, so that a large report needs neither one large string nor many small writes. */
export async function writeAll(output: Pick<Output, 'write'>, pieces: Iterable<string>): Promise<void> {
  let portion = '';
  for (const piece of pieces) {
    portion += piece;
    if (portion.length < 1 << 16) continue;
    await output.write(portion);
    portion = '';
  }
  if (portion !== '') await output.write(portion);
}

/** Each line with its end. */
export function* withLineEnds(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`;
}

const LABELS = { error: 'red', warning: 'yellow', note: 'cyan' } as const;

/**
 * `error: what is wrong`, coloured where the output is. The message may hold text of the input.
 *
 * @example await say(terminal.err, 'warning', 'task.json:3:5: unknown field')
 */
export function say(output: Output, label: keyof typeof LABELS, message: string): Promise<void> {
  const color = pico.createColors(output.color)[LABELS[label]];
  return output.write(`${color(`${label}:`)} ${message.split('\n').map(printable).join('\n')}\n`);
}
