import type { PutRuleCommandInput, Target } from '@aws-sdk/client-eventbridge';
import type { CreateScheduleCommandInput } from '@aws-sdk/client-scheduler';
import { parseArn, shortName } from '../arn.js';
import type { Mark } from '../../report/fidelity.js';
import type { Diagnostic } from '../diagnostic.js';
import type { Field } from '../field.js';
import type { EcsInput, InputDocument, Reader, ReadOptions, ScheduleInput } from '../input.js';
import { scheduledCall } from '../scheduled-call.js';
import { memberOfAnyCase, positionOf, type SourceNode, stringOf } from '../source/source-node.js';
import { treeOf } from '../tree.js';
import { type RulePart, partsOf, type SchedulePart, type TargetPart, type TargetsPart } from './event-bridge-parts.js';
import { expressionFindings } from './schedule-findings.js';
import { nameOfFile } from './task-definition.js';

const READ_ONLY = { fidelity: 'same', kubernetes: [], lost: 'names the rule, or says what the call answered' } as const;

const NOT_ECS = {
  fidelity: 'same',
  kubernetes: [],
  lost: 'runs no ECS task: it stays in EventBridge as it is',
} as const;

const EVENT_RULE = {
  fidelity: 'none',
  kubernetes: [],
  lost: 'starts a task for each event of a pattern, not by the clock; Kubernetes does not hear EventBridge events',
  todo: 'send the events to an SQS queue and start jobs from it with a KEDA ScaledJob, or use an Argo Events sensor',
} as const;

/**
 * Scheduled tasks: EventBridge rules (`put-rule`, `describe-rule`, `list-rules`) with their targets (`put-targets`,
 * `list-targets-by-rule`, or beside the rule), and EventBridge Scheduler's schedules (`create-schedule`, `get-schedule`).
 * A rule and its targets may stand in two documents of one run: they are joined by the rule's name, which the output of
 * `list-targets-by-rule` lacks: there the file's name must hold it, unless the run has just one rule without targets.
 */
export const eventBridgeReader: Reader = {
  form: 'EventBridge rule or schedule',
  recognizes: ({ root }) => partsOf(root).length > 0,
  read(document, input, options) {
    for (const part of partsOf(document.root)) {
      if (part.kind === 'schedule') readSchedule(document, part, input);
      else if (part.kind === 'targets') readTargets(document, part, input, options);
      else readRule(document, part, input, options);
    }
  },
};

function readRule(document: InputDocument, part: RulePart, input: EcsInput, options: ReadOptions): void {
  markMembers(input, part.others);
  if (part.targets.length > 0) {
    emit(document, part, part.targets, input);
    return;
  }
  if (options.derived(pairRules).joined.has(placeOf(part.node))) return;
  const name = nameOf(part, document);
  if (memberOfAnyCase(part.node, 'ScheduleExpression') === undefined) {
    markObject(input, part.node, EVENT_RULE);
    return;
  }
  const fix = `add the output of: aws events list-targets-by-rule --rule ${name}`;
  input.diagnostics.push(
    warning(part.node, 'rule-without-target', `no target of rule ${JSON.stringify(name)} is given`, fix),
  );
  const lost = 'no target is given, so nothing is known to run';
  markObject(input, part.node, { fidelity: 'none', kubernetes: [], lost, todo: fix });
}

function readTargets(document: InputDocument, part: TargetsPart, input: EcsInput, options: ReadOptions): void {
  markMembers(input, part.others);
  const rule = options.derived(pairRules).ruleOf.get(placeOf(part.node));
  if (rule !== undefined) {
    emit(document, rule, part.targets, input);
    return;
  }
  const fix = `add the output of: aws events describe-rule --name ${part.rule ?? 'RULE'}`;
  input.diagnostics.push(warning(part.node, 'target-without-rule', 'the rule of these targets is not given', fix));
  for (const { node } of part.targets) {
    input.ledger.mark(node, {
      fidelity: 'none',
      kubernetes: [],
      lost: 'the rule is not given, so its schedule is unknown',
      todo: fix,
    });
  }
}

/** Appends one scheduled task for each ECS target; `document` is where the targets stand. */
function emit(document: InputDocument, part: RulePart, targets: readonly TargetPart[], input: EcsInput): void {
  const ecs = targets.filter(({ node }) => isEcsTarget(node));
  for (const { node } of targets) if (!isEcsTarget(node)) input.ledger.mark(node, NOT_ECS);
  if (ecs.length === 0) {
    markObject(input, part.node, NOT_ECS);
    return;
  }
  if (memberOfAnyCase(part.node, 'ScheduleExpression') === undefined) {
    for (const { node } of [part, ...ecs]) markObject(input, node, EVENT_RULE);
    return;
  }
  const rule = treeOf<PutRuleCommandInput>(input.ledger, part.node, 'eventbridge.PutRuleRequest', {
    describedBy: 'eventbridge.Rule',
    path: part.path,
  });
  const name = nameOf(part, document);
  const arn = stringOf(memberOfAnyCase(part.node, 'Arn'));
  for (const { node, path } of ecs) {
    const target = treeOf<Target>(input.ledger, node, 'eventbridge.Target', { path });
    const parameters = target.field.get('EcsParameters');
    const id = target.field.get('Id').value ?? '';
    const item = {
      document: document.path,
      ids: [...(arn === undefined ? [] : [arn]), name],
      name: ecs.length === 1 ? name : `${name}-${id}`,
      kind: 'rule',
      rule: rule.field,
      target: target.field,
      diagnostics: [
        ...rule.diagnostics,
        ...target.diagnostics,
        ...noTask(parameters.get('TaskDefinitionArn'), parameters.placeholder),
        ...expressionFindings(rule.field.get('ScheduleExpression'), undefined),
      ],
    } as const;
    input.schedules.push(withCall(item));
  }
}

