import { spawn } from 'node:child_process';
import { ClusterFailure } from './failure.js';

/** How a command of the host is run. */
export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Sees each line of the error output as it comes. */
  readonly onLine?: (line: string) => void;
}

/** Runs a command to its end and gives what it wrote to its standard output. */
export type Run = (command: readonly string[], options?: RunOptions) => Promise<string>;

/**
 * Runs a command of the host.
 *
 * @returns its standard output
 * @throws ClusterFailure `command-failed` with the end of its error output
 * @example await run(['ip', 'link', 'add', 'ts0', 'type', 'bridge'])
 */
export const run: Run = (command, options = {}) =>
  new Promise((resolve, reject) => {
    const [program = '', ...args] = command;
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env === undefined ? process.env : { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const tail: string[] = [];
    let rest = '';
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        options.onLine?.(line);
        tail.push(line);
      }
      tail.splice(0, tail.length - 15);
    });
    child.on('error', (cause) => {
      reject(new ClusterFailure('command-failed', `${program} does not start: ${cause.message}`, { cause }));
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(out).toString('utf8'));
      else {
        const said = [...tail, rest].join('\n').trim();
        reject(
          new ClusterFailure(
            'command-failed',
            `\`${command.join(' ').slice(0, 300)}\` ended with ${signal ?? code}: ${said}`,
          ),
        );
      }
    });
    child.stdin.on('error', () => undefined); // a command that reads no input may close it first
    child.stdin.end(options.input ?? '');
  });

/** Whether a command succeeds. */
export async function succeeds(runs: Run, command: readonly string[]): Promise<boolean> {
  try {
    await runs(command);
    return true;
  } catch {
    return false;
  }
}
