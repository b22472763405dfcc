import type { InputDocument } from '../input.js';
import { SourceFile } from '../source/position.js';
import type { Plain, SourceMember, SourceNode } from '../source/source-node.js';

/**
 * An AWS answer as a document of the input. Its text is the answer as the AWS command line prints it: indented JSON, times in
 * ISO 8601, nothing where there is no value. Positions point into that text. It is not parsed as files are, because text in
 * an answer is never a template.
 *
 * @param path such as `aws:ecs/shop/service/web`
 * @param answer without the SDK's `$metadata`
 * @example answerDocument('aws:ecs/shop/service/web', { services: [service] })
 */
export function answerDocument(path: string, answer: object): InputDocument {
  const text = JSON.stringify(answer, null, 2);
  const file = new SourceFile(path, text);
  return { path, root: new Walk(file).node(JSON.parse(text) as Plain, 0) };
}

/** Follows the layout of `JSON.stringify` with two spaces of indentation. */
class Walk {
  private offset = 0;

  constructor(private readonly file: SourceFile) {}

  node(value: Plain, depth: number): SourceNode {
    const at = { file: this.file, offset: this.offset };
    if (isList(value)) {
      const items = value.map((item): SourceNode => {
        this.nextLine(depth + 1);
        return this.node(item, depth + 1);
      });
      this.close(items.length, depth);
      return { kind: 'array', ...at, items };
    }
    if (typeof value === 'object' && value !== null) {
      const members = Object.entries(value).map(([key, member]): SourceMember => {
        this.nextLine(depth + 1);
        const keyOffset = this.offset;
        this.offset += JSON.stringify(key).length + ': '.length;
        return { key, keyOffset, value: this.node(member, depth + 1) };
      });
      this.close(members.length, depth);
      return { kind: 'object', ...at, members };
    }
    this.offset += JSON.stringify(value).length;
    return { kind: 'scalar', ...at, value };
  }

  /** Over the opening bracket or the comma, and to where the next line begins. */
  private nextLine(depth: number): void {
    this.offset += ',\n'.length + 2 * depth;
  }

  private close(count: number, depth: number): void {
    this.offset += count === 0 ? '[]'.length : '\n'.length + 2 * depth + ']'.length;
  }
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}
