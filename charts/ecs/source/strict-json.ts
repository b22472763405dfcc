import type { SourceFile } from './position.js';
import type { SourceMember, SourceNode } from './source-node.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Reads JSON as RFC 8259 has it, without the liberties of people. Nearly all files are so, those of a live account always,
 * and knowing no more than that it takes a fraction of the time of a parser that explains faults.
 *
 * @param maximumDepth how deep objects and lists may be nested
 * @returns undefined when the text is anything else; why is not said
 * @example parseStrictJson(new SourceFile('task.json', '{"family": "web"}'), 100)
 */
export function parseStrictJson(file: SourceFile, maximumDepth: number): SourceNode | undefined {
  const reader = new Reader(file, maximumDepth);
  const root = reader.value(0);
  return Number.isNaN(reader.next()) ? root : undefined;
}

/** Lists are kept as copies: one that has grown has room for more, which in the whole of an account doubles its size. */
class Reader {
  private at = 0;

  constructor(
    private readonly file: SourceFile,
    private readonly maximumDepth: number,
  ) {}

  /** Moves to the next character that is no white space and returns its code; NaN at the end. */
  next(): number {
    const { text } = this.file;
    for (;;) {
      const code = text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
      this.at++;
    }
  }

  value(depth: number): SourceNode | undefined {
    const code = this.next();
    const { file, at: offset } = this;
    if (code === OPEN_OBJECT) {
      const members = this.members(depth + 1);
      return members && { kind: 'object', file, offset, members };
    }
    if (code === OPEN_LIST) {
      const items = this.items(depth + 1);
      return items && { kind: 'array', file, offset, items };
    }
    const value = code === QUOTE ? this.string() : this.literal();
    return value === undefined ? undefined : { kind: 'scalar', file, offset, value };
  }

  private members(depth: number): readonly SourceMember[] | undefined {
    if (depth > this.maximumDepth) return undefined;
    const members: SourceMember[] = [];
    this.at++;
    if (this.next() === CLOSE_OBJECT) this.at++;
    else
      for (let more = true; more; ) {
        if (this.next() !== QUOTE) return undefined;
        const keyOffset = this.at;
        const key = this.string();
        if (key === undefined || this.next() !== COLON) return undefined;
        this.at++;
        const value = this.value(depth);
        if (value === undefined) return undefined;
        members.push({ key, keyOffset, value });
        const code = this.next();
        if (code !== COMMA && code !== CLOSE_OBJECT) return undefined;
        this.at++;
        more = code === COMMA;
      }
    return members.slice();
  }

  private items(depth: number): readonly SourceNode[] | undefined {
    if (depth > this.maximumDepth) return undefined;
    const items: SourceNode[] = [];
    this.at++;
    if (this.next() === CLOSE_LIST) this.at++;
    else
      for (let more = true; more; ) {
        const item = this.value(depth);
        if (item === undefined) return undefined;
        items.push(item);
        const code = this.next();
        if (code !== COMMA && code !== CLOSE_LIST) return undefined;
        this.at++;
        more = code === COMMA;
      }
    return items.slice();
  }

  private string(): string | undefined {
    const { text } = this.file;
    const start = this.at + 1;
    let escaped = false;
    let end = start;
    for (let code = text.charCodeAt(end); code !== QUOTE; code = text.charCodeAt(++end)) {
      // Control characters have to be escaped; NaN, the end of the text, is no better.
      if (!(code >= 0x20)) return undefined;
      if (code === BACKSLASH) {
        escaped = true;
        end++;
      }
    }
    this.at = end + 1;
    return escaped ? unescaped(text.slice(start - 1, this.at)) : text.slice(start, end);
  }

  private literal(): string | number | boolean | null | undefined {
    const pattern = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    pattern.lastIndex = this.at;
    const word = pattern.exec(this.file.text)?.[0];
    if (word === undefined) return undefined;
    this.at += word.length;
    return JSON.parse(word) as number | boolean | null;
  }
}

function unescaped(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}
