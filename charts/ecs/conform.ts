import { joinPath } from '../report/ledger.js';
import type { Diagnostic } from './diagnostic.js';
import { closest } from './closest.js';
import { rawOf } from './field.js';
import { type FieldType, STRUCTURES, structure, type Structure } from './model/model.js';
import { positionOf, type SourceMember, type SourceNode } from './source/source-node.js';

/** A string that is nothing but a template expression, in the notations that deployment tools use. */
const WHOLE_PLACEHOLDER = /^(\$\{[^{}]*\}|\$+\w+\$*|<[^<>]*>|\{\{.*\}\}|%\w+%|__\w+__)$/;

/**
 * Values outside of an enumeration that ECS is known to take, and what it takes them for; null is "not given".
 * `default` is what the console writes for the platform's default network mode; App Mesh's templates write `http`.
 */
const ENUM_SYNONYMS: ReadonlyMap<string, string | null> = new Map([
  ['networkMode=default', null],
  ['protocol=http', 'tcp'],
  ['protocol=https', 'tcp'],
  ['protocol=grpc', 'tcp'],
]);

/** A document in the shape of an AWS API structure. */
export interface Conformed {
  /** API letter case, API types; fields that the structure does not have keep their place and name. */
  readonly node: SourceNode;
  readonly diagnostics: readonly Diagnostic[];
  /** Nodes of fields that the structure does not have. */
  readonly unknown: readonly { readonly node: SourceNode; readonly why: string }[];
  /** Nodes of fields that only describe calls return, such as `revision`: facts about the past. */
  readonly readOnly: readonly SourceNode[];
  /** Nodes whose value the type forbids; their value is null in {@link node}. */
  readonly refused: readonly { readonly node: SourceNode }[];
  /** Nodes without a usable value, such as a placeholder where a number is needed. */
  readonly unused: readonly { readonly node: SourceNode; readonly why: string }[];
}

/**
 * Brings a document into the shape of an AWS structure: keys in any letter case, numbers and booleans written as strings,
 * and numbers where strings are wanted are accepted; anything else that the type forbids is refused in the words of the
 * AWS command line.
 *
 * @param name the structure, such as `ecs.RegisterTaskDefinitionRequest`
 * @param options.describedBy a structure whose additional fields are what the describe call returns
 * @example conform(parseJson(file), 'ecs.RegisterTaskDefinitionRequest', { describedBy: 'ecs.TaskDefinition' })
 */
export function conform(
  node: SourceNode,
  name: string,
  options: { readonly describedBy?: string; readonly path?: string } = {},
): Conformed {
  const pass = new Pass();
  const described = options.describedBy === undefined ? undefined : structure(options.describedBy);
  const conformed = pass.structure(node, structure(name), options.path ?? '', described);
  return {
    node: conformed,
    diagnostics: pass.diagnostics,
    unknown: pass.unknown,
    readOnly: pass.readOnly,
    refused: pass.refused,
    unused: pass.unused,
  };
}

class Pass {
  readonly diagnostics: Diagnostic[] = [];
  readonly unknown: { node: SourceNode; why: string }[] = [];
  readonly readOnly: SourceNode[] = [];
  readonly refused: { node: SourceNode }[] = [];
  readonly unused: { node: SourceNode; why: string }[] = [];

  structure(node: SourceNode, shape: Structure, path: string, described?: Structure): SourceNode {
    if (node.kind !== 'object') return this.wrongType(node, path, 'an object');
    const seen = new Map<string, SourceMember>();
    let changed = false;
    const members = node.members.map((member): SourceMember => {
      const name = nameIn(shape, member.key);
      const readOnlyName = name === undefined && described !== undefined ? nameIn(described, member.key) : undefined;
      if (readOnlyName !== undefined) {
        this.readOnly.push(member.value);
        if (readOnlyName === member.key) return member;
        changed = true;
        return { ...member, key: readOnlyName };
      }
      if (name === undefined) {
        this.unknownField(member, shape, path);
        return member;
      }
      const earlier = seen.get(name);
      if (earlier !== undefined) {
        this.say(
          'warning',
          'duplicate-field',
          earlier.value,
          joinPath(path, earlier.key),
          'given twice; the last one counts',
        );
        this.unknown.push({ node: earlier.value, why: 'given twice; the last one counts' });
      }
      seen.set(name, member);
      const type = shape.fields.get(name)?.type ?? 'document';
      const value = this.value(member.value, type, path === '' ? name : `${path}.${name}`);
      if (value === member.value && name === member.key) return member;
      changed = true;
      return { key: name, keyOffset: member.keyOffset, value };
    });
    return changed ? { kind: 'object', file: node.file, offset: node.offset, members, origins: [node] } : node;
  }

