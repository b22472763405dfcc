import type { PutRuleCommandInput, Target } from '@aws-sdk/client-eventbridge';
import type { CreateScheduleCommandInput } from '@aws-sdk/client-scheduler';
import type { Mark } from '../../../report/fidelity.js';
import type { ScheduleInput } from '../../input.js';
import { scheduledCall } from '../../scheduled-call.js';
import { memberOf, type SourceNode, stringOf, toPlain } from '../../source/source-node.js';
import { expressionFindings } from '../schedule-findings.js';
import {
  clusterNameOf,
  idsOf,
  knownText,
  type Reading,
  renamed,
  withMembers,
  without,
  writtenText,
} from './reading.js';
import type { Resource } from './template.js';

/** `AWS::Events::Rule` names two fields of its ECS targets otherwise than `PutTargets`. */
const TARGET_NAMES = new Map([
  ['PlacementStrategies', 'PlacementStrategy'],
  ['TagList', 'Tags'],
]);

const EVENT_RULE: Mark = {
  fidelity: 'none',
  kubernetes: [],
  lost: 'starts tasks when an event matches, which nothing in Kubernetes hears of; only rules with a schedule are carried',
  todo: 'let the rule write to an SQS queue, and start jobs from it with a KEDA ScaledJob or an Argo Events sensor',
};

const OTHER_TARGET: Mark = {
  fidelity: 'none',
  kubernetes: [],
  lost: 'a target of the rule that is no ECS task; it stays in CloudFormation',
  todo: 'keep the rule for this target',
};

/**
 * Reads an `AWS::Events::Rule` that starts ECS tasks by the clock: one item for each of its ECS targets.
 *
 * @returns false when none of its targets is an ECS task
 */
export function readRule(resource: Resource, reading: Reading): boolean {
  const properties = reading.properties(resource);
  const targets = memberOf(properties, 'Targets');
  const items = targets?.kind === 'array' ? targets.items : [];
  const ecsTargets = items.filter(startsTask);
  if (ecsTargets.length === 0) return false;
  if (memberOf(properties, 'ScheduleExpression') === undefined) {
    reading.input.ledger.collapse(resource.node, EVENT_RULE);
    return true;
  }
  const request = withPatternText(without(properties, 'Targets'), reading);
  const rule = reading.tree<PutRuleCommandInput>(request, 'eventbridge.PutRuleRequest', reading.path(resource));
  const name = rule.field.get('Name');
  const ruleName = knownText(name) ?? resource.id;
  for (const [index, item] of items.entries()) {
    if (!startsTask(item)) {
      reading.mark(item, OTHER_TARGET);
      continue;
    }
    const target = reading.tree<Target>(
      withApiNames(item),
      'eventbridge.Target',
      reading.path(resource, `Targets[${index}]`),
    );
    const id = knownText(target.field.get('Id')) ?? String(index);
    const schedule: ScheduleInput = {
      kind: 'rule',
      document: reading.document.path,
      ids: idsOf(resource.id, writtenText(name)),
      name: ecsTargets.length > 1 ? `${ruleName}-${id}` : ruleName,
      rule: rule.field,
      target: target.field,
      diagnostics: [
        ...rule.diagnostics,
        ...target.diagnostics,
        ...expressionFindings(rule.field.get('ScheduleExpression'), undefined),
      ],
    };
    reading.input.schedules.push(withCall(schedule));
  }
  return true;
}

/**
 * Reads an `AWS::Scheduler::Schedule` that starts ECS tasks.
 *
 * @returns false when its target is no ECS task
 */
export function readSchedule(resource: Resource, reading: Reading): boolean {
  const properties = reading.properties(resource);
  const target = memberOf(properties, 'Target');
  if (target === undefined || !startsTask(target)) return false;
  const structure = 'scheduler.CreateScheduleInput';
  const { field, diagnostics } = reading.tree<CreateScheduleCommandInput>(
    properties,
    structure,
    reading.path(resource),
  );
  const name = field.get('Name');
  const schedule: ScheduleInput = {
    kind: 'schedule',
    document: reading.document.path,
    ids: idsOf(resource.id, writtenText(name)),
    name: knownText(name) ?? resource.id,
    schedule: field,
    diagnostics: [
      ...diagnostics,
      ...expressionFindings(field.get('ScheduleExpression'), field.get('ScheduleExpressionTimezone')),
    ],
  };
  reading.input.schedules.push(withCall(schedule));
  return true;
}

/** EventBridge Scheduler's universal target calls `RunTask` with its input; others have ECS parameters. */
function startsTask(target: SourceNode): boolean {
  const universal = stringOf(memberOf(target, 'Arn'))?.endsWith(':aws-sdk:ecs:runTask') === true;
  return universal || memberOf(target, 'EcsParameters') !== undefined;
}

/** The schedule with the cluster and the task definition of the call that it makes. */
function withCall(schedule: ScheduleInput): ScheduleInput {
  const { call, diagnostics } = scheduledCall(schedule);
  const cluster = clusterNameOf(writtenText(call.get('cluster')));
  const taskDefinition = writtenText(call.get('taskDefinition'));
  return {
    ...schedule,
    ...(cluster === undefined ? {} : { cluster }),
    ...(taskDefinition === undefined ? {} : { taskDefinition }),
    diagnostics: [...schedule.diagnostics, ...diagnostics],
  };
}

function withApiNames(target: SourceNode): SourceNode {
  if (target.kind !== 'object') return target;
  return withMembers(
    target,
    target.members.map((member) =>
      member.key === 'EcsParameters' ? { ...member, value: renamed(member.value, TARGET_NAMES) } : member,
    ),
  );
}

/** CloudFormation has the event pattern as an object where `PutRule` has its JSON text. */
function withPatternText(node: SourceNode, reading: Reading): SourceNode {
  const pattern = memberOf(node, 'EventPattern');
  if (node.kind !== 'object' || pattern?.kind !== 'object') return node;
  const text = reading.derivation.scalar(JSON.stringify(toPlain(pattern)), pattern, [
    ...reading.derivation.allMissing(pattern),
  ]);
  return withMembers(
    node,
    node.members.map((member) => (member.value === pattern ? { ...member, value: text } : member)),
  );
}
