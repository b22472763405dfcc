/** A pattern in the syntax of Fluent Bit's regular expressions, or why there is none. */
export type Pattern = { readonly source: string } | { readonly problem: string };

/** Go refuses more. Source: Go `regexp/syntax`. */
const MAXIMUM_REPEAT = 1000;
const MAXIMUM_LENGTH = 1024;

/** What stands between `[:` and `:]`: ASCII in Go, where Onigmo means all of Unicode. */
const POSIX_CLASSES: ReadonlyMap<string, string> = new Map([
  ['alnum', '0-9A-Za-z'],
  ['alpha', 'A-Za-z'],
  ['ascii', '\\x00-\\x7f'],
  ['blank', '\\x09\\x20'],
  ['cntrl', '\\x00-\\x1f\\x7f'],
  ['digit', '0-9'],
  ['graph', '\\x21-\\x7e'],
  ['lower', 'a-z'],
  ['print', '\\x20-\\x7e'],
  ['punct', '\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e'],
  ['space', '\\x09-\\x0d\\x20'],
  ['upper', 'A-Z'],
  ['word', '0-9A-Za-z_'],
  ['xdigit', '0-9A-Fa-f'],
]);

/** Unicode categories, and the scripts that logs are likely to be searched for, which both know. */
const UNICODE_CLASS =
  /^(?:L[ulmto]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C[cf]?|Greek|Latin|Cyrillic|Han|Hiragana|Katakana|Arabic|Hebrew|Thai)$/;

/**
 * Rewrites a regular expression of Go, in which Docker's log drivers take patterns, for Onigmo, which Fluent Bit uses. The
 * two read some texts differently (`[a[b]`, `{,3}`, `(?s)`), and one that Onigmo refuses would keep the log agent from
 * starting, so nothing passes that was not understood. Groups lose their names: nothing refers to them.
 *
 * Source: Go `regexp/syntax`; Onigmo `doc/RE`, Ruby syntax.
 *
 * @example fromGoRegexp('^\\[(?P<day>\\d+)') // { source: '^\\[(?:\\d+)' }
 */
export function fromGoRegexp(pattern: string): Pattern {
  if (pattern === '') return { problem: 'it is empty' };
  if (pattern.length > MAXIMUM_LENGTH) return { problem: `it is longer than ${MAXIMUM_LENGTH} characters` };
  try {
    return { source: new Reader(Array.from(pattern)).pattern() };
  } catch (error) {
    if (error instanceof Refusal) return { problem: error.message };
    throw error;
  }
}

class Refusal extends Error {}

/** A recursive-descent reader that writes as it reads. */
class Reader {
  private index = 0;
  private depth = 0;
  private caseless = false;

  constructor(private readonly text: readonly string[]) {}

  pattern(): string {
    const flags = this.leadingFlags();
    const source = this.alternatives();
    if (this.index < this.text.length) throw new Refusal('it has a ) without a (');
    return flags === '' ? source : `(?${flags}:${source})`;
  }

  /** `(?is)` at the very start holds for the whole pattern; elsewhere the two syntaxes differ in what it holds for. */
  private leadingFlags(): string {
    const match = /^\(\?([ims]+)\)/.exec(this.text.slice(0, 10).join(''));
    if (match?.[1] === undefined) return '';
    this.index = match[0].length;
    this.caseless = match[1].includes('i');
    return flagsFor(match[1]);
  }

  private alternatives(): string {
    const written = [this.sequence()];
    while (this.take('|')) written.push(this.sequence());
    return written.join('|');
  }