  value(node: SourceNode, type: FieldType, path: string): SourceNode {
    if (node.kind === 'scalar' && (node.value === null || type === 'document')) return node;
    if (node.kind === 'scalar' && node.placeholder !== undefined)
      return this.placeholder(node, node.placeholder, type, path);
    if (
      node.kind === 'scalar' &&
      type !== 'string' &&
      typeof node.value === 'string' &&
      WHOLE_PLACEHOLDER.test(node.value)
    ) {
      return this.placeholder(node, node.value, type, path);
    }
    if (typeof type === 'string') return type === 'document' ? node : this.scalar(node, type, path);
    if ('enum' in type) return this.enumeration(node, type.enum, path);
    if ('structure' in type) return this.structure(node, structure(type.structure), path);
    if ('list' in type) {
      if (node.kind !== 'array') return this.wrongType(node, path, 'a list');
      const items = node.items.map((item, index) => this.item(item, type.list, `${path}[${index}]`));
      return items.every((item, index) => item === node.items[index]) ? node : { ...node, items, origins: [node] };
    }
    if (node.kind !== 'object') return this.wrongType(node, path, 'a map');
    const members = node.members.map((member) => {
      const value = this.value(member.value, type.map, joinPath(path, member.key));
      return value === member.value ? member : { ...member, value };
    });
    return members.every((member, index) => member === node.members[index])
      ? node
      : { ...node, members, origins: [node] };
  }

  /** A null field is as good as absent, but a null item of a list is a mistake. */
  private item(node: SourceNode, type: FieldType, path: string): SourceNode {
    if (node.kind === 'scalar' && node.value === null && node.placeholder === undefined) {
      return this.wrongType(node, path, needed(type));
    }
    return this.value(node, type, path);
  }

  private scalar(
    node: SourceNode,
    type: 'string' | 'integer' | 'double' | 'boolean' | 'timestamp',
    path: string,
  ): SourceNode {
    if (node.kind !== 'scalar') return this.wrongType(node, path, article(type));
    const value = type === 'string' && node.text !== undefined ? node.text : coerce(node.value, type);
    if (value === undefined) return this.wrongType(node, path, article(type));
    return value === node.value ? node : { ...node, value, origins: [node] };
  }

  private enumeration(node: SourceNode, allowed: readonly string[], path: string): SourceNode {
    if (node.kind !== 'scalar') return this.wrongType(node, path, 'a string');
    const given = String(node.value);
    if (allowed.includes(given)) return node;
    const match = allowed.find((value) => value.toLowerCase() === given.toLowerCase());
    if (match !== undefined) return { ...node, value: match, origins: [node] };
    const synonym = ENUM_SYNONYMS.get(`${path.replace(/^.*\./, '')}=${given.toLowerCase()}`);
    if (given === '' || synonym !== undefined) {
      this.say(
        'warning',
        'unusual-value',
        node,
        path,
        `${JSON.stringify(given)} is taken as ${synonym ?? 'not given'}; allowed are ${allowed.join(', ')}`,
      );
      return this.absent(node, synonym ?? null, 'as if it were not given');
    }
    const guess = closest(given, allowed);
    const fix = guess === undefined ? undefined : `did you mean ${guess}?`;
    this.say(
      'refused',
      'invalid-value',
      node,
      path,
      `${JSON.stringify(given)} is not one of ${allowed.join(', ')}`,
      fix,
    );
    return this.refuse(node);
  }

  private placeholder(node: SourceNode & { kind: 'scalar' }, name: string, type: FieldType, path: string): SourceNode {
    const text = type === 'string';
    const used = text ? 'it stays in the manifests' : 'it is as if it were not given';
    this.say('note', 'placeholder', node, path, `the value of ${name} is not known; ${used}`);
    return text ? node : this.absent(node, null, `the value of ${name} is not known, and ${used}`);
  }

