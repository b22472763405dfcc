import type { ContainerOverride, TaskOverride } from '@aws-sdk/client-ecs';
import type { Diagnostic } from '../ecs/diagnostic.js';
import { Field } from '../ecs/field.js';
import type { TaskDefinition } from '../ecs/model/ahead-of-sdk.js';
import { memberOf, type SourceNode, stringOf } from '../ecs/source/source-node.js';
import { treeOf } from '../ecs/tree.js';
import type { Ledger } from '../report/ledger.js';

/** A task definition as one call runs it. */
export interface OverriddenDefinition {
  readonly definition: Field<TaskDefinition>;
  /** What ECS would refuse of the overrides. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Fields of a container that an override replaces; `environment` is merged instead. */
const REPLACED = ['command', 'environmentFiles', 'cpu', 'memory', 'memoryReservation', 'resourceRequirements'] as const;
const TASK_LEVEL = ['cpu', 'memory', 'taskRoleArn', 'executionRoleArn', 'ephemeralStorage'] as const;

/**
 * The task definition with a call's overrides in the place of what they override, so that every translation reads and
 * marks what really runs, in the document where it stands. What is overridden is marked as such.
 *
 * As ECS has it: `environment` is merged by name, lists are replaced whole, and an empty list overrides nothing.
 *
 * Source: ECS API reference, `TaskOverride` and `ContainerOverride`.
 *
 * @param overrides a `TaskOverride`, or a node of that shape that has not been read as one yet
 * @example overriddenDefinition(ledger, definition, call.get('overrides')).definition.get('cpu').value // '512'
 */
export function overriddenDefinition(
  ledger: Ledger,
  definition: Field<TaskDefinition>,
  overrides: SourceNode | Field<TaskOverride>,
): OverriddenDefinition {
  const tree =
    overrides instanceof Field
      ? { field: overrides, diagnostics: [] }
      : treeOf<TaskOverride>(ledger, overrides, 'ecs.TaskOverride');
  const { node } = definition;
  if (node === undefined || !tree.field.exists) return { definition, diagnostics: tree.diagnostics };
  const pass = new Pass(ledger);
  const members = new Map<string, SourceNode>();
  for (const key of TASK_LEVEL) {
    const replacement = pass.replacement(tree.field.get(key));
    if (replacement !== undefined) members.set(key, replacement);
  }
  const containers = pass.containers(definition, tree.field);
  if (containers !== undefined) members.set('containerDefinitions', containers);
  tree.field
    .get('inferenceAcceleratorOverrides')
    .none('Elastic Inference has been discontinued by AWS', 'use GPU or Neuron instances');
  const overridden = members.size === 0 ? definition : Field.root<TaskDefinition>(ledger, pass.replaced(node, members));
  return { definition: overridden, diagnostics: [...tree.diagnostics, ...pass.diagnostics] };
}

class Pass {
  readonly diagnostics: Diagnostic[] = [];

  constructor(private readonly ledger: Ledger) {}

  /** The container list with each override in its container; undefined when nothing is overridden. */
  containers(definition: Field<TaskDefinition>, overrides: Field<TaskOverride>): SourceNode | undefined {
    const list = definition.get('containerDefinitions').node;
    if (list?.kind !== 'array') return undefined;
    const items = [...list.items];
    for (const override of overrides.get('containerOverrides').items()) {
      const name = override.get('name');
      const index = items.findIndex((item) => stringOf(memberOf(item, 'name')) === name.value);
      const container = items[index];
      if (name.value === undefined || container === undefined) this.refuse(override, name);
      else {
        name.same('Container.name', 'says which container is overridden');
        items[index] = this.container(container, override);
      }
    }
    const changed = items.some((item, index) => item !== list.items[index]);
    return changed ? { ...list, items, origins: [list] } : undefined;
  }

  private container(container: SourceNode, override: Field<ContainerOverride>): SourceNode {
    const members = new Map<string, SourceNode>();
    for (const key of REPLACED) {
      const replacement = this.replacement(override.get(key));
      if (replacement !== undefined) members.set(key, replacement);
    }
    const environment = this.environment(memberOf(container, 'environment'), override.get('environment').node);
    if (environment !== undefined) members.set('environment', environment);
    return members.size === 0 ? container : this.replaced(container, members);
  }

  /** The definition's variables that the override does not name, then the override's. */
  private environment(original: SourceNode | undefined, override: SourceNode | undefined): SourceNode | undefined {
    if (override?.kind !== 'array' || override.items.length === 0) return undefined;
    if (original?.kind !== 'array') return override;
    const names = new Set(override.items.map((item) => stringOf(memberOf(item, 'name'))));
    const kept = original.items.filter((item) => {
      const name = stringOf(memberOf(item, 'name'));
      if (name === undefined || !names.has(name)) return true;
      this.markOverridden(item);
      return false;
    });
    return { kind: 'array', file: override.file, offset: override.offset, items: [...kept, ...override.items] };
  }

  /** What an override puts in the place of a field, when it says anything. */
  replacement<T>(field: Field<T>): SourceNode | undefined {
    const { node } = field;
    if (!field.exists && field.placeholder !== undefined) {
      const todo = 'give the value, for example with --parameter NAME=VALUE, and port again';
      field.near([], `the value of ${field.placeholder} is not known; the task definition's own is used`, todo);
    }
    if (!field.exists || (node?.kind === 'array' && node.items.length === 0)) return undefined;
    return node;
  }

  /** An object with other members; of the old ones under the same keys it is said that they are overridden. */
  replaced(node: SourceNode, members: ReadonlyMap<string, SourceNode>): SourceNode {
    if (node.kind !== 'object') return node;
    const kept = node.members.filter((member) => !members.has(member.key));
    for (const { key, value } of node.members) {
      const merged = key === 'containerDefinitions' || key === 'environment';
      if (members.has(key) && !merged) this.markOverridden(value);
    }
    const added = [...members].map(([key, value]) => ({ key, keyOffset: value.offset, value }));
    return { ...node, members: [...kept, ...added], origins: [node] };
  }

  private markOverridden(node: SourceNode): void {
    this.ledger.mark(node, { fidelity: 'same', kubernetes: [], lost: 'overridden by the call that runs the task' });
  }

  private refuse(override: Field<ContainerOverride>, name: Field<string>): void {
    const given = name.value;
    const message =
      given === undefined
        ? 'a container override names no container'
        : `Override for container named ${given} is not a container in the TaskDefinition`;
    override.none(message);
    const { position } = given === undefined ? override : name;
    if (position === undefined) return;
    const code = 'unknown-container';
    const fix = 'name a container of the task definition';
    this.diagnostics.push({ severity: 'refused', code, message, fix, path: override.path, position });
  }
}
