import { type Diagnostic, InputError } from '../ecs/diagnostic.js';
import type { InputDocument } from '../ecs/input.js';
import { READERS } from '../ecs/readers/index.js';
import { parseSource } from '../ecs/source/parse-source.js';
import { positionOf } from '../ecs/source/source-node.js';
import type { FoundFile } from './input-files.js';

/** A file, or a document in one, that is left aside. */
export interface Skipped {
  /** `path`, or `path:line` for one of several documents. */
  readonly path: string;
  readonly why: string;
}

/** Files turned into documents. */
export interface Recognised {
  readonly documents: readonly InputDocument[];
  readonly skipped: readonly Skipped[];
  /** Files that are, or say they are, ECS input and cannot be parsed. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Words of which ECS input has at least one; a broken file without any is somebody else's. */
const TELLING =
  /containerDefinitions|taskDefinition|AWS::ECS::|desiredCount|containerOverrides|ScalableTarget|EcsParameters/i;

/**
 * Parses files. One that the user named goes on whatever it holds, so that a reader can refuse it; one found in a folder
 * is skipped when it is no ECS input.
 */
export function recognise(files: readonly FoundFile[]): Recognised {
  const documents: InputDocument[] = [];
  const skipped: Skipped[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { path, text, named } of files) {
    try {
      const roots = parseSource(path, text);
      if (roots.length === 0 && named) diagnostics.push(empty(path));
      else if (roots.length === 0) skipped.push({ path, why: 'empty' });
      for (const root of roots) {
        const document = { path, root };
        if (named || READERS.some((reader) => reader.recognizes(document))) documents.push(document);
        else
          skipped.push({ path: roots.length === 1 ? path : `${path}:${positionOf(root).line}`, why: 'no ECS input' });
      }
    } catch (error) {
      const found = findingsOf(error, path);
      if (named || TELLING.test(text)) diagnostics.push(...found);
      else skipped.push({ path, why: found[0]?.message ?? 'unreadable' });
    }
  }
  return { documents, skipped, diagnostics };
}

function findingsOf(error: unknown, path: string): readonly Diagnostic[] {
  if (error instanceof InputError) return error.diagnostics;
  // Parsers recurse; a hostile depth of nesting is a fault of the file.
  if (error instanceof RangeError) return [whole(path, 'too-deep', 'nested too deeply to be read')];
  throw error;
}

function empty(path: string): Diagnostic {
  return whole(path, 'empty-file', 'the file holds nothing');
}

function whole(file: string, code: string, message: string): Diagnostic {
  return { severity: 'refused', code, message, position: { file, line: 1, column: 1 } };
}