function readSchedule(document: InputDocument, { node, path, others }: SchedulePart, input: EcsInput): void {
  markMembers(input, others);
  const inner = memberOfAnyCase(node, 'Target');
  if (inner === undefined || !isEcsTarget(inner)) {
    markObject(input, node, NOT_ECS);
    return;
  }
  const schedule = treeOf<CreateScheduleCommandInput>(input.ledger, node, 'scheduler.CreateScheduleInput', {
    describedBy: 'scheduler.GetScheduleOutput',
    path,
  });
  const { field } = schedule;
  const parameters = field.get('Target').get('EcsParameters');
  const arn = stringOf(memberOfAnyCase(node, 'Arn'));
  const name = field.get('Name').value ?? nameOfFile(document.path);
  const item = {
    document: document.path,
    ids: [...(arn === undefined ? [] : [arn]), name],
    name,
    kind: 'schedule',
    schedule: field,
    diagnostics: [
      ...schedule.diagnostics,
      ...(isUniversal(inner) ? [] : noTask(parameters.get('TaskDefinitionArn'), parameters.placeholder)),
      ...expressionFindings(field.get('ScheduleExpression'), field.get('ScheduleExpressionTimezone')),
    ],
  } as const;
  input.schedules.push(withCall(item));
}

/** The schedule with the cluster and the task definition of the call that it makes. */
function withCall(item: ScheduleInput): ScheduleInput {
  const { call, diagnostics } = scheduledCall(item);
  const cluster = call.get('cluster').value;
  const taskDefinition = call.get('taskDefinition').value;
  return {
    ...item,
    ...(cluster === undefined ? {} : { cluster: shortName(cluster) }),
    ...(taskDefinition === undefined ? {} : { taskDefinition }),
    diagnostics: [...item.diagnostics, ...diagnostics],
  };
}

/** EventBridge refuses an ECS target that does not say which task to run. */
function noTask(arn: Field<string>, unknown: string | undefined): readonly Diagnostic[] {
  const { position } = arn;
  if (arn.node !== undefined || unknown !== undefined || position === undefined) return [];
  const message = 'the ECS target names no task definition';
  const fix = 'add EcsParameters.TaskDefinitionArn';
  return [{ severity: 'refused', code: 'missing-field', message, fix, path: arn.path, position }];
}

function isEcsTarget(node: SourceNode): boolean {
  if (memberOfAnyCase(node, 'EcsParameters') !== undefined || isUniversal(node)) return true;
  return parseArn(stringOf(memberOfAnyCase(node, 'Arn')) ?? '')?.service === 'ecs';
}

/** EventBridge Scheduler's target that calls the API itself; its input is the whole RunTask call as text. */
function isUniversal(node: SourceNode): boolean {
  return /:aws-sdk:ecs:runTask$/i.test(stringOf(memberOfAnyCase(node, 'Arn')) ?? '');
}

/** Which rule each list of targets belongs to, over all documents of a run. Nodes are known by their place. */
interface Pairs {
  readonly ruleOf: ReadonlyMap<string, RulePart>;
  /** Rules that have their targets in a document of their own. */
  readonly joined: ReadonlySet<string>;
}

function pairRules(documents: readonly InputDocument[]): Pairs {
  const rules: RulePart[] = [];
  const lists: { readonly targets: TargetsPart; readonly path: string }[] = [];
  for (const { root, path } of documents) {
    for (const part of partsOf(root)) {
      if (part.kind === 'rule' && part.targets.length === 0) rules.push(part);
      else if (part.kind === 'targets') lists.push({ targets: part, path });
    }
  }
  const named = (rule: RulePart): string => stringOf(memberOfAnyCase(rule.node, 'Name')) ?? '';
  const byName = new Map(rules.toReversed().map((rule) => [named(rule), rule]));
  // `list-targets-by-rule` does not answer the rule's name; then the file's name may hold it, the longest one first.
  const longestFirst = [...byName].filter(([name]) => name !== '').sort(([a], [b]) => b.length - a.length);
  const ruleOf = new Map<string, RulePart>();
  for (const { targets, path } of lists) {
    const file = nameOfFile(path);
    const guess = (): RulePart | undefined =>
      longestFirst.find(([name]) => file.includes(name))?.[1] ?? (rules.length === 1 ? rules[0] : undefined);
    const rule = targets.rule === undefined ? guess() : byName.get(shortName(targets.rule));
    if (rule !== undefined) ruleOf.set(placeOf(targets.node), rule);
  }
  return { ruleOf, joined: new Set([...ruleOf.values()].map((rule) => placeOf(rule.node))) };
}

/** A node that was told apart twice is two objects at one place. */
function placeOf(node: SourceNode): string {
  return `${node.offset} ${node.file.path}`;
}

function nameOf(part: RulePart, document: InputDocument): string {
  return stringOf(memberOfAnyCase(part.node, 'Name')) ?? nameOfFile(document.path);
}

/** Marks all that an object holds; the object itself may be one that was made here, which the ledger does not know. */
function markObject(input: EcsInput, node: SourceNode, mark: Mark): void {
  for (const { value } of node.kind === 'object' ? node.members : []) input.ledger.mark(value, mark);
}

function markMembers(input: EcsInput, nodes: readonly SourceNode[]): void {
  for (const node of nodes) input.ledger.mark(node, READ_ONLY);
}

function warning(node: SourceNode, code: string, message: string, fix: string): Diagnostic {
  return { severity: 'warning', code, message, fix, position: positionOf(node) };
}
