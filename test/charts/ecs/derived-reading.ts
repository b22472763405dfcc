import { emptyInput } from '../../../charts/ecs/empty-input.js';
import type { EcsInput, Reader } from '../../../charts/ecs/input.js';
import { type Plain, type SourceNode, toPlain } from '../../../charts/ecs/source/source-node.js';
import { parseSource } from '../../../charts/ecs/source/parse-source.js';
import { type Entry, Ledger } from '../../../charts/report/ledger.js';

/** What a reader made of texts, and how to ask for what became of their fields. */
export interface Reading {
  readonly input: EcsInput;
  /** What the report would say once translations have marked all that was derived as `same` with the field `derived`. */
  readonly entries: readonly Entry[];
}

/** Reads texts by path, as one run would. */
export function read(
  reader: Reader,
  texts: Readonly<Record<string, string>>,
  options: { readonly parameters?: Readonly<Record<string, string>>; readonly environment?: string } = {},
): Reading {
  const ledger = new Ledger();
  const input = emptyInput(ledger);
  const documents = Object.entries(texts).flatMap(([path, text]) =>
    parseSource(path, text).map((root) => ({ path, root })),
  );
  const { parameters = {}, environment } = options;
  for (const document of documents) {
    ledger.addDocument(document.path, document.root);
    if (!reader.recognizes(document)) continue;
    reader.read(document, input, {
      parameters: new Map(Object.entries(parameters)),
      siblings: documents,
      derived: (make) => make(documents),
      ...(environment === undefined ? {} : { environment }),
    });
  }
  for (const item of [...input.taskDefinitions, ...input.services, ...input.scaling, ...input.targetGroups]) {
    item.definition.same('derived');
  }
  for (const group of input.targetGroups) for (const attribute of group.attributes.values()) attribute.same('derived');
  for (const schedule of input.schedules) {
    if (schedule.kind === 'rule') {
      schedule.rule.same('derived');
      schedule.target.same('derived');
    }
  }
  return { input, entries: ledger.entries() };
}

/** The one task definition that was read, as plain data. */
export function taskDefinition(reading: Reading): Plain {
  const [only] = reading.input.taskDefinitions;
  return only?.definition.node === undefined ? null : plain(only.definition.node);
}

/** The one service that was read, as plain data. */
export function service(reading: Reading): Plain {
  const [only] = reading.input.services;
  return only?.definition.node === undefined ? null : plain(only.definition.node);
}

/** What became of the field at a path. */
export function entryAt(reading: Reading, path: string): Entry | undefined {
  return reading.entries.find((entry) => entry.path === path);
}

/** Paths of fields that nothing accounts for. */
export function untouched(reading: Reading): readonly string[] {
  return reading.entries.filter((entry) => entry.untouched === true).map((entry) => entry.path);
}

/** Messages of all findings, with their severity. */
export function findings(reading: Reading): readonly string[] {
  const { taskDefinitions, services, schedules, diagnostics } = reading.input;
  const all = [...taskDefinitions, ...services, ...schedules].flatMap((item) => item.diagnostics);
  return [...diagnostics, ...all].map(({ severity, message }) => `${severity}: ${message}`);
}

/** A tree as ordinary objects, which the matchers compare by content. */
export function plain(node: SourceNode): Plain {
  return JSON.parse(JSON.stringify(toPlain(node))) as Plain;
}
