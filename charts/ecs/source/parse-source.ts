import { InputError } from '../diagnostic.js';
import { parseJson } from './parse-json.js';
import { parseYaml } from './parse-yaml.js';
import { SourceFile } from './position.js';
import type { SourceNode } from './source-node.js';

/**
 * Reads one text as JSON or YAML, by its name and, where the name does not say, by its first character.
 * A byte-order mark is dropped. `.jsonnet` is read when it is a literal without expressions.
 *
 * @returns one node a document; several only for YAML
 * @throws InputError when the text is neither
 * @example parseSource('task.json', '{"family": "web"}')
 */
export function parseSource(path: string, text: string): readonly SourceNode[] {
  const file = new SourceFile(path, text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  if (/sonnet$/i.test(path)) return parseJsonnetLiteral(file);
  if (/\.json$/i.test(path)) return [parseJson(file)];
  // Templates and standard input do not tell by their names, and files named .yaml may hold JSON: the beginning tells.
  return /^\s*(?:\/[/*]|\[|\{\s*["}])/.test(file.text) ? [parseJson(file)] : parseYaml(file);
}

/** Jsonnet without expressions is YAML's flow style: bare keys, either quotes, trailing commas. */
function parseJsonnetLiteral(file: SourceFile): readonly SourceNode[] {
  try {
    return parseYaml(file);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    const [first] = cause.diagnostics;
    throw new InputError(
      'jsonnet-expressions',
      [
        {
          severity: 'refused',
          code: 'jsonnet-expressions',
          message: 'the file has Jsonnet expressions, not only values',
          fix: 'render it first: jsonnet FILE > task-definition.json',
          position: first?.position ?? file.position(0),
        },
      ],
      { cause },
    );
  }
}
