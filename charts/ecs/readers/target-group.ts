import type { CreateTargetGroupCommandInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Diagnostic } from '../diagnostic.js';
import { Field } from '../field.js';
import type { EcsInput, InputDocument, Reader } from '../input.js';
import { memberOfAnyCase, positionOf, type SourceNode, type SourceScalar, stringOf } from '../source/source-node.js';
import { treeOf } from '../tree.js';
import { joinTargetGroups } from './target-group-join.js';
import { type AttributesPart, type GroupPart, targetGroupPartsOf } from './target-group-parts.js';

/**
 * Target groups of Elastic Load Balancing: `describe-target-groups`, the input of `create-target-group`, and their
 * attributes (`describe-target-group-attributes`, the input of `modify-target-group-attributes`), each in a document of its
 * own or together in one. Attributes are joined to their group by its ARN, which `describe-target-group-attributes` does not
 * answer: then the group in the same document counts, the one whose name the file's name holds, or the only one.
 */
export const targetGroupReader: Reader = {
  form: 'target group or its attributes',
  recognizes: ({ root }) => {
    const { groups, attributes } = targetGroupPartsOf(root);
    return groups.length + attributes.length > 0;
  },
  read(document, input, options) {
    const parts = targetGroupPartsOf(document.root);
    for (const node of parts.others) {
      const lost = 'read-only: says how the call was answered, or names the target group';
      input.ledger.mark(node, { fidelity: 'same', kubernetes: [], lost });
    }
    const join = options.derived(joinTargetGroups);
    for (const group of parts.groups) readGroup(document, group, join.attributesOf(group), input);
    for (const attributes of parts.attributes) {
      if (join.ownerOf(attributes, document) === undefined) readOrphan(document, attributes, input);
    }
  },
};

function readGroup(
  document: InputDocument,
  { node, path, arn, name }: GroupPart,
  attributes: readonly AttributesPart[],
  input: EcsInput,
): void {
  const tree = treeOf<CreateTargetGroupCommandInput>(
    input.ledger,
    withName(node),
    'elastic-load-balancing-v2.CreateTargetGroupInput',
    { describedBy: 'elastic-load-balancing-v2.TargetGroup', ...(path === '' ? {} : { path }) },
  );
  const diagnostics: Diagnostic[] = [...tree.diagnostics];
  input.targetGroups.push({
    document: document.path,
    ids: [arn, name].flatMap((id) => id ?? []),
    definition: tree.field,
    attributes: attributeFields(attributes, input, diagnostics),
    diagnostics,
  });
}

/** `describe-target-groups` calls the name otherwise than `create-target-group` does. */
function withName(node: SourceNode): SourceNode {
  if (node.kind !== 'object') return node;
  const members = node.members.map((member) =>
    member.key.toLowerCase() === 'targetgroupname' ? { ...member, key: 'Name' } : member,
  );
  return { ...node, members };
}

/** Attributes whose target group is not in the input: with its ARN they stand for it, without they are of no use. */
function readOrphan(document: InputDocument, part: AttributesPart, input: EcsInput): void {
  const { file, offset } = part.list;
  if (part.arn !== undefined) {
    const empty: SourceNode = { kind: 'object', file, offset, members: [] };
    readGroup(document, { node: empty, path: '', arn: part.arn }, [part], input);
    return;
  }
  const fix = 'add the output of: aws elbv2 describe-target-groups';
  const message = 'the target group of these attributes is not given';
  const position = positionOf(part.list);
  input.diagnostics.push({ severity: 'warning', code: 'attributes-without-target-group', message, fix, position });
  input.ledger.mark(part.list, { fidelity: 'none', kubernetes: [], lost: message, todo: fix });
}

function attributeFields(
  parts: readonly AttributesPart[],
  input: EcsInput,
  diagnostics: Diagnostic[],
): ReadonlyMap<string, Field<string>> {
  const values = new Map<string, { readonly item: SourceNode; readonly field: SourceScalar }>();
  const refuse = (node: SourceNode, lost: string): void =>
    input.ledger.mark(node, { fidelity: 'none', kubernetes: [], lost });
  for (const item of parts.flatMap(({ items }) => items)) {
    const keyNode = memberOfAnyCase(item, 'Key');
    const key = stringOf(keyNode);
    const value = memberOfAnyCase(item, 'Value');
    if (item.kind !== 'object' || key === undefined || value?.kind !== 'scalar') {
      const message = 'a target group attribute has a Key and a Value';
      diagnostics.push({ severity: 'warning', code: 'invalid-attribute', message, position: positionOf(item) });
      refuse(item, message);
      continue;
    }
    const earlier = values.get(key);
    if (earlier !== undefined) refuse(earlier.item, 'given twice; the last one counts');
    const others = item.members.map((member) => member.value).filter((node) => node !== value);
    const text = value.value === null ? null : String(value.value);
    values.set(key, { item, field: { ...value, value: text, origins: [value, ...others] } });
  }
  return new Map([...values].map(([key, { field }]) => [key, Field.root<string>(input.ledger, field)]));
}
