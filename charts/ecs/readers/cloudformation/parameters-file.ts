import { InputError } from '../../diagnostic.js';
import type { InputDocument } from '../../input.js';
import { memberOf, positionOf, type SourceNode, stringOf } from '../../source/source-node.js';

/**
 * Reads a parameters file in any of the forms in use:
 * - a list of `{ParameterKey, ParameterValue}`, as `aws cloudformation` takes and `describe-stacks` answers it; where the
 *   answer has the `ResolvedValue` of an entry in Parameter Store, that is the value;
 * - `{Parameters: {Name: value}}`, as CodePipeline takes it, perhaps with tags and a stack policy;
 * - `{Name: value}`.
 *
 * Numbers and booleans become text, lists become text with commas. `UsePreviousValue` gives no value. Of a name given
 * twice the last value counts.
 *
 * @throws InputError `invalid-parameters` with the place of what is none of these; values are never repeated
 * @example readParametersFile({ path: 'prod.json', root }) // Map { 'ImageTag' => '1.4' } from {"ImageTag": "1.4"}
 */
export function readParametersFile(document: InputDocument): Map<string, string> {
  const { root } = document;
  if (root.kind === 'array') return fromList(root.items);
  if (root.kind !== 'object') throw refusal(root, 'a parameters file is a list or an object');
  const wrapped = memberOf(root, 'Parameters');
  return wrapped === undefined || wrapped.kind === 'scalar'
    ? fromObject(root)
    : wrapped.kind === 'array'
      ? fromList(wrapped.items)
      : fromObject(wrapped);
}

function fromList(items: readonly SourceNode[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const item of items) {
    const key = stringOf(memberOf(item, 'ParameterKey'));
    if (key === undefined || key === '') throw refusal(item, 'an entry of the list has no ParameterKey');
    const value = memberOf(item, 'ResolvedValue') ?? memberOf(item, 'ParameterValue');
    if (value !== undefined) values.set(key, textOf(key, value));
    else if (memberOf(item, 'UsePreviousValue') === undefined)
      throw refusal(item, `parameter ${key} has no ParameterValue`);
  }
  return values;
}

function fromObject(node: SourceNode): Map<string, string> {
  const members = node.kind === 'object' ? node.members : [];
  return new Map(members.map(({ key, value }) => [key, textOf(key, value)]));
}

function textOf(name: string, node: SourceNode): string {
  if (node.kind === 'array') return node.items.map((item) => textOf(name, item)).join(',');
  if (node.kind === 'scalar' && node.value !== null) return String(node.value);
  throw refusal(
    node,
    `the value of parameter ${name} is ${node.kind === 'object' ? 'an object' : 'null'}, where a text or a list is needed`,
  );
}

function refusal(node: SourceNode, message: string): InputError {
  const fix = 'write {"Name": "value"}, or [{"ParameterKey": "Name", "ParameterValue": "value"}]';
  return new InputError('invalid-parameters', [
    { severity: 'refused', code: 'invalid-parameters', message, fix, position: positionOf(node) },
  ]);
}
