import type { InputDocument, Reader } from '../input.js';
import type { TaskDefinition } from '../model/ahead-of-sdk.js';
import { memberOfAnyCase, type SourceNode } from '../source/source-node.js';
import { treeOf } from '../tree.js';
import { nameOfFile } from './task-definition.js';

/**
 * A bare array of container definitions, as Terraform's `container_definitions` takes it, or one container definition.
 * Family, roles, network mode and task size are elsewhere, so the file's name stands for the family and ECS's defaults
 * for the rest.
 */
export const containerDefinitionsReader: Reader = {
  form: 'container definitions',
  recognizes: ({ root }) =>
    root.kind === 'array' ? root.items.length > 0 && root.items.every(isContainer) : isContainer(root),
  read(document, input) {
    const { root } = document;
    const { file, offset } = root;
    const list: SourceNode = root.kind === 'array' ? root : { kind: 'array', file, offset, items: [root] };
    const family = nameOfFile(document.path);
    const node: SourceNode = {
      kind: 'object',
      file,
      offset,
      members: [{ key: 'containerDefinitions', keyOffset: offset, value: list }],
    };
    const { field, diagnostics } = treeOf<TaskDefinition>(input.ledger, node, 'ecs.RegisterTaskDefinitionRequest');
    input.taskDefinitions.push({
      document: document.path,
      ids: [family],
      family,
      definition: field,
      diagnostics: [...diagnostics, partOnly(document, family)],
    });
  },
};

function isContainer(node: SourceNode): boolean {
  return (
    memberOfAnyCase(node, 'image') !== undefined &&
    memberOfAnyCase(node, 'name') !== undefined &&
    memberOfAnyCase(node, 'type') === undefined
  );
}

function partOnly(
  document: InputDocument,
  family: string,
): {
  severity: 'note';
  code: string;
  message: string;
  fix: string;
  position: ReturnType<InputDocument['root']['file']['position']>;
} {
  return {
    severity: 'note',
    code: 'containers-only',
    message: `only containers are given: the family is taken from the file's name (${JSON.stringify(family)}), and roles, network mode and task size are unknown`,
    fix: 'give the whole task definition (`aws ecs describe-task-definition`) for a full port',
    position: document.root.file.position(document.root.offset),
  };
}
