import type { SourceNode } from '../../source/source-node.js';

/**
 * Replaces `${NAME}` in every string of a manifest, as Copilot does when it deploys; `\${NAME}` stays as `${NAME}`. A name
 * without a value stays as it is written and makes the string a placeholder.
 * Source: `internal/pkg/manifest/interpolate.go` of aws/copilot-cli.
 *
 * @param valueOf value of a variable, or undefined when it is not known
 */
export function interpolate(node: SourceNode, valueOf: (name: string) => string | undefined): SourceNode {
  if (node.kind === 'array') {
    const items = node.items.map((item) => interpolate(item, valueOf));
    return items.every((item, index) => item === node.items[index]) ? node : { ...node, items, origins: [node] };
  }
  if (node.kind === 'object') {
    const members = node.members.map((member) => {
      const value = interpolate(member.value, valueOf);
      return value === member.value ? member : { ...member, value };
    });
    return members.every((member, index) => member === node.members[index])
      ? node
      : { ...node, members, origins: [node] };
  }
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
