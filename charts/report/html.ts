import { formatDiagnostic } from '../ecs/diagnostic.js';
import { formatPosition } from '../ecs/source/position.js';
import { type Counts, FIDELITY_MEANINGS, FIDELITY_WORDS, totalOf } from './counts.js';
import { FIDELITIES } from './fidelity.js';
import { groupFields } from './grouping.js';
import { pageEnd, pageStart } from './html-page.js';
import type { Report, ReportField, ReportWorkload } from './report.js';
import { counted, printable } from './terminal-text.js';

/** Up to so many workloads are unfolded when the page opens. */
const UNFOLDED = 12;

/**
 * The report as one HTML page that needs nothing beside itself: tables that a screen reader can read, a filter by
 * fidelity and words, light and dark.
 *
 * @returns pieces of text, to be joined without anything between them
 * @example writeFileSync('report.html', [...renderHtml(report)].join(''))
 */
export function* renderHtml(report: Report): Generator<string> {
  const { workloads, documents, kubernetes, counts } = report;
  yield pageStart('Fidelity report');
  yield `<h1>Fidelity report</h1>\n<p>${counted(workloads.length, 'workload')}, ${counted(report.objects, 'object')} for Kubernetes ${kubernetes}, ${counted(totalOf(counts), 'field')} of ${counted(documents.length, 'document')}.</p>\n`;
  yield* table(
    'Input fields by fidelity',
    ['Fidelity', 'Fields', 'Meaning'],
    FIDELITIES.map((fidelity) => [
      `<span class="${fidelity}">${FIDELITY_WORDS[fidelity]}</span>`,
      counts[fidelity].toLocaleString('en-US'),
      FIDELITY_MEANINGS[fidelity],
    ]),
  );
  yield* overview(workloads);
  yield* clusterSections(report);
  yield '<h2>Fields</h2>\n';
  yield filter(counts);
  for (const [index, workload] of workloads.entries())
    yield* workloadSection(workload, index, workloads.length <= UNFOLDED);
  const others = documents.flatMap(({ fields }) => fields.filter(({ workload }) => workload === undefined));
  if (others.length > 0) {
    yield* fieldSection('Fields that belong to no workload', '', '', others, workloads.length <= UNFOLDED);
  }
  yield pageEnd();
}

function* overview(workloads: readonly ReportWorkload[]): Generator<string> {
  if (workloads.length === 0) return;
  yield '<h2>Workloads</h2>\n';
  yield* table(
    'What each became, and how many of its fields with which fidelity',
    ['Workload', 'From', 'Outcome', 'Fields'],
    workloads.map(({ title, kind, name, outcome, counts }, index) => [
      `<a href="#w${index}">${escaped(title)}</a>`,
      `${kind} ${escaped(name)}`,
      outcome === 'rendered' ? outcome : `<strong class="none">${outcome}</strong>`,
      bar(counts),
    ]),
  );
}

function filter(counts: Counts): string {
  const boxes = FIDELITIES.map(
    (fidelity) =>
      `<label class="${fidelity}"><input type="checkbox" name="fidelity" value="${fidelity}"${fidelity === 'same' ? '' : ' checked'}> ${FIDELITY_WORDS[fidelity]} (${counts[fidelity].toLocaleString('en-US')})</label>`,
  );
  return `<form role="search" aria-label="Filter the fields">
<fieldset><legend>Show</legend>${boxes.join('\n')}</fieldset>
<label>Words <input type="search" id="text" autocomplete="off" spellcheck="false"></label>
<output id="shown" role="status"></output>
</form>
`;
}

function* workloadSection(workload: ReportWorkload, index: number, open: boolean): Generator<string> {
  const { title, kind, name, cluster, taskDefinition, outcome, objects, counts, fields, sharesWith, diagnostics } =
    workload;
  const origin = [
    `${kind} ${name}`,
    ...(cluster === undefined ? [] : [`cluster ${cluster}`]),
    ...(taskDefinition === undefined ? [] : [`task definition ${taskDefinition}`]),
    ...(outcome === 'rendered' ? [] : [outcome]),
  ].join(', ');
  const before = [
    bar(counts),
    objects.length === 0
      ? ''
      : `<p>Objects: ${objects.map((object) => code(`${object.kind} ${object.name}`)).join(', ')}</p>\n`,
    ...diagnostics.map(
      (finding) =>
        `<p class="${finding.severity === 'refused' ? 'none' : 'quiet'}">${finding.severity}: ${escaped(formatDiagnostic(finding))}</p>\n`,
    ),
    ...sharesWith.map((other) => `<p class="quiet">Shares fields with ${code(other)}, where they are listed.</p>\n`),
  ].join('');
  yield* fieldSection(title, origin, before, fields, open, `w${index}`);
}

function* fieldSection(
  title: string,
  origin: string,
  before: string,
  fields: readonly ReportField[],
  open: boolean,
  id = 'others',
): Generator<string> {
  const words = escaped(`${title} ${origin}`.toLowerCase());
  yield `<details class="fields" id="${id}" data-title="${words}"${open ? ' open' : ''}>\n<summary>${escaped(title)} <small>${escaped(origin)}</small></summary>\n${before}`;
  const ordered = groupFields(fields).flatMap((group) => group.fields);
  const head = ['Fidelity', 'Field', 'Kubernetes', 'What is different or lost', 'What to do', 'Where'];
  yield `<div class="scroll" tabindex="0" role="region" aria-label="${escaped(`Fields of ${title}`)}"><table>\n<caption>${counted(fields.length, 'field')}</caption>\n<thead><tr>${head.map((text) => `<th scope="col">${text}</th>`).join('')}</tr></thead>\n<tbody>\n`;
  for (const field of ordered) yield row(field);
  yield '</tbody></table></div>\n</details>\n';
}

