import type { Command } from 'commander';
import { CommandError, EXIT, type ExitCode } from './exit-codes.js';
import { openTerminal, say, type Terminal } from './terminal.js';
import { Interrupted } from './write-files.js';

/**
 * Runs the work of a command and sets the exit code of the process. What a user can cause becomes a message; anything else
 * is a fault of this program and keeps its stack.
 *
 * @param program the root command, which has `--no-color`
 */
export async function act(program: Command, work: (terminal: Terminal) => Promise<ExitCode>): Promise<void> {
  const terminal = openTerminal(program.opts<{ color: boolean }>().color);
  try {
    process.exitCode = await work(terminal);
  } catch (error) {
    if (error instanceof Interrupted) {
      process.exitCode = EXIT.interrupted;
      await say(
        terminal.err,
        'error',
        'interrupted; the files that were written are whole, and the next run goes on from there',
      );
    } else if (error instanceof CommandError) {
      process.exitCode = error.exitCode;
      await say(terminal.err, 'error', error.message);
    } else {
      process.exitCode = EXIT.fault;
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      await say(terminal.err, 'error', `a fault in tranship, please report it with the input that causes it\n${stack}`);
    }
  }
}
