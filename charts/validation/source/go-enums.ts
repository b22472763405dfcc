/** Allowed values by definition (`core.v1.Container`) and property; `items` when they are those of a list's items. */
export type GoEnums = ReadonlyMap<
  string,
  ReadonlyMap<string, { readonly values: readonly string[]; readonly items: boolean }>
>;

const FUNCTION = /^func schema_k8sio_api_([a-z]+)_(v\d[a-z0-9]*)_(\w+)\(/;
const PROPERTY = /^(\t+)"([\w$]+)": \{$/;
const ENUM = /^(\t+)Enum:\s+\[\]interface\{\}\{(.*)\},$/;

/**
 * The enumerations of the built-in types. The published OpenAPI files leave them out; the generated Go file that the
 * API server serves OpenAPI from (`pkg/generated/openapi/zz_generated.openapi.go`) has them.
 *
 * @param go the text of that file; it is read line by line and the indentation of gofmt says what belongs to what
 */
export function readGoEnums(go: string): GoEnums {
  const found = new Map<string, Map<string, { values: readonly string[]; items: boolean }>>();
  let definition: string | undefined;
  let property: { readonly name: string; readonly depth: number } | undefined;
  for (const line of go.split('\n')) {
    if (line.startsWith('func ')) {
      const declared = FUNCTION.exec(line);
      definition = declared === null ? undefined : declared.slice(1).join('.');
      property = undefined;
      continue;
    }
    if (definition === undefined) continue;
    const opened = PROPERTY.exec(line);
    if (opened?.[1] !== undefined && opened[2] !== undefined) {
      property = { name: opened[2], depth: opened[1].length };
      continue;
    }
    const listed = ENUM.exec(line);
    if (listed?.[1] === undefined || listed[2] === undefined || property === undefined) continue;
    const values = [...listed[2].matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? '');
    const properties = found.get(definition) ?? new Map<string, { values: readonly string[]; items: boolean }>();
    found.set(definition, properties.set(property.name, { values, items: listed[1].length > property.depth + 2 }));
  }
  return found;
}
