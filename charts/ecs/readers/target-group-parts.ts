import { memberOfAnyCase, type SourceNode, stringOf } from '../source/source-node.js';

/** A target group, described or to be made. */
export interface GroupPart {
  readonly node: SourceNode;
  readonly path: string;
  readonly arn?: string;
  readonly name?: string;
}

/** Attributes of one target group. */
export interface AttributesPart {
  /** ARN of the target group; absent in the output of `describe-target-group-attributes`. */
  readonly arn?: string;
  readonly list: SourceNode;
  readonly items: readonly SourceNode[];
}

/** What a document holds of target groups. */
export interface TargetGroupParts {
  readonly groups: readonly GroupPart[];
  readonly attributes: readonly AttributesPart[];
  /** What stands beside them and says nothing of them. */
  readonly others: readonly SourceNode[];
}

const NOTHING: TargetGroupParts = { groups: [], attributes: [], others: [] };

/** Fields of which the input of `create-target-group` has one, and nothing else that has a name and a protocol. */
const CREATED = [
  'HealthCheckPath',
  'HealthCheckPort',
  'HealthCheckProtocol',
  'HealthCheckIntervalSeconds',
  'TargetType',
  'Matcher',
];

/** Keys of which a document has at least one. */
const TELLING = /^(TargetGroups|TargetGroupArn|Attributes|HealthCheck\w+|TargetType|Matcher)$/i;

/** Attributes that target groups have and load balancers lack. Source: ELB API, TargetGroupAttribute. */
const GROUP_ATTRIBUTE =
  /^(deregistration_delay|stickiness|slow_start|target_group_health|target_failover|target_health_state|lambda)\./;

/** What a document holds of target groups; nothing unless all of it consists of that. */
export function targetGroupPartsOf(root: SourceNode): TargetGroupParts {
  if (root.kind === 'array') {
    const groups = root.items.map((item, index) => groupOf(item, `[${index}]`));
    return groups.length > 0 && groups.every((group) => group !== undefined) ? { ...NOTHING, groups } : NOTHING;
  }
  // Every document of a run may be looked through for every other one, so most are turned away at once.
  if (root.kind !== 'object' || !root.members.some(({ key }) => TELLING.test(key))) return NOTHING;
  const list = memberOfAnyCase(root, 'TargetGroups');
  const attributes = attributesOf(root);
  if (list?.kind === 'array') {
    const groups = list.items.flatMap((item, index) => groupOf(item, `TargetGroups[${index}]`) ?? []);
    if (groups.length === 0 || groups.length < list.items.length) return NOTHING;
    return { groups, attributes, others: membersBeside(root, /^(TargetGroups|Attributes)$/i) };
  }
  if (attributes.length > 0) return { groups: [], attributes, others: membersBeside(root, /^Attributes$/i) };
  const group = groupOf(root, '');
  return group === undefined ? NOTHING : { ...NOTHING, groups: [group] };
}

function groupOf(node: SourceNode, path: string): GroupPart | undefined {
  const has = (key: string): boolean => memberOfAnyCase(node, key) !== undefined;
  const arn = stringOf(memberOfAnyCase(node, 'TargetGroupArn'));
  const described = arn !== undefined && has('TargetGroupName');
  const created = has('Name') && (has('Protocol') || has('TargetType')) && CREATED.some(has) && !has('Image');
  if (!described && !created) return undefined;
  const name = stringOf(memberOfAnyCase(node, described ? 'TargetGroupName' : 'Name'));
  return { node, path, ...(arn === undefined ? {} : { arn }), ...(name === undefined ? {} : { name }) };
}

/** One set of attributes, or none; several target groups never share one. */
function attributesOf(root: SourceNode): readonly AttributesPart[] {
  const list = memberOfAnyCase(root, 'Attributes');
  if (list?.kind !== 'array' || list.items.length === 0) return [];
  const arn = stringOf(memberOfAnyCase(root, 'TargetGroupArn'));
  const told = list.items.some((item) => GROUP_ATTRIBUTE.test(stringOf(memberOfAnyCase(item, 'Key')) ?? ''));
  return arn !== undefined || told ? [{ ...(arn === undefined ? {} : { arn }), list, items: list.items }] : [];
}

function membersBeside(root: SourceNode, keys: RegExp): readonly SourceNode[] {
  return root.kind === 'object' ? root.members.filter(({ key }) => !keys.test(key)).map(({ value }) => value) : [];
}
