import { readFile } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { formatDiagnostic, InputError } from '../ecs/diagnostic.js';
import { readParametersFile } from '../ecs/readers/cloudformation/parameters-file.js';
import { formatPosition } from '../ecs/source/position.js';
import { parseSource } from '../ecs/source/parse-source.js';
import { CommandError, EXIT } from './exit-codes.js';

/**
 * Adds one `--parameter NAME=VALUE` to those before it; the value may hold further equals signs or be empty.
 *
 * @throws InvalidArgumentError when there is no name
 */
export function collectParameter(
  text: string,
  earlier: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write NAME=VALUE.');
  return new Map([...earlier, [text.slice(0, at), text.slice(at + 1)]]);
}

/**
 * The values of parameters: those of the files in their order, then those of the command line, the last one counts.
 *
 * @throws CommandError when a file cannot be read as parameters; values are never repeated
 */
export async function readParameters(
  files: readonly string[],
  given: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (const path of files) {
    try {
      const [root] = parseSource(path, await readFile(path, 'utf8'));
      if (root === undefined) throw new CommandError(EXIT.usage, `--parameters ${path}: the file holds nothing`);
      for (const [name, value] of readParametersFile({ path, root })) values.set(name, value);
    } catch (error) {
      if (error instanceof CommandError) throw error;
      throw new CommandError(EXIT.usage, `--parameters ${path}: ${reasonOf(error)}`, { cause: error });
    }
  }
  for (const [name, value] of given) values.set(name, value);
  return values;
}

/** Why a file gives no parameters; text of the file is not repeated, since it may be a secret. */
function reasonOf(error: unknown): string {
  const [first] = error instanceof InputError ? error.diagnostics : [];
  if (first === undefined) return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  if (first.code === 'invalid-parameters') return formatDiagnostic(first);
  return `not valid JSON or YAML at ${formatPosition(first.position)}`;
}
