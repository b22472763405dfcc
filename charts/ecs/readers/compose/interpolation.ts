import { mapScalars, type SourceNode, type SourceScalar } from '../../source/source-node.js';

/** `$$`, `$NAME`, `${NAME}` and `${NAME:-default}` with one level of braces in the default. */
const VARIABLE = /\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-?+])((?:[^{}]|\{[^{}]*\})*))?\})/g;

/**
 * Replaces variables in every string of a compose file or of `ecs-params.yml`: `$$` is a dollar sign, `${NAME:-default}`
 * and `${NAME-default}` fall back, `${NAME:+text}` stands for the text when the variable is set. The shell and the `.env`
 * file that compose would ask are not part of the input: a variable without a value and a default stays as it is written
 * and makes the string a placeholder.
 * Source: Compose specification, "Interpolation".
 *
 * @param valueOf value of a variable, or undefined when it is not known
 */
export function interpolate(node: SourceNode, valueOf: (name: string) => string | undefined): SourceNode {
  return mapScalars(node, (scalar) => interpolateScalar(scalar, valueOf));
}

function interpolateScalar(node: SourceScalar, valueOf: (name: string) => string | undefined): SourceNode {
  if (typeof node.value !== 'string' || !node.value.includes('$')) return node;
  const missing = new Set<string>();
  const value = interpolateText(node.value, valueOf, missing, 2);
  if (missing.size > 0) return { ...node, value, placeholder: [...missing].join(', '), origins: [node] };
  return value === node.value ? node : { ...node, value, origins: [node] };
}

function interpolateText(
  text: string,
  valueOf: (name: string) => string | undefined,
  missing: Set<string>,
  depth: number,
): string {
  return text.replace(VARIABLE, (written: string, bare?: string, braced?: string, operator?: string, argument = '') => {
    const name = bare ?? braced;
    if (name === undefined) return '$';
    const value = valueOf(name);
    const usable = value !== undefined && !(operator?.startsWith(':') === true && value === '');
    const words = (): string => (depth > 0 ? interpolateText(argument, valueOf, missing, depth - 1) : argument);
    if (operator?.endsWith('+') === true) return usable ? words() : '';
    if (usable) return value;
    if (operator?.endsWith('-') === true) return words();
    missing.add(name);
    return bare === undefined ? written : `\${${name}}`;
  });
}
