import { emptyInput } from '../../../charts/ecs/empty-input.js';
import type { EcsInput, InputDocument, Reader } from '../../../charts/ecs/input.js';
import { parseJson } from '../../../charts/ecs/source/parse-json.js';
import { SourceFile } from '../../../charts/ecs/source/position.js';

/** A document of one run, from a value or from JSON text. */
export function documentOf(path: string, content: unknown): InputDocument {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return { path, root: parseJson(new SourceFile(path, text)) };
}

/** Reads documents of one run with one reader; those that it does not recognize are left out. */
export function readWith(reader: Reader, contents: Readonly<Record<string, unknown>>): EcsInput {
  const input = emptyInput();
  const siblings = Object.entries(contents).map(([path, content]) => documentOf(path, content));
  for (const document of siblings) {
    input.ledger.addDocument(document.path, document.root);
    if (reader.recognizes(document))
      reader.read(document, input, { parameters: new Map(), siblings, derived: (make) => make(siblings) });
  }
  return input;
}
