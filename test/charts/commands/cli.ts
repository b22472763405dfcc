import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, jest } from '@jest/globals';

// A process of its own takes a second or more on a busy machine.
jest.setTimeout(60_000);

const PROGRAM = resolve('build/bin/tranship.js');

export interface Run {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

/** Ways to run the command line. */
export interface RunOptions {
  readonly cwd: string;
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  /** Called when the process runs, with what ends it by a signal. */
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
  /** Closes standard output at once, as `| true` does. */
  readonly closeOutput?: boolean;
}

/** Runs the built command line as a user's shell would, without what the environment says of colours. */
export async function tranship(
  words: readonly string[],
  { cwd, input = '', env = {}, onStart, closeOutput = false }: RunOptions,
): Promise<Run> {
  const { NO_COLOR: _noColor, FORCE_COLOR: _forceColor, ...inherited } = process.env;
  const child = spawn(process.execPath, [PROGRAM, ...words], { cwd, env: { ...inherited, ...env } });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  if (closeOutput) child.stdout.destroy();
  onStart?.((signal) => child.kill(signal));
  const ended = new Promise<Pick<Run, 'code' | 'signal'>>((done, failed) => {
    child.on('error', failed);
    child.on('close', (code, signal) => done({ code, signal }));
  });
  const [out, err, { code, signal }] = await Promise.all([
    closeOutput ? '' : text(child.stdout),
    text(child.stderr),
    ended,
  ]);
  return { code, signal, out, err };
}

const folders: string[] = [];

/** A folder of its own for a test, with files in it; it goes away when the tests of the file have run. */
export function folder(files: Readonly<Record<string, unknown>> = {}): string {
  const made = mkdtempSync(join(tmpdir(), 'tranship-test-'));
  folders.push(made);
  for (const [path, content] of Object.entries(files)) put(made, path, content);
  return made;
}

/** Writes one file; what is no text becomes JSON. */
export function put(root: string, path: string, content: unknown): void {
  const place = join(root, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(
    place,
    typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content, null, 2),
  );
}

/** All files below a folder, sorted, relative to it. */
export function filesIn(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

afterAll(() => {
  for (const made of folders) rmSync(made, { recursive: true, force: true });
});

/** A task definition that ports without findings. */
export function task(family: string, container: object = {}): object {
  return {
    family,
    containerDefinitions: [{ name: 'main', image: 'nginx', memory: 128, essential: true, ...container }],
  };
}

export function service(name: string, family: string, more: object = {}): object {
  return { serviceName: name, cluster: 'shop', taskDefinition: family, desiredCount: 1, ...more };
}
