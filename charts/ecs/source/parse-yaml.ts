import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Document,
  type Node as YamlNode,
  type Tags,
  type YAMLMap,
  type YAMLSeq,
  parseAllDocuments,
} from 'yaml';
import { InputError } from '../diagnostic.js';
import { MAXIMUM_DEPTH, tooDeep } from './parse-json.js';
import type { SourceFile } from './position.js';
import type { SourceMember, SourceNode } from './source-node.js';

/** CloudFormation's short tags and the function each stands for. Source: CloudFormation intrinsic function reference. */
const INTRINSIC_TAGS: ReadonlyMap<string, string> = new Map([
  ['!Ref', 'Ref'],
  ['!Condition', 'Condition'],
  ...[
    'And',
    'Base64',
    'Cidr',
    'Equals',
    'FindInMap',
    'GetAtt',
    'GetAZs',
    'If',
    'ImportValue',
    'Join',
    'Length',
    'Not',
    'Or',
    'Select',
    'Split',
    'Sub',
    'ToJsonString',
    'Transform',
  ].map((name): [string, string] => [`!${name}`, `Fn::${name}`]),
]);

/** Tells the YAML library that the tags are known, which spares it an error object for each use of one. */
const KNOWN_TAGS: Tags = [...INTRINSIC_TAGS.keys()].flatMap((tag) => [
  { tag, resolve: (text: string) => text },
  { tag, collection: 'seq' as const, resolve: (node: YAMLMap.Parsed | YAMLSeq.Parsed) => node },
  { tag, collection: 'map' as const, resolve: (node: YAMLMap.Parsed | YAMLSeq.Parsed) => node },
]);

/** More nodes than any real document has after its aliases are expanded; guards against alias bombs. */
const MAXIMUM_NODES = 200_000;

/**
 * Reads YAML with positions. CloudFormation's tags become the long form (`!Ref A` is read as `{Ref: A}`), aliases and
 * merge keys are expanded, and a file of several documents yields one node each.
 *
 * @throws InputError `invalid-yaml` with the line and column of the first fault
 * @example parseYaml(new SourceFile('manifest.yml', 'name: web'))[0]
 */
export function parseYaml(file: SourceFile): readonly SourceNode[] {
  // Go's and Jinja's block statements stand on lines of their own; YAML would read them as nonsense further down.
  const template = /^[ \t]*\{\{-?\s*(if|range|end|else|with|include|define|template|block)\b/m.exec(file.text);
  if (template !== null) {
    throw refusal(
      file,
      template.index,
      'the file is a template, not YAML: it holds the statement ' + JSON.stringify(template[0].trim()),
      'render the template first and port what it yields',
    );
  }
  const documents = parseAllDocuments(file.text, {
    uniqueKeys: false,
    merge: true,
    logLevel: 'silent',
    strict: false,
    prettyErrors: false,
    customTags: KNOWN_TAGS,
  });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const error = document.errors[0];
    if (error !== undefined) {
      const message = error.message.split('\n', 1)[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'unreadable';
      throw refusal(
        file,
        error.pos[0],
        `not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`,
        'correct the text, or render its template first',
      );
    }
    if (document.contents === null) return [];
    return [new Conversion(document, file).convert(document.contents, 0)];
  });
}

function refusal(file: SourceFile, offset: number, message: string, fix: string): InputError {
  return new InputError('invalid-yaml', [
    { severity: 'refused', code: 'invalid-yaml', message, fix, position: file.position(offset) },
  ]);
}

class Conversion {
  private nodes = 0;

  constructor(
    private readonly document: Document,
    private readonly file: SourceFile,
  ) {}

  convert(node: YamlNode | null | undefined, depth: number, nearOffset = 0): SourceNode {
    const file = this.file;
    const offset = node?.range?.[0] ?? nearOffset;
    if (depth > MAXIMUM_DEPTH) throw tooDeep(file, offset);
    if (++this.nodes > MAXIMUM_NODES)
      throw refusal(file, offset, `more than ${MAXIMUM_NODES} values after aliases are expanded`, 'split the file');
    if (node === null || node === undefined) return { kind: 'scalar', file, offset, value: null };
    const intrinsic = node.tag === undefined ? undefined : INTRINSIC_TAGS.get(node.tag);
    const value = this.untagged(node, offset, depth);
    if (intrinsic === undefined) return value;
    return { kind: 'object', file, offset, members: [{ key: intrinsic, keyOffset: offset, value }] };
  }

  private untagged(node: YamlNode, offset: number, depth: number): SourceNode {
    const file = this.file;
    if (isAlias(node)) return this.convert(node.resolve(this.document), depth + 1, offset);
    if (isSeq(node)) {
      return {
        kind: 'array',
        file,
        offset,
        items: node.items.map((item) => this.convert(item as YamlNode, depth + 1, offset)),
      };
    }
    if (isMap(node)) {
      const members: SourceMember[] = [];
      for (const pair of node.items) {
        if (!isPair(pair)) continue;
        const key = pair.key as YamlNode | null;
        const keyOffset = key?.range?.[0] ?? offset;
        const name = isScalar(key) ? String(key.source ?? key.value) : String(key);
        const value = this.convert(pair.value as YamlNode | null, depth + 1, keyOffset);
        if (name === '<<') members.unshift(...mergedMembers(value, new Set(members.map((member) => member.key))));
        else members.push({ key: name, keyOffset, value });
      }
      return { kind: 'object', file, offset, members };
    }
    const value = isScalar(node) ? scalarOf(node.value) : null;
    const text = isScalar(node) && typeof value === 'number' ? node.source : undefined;
    return { kind: 'scalar', file, offset, value, ...(text === undefined || text === String(value) ? {} : { text }) };
  }
}

function mergedMembers(value: SourceNode, own: ReadonlySet<string>): readonly SourceMember[] {
  const sources = value.kind === 'array' ? value.items : [value];
  return sources
    .flatMap((source) => (source.kind === 'object' ? source.members : []))
    .filter((member) => !own.has(member.key));
}

function scalarOf(value: unknown): string | number | boolean | null {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === null || value === undefined ? null : JSON.stringify(value);
}
