import { QueryLanguageError } from './ast.js';

const SPACE = /\s/;
/** Ends a bare argument; `&` and `|` are looked at in pairs, because a single one is an ordinary character. */
const BARE_END = new Set(['(', ')', '[', ']', ',', "'", '"']);

/**
 * Walks over the characters of one expression.
 *
 * There is no token list: whether `(t2|t3)` is a group or a part of a pattern, and whether `in` is an operator or a
 * value, depends on where it stands, so the parser asks for the kind of word that it expects.
 */
export class Scanner {
  /** The next character to read: 0-based, in UTF-16 units. */
  column = 0;

  constructor(readonly text: string) {}

  skipSpace(): void {
    while (this.column < this.text.length && SPACE.test(this.text.charAt(this.column))) this.column++;
  }

  atEnd(): boolean {
    this.skipSpace();
    return this.column >= this.text.length;
  }

  /** Reads `symbol` when it comes next, after spaces. */
  take(symbol: string): boolean {
    this.skipSpace();
    if (!this.text.startsWith(symbol, this.column)) return false;
    this.column += symbol.length;
    return true;
  }

  /** Reads a whole word in any letter case when it comes next, after spaces. */
  takeWord(word: string): boolean {
    this.skipSpace();
    const end = this.column + word.length;
    if (this.text.slice(this.column, end).toLowerCase() !== word) return false;
    if (/[\w:.-]/.test(this.text.charAt(end))) return false;
    this.column = end;
    return true;
  }

  /** Reads as many characters of `allowed` as follow; `''` when none does. */
  run(allowed: RegExp): string {
    this.skipSpace();
    const start = this.column;
    while (this.column < this.text.length && allowed.test(this.text.charAt(this.column))) this.column++;
    return this.text.slice(start, this.column);
  }

  /**
   * Reads a quoted or bare value; `undefined` when none follows.
   *
   * @throws QueryLanguageError `unclosed-quote`
   */
  value(): string | undefined {
    this.skipSpace();
    if (this.atQuote()) return this.#quoted();
    const start = this.column;
    while (this.column < this.text.length && !this.#endsBareValue()) this.column++;
    return this.column === start ? undefined : this.text.slice(start, this.column);
  }

  /**
   * Reads a quoted or bare regular expression; `undefined` when none follows. A bare one ends at a space, at `&&`, at
   * `||` or at a closing parenthesis, unless these stand inside its own parentheses or brackets.
   *
   * @throws QueryLanguageError `unclosed-quote`, `bad-pattern`
   */
  pattern(): string | undefined {
    this.skipSpace();
    if (this.atQuote()) return this.#quoted();
    const start = this.column;
    const open: number[] = [];
    let inClass = false;
    for (; this.column < this.text.length; this.column++) {
      const character = this.text.charAt(this.column);
      if (character === '\\') {
        this.column++;
      } else if (inClass) {
        inClass = character !== ']';
      } else if (character === '[') {
        inClass = true;
        open.push(this.column);
      } else if (character === '(') {
        open.push(this.column);
      } else if (open.length === 0 && (character === ')' || SPACE.test(character) || this.#atConnective())) {
        break;
      } else if (character === ')') {
        open.pop();
      }
      if (character === ']' && !inClass && this.text.charAt(open.at(-1) ?? -1) === '[') open.pop();
    }
    const unclosed = open.at(-1);
    if (unclosed !== undefined) {
      const found = this.text.charAt(unclosed);
      throw new QueryLanguageError(
        'bad-pattern',
        unclosed,
        `found "${found}" that the pattern does not close, allowed: a balanced regular expression; close it or write "\\${found}"`,
      );
    }
    if (this.column > this.text.length) {
      throw new QueryLanguageError(
        'bad-pattern',
        this.text.length - 1,
        'found "\\" at the end of a pattern, allowed: "\\" before the character that it escapes; remove it',
      );
    }
    return this.column === start ? undefined : this.text.slice(start, this.column);
  }

  /** What comes next, short enough for an error message: `"foo"`, or `the end of the expression`. */
  describeNext(): string {
    if (this.atEnd()) return 'the end of the expression';
    const word = /^(?:[\w:.-]+|[^\s\w]{1,2})/.exec(this.text.slice(this.column))?.[0] ?? this.text.charAt(this.column);
    return JSON.stringify(word.length > 40 ? `${word.slice(0, 40)}…` : word);
  }

  atQuote(): boolean {
    const character = this.text.charAt(this.column);
    return character === "'" || character === '"';
  }

  #quoted(): string {
    const start = this.column;
    // A backslash is kept: it belongs to the pattern, and ECS documents no escape inside quotes.
    const end = this.text.indexOf(this.text.charAt(start), start + 1);
    if (end === -1) {
      throw new QueryLanguageError(
        'unclosed-quote',
        start,
        `found ${this.text.charAt(start)} that is never closed, allowed: a value between two equal quotes; add the second one`,
      );
    }
    this.column = end + 1;
    return this.text.slice(start + 1, end);
  }

  #atConnective(): boolean {
    const pair = this.text.slice(this.column, this.column + 2);
    return pair === '&&' || pair === '||';
  }

  #endsBareValue(): boolean {
    const character = this.text.charAt(this.column);
    return SPACE.test(character) || BARE_END.has(character) || this.#atConnective();
  }
}
