import { type Command, Option } from 'commander';
import { act } from '../../charts/commands/act.js';
import type { ExplainRequest } from './run-explain.js';

const EPILOGUE = `
Tells the way of a replacement with its times: the signal, the evidence, the decision, the action, the new pod being
Ready. For a pod that is held it tells why and when it is looked at again; for one that no policy selects, why not. A pod
that is gone is known from the records of the policies (the newest 20 of each) and from Events (an hour).

Exit codes: 0 the pod is there or known, 1 nothing is known of it, 2 the cluster cannot be asked.
`;

/** Adds `tranship explain` to the program; as kubectl's plugin it is `kubectl tranship explain`. */
export function addExplainCommand(program: Command): void {
  program
    .command('explain')
    .summary('tell why a pod was replaced, or is not')
    .description('Tells why a pod was replaced, or why nothing is done about it.')
    .argument('<pod>', 'pod/NAME; the pod may be gone')
    .option('-n, --namespace <name>', 'namespace of the pod (default: that of the context)')
    .option('--context <name>', 'context of the kubeconfig (default: the current one)')
    .addOption(
      new Option('-o, --output <format>', 'for people or for programs').choices(['text', 'json']).default('text'),
    )
    .addHelpText('after', EPILOGUE)
    .action((target: string, options: Omit<ExplainRequest, 'target'>) =>
      act(program, async (terminal) => {
        const { runExplain } = await import('./run-explain.js');
        return runExplain({ ...options, target }, terminal);
      }),
    );
}
