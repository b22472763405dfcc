import { type Diagnostic, InputError } from './diagnostic.js';
import type { Field } from './field.js';
import type { RunTaskInput, ScheduleInput } from './input.js';
import type { RunTask } from './model/ahead-of-sdk.js';
import { parseJson } from './source/parse-json.js';
import { SourceFile } from './source/position.js';
import { memberOf, type SourceMember, type SourceNode, stringOf } from './source/source-node.js';
import { treeOf } from './tree.js';

/** The `RunTask` call that a schedule makes. */
export interface ScheduledCall {
  readonly call: Field<RunTask>;
  /** What is wrong with the target's input. */
  readonly diagnostics: readonly Diagnostic[];
}

/** `EcsParameters`' fields by `RunTask`'s names; the two differ in letter case, which reading makes up for, and in these. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['TaskDefinitionArn', 'taskDefinition'],
  ['TaskCount', 'count'],
  ['LaunchType', 'launchType'],
  ['NetworkConfiguration', 'networkConfiguration'],
  ['PlatformVersion', 'platformVersion'],
  ['Group', 'group'],
  ['CapacityProviderStrategy', 'capacityProviderStrategy'],
  ['EnableECSManagedTags', 'enableECSManagedTags'],
  ['EnableExecuteCommand', 'enableExecuteCommand'],
  ['PlacementConstraints', 'placementConstraints'],
  ['PlacementStrategy', 'placementStrategy'],
  ['PropagateTags', 'propagateTags'],
  ['ReferenceId', 'referenceId'],
  ['Tags', 'tags'],
]);

/**
 * The call that EventBridge makes to ECS when the schedule is due: the target's parameters in `RunTask`'s words, and the
 * overrides that its constant input holds as JSON text. Marks on the call are marks on the target; those on anything in
 * the input's text count for the whole text, the least faithful one.
 *
 * EventBridge Scheduler's universal target (`…:aws-sdk:ecs:runTask`) has the whole call in its input.
 *
 * @example scheduledCall(schedule).call.get('count').value // EcsParameters.TaskCount
 */
export function scheduledCall(schedule: ScheduleInput): ScheduledCall {
  const [target, root] =
    schedule.kind === 'rule' ? [schedule.target, schedule.rule] : [schedule.schedule.get('Target'), schedule.schedule];
  const input = schedule.kind === 'rule' ? schedule.target.get('Input') : schedule.schedule.get('Target').get('Input');
  const { ledger } = root;
  const { text, diagnostics } = parseInput(input);
  const arn = memberOf(target.node, 'Arn');
  if (text !== undefined && /:aws-sdk:ecs:runTask$/i.test(stringOf(arn) ?? '')) {
    const tree = treeOf<RunTask>(ledger, text, 'ecs.RunTaskRequest', { path: 'Input' });
    return { call: tree.field, diagnostics: [...diagnostics, ...tree.diagnostics] };
  }
  const members: SourceMember[] = arn === undefined ? [] : [{ key: 'cluster', keyOffset: arn.offset, value: arn }];
  const parameters = memberOf(target.node, 'EcsParameters');
  for (const member of parameters?.kind === 'object' ? parameters.members : []) {
    const key = NAMES.get(member.key);
    if (key !== undefined) members.push({ ...member, key });
  }
  if (text !== undefined) members.push({ key: 'overrides', keyOffset: text.offset, value: text });
  const { file, offset } = target.node ?? root.node ?? { file: new SourceFile(schedule.document, ''), offset: 0 };
  const tree = treeOf<RunTask>(ledger, { kind: 'object', file, offset, members }, 'ecs.RunTaskRequest');
  // Of the parameters the reader has spoken already; only the text has not been judged before.
  const inText = tree.diagnostics.filter(({ path }) => path?.startsWith('overrides') === true);
  return { call: tree.field, diagnostics: [...diagnostics, ...inText] };
}

/**
 * {@link scheduledCall} as an item of the input, for a workload to hold beside its schedule: what shapes pods by a
 * `RunTask` call (placement, capacity, volumes, overrides) then shapes those of the schedule too.
 */
export function scheduledRunTask(schedule: ScheduleInput): RunTaskInput {
  const { document, name, cluster, taskDefinition, diagnostics } = schedule;
  return {
    document,
    ids: [],
    name,
    ...(cluster === undefined ? {} : { cluster }),
    ...(taskDefinition === undefined ? {} : { taskDefinition }),
    definition: scheduledCall(schedule).call,
    diagnostics,
  };
}

/** The JSON in the target's constant input, each part of it derived from the string that holds it. */
function parseInput(input: Field<string>): { readonly text?: SourceNode; readonly diagnostics: readonly Diagnostic[] } {
  const { value, node, position } = input;
  if (value === undefined || value.trim() === '' || node === undefined || position === undefined)
    return { diagnostics: [] };
  const wrong = (what: string): { diagnostics: readonly Diagnostic[] } => ({
    diagnostics: [
      {
        severity: input.placeholder === undefined ? 'refused' : 'warning',
        code: 'invalid-input',
        message: `the input of an ECS target is the JSON of its overrides; this is ${what}`,
        fix: 'write {"containerOverrides": [{"name": …}]}',
        path: input.path,
        position,
      },
    ],
  });
  try {
    const parsed = parseJson(new SourceFile(node.file.path, value));
    return parsed.kind === 'object' ? { text: derived(parsed, node), diagnostics: [] } : wrong('no object');
  } catch (error) {
    if (error instanceof InputError) return wrong('not JSON');
    throw error;
  }
}

/** The same tree, at the place of the string that it was read from. */
function derived(node: SourceNode, from: SourceNode): SourceNode {
  const { file, offset } = from;
  const at = { file, offset, origins: [from] };
  if (node.kind === 'scalar') return { ...node, ...at };
  if (node.kind === 'array') return { ...at, kind: 'array', items: node.items.map((item) => derived(item, from)) };
  const members = node.members.map(({ key, value }) => ({ key, keyOffset: offset, value: derived(value, from) }));
  return { ...at, kind: 'object', members };
}
