import type { EcsInput, TaskDefinitionInput } from '../ecs/input.js';
import type { TaskDefinition } from '../ecs/model/ahead-of-sdk.js';
import { fromPlain, type SourceNode } from '../ecs/source/source-node.js';
import { treeOf } from '../ecs/tree.js';

/**
 * A task definition to stand in for one that the input does not hold, so that what a service, schedule or task says can
 * be translated and accounted for. Nothing is rendered from it.
 *
 * @param containers names that the item mentions; one named `main` when it mentions none
 */
export function stubDefinition(
  input: EcsInput,
  document: string,
  node: SourceNode,
  family: string,
  containers: readonly string[],
): TaskDefinitionInput {
  const names = containers.length === 0 ? ['main'] : [...new Set(containers)];
  const plain = { family, containerDefinitions: names.map((name) => ({ name, image: '${image}' })) };
  const tree = treeOf<TaskDefinition>(input.ledger, fromPlain(plain, node), 'ecs.RegisterTaskDefinitionRequest');
  return { document, ids: [], family, definition: tree.field, diagnostics: [] };
}
