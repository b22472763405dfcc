import type { SourceNode } from '../../source/source-node.js';
import { made, textOf } from '../derived/nodes.js';
import type { Project } from './project.js';

const EXPONENTS: ReadonlyMap<string, number> = new Map([
  ['', 0],
  ['k', 1],
  ['m', 2],
  ['g', 3],
  ['t', 4],
]);

const MEBIBYTE = 1024 ** 2;

/**
 * Bytes of a size as compose writes it: a number of bytes, or one with a unit of 1024 steps. Undefined when it is none.
 * Source: Compose specification, "Specifying byte values"; docker/go-units `RAMInBytes`.
 *
 * @example bytesOf('512m') // 536870912
 */
export function bytesOf(text: string): number | undefined {
  const match = /^\s*(\d{1,18}(?:\.\d{1,9})?)\s*([kmgt]?)(?:i?b)?\s*$/i.exec(text);
  const exponent = EXPONENTS.get(match?.[2]?.toLowerCase() ?? '');
  if (match === null || exponent === undefined) return undefined;
  return Math.floor(Number(match[1]) * 1024 ** exponent);
}

/** Whole MiB of a size, accounted to its node; undefined for less than one, which ecs-cli takes as not set. */
export function mebibytes(project: Project, node: SourceNode | undefined): SourceNode | undefined {
  if (node === undefined) return undefined;
  if (node.kind === 'scalar' && node.placeholder !== undefined) return node;
  const bytes = bytesOf(textOf(node) ?? '');
  if (bytes === undefined) {
    project.reject(node, 'a size is a number of bytes, or has a unit such as 512m or 1g');
    return undefined;
  }
  const whole = Math.floor(bytes / MEBIBYTE);
  if (whole > 0) return made(whole, node);
  if (bytes > 0)
    project.say(
      'warning',
      'invalid-value',
      node,
      `${bytes} bytes are less than 1 MiB and count as not set`,
      undefined,
      'a number counts bytes: write 512m for MiB',
    );
  project.coverage.none(node, bytes === 0 ? '0 stands for no limit' : 'less than 1 MiB counts as not set');
  return undefined;
}
