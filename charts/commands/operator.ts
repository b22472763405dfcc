import { relative } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_KUBERNETES_VERSION, KUBERNETES_VERSIONS } from '../port/kubernetes-version.js';
import { act } from './act.js';
import type { OperatorFlags } from './run-operator.js';

const EPILOGUE = `
Renders the operator that heals pods as ECS does: its CRD, its rights, two replicas, admission policies, a dashboard and
alert rules. \`kubectl apply -f dist/operator\` is the whole installation, and no pod is touched until a HealingPolicy
selects it. See docs/operator.md.

Examples:
  tranship operator --image 111122223333.dkr.ecr.eu-west-1.amazonaws.com/tranship:0.1.0
  tranship operator --kubernetes 1.36 --event-bus healing --otlp-endpoint http://collector.observability:4318
`;

/** Adds `tranship operator` to the program. */
export function addOperatorCommand(program: Command): void {
  program
    .command('operator')
    .summary('render the operator that heals what was ported')
    .description('Renders the operator that heals what was ported.')
    .option('-o, --out <folder>', 'where manifests go', 'dist/operator')
    .option('--image <image>', "image of this project's Dockerfile")
    .addOption(
      new Option('--namespace <name>', 'namespace that the operator runs in')
        .default('tranship-system')
        .argParser(dnsLabel),
    )
    .addOption(
      new Option('--kubernetes <version>', 'target version')
        .choices(KUBERNETES_VERSIONS)
        .default(DEFAULT_KUBERNETES_VERSION),
    )
    .option('--no-avoid-nodes', 'leave out the admission policy by which new pods prefer other nodes than failed ones')
    .option('--event-bus <name>', 'EventBridge bus, by name or ARN, that Events are sent to')
    .option('--topic <arn>', 'SNS topic that Events are sent to')
    .option('--region <region>', 'AWS region of the bus and the topic')
    .option('--role-arn <arn>', 'IAM role for the service account (IRSA); without it, EKS Pod Identity')
    .addOption(new Option('--otlp-endpoint <url>', 'collector for traces, OTLP over HTTP').argParser(httpUrl))
    .option('--prometheus-rule', 'also the alert rules as a PrometheusRule, where the Prometheus Operator is')
    .option('--force', 'replace files in the out folder that tranship did not write')
    .option('--dry-run', 'write no files')
    .addHelpText('after', EPILOGUE)
    .action((flags: OperatorFlags) =>
      act(program, async (terminal) => {
        const { runOperator } = await import('./run-operator.js');
        return runOperator({ ...flags, out: relative('.', flags.out) || '.' }, terminal);
      }),
    );
}

function dnsLabel(value: string): string {
  if (value.length > 63 || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(value))
    throw new InvalidArgumentError('It must be a namespace name: at most 63 of a-z, 0-9 and -, as tranship-system.');
  return value;
}

function httpUrl(value: string): string {
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new InvalidArgumentError('It must be a URL without credentials, as http://collector.observability:4318.');
  return value;
}
