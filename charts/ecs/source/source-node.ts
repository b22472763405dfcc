import type { Position, SourceFile } from './position.js';

/** A value as it stands in an input file: JSON's shapes, each with its place. */
export type SourceNode = SourceObject | SourceArray | SourceScalar;

interface Located {
  readonly file: SourceFile;
  /** Where the value starts, a UTF-16 offset into the file's text. */
  readonly offset: number;
  /**
   * The nodes this one was made from, when a reader derived it: a resolved `Ref`, a renamed key, a Copilot field.
   * What becomes of a derived node is accounted to its origins.
   */
  readonly origins?: readonly SourceNode[];
}

export interface SourceObject extends Located {
  readonly kind: 'object';
  readonly members: readonly SourceMember[];
}

export interface SourceMember {
  readonly key: string;
  readonly keyOffset: number;
  readonly value: SourceNode;
}

export interface SourceArray extends Located {
  readonly kind: 'array';
  readonly items: readonly SourceNode[];
}

export interface SourceScalar extends Located {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** Set when the value is not known from the input alone, such as an unresolved `Ref`: the name that is missing. */
  readonly placeholder?: string;
  /** A number as it is written, where that says more than its value: `1.10`, `007`. */
  readonly text?: string;
}

/** A JSON value as plain data. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

export function positionOf(node: SourceNode): Position {
  return node.file.position(node.offset);
}

/** The member of an object, or undefined when there is none or the node is no object; the last of duplicate keys counts. */
export function memberOf(node: SourceNode | undefined, key: string): SourceNode | undefined {
  if (node?.kind !== 'object') return undefined;
  const { members } = node;
  for (let index = members.length - 1; index >= 0; index--) {
    const member = members[index];
    if (member?.key === key) return member.value;
  }
  return undefined;
}

/** Like {@link memberOf}, but blind to letter case: `TaskDefinition` and `taskDefinition` are one key. */
export function memberOfAnyCase(node: SourceNode | undefined, key: string): SourceNode | undefined {
  if (node?.kind !== 'object') return undefined;
  const wanted = key.toLowerCase();
  // Every reader asks every document for its keys, so keys of another length, which most are, cost no lower-casing.
  return node.members.findLast((member) => member.key.length === key.length && member.key.toLowerCase() === wanted)
    ?.value;
}

/** The string of a scalar, or undefined. Numbers are not turned into strings. */
export function stringOf(node: SourceNode | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
}

/** The plain value of a node. Every key becomes an own property, so `__proto__` in hostile input stays data. */
export function toPlain(node: SourceNode): Plain {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'array') return node.items.map(toPlain);
  const result: Record<string, Plain> = {};
  for (const { key, value } of node.members) {
    if (key === '__proto__')
      Object.defineProperty(result, key, {
        value: toPlain(value),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    else result[key] = toPlain(value);
  }
  return result;
}

/**
 * A node for data that has no text of its own, such as an AWS API answer or a value that a reader derived.
 * Everything in it is placed at `origin`.
 */
export function fromPlain(value: unknown, origin: { readonly file: SourceFile; readonly offset: number }): SourceNode {
  const { file, offset } = origin;
  if (Array.isArray(value)) {
    return { kind: 'array', file, offset, items: value.map((item) => fromPlain(item, origin)) };
  }
  if (value instanceof Date) return { kind: 'scalar', file, offset, value: value.toISOString() };
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => ({ key, keyOffset: offset, value: fromPlain(member, origin) }));
    return { kind: 'object', file, offset, members };
  }
  const scalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  return { kind: 'scalar', file, offset, value: scalar };
}

/**
 * The node with its scalars replaced, wherever they stand in it; nodes that change list the ones they were made from.
 * A node in which nothing changes is returned as it is.
 */
export function mapScalars(node: SourceNode, replace: (scalar: SourceScalar) => SourceNode): SourceNode {
  if (node.kind === 'scalar') return replace(node);
  if (node.kind === 'array') {
    const items = node.items.map((item) => mapScalars(item, replace));
    return items.every((item, index) => item === node.items[index]) ? node : { ...node, items, origins: [node] };
  }
  const members = node.members.map((member) => {
    const value = mapScalars(member.value, replace);
    return value === member.value ? member : { ...member, value };
  });
  return members.every((member, index) => member === node.members[index])
    ? node
    : { ...node, members, origins: [node] };
}

/** The leaves below a node, in document order: scalars, and objects and arrays without content. */
export function leavesOf(node: SourceNode): readonly SourceNode[] {
  const leaves: SourceNode[] = [];
  const collect = (below: SourceNode): void => {
    if (below.kind === 'array' && below.items.length > 0) below.items.forEach(collect);
    else if (below.kind === 'object' && below.members.length > 0) for (const { value } of below.members) collect(value);
    else leaves.push(below);
  };
  collect(node);
  return leaves;
}
