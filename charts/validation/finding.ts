/** One reason why the API server would refuse a manifest, or quietly drop a part of it. */
export interface ManifestFinding {
  /** Where, as `kubectl` prints paths: `spec.template.spec.containers[0].image`; `''` is the whole object. */
  readonly path: string;
  /** What is wrong: the value, what is allowed and what to do; lower case. Values of secrets and of the environment never appear. */
  readonly message: string;
  /** `Deployment shop/web`, or `a number` and the like for what is no object at all. */
  readonly object: string;
}

/** How rules say what they found; the caller knows the object. */
export type Report = (path: string, message: string) => void;

/**
 * A step further down a path. Names that are no plain field, such as label keys, are quoted.
 *
 * @example below('metadata.labels', 'a/b') // 'metadata.labels["a/b"]'
 * @example below('', 'spec') // 'spec'
 */
export function below(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  if (!/^[A-Za-z_$][\w$]{0,80}$/.test(key)) return `${path}[${quoted(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/**
 * A value from the input, for a message: as JSON, and no longer than a line.
 *
 * @example quoted('a"b') // '"a\\"b"'
 */
export function quoted(value: unknown): string {
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, 100) : value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 97)}…${typeof value === 'string' ? '"' : ''}` : text;
}
