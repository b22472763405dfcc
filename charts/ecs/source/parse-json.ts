import { type Node as JsonNode, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { InputError } from '../diagnostic.js';
import { maskPlaceholders, type Placeholders } from './placeholders.js';
import type { SourceFile } from './position.js';
import type { SourceMember, SourceNode } from './source-node.js';

/** Deeper nesting than any AWS document has; beyond it the text is refused instead of exhausting the stack. */
export const MAXIMUM_DEPTH = 100;

/**
 * Reads JSON as people keep it beside their code: with comments, trailing commas, and placeholders where a deployment
 * tool puts a value, quoted (`"<IMAGE1_NAME>"`) or not (`"cpu": ${cpu}`).
 *
 * @throws InputError `invalid-json` with the line and column of the first fault
 * @example parseJson(new SourceFile('task.json', '{"family": "web"}'))
 */
export function parseJson(file: SourceFile): SourceNode {
  let masked = maskPlaceholders(file.text);
  refuseDeepNesting(file, masked.text);
  const errors: ParseError[] = [];
  let root = parseTree(masked.text, errors, { allowTrailingComma: true, allowEmptyContent: false });
  const error = errors[0];
  if (error !== undefined && file.text.includes('{{')) {
    const again: ParseError[] = [];
    masked = maskPlaceholders(file.text, true);
    root = parseTree(masked.text, again, { allowTrailingComma: true, allowEmptyContent: false });
    if (again.length === 0 && root !== undefined) return convert(root, file, masked);
  }
  if (error !== undefined || root === undefined) {
    const offset = error?.offset ?? 0;
    throw new InputError('invalid-json', [
      {
        severity: 'refused',
        code: 'invalid-json',
        message: `not valid JSON: ${words(error)} at ${excerpt(file.text, offset)}`,
        fix: 'correct the text, or render its template first',
        position: file.position(offset),
      },
    ]);
  }
  return convert(root, file, masked);
}

function convert(node: JsonNode, file: SourceFile, masked: Placeholders): SourceNode {
  const at = { file, offset: node.offset };
  if (node.type === 'object') {
    const members: SourceMember[] = [];
    for (const property of node.children ?? []) {
      const [key, value] = property.children ?? [];
      if (key === undefined || value === undefined) continue;
      members.push({ key: String(key.value), keyOffset: key.offset, value: convert(value, file, masked) });
    }
    return { kind: 'object', ...at, members };
  }
  if (node.type === 'array') {
    return { kind: 'array', ...at, items: (node.children ?? []).map((child) => convert(child, file, masked)) };
  }
  const placeholder = masked.unquoted.get(node.offset);
  if (placeholder !== undefined) return { kind: 'scalar', ...at, value: placeholder, placeholder };
  return { kind: 'scalar', ...at, value: node.value as string | number | boolean | null };
}

function refuseDeepNesting(file: SourceFile, text: string): void {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) index++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > MAXIMUM_DEPTH) throw tooDeep(file, index);
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
}

/** The error for a document whose nesting is not plausible for any AWS input. */
export function tooDeep(file: SourceFile, offset: number): InputError {
  return new InputError('too-deep', [
    {
      severity: 'refused',
      code: 'too-deep',
      message: `nested deeper than ${MAXIMUM_DEPTH} levels`,
      fix: 'no ECS document is nested so deeply; check that this is the right file',
      position: file.position(offset),
    },
  ]);
}

function words(error: ParseError | undefined): string {
  if (error === undefined) return 'the file is empty';
  return printParseErrorCode(error.error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
}

function excerpt(text: string, offset: number): string {
  const line = text.slice(offset, offset + 24).split('\n', 1)[0] ?? '';
  return line.trim() === '' ? 'the end of the line' : JSON.stringify(line.trim());
}
