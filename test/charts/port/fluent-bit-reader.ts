/** A section as Fluent Bit understands it: keys and values in order, variables resolved. */
export interface ReadSection {
  readonly name: string;
  readonly properties: readonly (readonly [string, string])[];
}

/**
 * Reads a configuration in Fluent Bit's classic format, independently of the code that writes it: lines, sections,
 * properties, `@SET`, `@INCLUDE` and `${VARIABLE}` as `flb_cf_fluentbit.c` and `flb_env.c` treat them, oddities included.
 *
 * @param files content by path
 * @param environment variables of the process
 * @throws Error where Fluent Bit would refuse to start
 */
export function readFluentBit(
  files: ReadonlyMap<string, string>,
  main: string,
  environment: ReadonlyMap<string, string> = new Map(),
): readonly ReadSection[] {
  const variables = new Map(environment);
  const sections: { name: string; properties: [string, string][] }[] = [];
  const read = (path: string): void => {
    const text = files.get(path);
    if (text === undefined) throw new Error(`no file ${path}`);
    for (const line of text.split('\n')) readLine(line.replace(/\r$/, ''));
  };
  const readLine = (line: string): void => {
    if (line === '' || line.startsWith('#')) return;
    if (/^@include /i.test(line)) return read(line.slice(9));
    if (line.startsWith('@')) {
      const [, name, value] = /^@SET ([^=]+)=(.*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`unknown command: ${line}`);
      variables.set(name, value);
      return;
    }
    if (line.startsWith('[')) {
      const end = line.indexOf(']');
      if (end < 0) throw new Error(`bad header: ${line}`);
      sections.push({ name: line.slice(1, end), properties: [] });
      return;
    }
    const body = /^ +(.*)$/.exec(line)?.[1];
    if (body === undefined) throw new Error(`not indented: ${line}`);
    if (body === '' || body.startsWith('#')) return;
    const space = body.indexOf(' ');
    const value = trimmed(body.slice(space + 1));
    if (space < 0 || value === '') throw new Error(`each key must have a value: ${line}`);
    if (body.startsWith('[')) throw new Error(`a group: ${line}`);
    const section = sections.at(-1);
    if (section === undefined) throw new Error(`a property outside of any section: ${line}`);
    // Rules of multiline parsers are read as they stand.
    const rule = section.name === 'MULTILINE_PARSER' && body.startsWith('Rule ');
    section.properties.push([body.slice(0, space), rule ? value : resolve(value, variables)]);
  };
  read(main);
  return sections;
}

function trimmed(text: string): string {
  return text.replace(/^[ \t\v\f]+/, '').replace(/[ \t\v\f]+$/, '');
}

/** `flb_env_var_translate`: the end of a variable is the first brace from where the search stands. */
function resolve(value: string, variables: ReadonlyMap<string, string>): string {
  let result = '';
  let found = false;
  let end = -1;
  for (let index = 0; index < value.length; index++) {
    const start = value.indexOf('${', index);
    if (start < 0) break;
    end = value.indexOf('}', index);
    if (end < 0) break;
    const name = value.slice(start + 2, end);
    if (end - (start + 2) <= 0) break;
    found = true;
    result += value.slice(index, start) + (variables.get(name) ?? '');
    index = end;
  }
  if (!found) return value;
  return end >= 0 ? result + value.slice(end + 1) : result;
}
