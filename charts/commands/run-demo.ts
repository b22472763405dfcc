import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import pico from 'picocolors';
import { emptyInput } from '../ecs/empty-input.js';
import { readDocuments } from '../ecs/read.js';
import { manifestsOf, portInput } from '../port/port.js';
import { renderFiles } from '../render.js';
import { buildReport, findingsOf } from '../report/report.js';
import { counted, wrap } from '../report/terminal-text.js';
import { renderTree } from '../report/tree.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { sayFindings, sayInvalid, sayWritten } from './findings-output.js';
import { findFiles } from './input-files.js';
import { applyCommand } from './next-step.js';
import { exampleAccount } from './package-root.js';
import { recognise } from './recognise.js';
import { fileReport } from './report-output.js';
import { type Terminal, withLineEnds, writeAll } from './terminal.js';
import { validateOffline } from './validate-offline.js';
import { writeOut } from './write-out.js';

/** Reasons shown a workload; the report has them all. */
const MOST = 2;

/**
 * Ports the example account and shows, in a few screens, what came out and what to do next.
 *
 * @param out where manifests and the report go
 */
export async function runDemo(out: string, force: boolean, terminal: Terminal): Promise<ExitCode> {
  const account = exampleAccount();
  const found = await findFiles([account], Readable.from([]));
  const input = emptyInput();
  // Shown from where the example begins, wherever the package lies.
  const files = found.files.map((file) => ({ ...file, path: join('example-account', relative(account, file.path)) }));
  readDocuments(recognise(files).documents, input, { region: 'eu-west-1', account: '111122223333' });
  const port = portInput(input, { eksCluster: 'shop' });
  const report = buildReport(port);
  const manifests = renderFiles(port);
  const plan = await writeOut(out, manifests, { force, dryRun: false });
  const page = join(out, 'report.html');
  await fileReport(report, page, 'html');

  const { color, width } = terminal.out;
  const lines = renderTree(report, { width, color, most: MOST });
  await writeAll(terminal.out, withLineEnds(lines));
  const { bold, cyan } = pico.createColors(color);
  const next: readonly (readonly [command: string, what: string])[] = [
    [page, `the whole report: all ${counted(report.documents.length, 'document')}, every field, with a filter`],
    [
      `${out}/`,
      `${counted(port.workloads.length, 'workload')} as ${counted(manifestsOf(port).length, 'manifest')}, in ${counted(plan.write.length + plan.unchanged.length, 'file')}`,
    ],
    [
      `${applyCommand(out, manifests) ?? 'kubectl apply'} --dry-run=server`,
      'try them on a cluster of your own; one-off Jobs have a folder to themselves',
    ],
    ['tranship port --from-cluster NAME', 'port what runs in your account'],
    ['tranship port FILE… --report-file report.html', 'port task definitions, services, templates, Copilot manifests'],
    ['docs/port.md, docs/report.md', 'how to go on from here'],
  ];
  await terminal.out.write(`\n${bold('What to do next')}\n`);
  for (const [command, what] of next) {
    await terminal.out.write(
      `  ${cyan(command)}\n${wrap(what, width - 6)
        .map((line) => `      ${line}\n`)
        .join('')}`,
    );
  }
  await sayFindings(findingsOf(report), false, terminal.err);
  await sayWritten(plan, false, terminal.err);
  const invalid = validateOffline(manifestsOf(port), port.options.kubernetes);
  if (invalid.length === 0) return EXIT.ok;
  await sayInvalid(invalid, port.options.kubernetes, terminal.err);
  return EXIT.invalid;
}
