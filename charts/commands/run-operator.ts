import { canAvoidNodes, type OperatorOptions, operatorManifests, renderOperator } from '../apps/operator/index.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { sayInvalid, sayWritten } from './findings-output.js';
import { applyCommand } from './next-step.js';
import { packageVersion } from './package-root.js';
import { say, type Terminal } from './terminal.js';
import { validateOffline } from './validate-offline.js';
import { writeOut } from './write-out.js';

/** The flags of `tranship operator` as commander gives them. */
export interface OperatorFlags extends Omit<OperatorOptions, 'image'> {
  readonly out: string;
  readonly image?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** Renders the operator's installation to a folder and checks it against the schemas of the target version. */
export async function runOperator(flags: OperatorFlags, terminal: Terminal): Promise<ExitCode> {
  const { out, force = false, dryRun = false, image = `tranship:${packageVersion()}`, ...options } = flags;
  const installation: OperatorOptions = { ...options, image };
  const files = renderOperator(installation);
  const plan = await writeOut(out, files, { force, dryRun });
  if (flags.image === undefined) {
    await say(
      terminal.err,
      'warning',
      `no --image: the Deployment names ${image}, which your nodes cannot pull; build the Dockerfile, push it to a registry of yours and name it`,
    );
  }
  await sayMemory(installation, terminal);
  await sayWritten(plan, dryRun, terminal.err);
  const next = applyCommand(out, files)?.replace(' --server-side', '');
  if (next !== undefined && !dryRun) await terminal.out.write(`${next}\n`);
  // A PrometheusRule has a CRD of its own, which this project does not carry.
  const manifests = [...operatorManifests(installation).values()]
    .flat()
    .filter(({ kind }) => kind !== 'PrometheusRule');
  const invalid = validateOffline(manifests, installation.kubernetes);
  if (invalid.length === 0) return EXIT.ok;
  await sayInvalid(invalid, installation.kubernetes, terminal.err);
  return EXIT.invalid;
}

/** Whether replacements avoid nodes is what differs between clusters, and nobody should find out by chance. */
async function sayMemory({ kubernetes, avoidNodes }: OperatorOptions, { err }: Terminal): Promise<void> {
  if (!canAvoidNodes(kubernetes)) {
    await say(
      err,
      'note',
      `Kubernetes ${kubernetes} has no MutatingAdmissionPolicy (1.36 has): nodes that failed a pod are recorded in the policy's status, and the scheduler does not avoid them`,
    );
  } else if (avoidNodes) {
    await say(
      err,
      'note',
      'where Karpenter or EKS Auto Mode launches nodes, add --no-avoid-nodes: it launches none for a pod that avoids nodes by name (docs/operator.md)',
    );
  }
}
