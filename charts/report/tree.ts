import pico from 'picocolors';
import { formatDiagnostic } from '../ecs/diagnostic.js';
import { formatPosition } from '../ecs/source/position.js';
import { type Counts, FIDELITY_MEANINGS, FIDELITY_WORDS, totalOf } from './counts.js';
import { FIDELITIES } from './fidelity.js';
import { type FieldGroup, groupFields, tallied } from './grouping.js';
import { GLYPHS, paint, type Pen } from './pen.js';
import type { Report, ReportField, ReportWorkload } from './report.js';
import { counted, padded, printable, wrap } from './terminal-text.js';
import { renderCluster } from './tree-cluster.js';

/** How the tree is printed. */
export interface TreeOptions {
  /** Columns of the terminal. @default 100 */
  readonly width?: number;
  /** Whether to use ANSI colours. @default false */
  readonly color?: boolean;
  /** At most so many reasons a workload, the worst ones, and no lists of objects: for a first look. @default all of everything */
  readonly most?: number;
}

/** Columns of a fidelity bar. */
const BAR = 24;
/** Narrower than this nothing would fit beside the branches. */
const NARROWEST = 50;

/**
 * The report for a terminal: a summary, then each workload with its Kubernetes objects, its counts and every field that
 * is not carried as it was, then what cluster and account need.
 *
 * @returns lines without their line ends
 * @example for (const line of renderTree(report, { width: 80 })) console.log(line)
 */
export function* renderTree(report: Report, options: TreeOptions = {}): Generator<string> {
  const pen: Pen = {
    width: Math.max(NARROWEST, options.width ?? 100),
    colors: pico.createColors(options.color ?? false),
    most: options.most ?? Number.POSITIVE_INFINITY,
  };
  yield* summary(report, pen);
  for (const workload of report.workloads) {
    yield '';
    yield* workloadTree(workload, pen);
  }
  yield* remainder(report, pen);
  yield* renderCluster(report, pen);
}

function* summary(report: Report, pen: Pen): Generator<string> {
  const { bold } = pen.colors;
  const total = totalOf(report.counts);
  const facts = [
    counted(report.workloads.length, 'workload'),
    `${counted(report.objects, 'object')} for Kubernetes ${report.kubernetes}`,
    `${counted(total, 'field')} of ${counted(report.documents.length, 'document')}`,
  ];
  yield bold(facts.join(', '));
  const digits = Math.max(...FIDELITIES.map((fidelity) => counted(report.counts[fidelity], '', '').length));
  for (const fidelity of FIDELITIES) {
    const count = report.counts[fidelity];
    const cells = total === 0 ? 0 : Math.max(count > 0 ? 1 : 0, Math.round((count / total) * BAR));
    const number = count.toLocaleString('en-US').padStart(digits);
    const cellsOf = paint(fidelity, pen)(GLYPHS[fidelity].repeat(cells)) + ' '.repeat(BAR - Math.min(BAR, cells));
    yield `  ${padded(FIDELITY_WORDS[fidelity], 13)}${number}  ${cellsOf}  ${pen.colors.dim(FIDELITY_MEANINGS[fidelity])}`;
  }
}

const OUTCOMES = { rendered: '✔', refused: '✘', incomplete: '?' } as const;

/** A bar of the four fidelities; what is there at all has at least one cell. */
function bar(counts: Counts, pen: Pen): string {
  const total = totalOf(counts);
  const cells = FIDELITIES.map((fidelity) =>
    counts[fidelity] === 0 ? 0 : Math.max(1, Math.round((counts[fidelity] / total) * BAR)),
  );
  const excess = cells.reduce((sum, cell) => sum + cell, 0) - BAR;
  const widest = cells.indexOf(Math.max(...cells));
  return FIDELITIES.map((fidelity, index) => {
    const width = (cells[index] ?? 0) - (index === widest ? excess : 0);
    return width <= 0 ? '' : paint(fidelity, pen)(GLYPHS[fidelity].repeat(width));
  }).join('');
}

/** `88 same, 9 near, 1 none`. */
function words(counts: Counts, pen: Pen): string {
  const parts = FIDELITIES.filter((fidelity) => counts[fidelity] > 0).map((fidelity) =>
    paint(fidelity, pen)(`${counts[fidelity].toLocaleString('en-US')} ${FIDELITY_WORDS[fidelity]}`),
  );
  return parts.length === 0 ? 'no fields' : parts.join(', ');
}

