import { spawn } from 'node:child_process';
import { Command } from 'commander';
import { ClusterFailure } from './failure.js';
import { openCluster } from './open.js';

interface Options {
  readonly name: string;
  readonly kubernetes?: string;
  readonly context?: string;
  readonly processes?: boolean;
  readonly down?: boolean;
}

const program = new Command('npm run e2e --')
  .description('Brings a cluster up, runs the e2e tests on it one file after the other, and leaves it up.')
  .argument('[paths...]', 'only test files whose path has one of these in it')
  .option('--name <name>', 'of the cluster', 'tranship')
  .option('--kubernetes <version>', 'minor version')
  .option('--context <name>', 'of your kubeconfig')
  .option('--processes', 'processes on this machine, even where Docker runs: tests that stop nodes need them')
  .option('--down', 'end the cluster afterwards')
  .action(async (paths: readonly string[], options: Options) => {
    const cluster = await openCluster(options, process.env);
    try {
      await cluster.up();
      if (options.context === undefined) await cluster.load('product');
      const env = { ...process.env, KUBECONFIG: cluster.kubeconfig, TRANSHIP_CLUSTER: options.name };
      process.exitCode = await jest([...paths], env);
    } finally {
      if (options.down === true) await cluster.down();
    }
  });

function jest(paths: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const words = ['--testMatch=**/*.e2e.test.ts', '--testTimeout=240000', '--runInBand', ...paths];
  const child = spawn(process.execPath, ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', ...words], {
    env,
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ClusterFailure)) throw error;
  process.stderr.write(`e2e: ${error.message}\n`);
  process.exitCode = error.code === 'usage' ? 2 : 1;
}
