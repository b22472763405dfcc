import { type Diagnostic, formatDiagnostic } from '../ecs/diagnostic.js';
import type { KubernetesVersion } from '../port/kubernetes-version.js';
import { counted } from '../report/terminal-text.js';
import type { ManifestFinding } from '../validation/finding.js';
import type { Skipped } from './recognise.js';
import { type Output, say } from './terminal.js';
import { formatFinding } from './validate-offline.js';
import type { WritePlan } from './write-plan.js';

/** More warnings than this are for the report. */
const MOST_WARNINGS = 20;
const MOST_SKIPPED = 10;

/** Prints refusals, all of them, and the first warnings. Notes are in the report. */
export async function sayFindings(findings: readonly Diagnostic[], quiet: boolean, output: Output): Promise<void> {
  for (const finding of findings)
    if (finding.severity === 'refused') await say(output, 'error', formatDiagnostic(finding));
  if (quiet) return;
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  for (const finding of warnings.slice(0, MOST_WARNINGS)) await say(output, 'warning', formatDiagnostic(finding));
  const more = warnings.length - MOST_WARNINGS;
  if (more > 0) await say(output, 'note', `${counted(more, 'more warning')}; --json lists them all`);
}

/** Prints which files of folders were left aside. */
export async function saySkipped(skipped: readonly Skipped[], output: Output): Promise<void> {
  for (const { path, why } of skipped.slice(0, MOST_SKIPPED)) await say(output, 'note', `skipped ${path}: ${why}`);
  const more = skipped.length - MOST_SKIPPED;
  if (more > 0)
    await say(output, 'note', `skipped ${counted(more, 'more file')} that hold${more === 1 ? 's' : ''} no ECS input`);
}

/** Prints why manifests are not valid. That they are is this program's job, so it asks to be told. */
export async function sayInvalid(
  findings: readonly ManifestFinding[],
  version: KubernetesVersion,
  output: Output,
): Promise<void> {
  for (const finding of findings) await say(output, 'error', formatFinding(finding));
  await say(
    output,
    'note',
    `${counted(findings.length, 'fault')} against the schemas of Kubernetes ${version}; where the input does not explain one, please report it`,
  );
}

/** Prints what was written where, or what would be. */
export async function sayWritten(
  { out, write, unchanged, remove, keep, spare }: WritePlan,
  dryRun: boolean,
  output: Output,
): Promise<void> {
  for (const path of keep)
    await say(output, 'warning', `${path} is no longer part of the port, but it was changed by hand: it stays`);
  const [written, removed] = dryRun ? ['to write', 'to remove'] : ['written', 'removed'];
  const parts = [
    `${counted(write.length, 'file')} ${written}`,
    ...(unchanged.length > 0 ? [`${unchanged.length} unchanged`] : []),
    ...(remove.length > 0 ? [`${remove.length} ${removed}`] : []),
    ...(spare.length > 0 ? [`${spare.length} of earlier runs kept, since not all of the input could be ported`] : []),
  ];
  await output.write(`${out}: ${parts.join(', ')}${dryRun ? ' (dry run, nothing was changed)' : ''}\n`);
}
