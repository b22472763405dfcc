/** A part of a pattern: a text, or `minimum` and, if unbounded, any number more characters of any kind. */
export type Piece = string | { readonly minimum: number; readonly unbounded: boolean };

/** One of the shapes that a pattern accepts, with texts and wildcards in turn. */
export type Shape = readonly Piece[];

/** A pattern that cannot be written as labels, and what to write instead. */
export class PatternError extends Error {
  override readonly name = 'PatternError';

  constructor(
    reason: string,
    readonly fix: string,
  ) {
    super(reason);
  }
}

const MAXIMUM_SHAPES = 256;
const MAXIMUM_GROUPS = 32;
/** Texts and wildcards of one shape; a longer one is no pattern that a person wrote. */
const MAXIMUM_PIECES = 32;
const DIGITS = Array.from({ length: 10 }, (_, digit) => String(digit));
const LIST_FIX = 'list the values with in [...]';

/** A single character, a wildcard or an anchor. */
type Atom = Piece | { readonly anchor: '^' | '$' };
type Row = readonly Atom[];
type Rows = readonly Row[];

/**
 * Expands a Java regular expression into the shapes that it accepts as a whole, as ECS's `=~` reads it.
 *
 * Understood are characters, escaped characters, `\d`, `.`, `.*`, `.+`, `?`, character classes without `^`, groups,
 * `|`, and `^` and `$` at the ends. It never backtracks, and 256 shapes of 32 pieces are its limit.
 *
 * @throws PatternError for anything else, such as `[a-z]+` or `{2}`
 * @example shapes('(t2|t3)\\.micro') // [['t2.micro'], ['t3.micro']]
 * @example shapes('g2.*') // [['g2', { minimum: 0, unbounded: true }]]
 */
export function shapes(pattern: string): readonly Shape[] {
  const reader = new Reader(pattern);
  const rows = reader.alternatives(0);
  if (!reader.atEnd()) throw new PatternError(`found ")" that nothing opens in the pattern ${pattern}`, LIST_FIX);
  return rows.map((row) => joined(withoutAnchors(row)));
}

/** Whether a text is of a shape; never backtracks. */
export function fits(shape: Shape, text: string): boolean {
  let places = new Set([0]);
  for (const piece of shape) {
    const next = new Set<number>();
    for (const place of places) {
      if (typeof piece === 'string') {
        if (text.startsWith(piece, place)) next.add(place + piece.length);
      } else {
        const last = piece.unbounded ? text.length : Math.min(place + piece.minimum, text.length);
        for (let at = place + piece.minimum; at <= last; at++) next.add(at);
      }
    }
    places = next;
  }
  return places.has(text.length);
}

class Reader {
  #at = 0;

  constructor(private readonly pattern: string) {}

  atEnd(): boolean {
    return this.#at >= this.pattern.length;
  }

