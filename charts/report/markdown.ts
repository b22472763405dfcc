import { formatDiagnostic } from '../ecs/diagnostic.js';
import { formatPosition } from '../ecs/source/position.js';
import { FIDELITY_MEANINGS, FIDELITY_WORDS, totalOf } from './counts.js';
import { FIDELITIES } from './fidelity.js';
import { groupFields } from './grouping.js';
import type { Report, ReportField, ReportWorkload } from './report.js';
import { counted, printable } from './terminal-text.js';

/**
 * The report as Markdown, for a pull request or a wiki: fields that are not carried as they were in tables, the others
 * folded away.
 *
 * @returns lines without their line ends
 * @example writeFileSync('report.md', [...renderMarkdown(report)].join('\n'))
 */
export function* renderMarkdown(report: Report): Generator<string> {
  yield '# Fidelity report';
  yield '';
  yield `${counted(report.workloads.length, 'workload')}, ${counted(report.objects, 'object')} for Kubernetes ${report.kubernetes}, ${counted(totalOf(report.counts), 'field')} of ${counted(report.documents.length, 'document')}.`;
  yield '';
  yield* table(
    ['Fidelity', 'Fields', 'Meaning'],
    FIDELITIES.map((fidelity) => [
      FIDELITY_WORDS[fidelity],
      String(report.counts[fidelity]),
      FIDELITY_MEANINGS[fidelity],
    ]),
  );
  if (report.workloads.length > 0) yield* [...section('Workloads'), ...overview(report)];
  for (const workload of report.workloads) yield* workloadSection(workload);
  const others = report.documents.flatMap(({ fields }) => fields.filter(({ workload }) => workload === undefined));
  if (others.length > 0) yield* [...section('Fields that belong to no workload'), ...fieldTables(others)];
  yield* clusterSections(report);
}

function* overview({ workloads }: Report): Generator<string> {
  yield* table(
    ['Workload', 'From', ...FIDELITIES.map((fidelity) => FIDELITY_WORDS[fidelity]), 'Outcome'],
    workloads.map(({ title, kind, name, counts, outcome }) => [
      code(title),
      `${kind} ${code(name)}`,
      ...FIDELITIES.map((fidelity) => String(counts[fidelity])),
      outcome,
    ]),
  );
}

function* workloadSection(workload: ReportWorkload): Generator<string> {
  const { title, kind, name, cluster, taskDefinition, objects, diagnostics, fields, sharesWith } = workload;
  yield '';
  yield `### ${code(title)}`;
  yield '';
  const origin = [
    `From ${kind} ${code(name)}`,
    ...(cluster === undefined ? [] : [`of cluster ${code(cluster)}`]),
    ...(taskDefinition === undefined ? [] : [`with task definition ${code(taskDefinition)}`]),
  ].join(' ');
  yield `${origin}.${objects.length === 0 ? '' : ` Objects: ${objects.map((object) => code(`${object.kind} ${object.name}`)).join(', ')}.`}`;
  if (diagnostics.length > 0) yield '';
  for (const finding of diagnostics) yield `- ${finding.severity}: ${escaped(formatDiagnostic(finding))}`;
  for (const other of sharesWith) yield* ['', `Shares fields with ${code(other)}, where they are listed.`];
  yield* fieldTables(fields);
}

/** One row a field that is not the same, then one line a field that is. */
function* fieldTables(fields: readonly ReportField[]): Generator<string> {
  const changed = groupFields(fields.filter(({ fidelity }) => fidelity !== 'same')).flatMap((group) => group.fields);
  const same = fields.filter(({ fidelity }) => fidelity === 'same');
  if (changed.length > 0) {
    yield '';
    yield* table(
      ['Fidelity', 'Field', 'Kubernetes', 'What is different or lost', 'What to do', 'Where'],
      changed.map((field) => [
        FIDELITY_WORDS[field.fidelity],
        pathOf(field),
        field.kubernetes.map(code).join('<br>'),
        escaped(field.lost ?? ''),
        escaped(field.todo ?? ''),
        code(formatPosition(field.position)),
      ]),
    );
  }
  if (same.length === 0) return;
  yield '';
  yield `<details><summary>${counted(same.length, 'field')} carried as ${same.length === 1 ? 'it was' : 'they were'}</summary>`;
  yield '';
  for (const field of same) {
    const target = field.kubernetes.length === 0 ? '' : ` → ${field.kubernetes.map(code).join(', ')}`;
    yield `- ${pathOf(field)}${target}${field.lost === undefined ? '' : ` (${escaped(field.lost)})`}, ${code(formatPosition(field.position))}`;
  }
  yield '';
  yield '</details>';
}

