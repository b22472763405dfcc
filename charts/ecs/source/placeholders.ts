/** A text whose template expressions were covered so that a JSON parser can read it; all offsets are unchanged. */
export interface Placeholders {
  readonly text: string;
  /** Offset of each value that stood unquoted, and the text that stood there. */
  readonly unquoted: ReadonlyMap<number, string>;
}

/** Expressions that deployment tools put where JSON wants a value; none spans lines. */
const UNQUOTED = [
  /\$\{[^}\n]*\}/y, // Terraform, envsubst
  /\{\{[^\n]*?\}\}/y, // ecspresso, Go templates, Jinja
  /\$+[A-Za-z_]\w*\$*/y, // envsubst, the ECS agent's $$$$NAME$$$$
  /<[A-Za-z_][\w -]*>/y, // documentation and GitHub Actions
];

/**
 * Covers template expressions: an unquoted one becomes a JSON string of the same length.
 *
 * @param insideStrings whether a string may hold `{{ … }}` with quotation marks in it, which become apostrophes; such a
 *   text is no JSON as it stands, so this is to be tried after the plain reading has failed
 * @example maskPlaceholders('{"cpu": ${cpu}}').unquoted // Map { 8 => '${cpu}' }
 */
export function maskPlaceholders(text: string, insideStrings = false): Placeholders {
  const unquoted = new Map<number, string>();
  if (!/[$<]|\{\{/.test(text)) return { text, unquoted };
  const parts: string[] = [];
  let copied = 0;
  const replace = (from: number, to: number, by: string): void => {
    parts.push(text.slice(copied, from), by);
    copied = to;
  };
  let index = 0;
  while (index < text.length) {
    const character = text[index];
    if (character === '"') index = endOfString(text, index, insideStrings ? replace : undefined);
    else if (character === '/' && (text[index + 1] === '/' || text[index + 1] === '*'))
      index = endOfComment(text, index);
    else if (character === '$' || character === '<' || character === '{') {
      const match = matchAt(text, index);
      if (match === undefined) index++;
      else {
        unquoted.set(index, match);
        replace(index, index + match.length, `"${'_'.repeat(match.length - 2)}"`);
        index += match.length;
      }
    } else index++;
  }
  parts.push(text.slice(copied));
  return { text: parts.join(''), unquoted };
}

function matchAt(text: string, index: number): string | undefined {
  for (const pattern of UNQUOTED) {
    pattern.lastIndex = index;
    const match = pattern.exec(text)?.[0];
    if (match !== undefined && match.length >= 2) return match;
  }
  return undefined;
}

function endOfString(text: string, start: number, replace?: (from: number, to: number, by: string) => void): number {
  for (let index = start + 1; index < text.length; index++) {
    const character = text[index];
    if (character === '\\') index++;
    else if (character === '"' || character === '\n') return index + 1;
    else if (replace !== undefined && character === '{' && text[index + 1] === '{') {
      const end = text.indexOf('}}', index);
      const expression = end < 0 ? '' : text.slice(index, end + 2);
      if (expression === '' || expression.includes('\n')) continue;
      if (/(^|[^\\])"/.test(expression)) replace(index, end + 2, expression.replace(/(?<!\\)"/g, "'"));
      index = end + 1;
    }
  }
  return text.length;
}

function endOfComment(text: string, start: number): number {
  const end = text[start + 1] === '/' ? text.indexOf('\n', start) : text.indexOf('*/', start + 2);
  return end < 0 ? text.length : end + (text[start + 1] === '/' ? 1 : 2);
}