  /** A value that is not used as it stands; without a replacement, what became of it is said here, since nobody reads it. */
  private absent(node: SourceNode & { kind: 'scalar' }, value: string | null, why: string): SourceNode {
    const replaced: SourceNode = { ...node, value, origins: [node] };
    if (value === null) this.unused.push({ node: replaced, why });
    return replaced;
  }

  private unknownField(member: SourceMember, shape: Structure, path: string): void {
    const elsewhere = ownerOf(member.key);
    const guess = closest(member.key, [...shape.fields.keys()]);
    const name = shape.name.replace(/^[^.]*\./, '');
    const why =
      guess === undefined && elsewhere !== undefined
        ? `${name} has no such field; it belongs to ${elsewhere}`
        : `${name} has no such field`;
    const fix = guess === undefined ? undefined : `did you mean ${guess}?`;
    const position = member.value.file.position(rawMemberOffset(member));
    this.diagnostics.push({
      severity: 'warning',
      code: 'unknown-field',
      message: `unknown field: ${why}`,
      path: joinPath(path, member.key),
      position,
      ...(fix === undefined ? {} : { fix }),
    });
    this.unknown.push({ node: member.value, why: fix === undefined ? why : `${why}; ${fix}` });
  }

  private wrongType(node: SourceNode, path: string, wanted: string): SourceNode {
    const given =
      node.kind === 'scalar'
        ? node.value === null
          ? 'null'
          : `${typeof node.value} ${excerpt(node.value, path)}`
        : node.kind === 'array'
          ? 'a list'
          : 'an object';
    this.say('refused', 'invalid-type', node, path, `invalid type: ${given}, where ${wanted} is needed`);
    return this.refuse(node);
  }

  private refuse(node: SourceNode): SourceNode {
    const refused: SourceNode = { kind: 'scalar', file: node.file, offset: node.offset, value: null, origins: [node] };
    this.refused.push({ node: refused });
    return refused;
  }

  private say(
    severity: Diagnostic['severity'],
    code: string,
    node: SourceNode,
    path: string,
    message: string,
    fix?: string,
  ): void {
    const position = positionOf(rawOf(node));
    this.diagnostics.push({ severity, code, message, path, position, ...(fix === undefined ? {} : { fix }) });
  }
}

/** The API name of a key in any letter case; most are written as the API has them. */
function nameIn(shape: Structure, key: string): string | undefined {
  return shape.fields.has(key) ? key : shape.names.get(key.toLowerCase());
}

function rawMemberOffset(member: SourceMember): number {
  return member.value.origins === undefined ? member.keyOffset : rawOf(member.value).offset;
}

function coerce(value: string | number | boolean | null, type: string): string | number | boolean | undefined {
  switch (type) {
    case 'boolean':
      if (typeof value === 'boolean') return value;
      return /^(true|false)$/i.test(String(value)) ? String(value).toLowerCase() === 'true' : undefined;
    case 'integer':
    case 'double': {
      if (typeof value === 'boolean' || value === null) return undefined;
      if (typeof value === 'string' && !/^\s*[+-]?\d+(\.\d+)?\s*$/.test(value)) return undefined;
      const number = Number(value);
      return Number.isFinite(number) && (type === 'double' || Number.isInteger(number)) ? number : undefined;
    }
    default:
      return String(value);
  }
}

/** Environment and option values may be secrets: their text is never repeated in a message. */
function excerpt(value: string | number | boolean | null, path: string): string {
  return /environment|options|secret|credential/i.test(path) ? '(not shown)' : JSON.stringify(value).slice(0, 60);
}

function needed(type: FieldType): string {
  if (typeof type === 'string') return article(type);
  return 'structure' in type ? 'an object' : 'enum' in type ? `one of ${type.enum.join(', ')}` : 'a value';
}

function article(type: string): string {
  return type === 'integer'
    ? 'an integer'
    : type === 'timestamp'
      ? 'a timestamp'
      : `a ${type === 'double' ? 'number' : type}`;
}

/** The task-definition or service structure that has a field of this name, if just any has. */
function ownerOf(key: string): string | undefined {
  const lower = key.toLowerCase();
  for (const candidate of STRUCTURES.values()) {
    if (candidate.name.startsWith('ecs.') && candidate.names.has(lower)) return candidate.name.slice('ecs.'.length);
  }
  return undefined;
}
