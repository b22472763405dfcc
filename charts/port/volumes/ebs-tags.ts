import type { EBSTagSpecification, Tag } from '@aws-sdk/client-ecs';
import type { Field } from '../../ecs/field.js';
import type { TaskDefinition } from '../../ecs/model/ahead-of-sdk.js';
import { defaulted, unread } from '../not-known.js';
import type { PortContext } from '../pod-draft.js';

/**
 * Tags of an EBS volume as the driver takes them: `KEY=VALUE`. Tags that ECS would copy from the task definition or the
 * service are copied now, and stay what they are now. Of tags with one key, the volume's own counts.
 *
 * Source: ECS API `EBSTagSpecification`; aws-ebs-csi-driver docs/tagging.md.
 */
export function ebsTags(
  specifications: Field<EBSTagSpecification[]>,
  definition: Field<TaskDefinition>,
  context: PortContext,
): readonly string[] {
  const tags = new Map<string, string>();
  unread(specifications);
  for (const specification of specifications.items()) {
    specification.get('resourceType').same([], 'volume is the only type');
    const propagate = specification.get('propagateTags');
    defaulted(propagate, 'no tags are copied');
    unread(specification.get('tags'));
    for (const tag of propagated(propagate.value, definition, context)) {
      const pair = pairOf(tag);
      if (pair !== undefined) tags.set(...pair);
    }
    if (propagate.value === 'NONE') propagate.same([], 'copies no tags');
    else
      propagate.near(
        'StorageClass.parameters.tagSpecification',
        'the tags are copied into the manifest once, and later changes of them are not followed',
      );
  }
  for (const specification of specifications.items()) {
    for (const tag of specification.get('tags').items()) {
      const pair = pairOf(tag);
      if (pair === undefined) {
        tag.none(
          'the driver takes no such tag: the key is empty, reserved or holds =, or {{ stands in it',
          'rename the tag',
        );
        continue;
      }
      tags.set(...pair);
      tag.get('key').same('StorageClass.parameters.tagSpecification');
      tag.get('value').same('StorageClass.parameters.tagSpecification');
    }
  }
  return [...tags].map(([key, value]) => `${key}=${value}`);
}

function propagated(
  source: string | undefined,
  definition: Field<TaskDefinition>,
  context: PortContext,
): readonly Field<Tag>[] {
  if (source === 'TASK_DEFINITION') return definition.get('tags').items();
  if (source === 'SERVICE') return context.workload.service?.definition.get('tags').items() ?? [];
  return [];
}

/** The driver splits at the first `=`, and runs Go templates in values. */
function pairOf(tag: Field<Tag>): readonly [string, string] | undefined {
  const key = tag.get('key').value ?? '';
  const value = tag.get('value').value ?? '';
  if (key === '' || key.includes('=') || /^aws:/i.test(key) || `${key}${value}`.includes('{{')) return undefined;
  return [key, value];
}
