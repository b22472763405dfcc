import { type ParseErrorCode, printParseErrorCode, visit } from 'jsonc-parser';
import { InputError } from '../diagnostic.js';
import { maskPlaceholders, type Placeholders } from './placeholders.js';
import type { SourceFile } from './position.js';
import type { SourceMember, SourceNode } from './source-node.js';
import { parseStrictJson } from './strict-json.js';

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
  const strict = parseStrictJson(file, MAXIMUM_DEPTH);
  if (strict !== undefined) return strict;
  const first = attempt(file, maskPlaceholders(file.text));
  if ('root' in first) return first.root;
  if (file.text.includes('{{')) {
    const second = attempt(file, maskPlaceholders(file.text, true));
    if ('root' in second) return second.root;
  }
  throw new InputError('invalid-json', [
    {
      severity: 'refused',
      code: 'invalid-json',
      message: `not valid JSON: ${first.problem} at ${excerpt(file.text, first.offset)}`,
      fix: 'correct the text, or render its template first',
      position: file.position(first.offset),
    },
  ]);
}

/** An object or array that is being read: its members or items so far, and the key that the next value belongs to. */
type Open =
  | {
      readonly kind: 'object';
      readonly offset: number;
      readonly members: SourceMember[];
      key: string;
      keyOffset: number;
    }
  | { readonly kind: 'array'; readonly offset: number; readonly items: SourceNode[] };

function attempt(
  file: SourceFile,
  masked: Placeholders,
): { readonly root: SourceNode } | { readonly problem: string; readonly offset: number } {
  const open: Open[] = [];
  let root: SourceNode | undefined;
  let fault: { readonly problem: string; readonly offset: number } | undefined;
  const put = (node: SourceNode): void => {
    const top = open.at(-1);
    if (top === undefined) root ??= node;
    else if (top.kind === 'array') top.items.push(node);
    else top.members.push({ key: top.key, keyOffset: top.keyOffset, value: node });
  };
  const begin = (level: Open): void => {
    if (open.push(level) > MAXIMUM_DEPTH) throw tooDeep(file, level.offset);
  };
  const end = (): void => {
    const level = open.pop();
    if (level?.kind === 'object') put({ kind: 'object', file, offset: level.offset, members: level.members });
    else if (level !== undefined) put({ kind: 'array', file, offset: level.offset, items: level.items });
  };
  visit(
    masked.text,
    {
      onObjectBegin: (offset) => begin({ kind: 'object', offset, members: [], key: '', keyOffset: offset }),
      onObjectProperty: (key, offset) => {
        const top = open.at(-1);
        if (top?.kind !== 'object') return;
        top.key = key;
        top.keyOffset = offset;
      },
      onObjectEnd: end,
      onArrayBegin: (offset) => begin({ kind: 'array', offset, items: [] }),
      onArrayEnd: end,
      onLiteralValue: (value: string | number | boolean | null, offset) => {
        const placeholder = masked.unquoted.get(offset);
        if (placeholder === undefined) put({ kind: 'scalar', file, offset, value });
        else put({ kind: 'scalar', file, offset, value: placeholder, placeholder });
      },
      onError: (code, offset) => (fault ??= { problem: words(code), offset }),
    },
    { allowTrailingComma: true, allowEmptyContent: false },
  );
  if (fault !== undefined) return fault;
  return root === undefined ? { problem: 'the file is empty', offset: 0 } : { root };
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

function words(code: ParseErrorCode): string {
  return printParseErrorCode(code)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
}

/** One character says where it is; more of the line could be part of a secret. */
function excerpt(text: string, offset: number): string {
  const character = /\S/.exec(text.slice(offset, offset + 80).split('\n', 1)[0] ?? '')?.[0];
  return character === undefined ? 'the end of the line' : JSON.stringify(character);
}
