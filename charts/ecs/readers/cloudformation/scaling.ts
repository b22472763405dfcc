import type {
  PutScalingPolicyCommandInput,
  PutScheduledActionCommandInput,
  RegisterScalableTargetCommandInput,
} from '@aws-sdk/client-application-auto-scaling';
import { memberOf, type SourceMember, type SourceNode, stringOf } from '../../source/source-node.js';
import { expressionFindings } from '../schedule-findings.js';
import { clusterNameOf, idsOf, type Reading, withMembers, without, writtenText } from './reading.js';
import type { Resource } from './template.js';

const SERVICE = 'application-auto-scaling';

/** What names the scalable target, in every request of Application Auto Scaling. */
const TARGET_KEYS = ['ServiceNamespace', 'ResourceId', 'ScalableDimension'];

/**
 * Reads an `AWS::ApplicationAutoScaling::ScalableTarget` and the scheduled actions in it.
 *
 * @returns false when what it scales is no ECS service
 */
export function readScalableTarget(resource: Resource, reading: Reading): boolean {
  const properties = reading.properties(resource);
  if (!scalesService(properties)) return false;
  const tagged = withTagMap(without(properties, 'ScheduledActions'), reading);
  const path = reading.path(resource);
  const tree = reading.tree<RegisterScalableTargetCommandInput>(
    tagged,
    `${SERVICE}.RegisterScalableTargetRequest`,
    path,
  );
  const document = reading.document.path;
  const scaled = scaledBy(properties);
  const { field: definition, diagnostics } = tree;
  reading.input.scaling.push({ document, ids: [resource.id], ...scaled, kind: 'target', definition, diagnostics });
  const actions = memberOf(properties, 'ScheduledActions');
  const target = targetMembers(properties);
  for (const [index, action] of (actions?.kind === 'array' ? actions.items : []).entries()) {
    const whole = action.kind === 'object' ? withMembers(action, [...action.members, ...target]) : action;
    const actionPath = reading.path(resource, `ScheduledActions[${index}]`);
    const { field, diagnostics: findings } = reading.tree<PutScheduledActionCommandInput>(
      whole,
      `${SERVICE}.PutScheduledActionRequest`,
      actionPath,
    );
    const ids = idsOf(writtenText(field.get('ScheduledActionName')));
    reading.input.scaling.push({
      document,
      ids,
      ...scaled,
      kind: 'scheduled-action',
      definition: field,
      diagnostics: [...findings, ...expressionFindings(field.get('Schedule'), field.get('Timezone'))],
    });
  }
  if (actions !== undefined && actions.kind !== 'array') {
    reading.mark(actions, { fidelity: 'none', kubernetes: [], lost: 'scheduled actions are a list' });
  }
  return true;
}

/**
 * Reads an `AWS::ApplicationAutoScaling::ScalingPolicy`, which names its target by the API's fields or by
 * `ScalingTargetId`.
 *
 * @returns false when what it scales is no ECS service
 */
export function readScalingPolicy(resource: Resource, reading: Reading): boolean {
  const properties = withTarget(reading.properties(resource), reading);
  if (!scalesService(properties)) return false;
  const structure = `${SERVICE}.PutScalingPolicyRequest`;
  const { field: definition, diagnostics } = reading.tree<PutScalingPolicyCommandInput>(
    properties,
    structure,
    reading.path(resource),
  );
  const ids = idsOf(resource.id, writtenText(definition.get('PolicyName')));
  const document = reading.document.path;
  reading.input.scaling.push({ document, ids, ...scaledBy(properties), kind: 'policy', definition, diagnostics });
  return true;
}

/** The policy with the three fields that name its target in place of `ScalingTargetId`. */
function withTarget(properties: SourceNode, reading: Reading): SourceNode {
  const id = memberOf(properties, 'ScalingTargetId');
  const text = stringOf(id);
  if (properties.kind !== 'object' || id === undefined || text === undefined) return properties;
  const target = reading.template.resources.get(text);
  const fromTemplate = target === undefined ? [] : targetMembers(reading.properties(target));
  const members = target === undefined ? membersOfId(text, id, reading) : fromTemplate;
  const added = members
    .filter(({ key }) => memberOf(properties, key) === undefined)
    .map((member) => ({ ...member, value: reading.derivation.copy(member.value, id) }));
  return added.length === 0
    ? properties
    : withMembers(properties, [...properties.members.filter(({ value }) => value !== id), ...added]);
}

/** The id of a scalable target is `ResourceId|ScalableDimension|ServiceNamespace`. */
function membersOfId(text: string, id: SourceNode, reading: Reading): readonly SourceMember[] {
  const [resourceId, dimension, namespace] = text.split('|');
  const member = (key: string, value: string | undefined): readonly SourceMember[] =>
    value === undefined
      ? []
      : [{ key, keyOffset: id.offset, value: reading.derivation.scalar(value, id, missingIn(value, id, reading)) }];
  return [
    ...member('ResourceId', resourceId),
    ...member('ScalableDimension', dimension),
    ...member('ServiceNamespace', namespace),
  ];
}

function missingIn(text: string, node: SourceNode, reading: Reading): ReturnType<Reading['derivation']['missingIn']> {
  return reading.derivation.missingIn(node).filter(({ name }) => text.includes(`\${${name}}`));
}

function targetMembers(properties: SourceNode): readonly SourceMember[] {
  return properties.kind === 'object' ? properties.members.filter(({ key }) => TARGET_KEYS.includes(key)) : [];
}

function scalesService(properties: SourceNode): boolean {
  const namespace = memberOf(properties, 'ServiceNamespace');
  const known = namespace?.kind === 'scalar' && namespace.placeholder === undefined ? namespace.value : undefined;
  if (known !== undefined) return known === 'ecs';
  return stringOf(memberOf(properties, 'ResourceId'))?.startsWith('service/') ?? false;
}

/** The service and its cluster from `service/CLUSTER/NAME`, whose parts may be missing or logical ids. */
function scaledBy(properties: SourceNode): { readonly service: string; readonly cluster?: string } {
  const text = stringOf(memberOf(properties, 'ResourceId')) ?? '';
  const parts = text.match(/(?:\$\{[^}]*\}|[^/])+/g) ?? [];
  const service = parts.at(-1) ?? '';
  const cluster = parts.length === 3 ? clusterNameOf(parts[1]) : undefined;
  return cluster === undefined ? { service } : { service, cluster };
}

/** CloudFormation lists tags as keys and values where `RegisterScalableTarget` has a map. */
function withTagMap(node: SourceNode, reading: Reading): SourceNode {
  const tags = memberOf(node, 'Tags');
  if (node.kind !== 'object' || tags?.kind !== 'array') return node;
  const members = tags.items.flatMap((tag): readonly SourceMember[] => {
    const key = stringOf(memberOf(tag, 'Key'));
    const value = memberOf(tag, 'Value');
    if (key !== undefined && value?.kind === 'scalar' && tag.kind === 'object') {
      const others = tag.members.map((member) => member.value).filter((other) => other !== value);
      return [{ key, keyOffset: tag.offset, value: { ...value, origins: [value, ...others] } }];
    }
    reading.mark(tag, { fidelity: 'none', kubernetes: [], lost: 'a tag has a key and a value' });
    return [];
  });
  const map: SourceNode = { kind: 'object', file: tags.file, offset: tags.offset, members, origins: [tags] };
  return withMembers(
    node,
    node.members.map((member) => (member.value === tags ? { ...member, value: map } : member)),
  );
}
