import type { SourceMember, SourceNode, SourceObject } from '../../source/source-node.js';
import type { Coverage } from '../derived/coverage.js';
import { membersOf } from '../derived/nodes.js';

/**
 * Forms of one section that exclude each other: an override in one form drops the base's fields of the others. Where the
 * forms differ in their shape (a number against a map), replacing by shape does it.
 * Source: Copilot's manifest reference, and `internal/pkg/manifest/transform.go` of aws/copilot-cli.
 */
const EXCLUSIVE_FORMS: readonly { readonly section: RegExp; readonly forms: readonly (readonly string[])[] }[] = [
  { section: /(^|\.)image$/, forms: [['build'], ['location']] },
  {
    section: /^count$/,
    forms: [
      ['spot'],
      ['range', 'cooldown', 'cpu_percentage', 'memory_percentage', 'requests', 'response_time', 'queue_delay'],
    ],
  },
  {
    section: /^storage\.volumes\.[^.]*\.efs$/,
    forms: [
      ['uid', 'gid'],
      ['id', 'root_dir', 'auth'],
    ],
  },
  { section: /(^|\.)(secrets|secretOptions)\.[^.]*$/, forms: [['secretsmanager'], ['from_cfn']] },
];

/**
 * The manifest as it holds for one environment: maps are merged deeply, everything else is replaced. Overrides of other
 * environments, and of all when none is asked for, are marked as not carried; base values that an override replaces are
 * marked as replaced.
 *
 * @param environment name of the environment, or undefined for the base values
 */
export function applyEnvironment(
  root: SourceObject,
  environment: string | undefined,
  coverage: Coverage,
): SourceObject {
  const environments = membersOf(root).find((member) => member.key === 'environments')?.value;
  const base: SourceObject = {
    ...root,
    members: root.members.filter((member) => member.key !== 'environments'),
    origins: [root],
  };
  let effective = base;
  for (const { key, value } of membersOf(environments)) {
    if (key === environment && value.kind === 'object') {
      effective = mergeObjects(base, value, '', (replaced) =>
        coverage.same(replaced, [], `replaced by the value for environment ${environment}`),
      );
    } else if (!(value.kind === 'scalar' && value.value === null)) {
      coverage.none(value, `applies to environment ${key} only`, `port with --environment ${key}`);
    }
  }
  return effective;
}

function mergeObjects(
  base: SourceObject,
  override: SourceObject,
  path: string,
  dropped: (node: SourceNode) => void,
): SourceObject {
  const overrides = new Map(membersOf(override).map((member) => [member.key, member]));
  const excluded = excludedBy(path, overrides);
  const members: SourceMember[] = [];
  for (const member of base.members) {
    const by = overrides.get(member.key);
    overrides.delete(member.key);
    if (by === undefined || isNull(by.value)) {
      if (excluded.has(member.key)) dropped(member.value);
      else members.push(member);
    } else if (member.value.kind === 'object' && by.value.kind === 'object') {
      const merged = mergeObjects(member.value, by.value, path === '' ? member.key : `${path}.${member.key}`, dropped);
      members.push({ ...member, value: merged });
    } else {
      dropped(member.value);
      members.push(by);
    }
  }
  for (const member of overrides.values()) if (!isNull(member.value)) members.push(member);
  return { kind: 'object', file: base.file, offset: base.offset, members, origins: [base, override] };
}

function excludedBy(path: string, overrides: ReadonlyMap<string, SourceMember>): ReadonlySet<string> {
  const excluded = new Set<string>();
  for (const { section, forms } of EXCLUSIVE_FORMS) {
    if (!section.test(path)) continue;
    const chosen = forms.filter((form) => form.some((key) => overrides.has(key)));
    if (chosen.length === 0) continue;
    for (const form of forms) if (!chosen.includes(form)) for (const key of form) excluded.add(key);
  }
  return excluded;
}

function isNull(node: SourceNode): boolean {
  return node.kind === 'scalar' && node.value === null;
}
