import { basename } from 'node:path';
import { isArn, parseTaskDefinitionName } from '../arn.js';
import type { EcsInput, InputDocument, Reader } from '../input.js';
import type { TaskDefinition } from '../model/ahead-of-sdk.js';
import { memberOfAnyCase, type SourceNode, stringOf } from '../source/source-node.js';
import { treeOf } from '../tree.js';

/**
 * Task definitions: the input of `register-task-definition` (also the console's JSON tab and the GitHub action's file)
 * and the output of `describe-task-definition`, whose wrapper holds the tags. Lists of either are read too.
 */
export const taskDefinitionReader: Reader = {
  form: 'task definition',
  recognizes: ({ root }) => definitionsIn(root).length > 0,
  read(document, input) {
    for (const node of definitionsIn(document.root)) readOne(document, node, input);
  },
};

function definitionsIn(root: SourceNode): readonly SourceNode[] {
  const list = memberOfAnyCase(root, 'taskDefinitions') ?? root;
  if (list.kind === 'array') return list.items.filter(isWrapper);
  return isWrapper(root) ? [root] : [];
}

function isWrapper(node: SourceNode): boolean {
  return isDefinition(node) || isDefinition(memberOfAnyCase(node, 'taskDefinition'));
}

function isDefinition(node: SourceNode | undefined): boolean {
  return memberOfAnyCase(node, 'containerDefinitions') !== undefined;
}

function readOne(document: InputDocument, node: SourceNode, input: EcsInput): void {
  const inner = memberOfAnyCase(node, 'taskDefinition');
  const body = inner !== undefined && isDefinition(inner) ? withTags(inner, node) : node;
  const { field, diagnostics } = treeOf<TaskDefinition>(input.ledger, body, 'ecs.RegisterTaskDefinitionRequest', {
    describedBy: 'ecs.TaskDefinition',
  });
  const arn = stringOf(memberOfAnyCase(body, 'taskDefinitionArn'));
  const named = arn !== undefined && isArn(arn) ? parseTaskDefinitionName(arn) : undefined;
  const family = field.get('family').value ?? named?.family ?? nameOfFile(document.path);
  input.taskDefinitions.push({
    document: document.path,
    ids: [
      ...(arn === undefined ? [] : [arn]),
      family,
      ...(named?.revision === undefined ? [] : [`${family}:${named.revision}`]),
    ],
    family,
    ...(named?.revision === undefined ? {} : { revision: named.revision }),
    definition: field,
    diagnostics: field.get('family').exists ? diagnostics : [...diagnostics, unnamed(document, family)],
  });
}

/** `describe-task-definition` answers the tags beside the definition; registering wants them inside. */
function withTags(definition: SourceNode, wrapper: SourceNode): SourceNode {
  if (definition.kind !== 'object' || wrapper.kind !== 'object') return definition;
  const tags = wrapper.members.filter((member) => member.key.toLowerCase() === 'tags');
  return { ...definition, members: [...definition.members, ...tags] };
}

/** A name for a task definition that has none: its file's, which is how such files are told apart. */
export function nameOfFile(path: string): string {
  return basename(path)
    .replace(/\.(json|ya?ml|jsonnet)$/i, '')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .slice(-64);
}

function unnamed(document: InputDocument, family: string): EcsInput['diagnostics'][number] {
  return {
    severity: 'warning',
    code: 'missing-family',
    message: `no family is given; ${JSON.stringify(family)} is taken from the file's name`,
    fix: 'add "family"',
    position: document.root.file.position(document.root.offset),
  };
}
