import { parseTaskDefinitionName, shortName } from '../arn.js';
import type { Diagnostic } from '../diagnostic.js';
import type { Field } from '../field.js';
import type { EcsInput, InputDocument, Reader } from '../input.js';
import type { RunTask } from '../model/ahead-of-sdk.js';
import { memberOfAnyCase, type SourceNode } from '../source/source-node.js';
import { treeOf } from '../tree.js';
import { nameOfFile } from './task-definition.js';

/** Keys that another form of input has and a RunTask call never has. */
const FOREIGN = [
  'serviceName',
  'service',
  'services',
  'serviceArn',
  'desiredCount',
  'schedulingStrategy',
  'deploymentConfiguration',
  'deploymentController',
  'loadBalancers',
  'containerDefinitions',
  'taskDefinitionArn',
  'scheduleExpression',
  'resources',
];

/** `TaskOverride`'s fields, of which an `overrides` object has at least one unless it is empty. */
const OVERRIDE_FIELDS = [
  'containerOverrides',
  'inferenceAcceleratorOverrides',
  'taskRoleArn',
  'executionRoleArn',
  'cpu',
  'memory',
  'ephemeralStorage',
];

/** Keys under which tools keep one call or several. */
const WRAPPERS = ['runTask', 'runTasks', 'runTaskRequest', 'runTaskInput', 'taskOverride', 'taskOverrides'];

/** `RunTask` takes 1 to 10 tasks a call. Source: ECS API reference, RunTask. */
const MAXIMUM_COUNT = 10;

interface Found {
  readonly node: SourceNode;
  /** Whether the node is a `TaskOverride` rather than the call that holds one. */
  readonly bare: boolean;
  readonly path: string;
}

/**
 * One-off tasks: the input of `run-task` and bare overrides (`{"containerOverrides": [...]}`, the file that
 * `run-task --overrides` takes). Lists of them and one wrapping key (`{"runTask": {...}}`) are read too.
 */
export const runTaskReader: Reader = {
  form: 'RunTask call or task overrides',
  recognizes: ({ root }) => runTasksIn(root, '').length > 0,
  read(document, input) {
    for (const found of runTasksIn(document.root, '')) readOne(document, found, input);
  },
};

/** The calls of a document; none unless all of it consists of them, so that another form is never taken for this one. */
function runTasksIn(root: SourceNode, path: string, wrapped = false): readonly Found[] {
  if (root.kind === 'array') {
    const found = root.items.flatMap((item, index) => one(item, `${path}[${index}]`) ?? []);
    return found.length === root.items.length ? found : [];
  }
  const single = one(root, path);
  if (single !== undefined) return [single];
  const [member, ...others] = root.kind === 'object' ? root.members : [];
  if (wrapped || member === undefined || others.length > 0) return [];
  const known = WRAPPERS.some((key) => key.toLowerCase() === member.key.toLowerCase());
  return known ? runTasksIn(member.value, member.key, true) : [];
}

function one(node: SourceNode, path: string): Found | undefined {
  if (node.kind !== 'object' || FOREIGN.some((key) => memberOfAnyCase(node, key) !== undefined)) return undefined;
  if (memberOfAnyCase(node, 'containerOverrides')?.kind === 'array') return { node, bare: true, path };
  const overrides = memberOfAnyCase(node, 'overrides');
  const overriding = OVERRIDE_FIELDS.some((key) => memberOfAnyCase(overrides, key) !== undefined);
  const named = memberOfAnyCase(node, 'taskDefinition')?.kind === 'scalar';
  return named || overriding ? { node, bare: false, path } : undefined;
}

function readOne(document: InputDocument, { node, bare, path }: Found, input: EcsInput): void {
  const { file, offset } = node;
  const call: SourceNode = bare
    ? { kind: 'object', file, offset, members: [{ key: 'overrides', keyOffset: offset, value: node }] }
    : node;
  const { field, diagnostics } = treeOf<RunTask>(input.ledger, call, 'ecs.RunTaskRequest', path === '' ? {} : { path });
  const cluster = field.get('cluster').value;
  const taskDefinition = field.get('taskDefinition').value;
  input.runTasks.push({
    document: document.path,
    ids: [],
    name: taskDefinition === undefined ? nameOfFile(document.path) : parseTaskDefinitionName(taskDefinition).family,
    ...(cluster === undefined ? {} : { cluster: shortName(cluster) }),
    ...(taskDefinition === undefined ? {} : { taskDefinition }),
    definition: field,
    diagnostics: [...diagnostics, ...wrongCount(field)],
  });
}

function wrongCount(call: Field<RunTask>): readonly Diagnostic[] {
  const count = call.get('count');
  const { value, position } = count;
  if (value === undefined || position === undefined || (value >= 1 && value <= MAXIMUM_COUNT)) return [];
  return [
    {
      severity: 'refused',
      code: 'invalid-value',
      message: `count is ${value}; RunTask starts 1 to ${MAXIMUM_COUNT} tasks a call`,
      fix: 'split the call',
      path: count.path,
      position,
    },
  ];
}