  private sequence(): string {
    let written = '';
    while (this.index < this.text.length && this.peek() !== '|' && this.peek() !== ')') {
      const atom = this.atom();
      const repeat = this.repeat();
      if (repeat !== '' && /^(?:|\^|\(\?:\$\)|\(\?a:.*|\\[Az])$/.test(atom)) throw new Refusal('it repeats a position');
      written += atom + repeat;
    }
    return written;
  }

  private atom(): string {
    const character = this.next();
    switch (character) {
      case '(':
        return this.group();
      case '[':
        return this.characterClass();
      case '\\':
        return this.escape();
      case '.':
      case '^':
        return character;
      case '$':
        // Apart from a { that may follow: ${ is a variable in some places of a configuration.
        return '(?:$)';
      case '*':
      case '+':
      case '?':
        throw new Refusal(`it has a ${character} with nothing to repeat`);
      case '{':
        if (this.bounds(this.index - 1) !== null) throw new Refusal('it has a {} with nothing to repeat');
        return literal(character);
      default:
        return literal(character);
    }
  }

  private repeat(): string {
    const once = this.oneRepeat();
    if (once !== '' && this.oneRepeat() !== '') throw new Refusal('it repeats a repetition');
    return once;
  }

  private oneRepeat(): string {
    const character = this.peek();
    let written = '';
    if (character === '*' || character === '+' || character === '?') {
      written = character;
      this.index++;
    } else if (character === '{') {
      const bounds = this.bounds(this.index);
      if (bounds === null) return '';
      const [whole, least, most] = bounds;
      if (Number(least) > MAXIMUM_REPEAT || Number(most ?? 0) > MAXIMUM_REPEAT)
        throw new Refusal(`it repeats more than ${MAXIMUM_REPEAT} times`);
      if (most !== undefined && Number(most) < Number(least))
        throw new Refusal('it repeats at most less often than at least');
      written = whole;
      this.index += whole.length;
    } else return '';
    // For Onigmo {2}? is two or none.
    return this.take('?') && !/^\{\d+\}$/.test(written) ? `${written}?` : written;
  }

  /** `{2}`, `{2,}` or `{2,3}`; any other brace stands for itself. */
  private bounds(index: number): RegExpExecArray | null {
    return /^\{(\d{1,5})(?:,(\d{1,5})?)?\}/.exec(this.text.slice(index, index + 14).join(''));
  }

  private group(): string {
    if (++this.depth > 100) throw new Refusal('its groups are nested too deep');
    let opening = '(?:';
    const outside = this.caseless;
    if (this.take('?')) {
      const rest = this.text.slice(this.index, this.index + 110).join('');
      const named = /^P?<[A-Za-z_]\w{0,100}>/.exec(rest);
      const flagged = /^([ims]*):/.exec(rest);
      if (named !== null) this.index += named[0].length;
      else if (flagged?.[1] !== undefined) {
        this.index += flagged[0].length;
        opening = `(?${flagsFor(flagged[1])}:`;
        this.caseless ||= flagged[1].includes('i');
      } else throw new Refusal('it has a kind of group that is not supported');
    }
    const inner = this.alternatives();
    if (!this.take(')')) throw new Refusal('it has a ( without a )');
    this.depth--;
    this.caseless = outside;
    return `${opening}${inner})`;
  }

  private escape(): string {
    const character = this.next('it ends in a backslash');
    // For Go only ASCII letters make words.
    if (character === 'b' || character === 'B') return `(?a:\\${character})`;
    if (/^[dDsSwWAz]$/.test(character)) return `\\${character}`;
    if (character === 'Q') return this.quoted();
    if (character === 'p' || character === 'P') return this.unicodeClass(character);
    return literal(this.escapedCharacter(character));
  }

  /** The one character that an escape stands for, inside a class or outside. */
  private escapedCharacter(character: string): string {
    const control = new Map([
      ['a', '\u0007'],
      ['f', '\f'],
      ['t', '\t'],
      ['n', '\n'],
      ['r', '\r'],
      ['v', '\v'],
    ]).get(character);
    if (control !== undefined) return control;
    if (character === 'x') {
      const code = /^(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/.exec(
        this.text.slice(this.index, this.index + 8).join(''),
      );
      if (code === null) throw new Refusal('it has a \\x without a number');
      this.index += code[0].length;
      const point = Number.parseInt(code[1] ?? code[2] ?? '', 16);
      if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        throw new Refusal('it names a character that does not exist');
      return String.fromCodePoint(point);
    }
    if (/^[A-Za-z0-9]$/.test(character)) throw new Refusal(`\\${character} is not supported`);
    return character;
  }

  private quoted(): string {
    let written = '';
    while (this.index < this.text.length) {
      if (this.peek() === '\\' && this.text[this.index + 1] === 'E') {
        this.index += 2;
        break;
      }
      written += literal(this.next());
    }
    // A repetition after it would hold for the last character only.
    if (/^[*+?{]$/.test(this.peek() ?? '')) throw new Refusal('it repeats a quotation');
    return written;
  }

  private unicodeClass(letter: string): string {
    const name = /^(?:([A-Z])|\{(\^?)([A-Za-z]{1,20})\})/.exec(this.text.slice(this.index, this.index + 24).join(''));
    const wanted = name?.[1] ?? name?.[3] ?? '';
    if (this.caseless && /^L[ult]$/.test(wanted))
      throw new Refusal('it asks for a case while it does not care for case');
    if (name === null || !UNICODE_CLASS.test(wanted))
      throw new Refusal('it names a Unicode class that is not supported');
    this.index += name[0].length;
    return `\\${letter}{${name[2] ?? ''}${wanted}}`;
  }

  private characterClass(): string {
    let written = this.take('^') ? '[^' : '[';
    const start = this.index;
    for (;;) {
      const character = this.next('it has a [ without a ]');
      if (character === ']' && this.index > start + 1) return `${written}]`;
      const set = this.setInClass(character);
      if (set !== undefined) {
        written += set;
        continue;
      }
      const low = character === '\\' ? this.escapedCharacter(this.next('it ends in a backslash')) : character;
      if (this.peek() !== '-' || this.text[this.index + 1] === ']') {
        written += inClass(low);
        continue;
      }
      this.index++;
      const end = this.next('it has a [ without a ]');
      if (end === '[' && this.peek() === ':') throw new Refusal('it has a range that ends in a class');
      const high = end === '\\' ? this.escapedCharacter(this.next('it ends in a backslash')) : end;
      if ((high.codePointAt(0) ?? 0) < (low.codePointAt(0) ?? 0))
        throw new Refusal('it has a range in the wrong order');
      written += `${inClass(low)}-${inClass(high)}`;
    }
  }

  /** `[:alpha:]`, `\d` and `\pL`: what is not a single character. */
  private setInClass(character: string): string | undefined {
    if (character === '[' && this.peek() === ':') {
      const name = /^:(\^?)([a-z]{1,10}):\]/.exec(this.text.slice(this.index, this.index + 16).join(''));
      const set = POSIX_CLASSES.get(name?.[2] ?? '');
      if (name === null || set === undefined) throw new Refusal('it names a character class that does not exist');
      this.index += name[0].length;
      if (name[1] === '') return set;
      if (this.caseless) throw new Refusal('it has a negated class while it does not care for case');
      return `[^${set}]`;
    }
    if (character !== '\\') return undefined;
    const escaped = this.peek() ?? '';
    if (!/^[dDsSwWpP]$/.test(escaped)) return undefined;
    this.index++;
    return /^[pP]$/.test(escaped) ? this.unicodeClass(escaped) : `\\${escaped}`;
  }

  private peek(): string | undefined {
    return this.text[this.index];
  }

  private take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.index++;
    return true;
  }

  private next(problem = 'it ends too early'): string {
    const character = this.text[this.index++];
    if (character === undefined) throw new Refusal(problem);
    return character;
  }
}

/** Go's `s` (a dot is any character) is Onigmo's `m`; Go's `m` is always on in Onigmo, and lines are matched one by one. */
function flagsFor(flags: string): string {
  return `${flags.includes('i') ? 'i' : ''}${flags.includes('s') ? 'm' : ''}`;
}

/** A character that stands for itself; quotation marks and slashes, which delimit rules, as numbers. */
function literal(character: string): string {
  if (/^[\w <>,=:;!%&~@'`-]$/.test(character)) return character;
  if (/^[#$()*+.?[\\\]^{|}]$/.test(character)) return `\\${character}`;
  return numbered(character);
}

function inClass(character: string): string {
  return /^\w$/.test(character)
    ? character
    : /^[!-.:-@[-^`{-~]$/.test(character) && character !== '"'
      ? `\\${character}`
      : numbered(character);
}

function numbered(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (point < 0x80) return `\\x${point.toString(16).padStart(2, '0')}`;
  return /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character) ? character : `\\x{${point.toString(16)}}`;
}