function* workloadTree(workload: ReportWorkload, pen: Pen): Generator<string> {
  const { bold, dim, green, red, yellow, cyan } = pen.colors;
  const color = { rendered: green, refused: red, incomplete: yellow }[workload.outcome];
  const origin = [
    `${workload.kind} ${workload.name}`,
    ...(workload.cluster === undefined ? [] : [`cluster ${workload.cluster}`]),
    ...(workload.taskDefinition === undefined ? [] : [`task definition ${workload.taskDefinition}`]),
  ].join(', ');
  const outcome = {
    rendered: '',
    refused: 'refused, as ECS would: ',
    incomplete: 'no task definition, nothing rendered: ',
  };
  yield `${color(OUTCOMES[workload.outcome])} ${bold(printable(workload.title))}  ${dim(`${outcome[workload.outcome]}from ${printable(origin)}`)}`;
  const branches: (readonly string[])[] = [];
  const room = pen.width - 3;
  if (Number.isFinite(pen.most)) {
    const kinds = tallied(workload.objects.map(({ kind }) => kind)).join(', ');
    if (kinds !== '') branches.push(wrap(kinds, room).map((line) => cyan(line)));
  } else {
    branches.push(...workload.objects.map(({ kind, name }) => [cyan(printable(`${kind} ${name}`))]));
  }
  for (const finding of workload.diagnostics) {
    if (finding.severity === 'refused') branches.push(wrap(formatDiagnostic(finding), room).map((line) => red(line)));
  }
  branches.push([`${bar(workload.counts, pen)}  ${words(workload.counts, pen)}`]);
  const groups = ordered(groupFields(workload.fields.filter(({ fidelity }) => fidelity !== 'same')), pen);
  for (const group of groups.slice(0, pen.most)) branches.push([...groupLines(group, room, pen)]);
  if (groups.length > pen.most)
    branches.push([dim(`… ${counted(groups.length - pen.most, 'more reason')} in the full report`)]);
  for (const other of workload.sharesWith)
    branches.push([dim(`shares fields with ${printable(other)}, where they are listed`)]);
  yield* branched(branches, pen);
}

/** For a first look, reasons with something to do come first. */
function ordered(groups: readonly FieldGroup[], { most }: Pen): readonly FieldGroup[] {
  if (!Number.isFinite(most)) return groups;
  return groups.toSorted(
    (a, b) =>
      Number(b.fidelity === 'none') - Number(a.fidelity === 'none') ||
      Number(b.todo !== undefined) - Number(a.todo !== undefined),
  );
}

/** Blocks of lines as the branches of a tree. */
function* branched(blocks: readonly (readonly string[])[], { colors }: Pen): Generator<string> {
  for (const [index, block] of blocks.entries()) {
    const last = index === blocks.length - 1;
    for (const [number, line] of block.entries()) {
      yield colors.dim(number > 0 ? (last ? '   ' : '│  ') : last ? '└─ ' : '├─ ') + line;
    }
  }
}

/** What happened, what to do, and the fields it happened to. */
function* groupLines(group: FieldGroup, room: number, pen: Pen): Generator<string> {
  const { dim } = pen.colors;
  const label = FIDELITY_WORDS[group.fidelity];
  const indent = ' '.repeat(label.length + 2);
  const [first = '', ...rest] = wrap(group.lost ?? 'carried with a difference', room - indent.length);
  yield `${paint(group.fidelity, pen)(label)}  ${first}`;
  for (const line of rest) yield indent + line;
  if (group.todo !== undefined) {
    for (const [index, line] of wrap(group.todo, room - indent.length - 2).entries()) {
      yield `${indent}${index === 0 ? '→ ' : '  '}${line}`;
    }
  }
  const shown = Number.isFinite(pen.most) ? group.fields.slice(0, 1) : group.fields;
  for (const field of shown) for (const line of fieldLines(field, room - indent.length)) yield indent + dim(line);
  const others = group.fields.length - shown.length;
  if (others > 0) yield indent + dim(`and ${counted(others, 'more field')}`);
}

function fieldLines(field: ReportField, room: number): readonly string[] {
  const leaves = field.leaves > 1 ? ` (${counted(field.leaves, 'field')})` : '';
  const target = field.kubernetes.length === 0 ? '' : ` → ${field.kubernetes.join(', ')}`;
  return wrap(
    `${formatPosition(field.position)}  ${field.path === '' ? 'the whole document' : field.path}${leaves}${target}`,
    room,
  );
}

/** Fields that bear on no workload. */
function* remainder(report: Report, pen: Pen): Generator<string> {
  const fields = report.documents.flatMap((document) =>
    document.fields.filter(({ workload, fidelity }) => workload === undefined && fidelity !== 'same'),
  );
  if (fields.length === 0) return;
  const groups = groupFields(fields);
  yield '';
  yield pen.colors.bold('Fields that belong to no workload');
  const blocks = groups.slice(0, pen.most).map((group) => [...groupLines(group, pen.width - 3, pen)]);
  if (groups.length > pen.most)
    blocks.push([pen.colors.dim(`… ${counted(groups.length - pen.most, 'more reason')} in the full report`)]);
  yield* branched(blocks, pen);
}
