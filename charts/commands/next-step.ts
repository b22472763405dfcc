import { dirname } from 'node:path';
import type { RenderedFile } from '../render.js';

/** Beyond this, a command is clearer with a word for the rest. */
const MOST_FOLDERS = 4;

/**
 * The command that applies what was rendered: folder by folder, since a recursive one would start one-off Jobs too.
 *
 * @example applyCommand('dist', files) // 'kubectl apply --server-side -f dist -f dist/shop'
 */
export function applyCommand(out: string, files: readonly RenderedFile[]): string | undefined {
  const folders = [...new Set(files.map(({ path }) => dirname(path)))].filter((folder) => !folder.endsWith('/jobs'));
  if (folders.length === 0) return undefined;
  const named = folders
    .slice(0, MOST_FOLDERS)
    .map((folder) => ` -f ${quoted(folder === '.' ? out : `${out}/${folder}`)}`);
  return `kubectl apply --server-side${named.join('')}${folders.length > MOST_FOLDERS ? ' …' : ''}`;
}

function quoted(word: string): string {
  return /^[\w./@%+=:,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}
