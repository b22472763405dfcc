import {
  memberOf,
  type SourceMember,
  type SourceNode,
  type SourceObject,
  type SourceScalar,
} from '../../source/source-node.js';

type Value = string | number | boolean | null;

/**
 * A scalar that stands for raw nodes in another form: seconds for `1m30s`, one port of `8000-8005`. What becomes of it is
 * accounted to them. A text that still holds a placeholder's expression is a placeholder too.
 */
export function made(value: Value, ...origins: readonly [SourceNode, ...SourceNode[]]): SourceScalar {
  const [first] = origins;
  const scalar: SourceScalar = { kind: 'scalar', file: first.file, offset: first.offset, value, origins };
  const placeholder = first.kind === 'scalar' ? first.placeholder : undefined;
  const unknown = placeholder !== undefined && typeof value === 'string' && value.includes('${');
  return unknown ? { ...scalar, placeholder } : scalar;
}

/** A scalar that the input does not hold: a default of the tool that reads it. Accounted to nothing, placed at `where`. */
export function implied(value: Value, where: SourceNode): SourceScalar {
  return { kind: 'scalar', file: where.file, offset: where.offset, value };
}

/** An object of derived members, placed at `where`; members without a value are left out. */
export function object(
  where: SourceNode,
  members: readonly (readonly [string, SourceNode | undefined])[],
): SourceObject {
  const { file, offset } = where;
  const present = members.flatMap(([key, value]): SourceMember[] =>
    value === undefined ? [] : [{ key, keyOffset: value.offset, value }],
  );
  return { kind: 'object', file, offset, members: present };
}

/** A list of derived items, placed at `where`; undefined when there are none, as most ECS lists may not be empty. */
export function list(where: SourceNode, items: readonly (SourceNode | undefined)[]): SourceNode | undefined {
  const present = items.filter((item) => item !== undefined);
  return present.length === 0 ? undefined : { kind: 'array', file: where.file, offset: where.offset, items: present };
}

/** The key of a member as a node, placed where the key stands. */
export function keyNode(member: SourceMember): SourceScalar {
  return { kind: 'scalar', file: member.value.file, offset: member.keyOffset, value: member.key };
}

/** The members of an object, each key once with its last value; none for anything else. */
export function membersOf(node: SourceNode | undefined): readonly SourceMember[] {
  if (node?.kind !== 'object') return [];
  return [...new Map(node.members.map((member) => [member.key, member])).values()];
}

/** The items of a list; none for anything else. */
export function itemsOf(node: SourceNode | undefined): readonly SourceNode[] {
  return node?.kind === 'array' ? node.items : [];
}

/** The node at a path of keys, or undefined; null counts as absent. */
export function at(node: SourceNode | undefined, ...keys: readonly string[]): SourceNode | undefined {
  let current = node;
  for (const key of keys) current = memberOf(current, key);
  return current?.kind === 'scalar' && current.value === null && current.placeholder === undefined
    ? undefined
    : current;
}

/** The boolean of a scalar, or undefined; `"true"` counts, as YAML writers quote freely. */
export function booleanOf(node: SourceNode | undefined): boolean | undefined {
  if (node?.kind !== 'scalar') return undefined;
  if (typeof node.value === 'boolean') return node.value;
  return node.value === 'true' ? true : node.value === 'false' ? false : undefined;
}

/** The number of a scalar, or undefined; decimal text counts. */
export function numberOf(node: SourceNode | undefined): number | undefined {
  if (node?.kind !== 'scalar') return undefined;
  if (typeof node.value === 'number') return Number.isFinite(node.value) ? node.value : undefined;
  return typeof node.value === 'string' && /^\s*[+-]?\d{1,15}(\.\d{1,15})?\s*$/.test(node.value)
    ? Number(node.value)
    : undefined;
}

/**
 * A scalar as the text that stands in the file: `1.10` stays `1.10` where its number is 1.1, since tools that want a string
 * take it as written. Null is the empty text; lists and objects have none.
 */
export function textOf(node: SourceNode | undefined): string | undefined {
  if (node?.kind !== 'scalar') return undefined;
  if (typeof node.value === 'string') return node.value;
  if (node.value === null) return '';
  const written =
    node.origins === undefined ? /^[-+.\w]+/.exec(node.file.text.slice(node.offset, node.offset + 64))?.[0] : undefined;
  const means =
    written === undefined ? undefined : typeof node.value === 'number' ? Number(written) : written.toLowerCase();
  return written !== undefined && String(means) === String(node.value) ? written : String(node.value);
}

/** A scalar node as a string node; the node itself when it is one. */
export function asText(node: SourceNode | undefined): SourceNode | undefined {
  const text = textOf(node);
  if (node === undefined || text === undefined) return undefined;
  return node.kind === 'scalar' && node.value === text ? node : made(text, node);
}

/** A map whose values are texts, as they are written; the node itself when it is no map. */
export function textMap(node: SourceNode | undefined): SourceNode | undefined {
  if (node?.kind !== 'object') return node;
  const members = node.members.map((member) => ({ ...member, value: asText(member.value) ?? member.value }));
  return members.every(({ value }, index) => value === node.members[index]?.value)
    ? node
    : { ...node, members, origins: [node] };
}

/**
 * The nodes of the documents that a derived leaf is accounted to. Follows the ledger's rule: origins of origins to the
 * first node without any, and then all leaves below it.
 */
export function* documentLeavesOf(node: SourceNode): Generator<SourceNode> {
  if (node.kind === 'array' && node.items.length > 0) {
    for (const item of node.items) yield* documentLeavesOf(item);
  } else if (node.kind === 'object' && node.members.length > 0) {
    for (const member of node.members) yield* documentLeavesOf(member.value);
  } else yield* originLeavesOf(node);
}

function* originLeavesOf(node: SourceNode): Generator<SourceNode> {
  if (node.origins !== undefined && node.origins.length > 0) {
    for (const origin of node.origins) yield* originLeavesOf(origin);
  } else if (node.kind === 'array' && node.items.length > 0) {
    for (const item of node.items) yield* originLeavesOf(item);
  } else if (node.kind === 'object' && node.members.length > 0) {
    for (const member of node.members) yield* originLeavesOf(member.value);
  } else yield node;
}
