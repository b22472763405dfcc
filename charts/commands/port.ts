import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_KUBERNETES_VERSION, KUBERNETES_VERSIONS } from '../port/kubernetes-version.js';
import { DEFAULT_PORT_OPTIONS } from '../port/options.js';
import { FIDELITIES } from '../report/fidelity.js';
import { act } from './act.js';
import { EXIT_MEANINGS } from './exit-codes.js';
import { collectParameter } from './parameters.js';
import { portRequest, type PortFlags } from './port-request.js';
import { REPORT_FORMATS } from './report-output.js';

const EXAMPLES = `
Examples:
  tranship port task-definition.json service.json        port two files into dist/
  tranship port ecs/ --out manifests --report-file report.html
                                                         all ECS input below a folder, with a report to read
  tranship port --from-cluster shop --region eu-west-1   what runs in an account now
  tranship port template.yaml --parameters prod.json --parameter ImageTag=1.4
                                                         a CloudFormation template
  tranship port copilot/ --environment prod              Copilot manifests as they are in one environment
  aws ecs describe-task-definition --task-definition web | tranship port -
  tranship port ecs/ --dry-run --fail-on none -q         in CI: fail when anything would be lost

Exit codes:
${EXIT_MEANINGS.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`).join('\n')}
  Of several that apply, the greatest counts.
`;

/** Adds `tranship port` to the program. */
export function addPortCommand(program: Command): void {
  const command = program
    .command('port')
    .summary('translate ECS input to Kubernetes manifests, with a report on every field')
    .description(
      'Translates Amazon ECS input to Kubernetes manifests and accounts for every field of it.\n\n' +
        'Reads task definitions, services, Application Auto Scaling, EventBridge rules and schedules, RunTask calls (as the AWS CLI prints or takes them), CloudFormation templates, Copilot manifests, compose files with ecs-params, and appspecs, in JSON or YAML.',
    )
    .argument(
      '[path...]',
      'files, folders (searched for *.json, *.yaml, *.yml, *.jsonnet, *.template), or - for standard input',
    );
  command.optionsGroup('Input:');
  command.option(
    '--from-cluster <name>',
    'read what runs in an ECS cluster, by the AWS credentials and region of the shell',
  );
  command.addOption(
    new Option('--parameters <file>', 'values for CloudFormation parameters; may be given several times').argParser(
      collect,
    ),
  );
  command.addOption(
    new Option('--parameter <name=value>', 'one such value; may be given several times').argParser(collectParameter),
  );
  command.option('--environment <name>', 'Copilot environment whose overrides apply');
  command.addOption(new Option('--region <region>', 'AWS region where the input does not say').argParser(region));
  command.addOption(new Option('--account <id>', 'AWS account where the input does not say').argParser(account));
  command.optionsGroup('Translation:');
  command.addOption(
    new Option('--kubernetes <version>', 'target version')
      .choices(KUBERNETES_VERSIONS)
      .default(DEFAULT_KUBERNETES_VERSION),
  );
  command.addOption(
    new Option('--namespace <name>', 'namespace for everything (default: the name of each ECS cluster)').argParser(
      namespace,
    ),
  );
  command.option('--eks-cluster <name>', 'EKS cluster, for Pod Identity associations');
  command.addOption(
    new Option('--identity <way>', 'how pods get their task role')
      .choices(['pod-identity', 'irsa'])
      .default(DEFAULT_PORT_OPTIONS.identity),
  );
  command.addOption(
    new Option('--standalone <kind>', 'what a task definition becomes that nothing in the input runs')
      .choices(['service', 'task'])
      .default(DEFAULT_PORT_OPTIONS.standalone),
  );
  command.addOption(
    new Option('--fargate <where>', 'where FARGATE tasks run')
      .choices(['nodes', 'fargate-profile'])
      .default(DEFAULT_PORT_OPTIONS.fargate),
  );
  command.optionsGroup('Output:');
  command.option(
    '-o, --out <folder>',
    'where manifests go; later runs remove what is no longer part of the port',
    'dist',
  );
  command.addOption(
    new Option('--emit <form>', 'manifests, or a cdk8s app in TypeScript to own from then on')
      .choices(['yaml', 'typescript'])
      .default('yaml'),
  );
  command.option('--force', 'replace files in the out folder that tranship did not write');
  command.option('--dry-run', 'write no files');
  command.addOption(new Option('--report <form>', 'form of the report (default: tree)').choices(REPORT_FORMATS));
  command.option(
    '--report-file <file>',
    'write the report to a file; its ending tells the form when --report does not',
  );
  command.option('--json', 'print the report as JSON on standard output');
  command.option('-q, --quiet', 'print errors only, and a report that was asked for');
  command.optionsGroup('Checks:');
  command.addOption(
    new Option(
      '--validate <how>',
      'by the schemas of the target version, or by a dry run on the server of the current context as well',
    )
      .choices(['offline', 'server', 'off'])
      .default('offline'),
  );
  command.addOption(
    new Option('--fail-on <fidelity>', 'exit with 1 when a field ends as bad as this or worse').choices(
      FIDELITIES.filter((fidelity) => fidelity !== 'same').toReversed(),
    ),
  );
  command.addHelpText('after', EXAMPLES);
  command.action((paths: string[], given: Partial<Absent> & Omit<PortFlags, keyof Absent>) =>
    act(program, async (terminal) => {
      const request = portRequest(paths, { ...ABSENT, ...given });
      // Schemas, cdk8s and the like are loaded when they are needed, so that help and completion answer at once.
      const { runPort } = await import('./run-port.js');
      return runPort(request, { terminal, standardInput: process.stdin });
    }),
  );
}

/** What flags that were not given stand for; help would print them as defaults if commander knew. */
const ABSENT = {
  force: false,
  dryRun: false,
  quiet: false,
  json: false,
  parameters: [],
  parameter: new Map<string, string>(),
};

type Absent = Pick<PortFlags, keyof typeof ABSENT>;

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

function region(value: string): string {
  if (!/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(value)) throw new InvalidArgumentError('Write it as in eu-west-1.');
  return value;
}

function account(value: string): string {
  if (!/^\d{12}$/.test(value)) throw new InvalidArgumentError('An account id has 12 digits.');
  return value;
}

function namespace(value: string): string {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(value)) {
    throw new InvalidArgumentError(
      'A namespace has up to 63 lower-case letters, digits and hyphens, and begins and ends with a letter or digit.',
    );
  }
  return value;
}
