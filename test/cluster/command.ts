import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { openCluster } from './open.js';
import { defaultKubernetes } from './versions.js';
import { ClusterFailure } from './failure.js';

interface Options {
  readonly name: string;
  readonly kubernetes?: string;
  readonly context?: string;
  readonly processes?: boolean;
}

const program = new Command('npm run cluster --')
  .description(
    'A Kubernetes cluster for tests: by --context, by kind where Docker runs, or of processes on this machine.',
  )
  .option('--name <name>', 'several clusters can be up under different names', 'tranship')
  .option('--kubernetes <version>', `minor version, by default ${defaultKubernetes}`)
  .option('--context <name>', 'use this context of your kubeconfig instead of a cluster of its own')
  .option('--processes', 'processes on this machine, even where Docker runs');

program
  .command('up')
  .description('bring the cluster up, or what is missing of it')
  .action(async () => {
    const cluster = await open();
    await cluster.up();
    process.stdout.write(`${cluster.kubeconfig}\n`);
  });
program
  .command('down')
  .description('end the cluster and delete everything that up made')
  .action(async () => (await open()).down());
program
  .command('status')
  .description('what runs; exits with 1 when something does not')
  .action(async () => {
    const status = await (await open()).status();
    process.stdout.write(`${status.lines.join('\n')}\n`);
    if (!status.healthy) process.exitCode = 1;
  });
program
  .command('kubeconfig')
  .description('path of the kubeconfig')
  .option('--content', 'print its content')
  .action(async (options: { readonly content?: boolean }) => {
    const cluster = await open();
    process.stdout.write(
      `${options.content === true ? readFileSync(cluster.kubeconfig, 'utf8').trimEnd() : cluster.kubeconfig}\n`,
    );
  });
program
  .command('images')
  .description('build the image of this project and load it on the nodes')
  .action(async () => (await open()).load('product'));
program
  .command('scale <nodes>')
  .description('so many nodes of kwok, which run no containers, besides the real ones')
  .action(async (nodes: string) => (await open()).scale(wholeNumber(nodes)));

function open() {
  const options = program.opts<Options>();
  return openCluster(options, process.env);
}

function wholeNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError(`"${text}" is no number of nodes`);
  return Number(text);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ClusterFailure)) throw error;
  process.stderr.write(`cluster: ${error.message}\n`);
  process.exitCode = error.code === 'usage' ? 2 : 1;
}
