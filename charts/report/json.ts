import type { Diagnostic } from '../ecs/diagnostic.js';
import type { Counts } from './counts.js';
import type { LeftBehind } from './left-behind.js';
import type { ExplainedPrerequisite } from './prerequisites.js';
import type { Report, ReportField, ReportObject, ReportPlaceholder, ReportWorkload } from './report.js';

/** Grows by one when a member changes its meaning or goes away; new members do not count. */
export const REPORT_SCHEMA_VERSION = 1;

/** The report as JSON: the shape that programs may rely on. Absent members are left out, never null. */
export interface JsonReport {
  readonly schemaVersion: typeof REPORT_SCHEMA_VERSION;
  readonly kubernetes: string;
  /** Input fields by fidelity: `{"same": 88, "near": 9, "needs-addon": 3, "none": 1}`. */
  readonly counts: Counts;
  /** How many objects were rendered. */
  readonly objects: number;
  readonly workloads: readonly Omit<ReportWorkload, 'fields'>[];
  readonly shared: readonly ReportObject[];
  /** Every input field once, below the document it stands in. */
  readonly documents: readonly {
    readonly path: string;
    readonly counts: Counts;
    readonly fields: readonly JsonField[];
  }[];
  readonly prerequisites: readonly ExplainedPrerequisite[];
  readonly trustChanges: Report['trustChanges'];
  readonly placeholders: readonly ReportPlaceholder[];
  readonly assumptions: readonly string[];
  readonly leftBehind: readonly LeftBehind[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A field as JSON; its document is the one it is listed below. */
export type JsonField = Omit<ReportField, 'document' | 'position'> & { readonly line: number; readonly column: number };

/**
 * The report as JSON text, one input field a line, so that two reports compare well.
 *
 * @returns pieces of text, to be joined without anything between them
 * @example JSON.parse([...renderJson(report)].join('')).counts.none
 */
export function* renderJson(report: Report): Generator<string> {
  yield '{\n';
  yield* members([
    ['schemaVersion', REPORT_SCHEMA_VERSION],
    ['kubernetes', report.kubernetes],
    ['counts', report.counts],
    ['objects', report.objects],
  ]);
  yield* list('workloads', report.workloads, (workload) => JSON.stringify(jsonWorkload(workload)));
  yield* list('shared', report.shared, (object) => JSON.stringify(object));
  yield '  "documents": [';
  for (const [index, { path, counts, fields }] of report.documents.entries()) {
    yield `${index === 0 ? '' : ','}\n    {"path": ${JSON.stringify(path)}, "counts": ${JSON.stringify(counts)}, "fields": [`;
    for (const [number, field] of fields.entries()) {
      yield `${number === 0 ? '' : ','}\n      ${JSON.stringify(jsonField(field))}`;
    }
    yield '\n    ]}';
  }
  yield report.documents.length === 0 ? '],\n' : '\n  ],\n';
  yield* list('prerequisites', report.prerequisites, (item) => JSON.stringify(item));
  yield* list('trustChanges', report.trustChanges, (item) => JSON.stringify(item));
  yield* list('placeholders', report.placeholders, (item) => JSON.stringify(item));
  yield* list('assumptions', report.assumptions, (item) => JSON.stringify(item));
  yield* list('leftBehind', report.leftBehind, (item) => JSON.stringify(item));
  yield* list('diagnostics', report.diagnostics, (item) => JSON.stringify(item), '\n');
  yield '}\n';
}

/** A workload without its fields: they stand below their documents. */
function jsonWorkload({ fields: _fields, ...workload }: ReportWorkload): Omit<ReportWorkload, 'fields'> {
  return workload;
}

/** Members in an order of their own, so that the text does not depend on how an entry was made. */
function jsonField(field: ReportField): JsonField {
  const { path, position, fidelity, kubernetes, lost, todo, untouched, leaves, workload } = field;
  return {
    path,
    line: position.line,
    column: position.column,
    fidelity,
    kubernetes,
    leaves,
    ...(lost === undefined ? {} : { lost }),
    ...(todo === undefined ? {} : { todo }),
    ...(untouched === undefined ? {} : { untouched }),
    ...(workload === undefined ? {} : { workload }),
  };
}

function* members(pairs: readonly (readonly [string, unknown])[]): Generator<string> {
  for (const [key, value] of pairs) yield `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`;
}

function* list<T>(key: string, items: readonly T[], text: (item: T) => string, end = ',\n'): Generator<string> {
  yield `  ${JSON.stringify(key)}: [`;
  for (const [index, item] of items.entries()) yield `${index === 0 ? '' : ','}\n    ${text(item)}`;
  yield items.length === 0 ? `]${end}` : `\n  ]${end}`;
}
