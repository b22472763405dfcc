import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { renderHtml } from '../report/html.js';
import { renderJson } from '../report/json.js';
import { renderMarkdown } from '../report/markdown.js';
import type { Report } from '../report/report.js';
import { renderTree } from '../report/tree.js';
import { CommandError, EXIT } from './exit-codes.js';
import { withLineEnds } from './terminal.js';
import { replace } from './write-files.js';

/** The forms a report comes in. */
export const REPORT_FORMATS = ['tree', 'json', 'markdown', 'html'] as const;

export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** What the ending of a report's file says of its form. */
export const FORMAT_OF_ENDING: ReadonlyMap<string, ReportFormat> = new Map([
  ['.txt', 'tree'],
  ['.json', 'json'],
  ['.md', 'markdown'],
  ['.markdown', 'markdown'],
  ['.html', 'html'],
  ['.htm', 'html'],
]);

/** The report in a form, in pieces. */
export function reportPieces(
  report: Report,
  format: ReportFormat,
  look: { readonly width?: number; readonly color?: boolean } = {},
): Iterable<string> {
  switch (format) {
    case 'tree':
      return withLineEnds(renderTree(report, look));
    case 'markdown':
      return withLineEnds(renderMarkdown(report));
    case 'json':
      return renderJson(report);
    case 'html':
  }
  return renderHtml(report);
}

/**
 * Writes the report to a file, whole or not at all, never coloured.
 *
 * @throws CommandError when the file cannot be written
 */
export async function fileReport(report: Report, path: string, format: ReportFormat): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await replace(path, reportPieces(report, format));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(EXIT.usage, `--report-file ${path} cannot be written: ${reason}`, { cause: error });
  }
}
