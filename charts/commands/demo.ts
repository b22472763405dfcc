import { relative } from 'node:path';
import type { Command } from 'commander';
import { act } from './act.js';

const EPILOGUE = `
Ports an example account that comes with tranship, in the form in which the AWS CLI describes one: five services with
sidecars, FireLens, EFS, secrets, scaling and a canary deployment, a daemon, a scheduled task and a one-off task.
`;

/** Adds `tranship demo` to the program. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .summary('port an example account, to see what comes out')
    .description('Ports an example account, to see what comes out.')
    .option('-o, --out <folder>', 'where manifests and reports go', 'dist')
    .option('--force', 'replace files in the out folder that tranship did not write')
    .addHelpText('after', EPILOGUE)
    .action(({ out, force = false }: { readonly out: string; readonly force?: boolean }) =>
      act(program, async (terminal) => {
        const { runDemo } = await import('./run-demo.js');
        return runDemo(relative('.', out) || '.', force, terminal);
      }),
    );
}
