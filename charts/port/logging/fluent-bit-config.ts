/** A piece of a property's value. */
export type ValuePart =
  /** Text that means itself, whatever characters it holds. */
  | string
  /** A variable of Fluent Bit's own environment. */
  | { readonly variable: string }
  /** A record accessor that Fluent Bit fills in for each record, such as `$TAG[3]`. */
  | { readonly accessor: string }
  /** Text in Fluent Bit's own syntax, in which `${NAME}` is a variable: only for a container that was given it by ECS too. */
  | { readonly syntax: string };

/** A property's value; a plain string means itself. */
export type Value = string | readonly ValuePart[];

/** A line of a section. A key may be given more than once. */
export type Property = readonly [key: string, value: Value];

/** A section of a Fluent Bit configuration in the classic format, or the inclusion of a file. */
export type Section =
  | {
      readonly name: 'SERVICE' | 'INPUT' | 'FILTER' | 'OUTPUT' | 'PARSER' | 'MULTILINE_PARSER';
      readonly properties: readonly Property[];
    }
  | { readonly include: string };

/** Longest value that is written, in UTF-16 units; ConfigMaps have a limit, and no real option comes near it. */
const MAXIMUM_VALUE_LENGTH = 4096;

/** Variables that a configuration sets for itself, since `${` cannot be escaped. */
const DOLLAR = 'TRANSHIP_DOLLAR';
const BRACE = 'TRANSHIP_BRACE';

/** What a configuration must begin with when {@link renderSections} wrote literal values into it or into what it includes. */
export const LITERALS = `@SET ${DOLLAR}=$\n@SET ${BRACE}=}\n`;

/**
 * Why a text cannot stand as a value of a line-based configuration, or undefined when it can. Fluent Bit trims values and
 * refuses empty ones; a line break would end the property and begin another.
 *
 * @example valueProblem('a\n[OUTPUT]') // 'holds a line break or another control character'
 */
export function valueProblem(text: string): string | undefined {
  if (text === '') return 'is empty';
  if (text.length > MAXIMUM_VALUE_LENGTH) return `is longer than ${MAXIMUM_VALUE_LENGTH} characters`;
  if (/[^\P{Cc}\t]|[\u2028\u2029]/u.test(text)) return 'holds a line break or another control character';
  if (/^[ \t]|[ \t]$/.test(text)) return 'begins or ends in white space, which Fluent Bit cuts off';
  if (!text.isWellFormed()) return 'is not valid Unicode';
  return undefined;
}

/** Whether a text can be a property's key: it cannot be taken for a comment, a section, a command or two words. */
export function isKey(text: string): boolean {
  return /^[A-Za-z_][\w.-]{0,100}$/.test(text);
}

/**
 * Writes sections in Fluent Bit's classic format. Every value comes back from Fluent Bit's parser as it was given: texts
 * are never taken for variables.
 *
 * Source: fluent-bit `src/config_format/flb_cf_fluentbit.c` and `flb_env_var_translate` in `src/flb_env.c`.
 *
 * @param indent before each property. @default four spaces
 * @throws Error when a key or value cannot be written; check texts of the input with {@link valueProblem} first
 * @example renderSections([{ name: 'OUTPUT', properties: [['Name', 'stdout'], ['Match', '*']] }])
 */
export function renderSections(sections: readonly Section[], indent = '    '): string {
  return sections.map((section) => renderSection(section, indent)).join('\n');
}

function renderSection(section: Section, indent: string): string {
  if ('include' in section) {
    check('@INCLUDE', section.include);
    return `@INCLUDE ${section.include}\n`;
  }
  const lines = section.properties.map(([key, value]) => {
    if (!isKey(key)) throw new Error(`not a property key: ${JSON.stringify(key)}`);
    return `${indent}${key} ${renderValue(key, value)}\n`;
  });
  return `[${section.name}]\n${lines.join('')}`;
}

function renderValue(key: string, value: Value): string {
  const parts = merged(typeof value === 'string' ? [value] : value);
  const texts = parts.filter((part) => typeof part === 'string');
  // Fluent Bit takes the first } for the end of a variable, even one that stands before its ${, so all are covered.
  const covered = texts.length < parts.length || texts.some((text) => text.includes('${'));
  const text = parts
    .map((part) => {
      if (typeof part !== 'string') {
        return 'variable' in part ? `\${${part.variable}}` : 'accessor' in part ? part.accessor : part.syntax;
      }
      return covered
        ? part.replace(/\$(?=\{)|\}/g, (match) => (match === '}' ? `\${${BRACE}}` : `\${${DOLLAR}}`))
        : part;
    })
    .join('');
  check(key, text);
  return text;
}

/** Neighbouring texts as one, so that a `$` at the end of one and a `{` at the start of the next are seen together. */
function merged(parts: readonly ValuePart[]): readonly ValuePart[] {
  const result: ValuePart[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (typeof part === 'string' && typeof last === 'string') result[result.length - 1] = last + part;
    else result.push(part);
  }
  return result;
}

function check(key: string, text: string): void {
  const problem = valueProblem(text);
  // Covering makes a value longer; only what the input gave is held to the limit.
  if (problem !== undefined && !problem.startsWith('is longer')) throw new Error(`the value of ${key} ${problem}`);
}

/**
 * A text as one token of a value that Fluent Bit splits at spaces, such as `Record KEY VALUE`; undefined when its quoting
 * cannot express the text.
 *
 * Source: fluent-bit `flb_slist_split_tokens` in `src/flb_slist.c`.
 * @example quotedToken('a "b"') // '"a \\"b\\""'
 */
export function quotedToken(text: string): string | undefined {
  if (text === '' || /\\(?:"|$)/.test(text)) return undefined;
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`;
}
