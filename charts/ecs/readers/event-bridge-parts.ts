import { memberOfAnyCase, type SourceMember, type SourceNode, stringOf } from '../source/source-node.js';

/** A node and its path in the document. */
export interface TargetPart {
  readonly node: SourceNode;
  readonly path: string;
}

/** A rule, with the targets that stand beside it. */
export interface RulePart {
  readonly kind: 'rule';
  /** In the shape of `PutRule`'s input or of `DescribeRule`'s output. */
  readonly node: SourceNode;
  readonly path: string;
  readonly targets: readonly TargetPart[];
  /** What stands beside it and says nothing of what to run. */
  readonly others: readonly SourceNode[];
}

/** Targets whose rule stands elsewhere. */
export interface TargetsPart {
  readonly kind: 'targets';
  readonly node: SourceNode;
  /** The rule's name or ARN; absent in the output of `list-targets-by-rule`. */
  readonly rule?: string;
  readonly targets: readonly TargetPart[];
  readonly others: readonly SourceNode[];
}

/** A schedule of EventBridge Scheduler, in the shape of `CreateSchedule`'s input or `GetSchedule`'s output. */
export interface SchedulePart {
  readonly kind: 'schedule';
  readonly node: SourceNode;
  readonly path: string;
  readonly others: readonly SourceNode[];
}

type Part = RulePart | TargetsPart | SchedulePart;

/** Members of an answer that are about the call. */
const ANSWER = /^(nexttoken|failedentrycount|failedentries|responsemetadata|createdby)$/i;

/** The rules, targets and schedules of a document; none unless all of it consists of them. */
export function partsOf(root: SourceNode, path = ''): readonly Part[] {
  if (root.kind === 'array') {
    const parts = root.items.map((item, index) => partsOf(item, `${path}[${index}]`));
    return parts.every((found) => found.length > 0) ? parts.flat() : [];
  }
  if (root.kind !== 'object') return [];
  const list = memberOfAnyCase(root, 'Rules') ?? memberOfAnyCase(root, 'Schedules');
  if (list?.kind === 'array' && root.members.every(({ key }) => /^(rules|schedules)$/i.test(key) || ANSWER.test(key))) {
    const [first, ...rest] = partsOf(list, /^rules$/i.test(root.members[0]?.key ?? '') ? 'Rules' : 'Schedules');
    const answers = root.members.filter(({ key }) => ANSWER.test(key)).map(({ value }) => value);
    return first === undefined ? [] : [{ ...first, others: [...first.others, ...answers] }, ...rest];
  }
  const part = schedulePart(root, path) ?? rulePart(root, path) ?? targetsPart(root, path);
  return part === undefined ? [] : [part];
}

type Members = SourceNode & { readonly kind: 'object' };

function schedulePart(node: Members, path: string): SchedulePart | undefined {
  const target = memberOfAnyCase(node, 'Target');
  if (target?.kind !== 'object' || memberOfAnyCase(node, 'ScheduleExpression') === undefined) return undefined;
  return { kind: 'schedule', path, ...without(node, ANSWER) };
}

function rulePart(node: Members, path: string): RulePart | undefined {
  const inner = memberOfAnyCase(node, 'Rule');
  const targets = targetsOf(node, path);
  if (inner?.kind === 'object' && isRule(inner)) {
    const others = node.members.filter(({ key }) => !/^(rule|targets)$/i.test(key)).map(({ value }) => value);
    const rule = without(inner, ANSWER);
    return { kind: 'rule', node: rule.node, path: join(path, 'Rule'), targets, others: [...rule.others, ...others] };
  }
  if (!isRule(node)) return undefined;
  const rule = without(node, ANSWER);
  return { kind: 'rule', path, targets, node: without(rule.node, /^targets$/i).node, others: rule.others };
}

/** A rule has a name, but inside a combined object a file's name may stand for it. */
function isRule(node: Members): boolean {
  const has = (key: string): boolean => memberOfAnyCase(node, key) !== undefined;
  return (has('ScheduleExpression') || has('EventPattern')) && (has('Name') || has('Targets'));
}

function targetsPart(node: Members, path: string): TargetsPart | undefined {
  const targets = targetsOf(node, path);
  if (targets.length === 0) return undefined;
  const rule = stringOf(memberOfAnyCase(node, 'Rule'));
  const others = node.members.filter(({ key }) => !/^targets$/i.test(key)).map(({ value }) => value);
  return { kind: 'targets', node, targets, others, ...(rule === undefined ? {} : { rule }) };
}

/** EventBridge's targets have an `Arn`; a load balancer's, under the same key, do not. */
function targetsOf(node: Members, path: string): readonly TargetPart[] {
  const list = memberOfAnyCase(node, 'Targets');
  if (list?.kind !== 'array' || !list.items.every((item) => memberOfAnyCase(item, 'Arn') !== undefined)) return [];
  return list.items.map((item, index) => ({ node: item, path: `${join(path, 'Targets')}[${index}]` }));
}

function without(
  node: SourceNode,
  keys: RegExp,
): { readonly node: SourceNode; readonly others: readonly SourceNode[] } {
  if (node.kind !== 'object') return { node, others: [] };
  const set = (member: SourceMember): boolean => keys.test(member.key);
  const others = node.members.filter(set).map(({ value }) => value);
  // The node itself stays when nothing is taken out, so that it can be told again in another document's reading.
  return others.length === 0
    ? { node, others }
    : { node: { ...node, members: node.members.filter((m) => !set(m)) }, others };
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
