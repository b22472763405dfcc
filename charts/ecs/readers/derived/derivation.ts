import { rawOf } from '../../field.js';
import type { Diagnostic, Severity } from '../../diagnostic.js';
import type { EcsInput, InputDocument, ReadOptions } from '../../input.js';
import { positionOf, type SourceNode, type SourceScalar } from '../../source/source-node.js';
import type { Coverage } from './coverage.js';
import { durationSeconds } from './go-duration.js';
import { implied, made, textOf } from './nodes.js';
import { shellWords } from './shell-words.js';

/** What a reader needs at every turn while it derives ECS-shaped trees from a document of another form. */
export class Derivation {
  readonly diagnostics: Diagnostic[] = [];

  constructor(
    readonly document: InputDocument,
    readonly options: ReadOptions,
    readonly coverage: Coverage,
  ) {}

  /**
   * A value that only the account knows, such as the ARN of a target group: from `--parameter NAME=…`, else a placeholder.
   *
   * @param text what stands in the manifests while the value is not known
   * @param where the node it is placed at
   * @param origins the nodes it is accounted to; none when the reader marks them itself
   */
  parameter(name: string, text: string, where: SourceNode, ...origins: readonly SourceNode[]): SourceScalar {
    const known = this.options.parameters.get(name);
    const scalar = implied(known ?? text, where);
    const accounted = origins.length === 0 ? scalar : { ...scalar, origins };
    return known === undefined ? { ...accounted, placeholder: name } : accounted;
  }

  /**
   * Seconds of a duration such as `1m30s`, accounted to its node.
   *
   * @param whole whether fractions are cut off. @default true
   */
  seconds(node: SourceNode | undefined, whole = true): SourceNode | undefined {
    if (node === undefined || (node.kind === 'scalar' && node.placeholder !== undefined)) return node;
    const text = textOf(node);
    const seconds = text === undefined ? undefined : durationSeconds(text);
    if (seconds !== undefined) return made(whole ? Math.floor(seconds) : seconds, node);
    this.reject(node, 'a duration has a unit, such as 10s, 1m30s or 2h');
    return undefined;
  }

  /** A command, given as a list or as a line that is split by the shell's quoting rules. */
  words(node: SourceNode | undefined): SourceNode | undefined {
    if (node === undefined || node.kind === 'array') return node;
    const line = textOf(node);
    const words = line === undefined ? undefined : (jsonStrings(line) ?? shellWords(line));
    if (words === undefined) {
      this.reject(node, 'a command is a list of words, or a line whose quotes are closed');
      return undefined;
    }
    const items = words.map((word) => made(word, node));
    return { kind: 'array', file: node.file, offset: node.offset, items, origins: [node] };
  }

  /** Says that a value cannot be used and marks it so. Its text, which may be a secret, is not repeated. */
  reject(node: SourceNode, allowed: string): void {
    this.say('warning', 'invalid-value', node, `${shapeOf(node)} cannot be used here: ${allowed}`);
    this.coverage.none(node, `not usable: ${allowed}`);
  }

  say(severity: Severity, code: string, node: SourceNode, message: string, path?: string, fix?: string): void {
    const position = positionOf(rawOf(node));
    const place = path === undefined ? {} : { path };
    this.diagnostics.push({ severity, code, message, position, ...place, ...(fix === undefined ? {} : { fix }) });
  }

  /**
   * Appends each name that is missing in the derived trees, once, where it stands first.
   *
   * @param fixFor how to supply a name. @default --parameter NAME=VALUE
   */
  addPlaceholders(input: EcsInput, fixFor = (name: string): string => `--parameter ${name}=VALUE`): void {
    const seen = new Set<string>();
    for (const tree of this.coverage.trees) {
      for (const leaf of unknownLeaves(tree)) {
        for (const name of leaf.placeholder?.split(', ') ?? []) {
          if (seen.has(name)) continue;
          seen.add(name);
          const node = rawOf(leaf);
          input.placeholders.push({ name, document: node.file.path, node, fix: fixFor(name) });
        }
      }
    }
  }
}

function* unknownLeaves(node: SourceNode): Generator<SourceScalar> {
  if (node.kind === 'array') for (const item of node.items) yield* unknownLeaves(item);
  else if (node.kind === 'object') for (const member of node.members) yield* unknownLeaves(member.value);
  else if (node.placeholder !== undefined) yield node;
}

/** The strings of a JSON list in a text; undefined when it is none. */
export function jsonStrings(text: string): readonly string[] | undefined {
  if (!text.trimStart().startsWith('[')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) && parsed.every((item): item is string => typeof item === 'string')
      ? parsed
      : undefined;
  } catch {
    return undefined;
  }
}

function shapeOf(node: SourceNode): string {
  return node.kind === 'array' ? 'a list' : node.kind === 'object' ? 'a map' : `this ${typeof node.value}`;
}
