import { setImmediate as breathe } from 'node:timers/promises';
import type { InputDocument } from '../ecs/input.js';
import { LiveAccountError } from '../ecs/live/live-account-error.js';
import { emptyInput } from '../ecs/empty-input.js';
import { readDocuments } from '../ecs/read.js';
import { manifestsOf, type Port, portInput } from '../port/port.js';
import { type RenderedFile, renderFiles } from '../render.js';
import { asBadAs, FIDELITY_WORDS } from '../report/counts.js';
import { buildReport, findingsOf, type Report } from '../report/report.js';
import { CommandError, EXIT, type ExitCode, greatest } from './exit-codes.js';
import { sayFindings, sayInvalid, saySkipped, sayWritten } from './findings-output.js';
import { findFiles } from './input-files.js';
import { applyCommand } from './next-step.js';
import { readParameters } from './parameters.js';
import type { PortRequest } from './port-request.js';
import { Progress } from './progress.js';
import { recognise, type Skipped } from './recognise.js';
import { fileReport, reportPieces } from './report-output.js';
import { say, type Terminal, writeAll } from './terminal.js';
import { validateOffline } from './validate-offline.js';
import { validateOnServer } from './validate-server.js';
import { writeOut } from './write-out.js';

/** What a run works with beside the request. */
interface Surroundings {
  readonly terminal: Terminal;
  readonly standardInput: NodeJS.ReadableStream;
}

/**
 * Ports what the request names: reads, translates, validates, writes, reports.
 *
 * @returns the exit code: of several that apply, the greatest
 * @throws CommandError when the run cannot go on; Interrupted after Ctrl-C
 */
export async function runPort(request: PortRequest, { terminal, standardInput }: Surroundings): Promise<ExitCode> {
  const { flags } = request;
  const { err } = terminal;
  const progress = new Progress(flags.quiet ? { ...err, interactive: false } : err);
  const { port, skipped } = await readAndPort(request, standardInput, progress);
  const report = buildReport(port);
  const files = await render(port, flags.emit, progress);
  const codes: ExitCode[] = [];

  const invalid =
    flags.validate === 'off'
      ? []
      : validateOffline(manifestsOf(port), port.options.kubernetes, (done, total) =>
          progress.step('validating', done, total),
        );
  progress.clear();
  if (!flags.quiet) await saySkipped(skipped, err);
  await sayFindings(findingsOf(report), flags.quiet, err);
  if (!complete(report)) codes.push(EXIT.refused);
  if (report.workloads.length === 0 && findingsOf(report).length === 0) {
    codes.push(EXIT.refused);
    await say(err, 'error', `no ECS input in ${request.paths.join(', ')} (see docs/port.md for what is read)`);
  }
  if (invalid.length > 0) {
    codes.push(EXIT.invalid);
    await sayInvalid(invalid, port.options.kubernetes, err);
  }

  const plan = await writeOut(flags.out, files, {
    ...flags,
    complete: !codes.includes(EXIT.refused),
    onFile: (done, total) => progress.step('writing', done, total),
  });
  progress.clear();
  if (request.filed !== undefined && !flags.dryRun) await fileReport(report, request.filed.path, request.filed.format);
  if (flags.validate === 'server' && !(await acceptedByServer(port, flags.quiet, progress, terminal)))
    codes.push(EXIT.invalid);

  if (request.printed !== undefined) {
    const { color, width } = terminal.out;
    await writeAll(terminal.out, reportPieces(report, request.printed, { color, width }));
  }
  if (!flags.quiet) {
    await sayWritten(plan, flags.dryRun, err);
    const next =
      flags.emit === 'typescript' ? `cd ${flags.out} && npm install && npm run synth` : applyCommand(flags.out, files);
    if (next !== undefined && !flags.dryRun && files.length > 0) await err.write(`next: ${next}\n`);
  }
  if (flags.failOn !== undefined && (await failsOn(report, flags.failOn, terminal))) codes.push(EXIT.failedOn);
  return greatest(codes);
}

