import { conform } from './conform.js';
import type { Diagnostic } from './diagnostic.js';
import { Field } from './field.js';
import type { Ledger } from '../report/ledger.js';
import type { SourceNode } from './source/source-node.js';

/** A document, or a part of one, that stands in an AWS structure's shape and is ready for translation. */
export interface Tree<T> {
  readonly field: Field<T>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Conforms a node to an AWS structure and enters it in the ledger; unknown and read-only fields are marked here, so that
 * no translation has to.
 *
 * @param name structure such as `ecs.RegisterTaskDefinitionRequest`; `T` must be its type in the SDK
 * @param options.describedBy structure of the describe call, whose additional fields are read-only
 * @param options.path path prefix for messages, such as `Resources.Web.Properties`
 * @example treeOf<TaskDefinition>(ledger, root, 'ecs.RegisterTaskDefinitionRequest', { describedBy: 'ecs.TaskDefinition' })
 */
export function treeOf<T>(
  ledger: Ledger,
  node: SourceNode,
  name: string,
  options: { readonly describedBy?: string; readonly path?: string } = {},
): Tree<T> {
  const conformed = conform(node, name, options);
  for (const { node: unknown, why } of conformed.unknown) {
    ledger.mark(unknown, { fidelity: 'none', kubernetes: [], lost: `unknown field: ${why}` });
  }
  for (const readOnly of conformed.readOnly) {
    ledger.mark(readOnly, { fidelity: 'same', kubernetes: [], lost: 'read-only: says what ECS did, not what to run' });
  }
  for (const { node: refused } of conformed.refused) {
    ledger.mark(refused, { fidelity: 'none', kubernetes: [], lost: 'refused: not a value that ECS accepts here' });
  }
  for (const { node: unused, why } of conformed.unused)
    ledger.mark(unused, { fidelity: 'near', kubernetes: [], lost: why });
  return { field: Field.root<T>(ledger, conformed.node), diagnostics: conformed.diagnostics };
}
