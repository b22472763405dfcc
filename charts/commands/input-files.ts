import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, normalize, resolve } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import type { Diagnostic } from '../ecs/diagnostic.js';

/** One input text. */
export interface FoundFile {
  /** As the user would name it. */
  readonly path: string;
  readonly text: string;
  /** Whether the user named the file itself, so that it must be ECS input, or it was found in a folder. */
  readonly named: boolean;
}

/** What a list of paths leads to. */
export interface FoundFiles {
  readonly files: readonly FoundFile[];
  /** Paths that cannot be read. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Kinds of files that ECS input is kept in. */
const READABLE = /\.(json|ya?ml|jsonnet|template)$/i;
/** Files of these names are never ECS input, though their endings fit. */
const OTHERS =
  /^(package(-lock)?|npm-shrinkwrap|tsconfig(\..+)?|jsconfig|composer|deno)\.json$|^pnpm-(lock|workspace)\.yaml$|[-.]lock\.(json|ya?ml)$/i;
/** More than any ECS input has; a text beyond it is a mistake. */
const MOST_BYTES = 256 * 2 ** 20;

/**
 * Reads files, all input files below folders, and standard input (`-`). Folders are read in the order of their names;
 * symbolic links to folders are not followed, nor are folders entered whose names begin with a dot or are `node_modules`.
 *
 * @param standardInput read for `-`
 * @param except a folder to leave out, such as the one that will be written to
 */
export async function findFiles(
  paths: readonly string[],
  standardInput: NodeJS.ReadableStream,
  except?: string,
): Promise<FoundFiles> {
  const files: FoundFile[] = [];
  const diagnostics: Diagnostic[] = [];
  const seen = new Set<string>(except === undefined ? [] : [resolve(except)]);
  const take = async (path: string, named: boolean): Promise<void> => {
    const place = resolve(path);
    if (seen.has(place)) return;
    seen.add(place);
    try {
      files.push({ path, named, text: decode(await readWhole(path)) });
    } catch (error) {
      diagnostics.push(unreadable(path, error));
    }
  };
  const walk = async (folder: string): Promise<void> => {
    let entries: readonly Dirent[];
    try {
      entries = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      diagnostics.push(unreadable(folder, error));
      return;
    }
    for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.name.startsWith('.') || seen.has(resolve(path))) continue;
      if (entry.isDirectory() && entry.name !== 'node_modules') await walk(path);
      else if (READABLE.test(entry.name) && !OTHERS.test(entry.name) && (await isFile(entry, path)))
        await take(path, false);
    }
  };
  for (const path of paths) {
    if (path === '-') {
      const text = await textOf(standardInput);
      files.push({ path: /^\s*(\/[/*]|[[{])/.test(text) ? 'stdin.json' : 'stdin.yaml', text, named: true });
      continue;
    }
    const folder = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    await (folder ? walk(normalize(path)) : take(path, true));
  }
  return { files, diagnostics };
}

async function isFile(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function readWhole(path: string): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > MOST_BYTES) throw new Error(`it has ${size} bytes, more than any ECS input`);
  return readFile(path);
}

/** Text of bytes; Windows PowerShell writes UTF-16 when the output of `aws` is redirected to a file. */
function decode(bytes: Buffer): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding, { fatal: true }).decode(bytes);
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file or folder'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['ELOOP', 'its symbolic links go round in circles'],
  ['ERR_ENCODING_INVALID_ENCODED_DATA', 'it is not text in UTF-8 or UTF-16'],
]);

function unreadable(path: string, error: unknown): Diagnostic {
  const { code = '', message = String(error) } = error as { readonly code?: string; readonly message?: string };
  return {
    severity: 'refused',
    code: 'unreadable-file',
    message: `cannot be read: ${REASONS.get(code) ?? message}`,
    ...(code === 'ENOENT' ? { fix: 'check the path' } : {}),
    position: { file: path, line: 1, column: 1 },
  };
}
