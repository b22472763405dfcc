import { formatDiagnostic } from '../ecs/diagnostic.js';
import { shortName } from '../ecs/arn.js';
import { formatPosition } from '../ecs/source/position.js';
import { tallied } from './grouping.js';
import type { Pen } from './pen.js';
import type { Report } from './report.js';
import { counted, printable, wrap } from './terminal-text.js';

/** The part of the tree below the workloads: what cluster and account need, and what was taken for granted. */
export function* renderCluster(report: Report, pen: Pen): Generator<string> {
  const brief = Number.isFinite(pen.most);
  const { cyan } = pen.colors;
  if (!brief && report.shared.length > 0) {
    yield* heading('Objects that workloads share', pen);
    for (const { kind, namespace, name } of report.shared) {
      yield `  ${cyan(printable(`${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`))}`;
    }
  }
  yield* brief ? inBrief(report, pen) : [...prerequisites(report, pen), ...trustChanges(report, pen)];
  if (report.placeholders.length > 0) {
    yield* heading('Values that are not known', pen);
    for (const { name, fix, positions } of report.placeholders) {
      const [first] = positions;
      const more = positions.length > 1 ? `, and ${counted(positions.length - 1, 'more place')}` : '';
      yield* item(name, `${fix} (${first === undefined ? '' : formatPosition(first)}${more})`, pen);
    }
  }
  if (report.assumptions.length > 0) {
    yield* heading('Taken for granted', pen);
    for (const assumption of report.assumptions) yield* paragraph(assumption, pen, '  ');
  }
  yield* leftBehind(report, pen, brief);
  const refused = report.diagnostics.filter(({ severity }) => severity === 'refused');
  if (refused.length > 0) {
    yield* heading('Refused', pen);
    for (const finding of refused) yield* paragraph(formatDiagnostic(finding), pen, '  ');
  }
}

function* prerequisites({ prerequisites: all }: Report, pen: Pen): Generator<string> {
  if (all.length === 0) return;
  yield* heading('What the cluster needs', pen);
  for (const { title, minimum, purpose, obtain, why } of all) {
    yield* item(minimum === undefined ? title : `${title} (${minimum} or newer)`, purpose, pen);
    yield* paragraph(`get it: ${obtain}`, pen, '    ');
    yield* paragraph(`for: ${why.join('; ')}`, pen, '    ');
  }
}

function* trustChanges({ trustChanges: all }: Report, pen: Pen): Generator<string> {
  if (all.length === 0) return;
  yield* heading('What changes in IAM', pen);
  for (const { role, change, statement } of all) {
    yield* item(role, change, pen);
    if (statement === undefined) continue;
    for (const line of JSON.stringify(statement, null, 2).split('\n')) yield pen.colors.dim(`    ${printable(line)}`);
  }
}

/** The names of what is needed, without reasons. */
function* inBrief({ prerequisites: needed, trustChanges: changes }: Report, pen: Pen): Generator<string> {
  if (needed.length > 0) {
    yield* heading('What the cluster needs', pen);
    yield* paragraph(needed.map(({ title }) => title).join(', '), pen, '  ');
  }
  if (changes.length > 0) {
    yield* heading('What changes in IAM', pen);
    yield* paragraph(tallied(changes.map(({ role }) => shortName(role))).join(', '), pen, '  ');
  }
}

function* leftBehind({ leftBehind: all }: Report, pen: Pen, brief: boolean): Generator<string> {
  const shown = brief ? all.filter(({ mentions }) => mentions.length > 0) : all;
  if (shown.length === 0) return;
  yield* heading('What ECS gave to containers and Kubernetes does not', pen);
  for (const { name, was, instead, workloads, mentions } of shown) {
    yield* item(name, `${was}; instead: ${instead} (${counted(workloads.length, 'workload')})`, pen);
    for (const { workload, position } of mentions)
      yield* paragraph(`named at ${formatPosition(position)}, in ${workload}`, pen, '    ');
  }
}

function* heading(text: string, pen: Pen): Generator<string> {
  yield '';
  yield pen.colors.bold(text);
}

/** A name, and a text that goes on below it when it does not fit beside it. */
function* item(name: string, text: string, pen: Pen): Generator<string> {
  const [first = '', ...rest] = wrap(`${name}: ${text}`, pen.width - 4);
  const head = `${printable(name)}:`;
  yield `  ${first.startsWith(head) ? pen.colors.bold(head) + first.slice(head.length) : first}`;
  for (const line of rest) yield `    ${line}`;
}

function* paragraph(text: string, pen: Pen, indent: string): Generator<string> {
  for (const [index, line] of wrap(text, pen.width - indent.length - 2).entries())
    yield `${indent}${index === 0 ? '' : '  '}${line}`;
}
