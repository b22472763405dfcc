import { type SourceMember, type SourceNode, stringOf } from '../../source/source-node.js';
import { at, itemsOf, membersOf, textOf } from '../derived/nodes.js';
import type { Manifest } from './manifest.js';

interface Segment {
  readonly key: string;
  /** Position in a list, or `-` for a new item at its end. */
  readonly index?: number | '-';
}

/**
 * Applies `taskdef_overrides` to a derived task definition. A path goes by the names of `AWS::ECS::TaskDefinition`, in any
 * letter case: `ContainerDefinitions[0].Ulimits[-].HardLimit`. What is not there yet is made; a rule that cannot be
 * applied is left out with a warning.
 * Source: Copilot's "Task definition overrides", and `internal/pkg/template/override/rule.go` of aws/copilot-cli.
 */
export function applyOverrides(manifest: Manifest, definition: SourceNode): SourceNode {
  let current = definition;
  for (const rule of itemsOf(manifest.get('taskdef_overrides'))) {
    const pathNode = at(rule, 'path');
    const value = at(rule, 'value');
    const path = textOf(pathNode);
    if (pathNode === undefined || path === undefined || value === undefined) {
      manifest.reject(rule, 'an override has a path and a value');
      continue;
    }
    manifest.coverage.same(pathNode, [], 'says which field of the task definition the value is for');
    try {
      current = upsert(current, segmentsOf(path), withoutIntrinsics(value, manifest), manifest);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      manifest.coverage.none(value, `not applied: ${error.message}`);
      manifest.say(
        'warning',
        'invalid-override',
        pathNode,
        `the override of ${path} is not applied: ${error.message}`,
        'taskdef_overrides',
      );
    }
  }
  return current;
}

class RuleError extends Error {}

function segmentsOf(path: string): readonly Segment[] {
  const segments = path.split('.').map((part): Segment => {
    const match = /^([A-Za-z0-9_-]+)(?:\[(\d{1,6}|-)\])?$/.exec(part);
    const key = match?.[1];
    if (key === undefined) throw new RuleError(`${JSON.stringify(part)} is not of the form key, list[0] or list[-]`);
    const index = match?.[2];
    return index === undefined ? { key } : { key, index: index === '-' ? '-' : Number(index) };
  });
  if (segments.length > 50) throw new RuleError('the path is deeper than any task definition');
  // Copilot puts its own variables first, which are not carried: positions in the list would mean others.
  if (segments.some(({ key, index }) => key.toLowerCase() === 'environment' && typeof index === 'number')) {
    throw new RuleError(
      'positions in Environment count the variables that Copilot adds; use Environment[-] or variables',
    );
  }
  return segments;
}

function upsert(
  node: SourceNode | undefined,
  segments: readonly Segment[],
  value: SourceNode,
  manifest: Manifest,
): SourceNode {
  const [segment, ...rest] = segments;
  if (segment === undefined) {
    if (node !== undefined) manifest.coverage.same(node, [], 'replaced by a taskdef_overrides rule');
    return value;
  }
  const members = node?.kind === 'object' ? node.members : [];
  const lower = segment.key.toLowerCase();
  const existing = members.findLast(({ key }) => key.toLowerCase() === lower);
  const next =
    segment.index === undefined
      ? upsert(existing?.value, rest, value, manifest)
      : upsertItem(existing?.value, segment, rest, value, manifest);
  const member: SourceMember = {
    key: existing?.key ?? segment.key,
    keyOffset: existing?.keyOffset ?? value.offset,
    value: next,
  };
  const base = node?.kind === 'object' ? node : { kind: 'object' as const, file: value.file, offset: value.offset };
  return {
    ...base,
    members:
      existing === undefined ? [...members, member] : members.map((other) => (other === existing ? member : other)),
  };
}

function upsertItem(
  existing: SourceNode | undefined,
  segment: Segment,
  rest: readonly Segment[],
  value: SourceNode,
  manifest: Manifest,
): SourceNode {
  const items = existing?.kind === 'array' ? existing.items : [];
  if (segment.index === '-') {
    const list =
      existing?.kind === 'array' ? existing : { kind: 'array' as const, file: value.file, offset: value.offset };
    return { ...list, items: [...items, upsert(undefined, rest, value, manifest)] };
  }
  const index = segment.index ?? 0;
  if (existing?.kind !== 'array' || index >= items.length) {
    throw new RuleError(
      `${segment.key}[${index}] does not exist, the list has ${items.length}; use ${segment.key}[-] to append`,
    );
  }
  return {
    ...existing,
    items: items.map((item, position) => (position === index ? upsert(item, rest, value, manifest) : item)),
  };
}

/**
 * CloudFormation's functions in a value: `Ref` and `Fn::Sub` of pseudo parameters and of given parameters are resolved; the
 * stack that would resolve others is not part of the input, they become placeholders.
 */
function withoutIntrinsics(node: SourceNode, manifest: Manifest): SourceNode {
  if (node.kind === 'array')
    return { ...node, items: node.items.map((item) => withoutIntrinsics(item, manifest)), origins: [node] };
  if (node.kind === 'scalar') return node;
  const [only, ...more] = membersOf(node);
  const argument = stringOf(only?.value);
  if (only === undefined || more.length > 0 || !(only.key === 'Ref' || only.key.startsWith('Fn::'))) {
    const members = node.members.map((member) => ({ ...member, value: withoutIntrinsics(member.value, manifest) }));
    return { ...node, members, origins: [node] };
  }
  const template =
    only.key === 'Fn::Sub' && argument !== undefined
      ? argument
      : `\${${only.key === 'Ref' ? (argument ?? only.key) : only.key}}`;
  const missing = new Set<string>();
  const value = template.replace(/\$\{([\w:.-]+)\}/g, (written: string, name: string) => {
    const known = pseudoParameter(manifest, name) ?? manifest.options.parameters.get(name);
    if (known === undefined) missing.add(name);
    return known ?? written;
  });
  const scalar: SourceNode = { kind: 'scalar', file: node.file, offset: node.offset, value, origins: [node] };
  return missing.size === 0 ? scalar : { ...scalar, placeholder: [...missing].join(', ') };
}

function pseudoParameter(manifest: Manifest, name: string): string | undefined {
  if (name === 'AWS::Region') return manifest.options.region;
  if (name === 'AWS::AccountId') return manifest.options.account;
  return name === 'AWS::Partition' ? 'aws' : undefined;
}
