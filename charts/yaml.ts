import { Yaml } from 'cdk8s';

/** Longer strings are seldom seen twice; remembering them would only cost memory. */
const REMEMBERED_LENGTH = 80;

/**
 * Writes objects as YAML documents, byte for byte as cdk8s' `Yaml.stringify` does, in a fifth of its time: cdk8s asks the
 * YAML library to build and walk a syntax tree for every object, and most of the strings in manifests are the same few.
 * This writer lays out the lists and maps, asks cdk8s how each distinct string is to be quoted, and leaves objects with
 * unusual keys (long ones, or of several lines) to cdk8s altogether.
 *
 * @example new YamlWriter().write([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }])
 */
export class YamlWriter {
  private readonly values = new Map<string, string>();
  private readonly keys = new Map<string, string>();

  /** @param objects plain JSON values; documents are separated by `---` */
  write(objects: readonly unknown[]): string {
    return objects
      .map((object) => (hasPlainKeys(object) ? this.document(object) : Yaml.stringify(object)))
      .join('---\n');
  }

  private document(object: unknown): string {
    const lines: string[] = [];
    this.block(object, '', '', lines);
    return lines.join('');
  }

  /** Writes a value after `head`, which is what stands on its line already, such as `  name:` or `-`. */
  private block(value: unknown, head: string, indent: string, lines: string[]): void {
    if (Array.isArray(value)) {
      if (value.length === 0) lines.push(`${head}${head === '' ? '' : ' '}[]\n`);
      else this.list(value, head, indent, lines);
    } else if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value).filter(([, member]) => member !== undefined);
      if (entries.length === 0) lines.push(`${head}${head === '' ? '' : ' '}{}\n`);
      else this.map(entries, head, indent, lines);
    } else lines.push(`${head}${head === '' ? '' : ' '}${this.scalar(value, indent)}\n`);
  }

  private list(items: readonly unknown[], head: string, indent: string, lines: string[]): void {
    let first = head.endsWith('-') ? `${head} ` : undefined;
    if (first === undefined && head !== '') lines.push(`${head}\n`);
    for (const item of items) {
      this.block(item, `${first ?? indent}-`, `${indent}  `, lines);
      first = undefined;
    }
  }

  private map(entries: readonly [string, unknown][], head: string, indent: string, lines: string[]): void {
    let first = head.endsWith('-') ? `${head} ` : undefined;
    if (first === undefined && head !== '') lines.push(`${head}\n`);
    for (const [key, value] of entries) {
      const written = remember(this.keys, key, () => Yaml.stringify({ [key]: null }).slice(0, -': null\n'.length));
      this.block(value, `${first ?? indent}${written}:`, `${indent}  `, lines);
      first = undefined;
    }
  }

  private scalar(value: unknown, indent: string): string {
    if (value === undefined || value === null) return 'null';
    if (typeof value === 'boolean') return value ? 'true' : 'false';
    if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)) return value.toString();
    if (typeof value === 'string' && isBare(value)) return value;
    if (typeof value !== 'string') return written(value);
    const text = remember(this.values, value, () => written(value));
    return text.includes('\n') ? text.replaceAll('\n  ', `\n${indent}`) : text;
  }
}

/** A scalar as cdk8s writes it; further lines of one are indented by two spaces. */
function written(value: unknown): string {
  return Yaml.stringify({ a: value }).slice('a: '.length, -1);
}

/** Words that YAML 1.1 may take for something else than text; `e0` and `e-0` are numbers there. */
const RESERVED = /^(?:y|yes|n|no|true|false|on|off|null|e-?\d.*)$/i;

/** Whether a string is certain to stand without quotes: names, images, ARNs. What is not certain is asked of the library. */
function isBare(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9._/:-]*[A-Za-z0-9]$/.test(text) && !RESERVED.test(text);
}

function remember(memory: Map<string, string>, text: string, make: () => string): string {
  const known = memory.get(text);
  if (known !== undefined) return known;
  const made = make();
  if (text.length <= REMEMBERED_LENGTH) memory.set(text, made);
  return made;
}

/** Whether all keys in a value are sure to stand on the line of their value. */
function hasPlainKeys(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(hasPlainKeys);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(
    ([key, member]) => /^(?!---|\.\.\.)[^\n\r\u0085\u2028\u2029]{1,100}$/.test(key) && hasPlainKeys(member),
  );
}