  alternatives(depth: number): Rows {
    if (depth > MAXIMUM_GROUPS) throw new PatternError('the groups of the pattern nest too deep', LIST_FIX);
    const rows: Row[] = [];
    do rows.push(...this.#sequence(depth));
    while (this.#take('|'));
    return limited(rows);
  }

  #sequence(depth: number): Rows {
    let rows: Rows = [[]];
    while (!this.atEnd() && this.#peek() !== '|' && this.#peek() !== ')') {
      const atom = this.#quantified(this.#atom(depth));
      if (rows.length * atom.length > MAXIMUM_SHAPES) throw tooMany();
      rows = rows.flatMap((row) => atom.map((each) => appended(row, each)));
      if (rows.some((row) => row.length > MAXIMUM_PIECES)) {
        throw new PatternError(`the pattern has more than ${MAXIMUM_PIECES} texts and wildcards in a row`, LIST_FIX);
      }
    }
    return rows;
  }

  #atom(depth: number): Rows {
    const character = this.#next();
    switch (character) {
      case '.':
        return [[{ minimum: 1, unbounded: false }]];
      case '^':
      case '$':
        return [[{ anchor: character }]];
      case '[':
        return this.#class();
      case '\\':
        return this.#escaped().map((each) => [each]);
      case '(': {
        if (this.#peek() === '?' && !this.pattern.startsWith('?:', this.#at)) throw this.#unknown('(?');
        if (this.#take('?')) this.#take(':');
        const rows = this.alternatives(depth + 1);
        if (!this.#take(')')) throw new PatternError('found "(" that the pattern does not close', LIST_FIX);
        return rows;
      }
      case '*':
      case '+':
      case '?':
      case '{':
        throw this.#unknown(character);
      default:
        return [[character]];
    }
  }

  #quantified(rows: Rows): Rows {
    const quantifier = this.#peek();
    if (quantifier === '{') throw this.#unknown('{');
    if (quantifier !== '*' && quantifier !== '+' && quantifier !== '?') return rows;
    this.#at++;
    // A lazy quantifier accepts the same whole texts; a possessive one may not.
    if (!this.#take('?') && this.#peek() === '+') throw this.#unknown(`${quantifier}+`);
    if (quantifier === '?') return limited([...rows, []]);
    const atom = rows.length === 1 && rows[0]?.length === 1 ? rows[0][0] : undefined;
    if (typeof atom !== 'object' || 'anchor' in atom) {
      throw new PatternError(`only .* and .+ may repeat, found "${quantifier}" after something else`, LIST_FIX);
    }
    return [[{ minimum: quantifier === '*' ? 0 : 1, unbounded: true }]];
  }

  #class(): Rows {
    const characters: string[] = [];
    if (this.#peek() === '^' || this.#peek() === ']') throw this.#unknown(`[${this.#peek()}`);
    while (!this.#take(']')) {
      if (this.atEnd()) throw new PatternError('found "[" that the pattern does not close', LIST_FIX);
      if (this.#peek() === '[' || this.pattern.startsWith('&&', this.#at)) throw this.#unknown('a class in a class');
      const first = this.#classMember();
      const ranged = this.#peek() === '-' && this.pattern.charAt(this.#at + 1) !== ']' && first.length === 1;
      if (!ranged) {
        characters.push(...first);
        continue;
      }
      this.#at++;
      const [from = 0, to = 0] = [first[0], this.#classMember()[0]].map((each) => each?.charCodeAt(0));
      if (to - from >= MAXIMUM_SHAPES) throw tooMany();
      for (let code = from; code <= to; code++) characters.push(String.fromCharCode(code));
    }
    return [...new Set(characters)].map((character) => [character]);
  }

  #classMember(): readonly string[] {
    const character = this.#next();
    return character === '\\' ? this.#escaped() : [character];
  }

  #escaped(): readonly string[] {
    const character = this.#next();
    if (character === 'd') return DIGITS;
    if (character === '' || /[A-Za-z0-9]/.test(character)) throw this.#unknown(`\\${character}`);
    return [character];
  }

  #unknown(found: string): PatternError {
    return new PatternError(`a node label cannot express "${found}" of a pattern`, LIST_FIX);
  }

  #peek(): string {
    return this.pattern.charAt(this.#at);
  }

  #next(): string {
    return this.pattern.charAt(this.#at++);
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }
}

function limited(rows: Rows): Rows {
  if (rows.length > MAXIMUM_SHAPES) throw tooMany();
  return rows;
}

function tooMany(): PatternError {
  return new PatternError(`the pattern accepts more than ${MAXIMUM_SHAPES} shapes of values`, LIST_FIX);
}

/** A row and what follows it, with texts that meet joined, so that a long text is one atom and not thousands. */
function appended(row: Row, following: Row): Row {
  const [first, ...rest] = following;
  const last = row.at(-1);
  if (typeof last !== 'string' || typeof first !== 'string') return [...row, ...following];
  return [...row.slice(0, -1), last + first, ...rest];
}

/** A pattern has to accept the whole value, so anchors at the ends say nothing; elsewhere nothing would match. */
function withoutAnchors(row: Row): readonly Piece[] {
  const first = row.findIndex((atom) => !isAnchor(atom, '^'));
  const last = row.findLastIndex((atom) => !isAnchor(atom, '$'));
  if (first === -1 || last < first) return [];
  return row.slice(first, last + 1).map((atom) => {
    if (typeof atom === 'object' && 'anchor' in atom) {
      throw new PatternError(`nothing matches "${atom.anchor}" inside a pattern`, 'remove it');
    }
    return atom;
  });
}

function isAnchor(atom: Atom, anchor: '^' | '$'): boolean {
  return typeof atom === 'object' && 'anchor' in atom && atom.anchor === anchor;
}

/** Joins characters to texts and neighbouring wildcards to one. */
function joined(row: readonly Piece[]): Shape {
  const shape: Piece[] = [];
  for (const piece of row) {
    const previous = shape.at(-1);
    if (typeof piece === 'string' && typeof previous === 'string') shape.splice(-1, 1, previous + piece);
    else if (typeof piece === 'object' && typeof previous === 'object') {
      const minimum = previous.minimum + piece.minimum;
      shape.splice(-1, 1, { minimum, unbounded: previous.unbounded || piece.unbounded });
    } else shape.push(piece);
  }
  return shape;
}