function pathOf({ path, leaves }: ReportField): string {
  return `${path === '' ? 'the whole document' : code(path)}${leaves > 1 ? ` (${counted(leaves, 'field')})` : ''}`;
}

function* clusterSections(report: Report): Generator<string> {
  const { shared, prerequisites, trustChanges, placeholders, assumptions, leftBehind, diagnostics } = report;
  if (shared.length > 0) yield* section('Objects that workloads share');
  for (const { kind, namespace, name } of shared)
    yield `- ${code(`${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`)}`;
  if (prerequisites.length > 0) yield* section('What the cluster needs');
  for (const { title, minimum, purpose, obtain, why } of prerequisites) {
    yield `- **${escaped(title)}**${minimum === undefined ? '' : ` (${escaped(minimum)} or newer)`}: ${escaped(purpose)}`;
    yield `  - get it: ${code(obtain)}`;
    yield `  - for: ${escaped(why.join('; '))}`;
  }
  if (trustChanges.length > 0) yield* section('What changes in IAM');
  for (const { role, change, statement } of trustChanges) {
    yield `- ${code(role)}: ${escaped(change)}`;
    if (statement === undefined) continue;
    yield* [
      '',
      '  ```json',
      ...JSON.stringify(statement, null, 2)
        .split('\n')
        .map((line) => `  ${printable(line)}`),
      '  ```',
      '',
    ];
  }
  if (placeholders.length > 0) yield* section('Values that are not known');
  for (const { name, fix, positions } of placeholders) {
    yield `- ${code(name)}: ${escaped(fix)} (${positions.map((position) => code(formatPosition(position))).join(', ')})`;
  }
  if (assumptions.length > 0) yield* section('Taken for granted');
  for (const assumption of assumptions) yield `- ${escaped(assumption)}`;
  if (leftBehind.length > 0) {
    yield* section('What ECS gave to containers and Kubernetes does not');
    yield* table(
      ['Name', 'What it was', 'What takes its place', 'Workloads', 'Named at'],
      leftBehind.map(({ name, was, instead, workloads, mentions }) => [
        code(name),
        escaped(was),
        escaped(instead),
        String(workloads.length),
        mentions.map(({ position }) => code(formatPosition(position))).join('<br>'),
      ]),
    );
  }
  if (diagnostics.length > 0) yield* section('Findings');
  for (const finding of diagnostics) yield `- ${finding.severity}: ${escaped(formatDiagnostic(finding))}`;
}

function section(title: string): readonly string[] {
  return ['', `## ${title}`, ''];
}

function* table(head: readonly string[], rows: readonly (readonly string[])[]): Generator<string> {
  yield `| ${head.join(' | ')} |`;
  yield `|${' --- |'.repeat(head.length)}`;
  for (const row of rows) yield `| ${row.join(' | ')} |`;
}

/** Text in which nothing of the input can become Markdown, HTML or a mention. */
function escaped(text: string): string {
  return printable(text.replace(/\s+/g, ' '))
    .replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? character)
    .replace(/[\\`*_{}[\]#|~!@]/g, (character) => `\\${character}`);
}

/** Text as code. A pipe would end a table's cell even there, so it is escaped in the way tables know. */
function code(text: string): string {
  const safe = printable(text.replace(/\s+/g, ' ')).replaceAll('|', '\\|');
  const longest = Math.max(0, ...(safe.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = safe.startsWith('`') || safe.endsWith('`') || safe === '' ? ' ' : '';
  return `${fence}${space}${safe}${space}${fence}`;
}