function row({ fidelity, path, leaves, kubernetes, lost, todo, position }: ReportField): string {
  const name = `${path === '' ? 'the whole document' : pathCode(path)}${leaves > 1 ? ` (${counted(leaves, 'field')})` : ''}`;
  return `<tr data-fidelity="${fidelity}"><td class="fidelity ${fidelity}">${FIDELITY_WORDS[fidelity]}</td><th scope="row">${name}</th><td>${kubernetes.map(pathCode).join('<br>')}</td><td>${escaped(lost ?? '')}</td><td>${escaped(todo ?? '')}</td><td>${pathCode(formatPosition(position))}</td></tr>\n`;
}

function bar(counts: Counts): string {
  const total = totalOf(counts);
  if (total === 0) return '';
  const present = FIDELITIES.filter((fidelity) => counts[fidelity] > 0);
  const words = present
    .map((fidelity) => `${counts[fidelity].toLocaleString('en-US')} ${FIDELITY_WORDS[fidelity]}`)
    .join(', ');
  const parts = present.map(
    (fidelity) => `<span class="${fidelity}" style="width:${((counts[fidelity] / total) * 100).toFixed(2)}%"></span>`,
  );
  return `<div>${words}</div>\n<div class="bar" aria-hidden="true">${parts.join('')}</div>\n`;
}

function* clusterSections(report: Report): Generator<string> {
  const { prerequisites, trustChanges, placeholders, assumptions, leftBehind, diagnostics, shared } = report;
  if (prerequisites.length > 0) {
    yield '<h2>What the cluster needs</h2>\n';
    yield* table(
      'Add-ons and settings',
      ['What', 'What for', 'How to get it', 'Needed by'],
      prerequisites.map((item) => [
        `${escaped(item.title)}${item.minimum === undefined ? '' : ` <span class="quiet">(${escaped(item.minimum)} or newer)</span>`}`,
        escaped(item.purpose),
        code(item.obtain),
        reasons(item.why),
      ]),
    );
  }
  if (trustChanges.length > 0) {
    yield '<h2>What changes in IAM</h2>\n';
    yield* table(
      'Roles to change',
      ['Role', 'Change', 'Statement to add'],
      trustChanges.map(({ role, change, statement }) => [
        code(role),
        escaped(change),
        statement === undefined ? '' : `<pre>${escaped(JSON.stringify(statement, null, 2), false)}</pre>`,
      ]),
    );
  }
  if (placeholders.length > 0) {
    yield '<h2>Values that are not known</h2>\n';
    yield* table(
      'Placeholders in the manifests',
      ['Name', 'How to supply it', 'Where'],
      placeholders.map(({ name, fix, positions }) => [
        code(name),
        escaped(fix),
        positions.map((position) => code(formatPosition(position))).join('<br>'),
      ]),
    );
  }
  if (leftBehind.length > 0) {
    yield '<h2>What ECS gave to containers and Kubernetes does not</h2>\n';
    yield* table(
      'Variables and addresses',
      ['Name', 'What it was', 'What takes its place', 'Workloads', 'Named at'],
      leftBehind.map((item) => [
        code(item.name),
        escaped(item.was),
        escaped(item.instead),
        String(item.workloads.length),
        item.mentions.map(({ position }) => code(formatPosition(position))).join('<br>'),
      ]),
    );
  }
  yield* bullets(
    'Taken for granted',
    assumptions.map((text) => escaped(text)),
  );
  yield* bullets(
    'Objects that workloads share',
    shared.map(({ kind, namespace, name }) =>
      code(`${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`),
    ),
  );
  yield* bullets(
    'Findings',
    diagnostics.map((finding) => `${finding.severity}: ${escaped(formatDiagnostic(finding))}`),
  );
}

/** Reasons, folded away when there are several. */
function reasons(why: readonly string[]): string {
  const [only = ''] = why;
  if (why.length === 1) return escaped(only);
  return `<details class="why"><summary>${counted(why.length, 'reason')}</summary><ul>${why.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul></details>`;
}

/** @param items HTML */
function* bullets(title: string, items: readonly string[]): Generator<string> {
  if (items.length > 0) yield `<h2>${title}</h2>\n<ul>\n${items.map((item) => `<li>${item}</li>\n`).join('')}</ul>\n`;
}

/** @param rows HTML, whose first cells are the rows' heads */
function* table(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): Generator<string> {
  yield `<table>\n<caption>${caption}</caption>\n<thead><tr>${head.map((text) => `<th scope="col">${text}</th>`).join('')}</tr></thead>\n<tbody>\n`;
  for (const [first = '', ...others] of rows)
    yield `<tr><th scope="row">${first}</th>${others.map((cell) => `<td>${cell}</td>`).join('')}</tr>\n`;
  yield '</tbody></table>\n';
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Most texts: no entity to write, and no white space but single spaces. */
const HARMLESS = /^(?:[!#-%(-;=?-~]| (?! ))*$/;

/** A path as code that may be broken before its dots and slashes. */
function pathCode(path: string): string {
  return code(path).replace(/(?<=\w|\])[./](?=\w)/g, '<wbr>$&');
}

/** Text for an element or a quoted attribute. */
function escaped(text: string, oneLine = true): string {
  if (HARMLESS.test(text)) return text;
  const lines = (oneLine ? [text.replace(/\s+/g, ' ')] : text.split('\n')).map(printable);
  return lines.join('\n').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function code(text: string): string {
  return `<code>${escaped(text)}</code>`;
}
