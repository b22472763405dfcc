import { Command, CommanderError } from 'commander';
import { addCompletionCommand } from './completion.js';
import { addDemoCommand } from './demo.js';
import { EXIT } from './exit-codes.js';
import { addOperatorCommand } from './operator.js';
import { packageVersion } from './package-root.js';
import { addPortCommand } from './port.js';
import { tolerateClosedPipes } from './terminal.js';

/** Adds a command of another part of the project, which this one must not import. */
export type AddCommand = (program: Command) => void;

/** The whole command line. */
export function createProgram(more: readonly AddCommand[] = []): Command {
  const program = new Command('tranship')
    .description('Carries microservices from Amazon ECS to Kubernetes without losing what they mean.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .option('--no-color', 'print without colours, as the variable NO_COLOR does')
    .helpOption('-h, --help', 'what a command does')
    .helpCommand('help [command]', 'what a command does')
    .showSuggestionAfterError()
    .showHelpAfterError('(tranship --help tells what there is)')
    .exitOverride();
  addPortCommand(program);
  addOperatorCommand(program);
  addDemoCommand(program);
  for (const add of more) add(program);
  addCompletionCommand(program);
  return program;
}

/** Runs the command line and sets the exit code of the process. */
export async function main(words: readonly string[], more: readonly AddCommand[] = []): Promise<void> {
  tolerateClosedPipes();
  const program = createProgram(more);
  if (words.length === 0) {
    program.outputHelp();
    return;
  }
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // What is wrong was printed already; help and version end here too, with 0.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}
