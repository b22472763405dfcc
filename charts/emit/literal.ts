/** An expression that is printed as it stands, in the place of the value it yields. */
export class Code {
  constructor(readonly text: string) {}
}

const WIDTH = 110;

/**
 * A value as TypeScript source: single quotes, bare keys where they can be, short lists and objects on one line.
 *
 * @param indent spaces before the line that the value begins on
 * @example printLiteral({ a: ['x'], 'b-c': 1 }, 0) // "{ a: ['x'], 'b-c': 1 }"
 */
export function printLiteral(value: unknown, indent: number): string {
  if (value instanceof Code) return value.text;
  if (typeof value === 'string') return printString(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const entries: readonly [string, unknown][] = Object.entries(value);
  const list = Array.isArray(value);
  const parts = entries.map(([key, item]) => `${list ? '' : `${printKey(key)}: `}${printLiteral(item, indent + 2)}`);
  const [open, close] = list ? ['[', ']'] : ['{', '}'];
  if (parts.length === 0) return open + close;
  const line = list ? `[${parts.join(', ')}]` : `{ ${parts.join(', ')} }`;
  if (!line.includes('\n') && line.length + indent <= WIDTH && !(parts.length > 3 && !list)) return line;
  const padding = ' '.repeat(indent + 2);
  return `${open}\n${parts.map((part) => `${padding}${part},\n`).join('')}${' '.repeat(indent)}${close}`;
}

/** A string literal; one of several lines becomes a joined list of lines, which diffs well. */
export function printString(text: string): string {
  const lines = text.split('\n');
  if (lines.length > 2)
    return `[${lines.map((line) => `\n${' '.repeat(8)}${quote(line)},`).join('')}\n${' '.repeat(6)}].join('\\n')`;
  return quote(text);
}

function quote(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${escaped.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
}

function printKey(key: string): string {
  // A plain `__proto__: x` in a literal sets the prototype; the computed form makes a property.
  if (key === '__proto__') return "['__proto__']";
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
}