async function readAndPort(
  request: PortRequest,
  standardInput: NodeJS.ReadableStream,
  progress: Progress,
): Promise<{ readonly port: Port; readonly skipped: readonly Skipped[] }> {
  const { flags, paths, options } = request;
  const parameters = await readParameters(flags.parameters, flags.parameter);
  const live = flags.fromCluster === undefined ? [] : await readLive(flags.fromCluster, flags.region, progress);
  progress.say('reading');
  const found = await findFiles(paths, standardInput, flags.out);
  const recognised = recognise(found.files);
  const input = emptyInput();
  input.diagnostics.push(...found.diagnostics, ...recognised.diagnostics);
  readDocuments([...live, ...recognised.documents], input, {
    parameters,
    ...(flags.environment === undefined ? {} : { environment: flags.environment }),
    ...(flags.region === undefined ? {} : { region: flags.region }),
    ...(flags.account === undefined ? {} : { account: flags.account }),
  });
  const port = portInput(input, { ...options, onWorkload: (done, total) => progress.step('porting', done, total) });
  return { port, skipped: recognised.skipped };
}

/** The AWS SDK takes longer to load than most ports take; only those who ask for it wait for it. */
async function readLive(
  cluster: string,
  region: string | undefined,
  progress: Progress,
): Promise<readonly InputDocument[]> {
  const { readCluster } = await import('../ecs/live/read-cluster.js');
  try {
    return await readCluster({
      cluster,
      ...(region === undefined ? {} : { region }),
      onProgress: (text) => progress.say(text),
    });
  } catch (error) {
    progress.clear();
    if (!(error instanceof LiveAccountError)) throw error;
    throw new CommandError(EXIT.refused, `cluster ${cluster} cannot be read: ${error.message}`, { cause: error });
  }
}

async function render(
  port: Port,
  emit: PortRequest['flags']['emit'],
  progress: Progress,
): Promise<readonly RenderedFile[]> {
  progress.say('rendering');
  await breathe();
  if (emit === 'yaml') return renderFiles(port);
  const { emitTypeScript } = await import('../emit/typescript.js');
  return emitTypeScript(port);
}

/** Whether everything that was read became objects. */
function complete(report: Report): boolean {
  return (
    report.workloads.every(({ outcome }) => outcome === 'rendered') &&
    findingsOf(report).every(({ severity }) => severity !== 'refused')
  );
}

async function acceptedByServer(port: Port, quiet: boolean, progress: Progress, { err }: Terminal): Promise<boolean> {
  progress.say('asking the server');
  const answer = await validateOnServer(manifestsOf(port), (done, total) =>
    progress.step('asking the server', done, total),
  );
  progress.clear();
  for (const { object, reasons } of answer.refusals) {
    await say(err, 'error', `${object}: refused by the server of context ${answer.context}\n  ${reasons.join('\n  ')}`);
  }
  for (const namespace of answer.missingNamespaces) {
    if (!quiet)
      await say(
        err,
        'warning',
        `namespace ${namespace} is not in the cluster yet, so what stands in it could not be tried (apply 0-shared.yaml first)`,
      );
  }
  return answer.refusals.length === 0;
}

async function failsOn(
  report: Report,
  limit: NonNullable<PortRequest['flags']['failOn']>,
  { err }: Terminal,
): Promise<boolean> {
  const bad = report.documents.flatMap(({ fields }) => fields.filter(({ fidelity }) => asBadAs(fidelity, limit)));
  const leaves = bad.reduce((sum, { leaves: own }) => sum + own, 0);
  if (leaves === 0) return false;
  const worse = limit === 'none' ? '' : ' or worse';
  await say(
    err,
    'error',
    `${leaves} field${leaves === 1 ? ' is' : 's are'} "${FIDELITY_WORDS[limit]}"${worse}, which --fail-on ${limit} does not allow`,
  );
  return true;
}
