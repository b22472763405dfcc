import { Argument, type Command } from 'commander';
import { act } from './act.js';
import { completionModel } from './completion-model.js';
import { completionScript, SHELLS, type Shell } from './completion-scripts.js';
import { EXIT } from './exit-codes.js';

const HOW = `
Examples:
  source <(tranship completion bash)                                     bash, in ~/.bashrc
  tranship completion zsh > "\${fpath[1]}/_tranship"                       zsh, then start it anew
  tranship completion fish > ~/.config/fish/completions/tranship.fish    fish
`;

/** Adds `tranship completion` to the program; it completes every command that the program has. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .summary('print a script by which a shell completes commands, options and their values')
    .description('Prints a script by which a shell completes commands, options and their values.')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', HOW)
    .action((shell: Shell) =>
      act(program, async (terminal) => {
        await terminal.out.write(completionScript(shell, program.name(), completionModel(program)));
        return EXIT.ok;
      }),
    );
}
