import { type Diagnostic, InputError } from './diagnostic.js';
import { emptyInput } from './empty-input.js';
import type { EcsInput, InputDocument, Reader, ReadOptions } from './input.js';
import { READERS } from './readers/index.js';
import { parseSource } from './source/parse-source.js';
import { SourceFile } from './source/position.js';

/** A file's text with the name the user gave it. */
export interface InputFile {
  readonly path: string;
  readonly text: string;
}

/** What {@link readFiles} may be told; see {@link ReadOptions}. */
export interface ReadFilesOptions extends Partial<Omit<ReadOptions, 'siblings' | 'derived'>> {
  /** Forms to accept. @default all of them */
  readonly readers?: readonly Reader[];
}

/** How a document was read: its form, or why not. */
export interface ReadDocument {
  readonly path: string;
  /** `CloudFormation template`, `service` …; absent when no reader knows the document. */
  readonly form?: string;
}

/** {@link EcsInput} with the forms its documents had. */
export interface ReadResult {
  readonly input: EcsInput;
  readonly documents: readonly ReadDocument[];
}

/**
 * Reads files of any of the known forms into the one shared result. A file that cannot be read becomes a refused
 * diagnostic and does not keep the others from being read.
 *
 * @example readFiles([{ path: 'task.json', text: '{"family": "web", "containerDefinitions": []}' }])
 */
export function readFiles(files: readonly InputFile[], options: ReadFilesOptions = {}): ReadResult {
  const input = emptyInput();
  const documents: InputDocument[] = [];
  for (const { path, text } of files) {
    try {
      const roots = parseSource(path, text);
      if (roots.length === 0) input.diagnostics.push(whole(path, text, 'empty-file', 'the file holds nothing'));
      for (const root of roots) documents.push({ path, root });
    } catch (error) {
      input.diagnostics.push(...diagnosticsOf(error, path, text));
    }
  }
  return readDocuments(documents, input, options);
}

/**
 * As {@link readFiles}, for documents that are parsed already, such as the answers of a live account.
 *
 * @param input the result to append to
 */
export function readDocuments(
  documents: readonly InputDocument[],
  input: EcsInput,
  options: ReadFilesOptions = {},
): ReadResult {
  const { readers = READERS, parameters = new Map<string, string>(), ...rest } = options;
  const made = new Map<unknown, unknown>();
  const derived = <T>(make: (siblings: readonly InputDocument[]) => T): T => {
    if (!made.has(make)) made.set(make, make(documents));
    return made.get(make) as T;
  };
  const read = documents.map((document): ReadDocument => {
    const { path, root } = document;
    input.ledger.addDocument(path, root);
    const reader = readers.find((candidate) => candidate.recognizes(document));
    if (reader === undefined) {
      input.diagnostics.push(unknownForm(document, readers));
      input.ledger.collapse(root, { fidelity: 'none', kubernetes: [], lost: 'not a form of ECS input' });
      return { path };
    }
    try {
      reader.read(document, input, { ...rest, parameters, siblings: documents, derived });
    } catch (error) {
      input.diagnostics.push(...diagnosticsOf(error, path, root.file.text));
    }
    return { path, form: reader.form };
  });
  return { input, documents: read };
}

function diagnosticsOf(error: unknown, path: string, text: string): readonly Diagnostic[] {
  if (error instanceof InputError) return error.diagnostics;
  // Parsers recurse over hostile nesting in places of their own; that is a fault of the document, not of this program.
  if (error instanceof RangeError) return [whole(path, text, 'too-deep', 'nested too deeply to be read')];
  throw error;
}

function whole(path: string, text: string, code: string, message: string): Diagnostic {
  return { severity: 'refused', code, message, position: new SourceFile(path, text).position(0) };
}

function unknownForm({ root }: InputDocument, readers: readonly Reader[]): Diagnostic {
  return {
    severity: 'refused',
    code: 'unknown-form',
    message: 'this is no form of ECS input that can be read',
    fix: `known forms: ${readers.map((reader) => reader.form).join(', ')}`,
    position: root.file.position(root.offset),
  };
}
