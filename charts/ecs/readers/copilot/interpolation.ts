import { mapScalars, type SourceNode, type SourceScalar } from '../../source/source-node.js';

/**
 * Replaces `${NAME}` in every string of a manifest, as Copilot does when it deploys; `\${NAME}` stays as `${NAME}`. A name
 * without a value stays as it is written and makes the string a placeholder.
 * Source: `internal/pkg/manifest/interpolate.go` of aws/copilot-cli.
 *
 * @param valueOf value of a variable, or undefined when it is not known
 */
export function interpolate(node: SourceNode, valueOf: (name: string) => string | undefined): SourceNode {
  return mapScalars(node, (scalar) => interpolateScalar(scalar, valueOf));
}

function interpolateScalar(node: SourceScalar, valueOf: (name: string) => string | undefined): SourceNode {
  if (typeof node.value !== 'string' || !node.value.includes('${')) return node;
  const missing = new Set<string>();
  const value = node.value.replace(/(\\?)\$\{([A-Za-z_]\w*)\}/g, (written: string, escape: string, name: string) => {
    if (escape !== '') return written.slice(1);
    const known = valueOf(name);
    if (known === undefined) missing.add(name);
    return known ?? written;
  });
  if (missing.size > 0) return { ...node, value, placeholder: [...missing].join(', '), origins: [node] };
  return value === node.value ? node : { ...node, value, origins: [node] };
}
