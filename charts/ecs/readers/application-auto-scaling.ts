import type {
  PutScalingPolicyCommandInput,
  PutScheduledActionCommandInput,
  RegisterScalableTargetCommandInput,
} from '@aws-sdk/client-application-auto-scaling';
import { shortName } from '../arn.js';
import type { Diagnostic } from '../diagnostic.js';
import type { Field } from '../field.js';
import type { EcsInput, InputDocument, Reader, ScalingInput } from '../input.js';
import { memberOfAnyCase, type SourceNode, stringOf } from '../source/source-node.js';
import { treeOf } from '../tree.js';
import { expressionFindings } from './schedule-findings.js';

type Kind = ScalingInput['kind'];

interface Found {
  readonly kind: Kind;
  readonly node: SourceNode;
  readonly path: string;
}

/** Keys under which the describe calls answer lists. */
const LISTS: ReadonlyMap<string, Kind> = new Map([
  ['scalabletargets', 'target'],
  ['scalingpolicies', 'policy'],
  ['scheduledactions', 'scheduled-action'],
]);

/**
 * Service Auto Scaling: scalable targets (`register-scalable-target`, `describe-scalable-targets`), scaling policies
 * (`put-scaling-policy`, `describe-scaling-policies`) and scheduled actions (`put-scheduled-action`,
 * `describe-scheduled-actions`), alone, in lists, or several answers in one object. What scales something else than an
 * ECS service is set aside.
 */
export const applicationAutoScalingReader: Reader = {
  form: 'Application Auto Scaling target, policy or scheduled action',
  recognizes: ({ root }) => scalingIn(root).length > 0,
  read(document, input) {
    markAnswer(document.root, input);
    for (const found of scalingIn(document.root)) readOne(document, found, input);
  },
};

/** The scaling of a document; none unless all of a list is. Amazon EC2 Auto Scaling's lists lack the resource's id. */
function scalingIn(root: SourceNode, path = ''): readonly Found[] {
  if (root.kind === 'array') {
    const found = root.items.map((item, index) => scalingIn(item, `${path}[${index}]`));
    return found.every((list) => list.length > 0) ? found.flat() : [];
  }
  if (root.kind !== 'object') return [];
  const lists = root.members.flatMap(({ key, value }): readonly Found[] => {
    const kind = LISTS.get(key.toLowerCase());
    if (kind === undefined || value.kind !== 'array') return [];
    const items = value.items.map((node, index) => ({ kind, node, path: `${key}[${index}]` }));
    return items.every(({ node }) => memberOfAnyCase(node, 'ResourceId') !== undefined) ? items : [];
  });
  if (lists.length > 0) return lists;
  const kind = kindOf(root);
  return kind === undefined ? [] : [{ kind, node: root, path }];
}

function kindOf(node: SourceNode): Kind | undefined {
  const has = (key: string): boolean => memberOfAnyCase(node, key) !== undefined;
  if (!has('ResourceId') || !(has('ScalableDimension') || has('ServiceNamespace'))) return undefined;
  if (has('ScheduledActionName') || has('ScalableTargetAction')) return 'scheduled-action';
  return has('PolicyName') || has('PolicyType') ? 'policy' : 'target';
}

function readOne(document: InputDocument, { kind, node, path }: Found, input: EcsInput): void {
  const namespace = stringOf(memberOfAnyCase(node, 'ServiceNamespace'))?.toLowerCase();
  const resource = stringOf(memberOfAnyCase(node, 'ResourceId')) ?? '';
  if (namespace === undefined ? !resource.startsWith('service/') : namespace !== 'ecs') {
    const lost = `scales ${namespace ?? 'something else'}, not an ECS service: it stays in Application Auto Scaling as it is`;
    input.ledger.mark(node, { fidelity: 'same', kubernetes: [], lost });
    return;
  }
  const arn = ['ScalableTargetARN', 'PolicyARN', 'ScheduledActionARN'].flatMap(
    (key) => stringOf(memberOfAnyCase(node, key)) ?? [],
  );
  const { ledger } = input;
  const item = { document: document.path, ids: [...arn, resource], ...serviceOf(resource) };
  switch (kind) {
    case 'target': {
      const { field, diagnostics } = treeOf<RegisterScalableTargetCommandInput>(
        ledger,
        node,
        'application-auto-scaling.RegisterScalableTargetRequest',
        { describedBy: 'application-auto-scaling.ScalableTarget', path },
      );
      const found = [...diagnostics, ...wrongResource(field.get('ResourceId')), ...wrongRange(field)];
      input.scaling.push({ ...item, kind, definition: field, diagnostics: found });
      return;
    }
    case 'policy': {
      const { field, diagnostics } = treeOf<PutScalingPolicyCommandInput>(
        ledger,
        node,
        'application-auto-scaling.PutScalingPolicyRequest',
        { describedBy: 'application-auto-scaling.ScalingPolicy', path },
      );
      input.scaling.push({
        ...item,
        kind,
        definition: field,
        diagnostics: [...diagnostics, ...wrongResource(field.get('ResourceId'))],
      });
      return;
    }
    case 'scheduled-action': {
      const { field, diagnostics } = treeOf<PutScheduledActionCommandInput>(
        ledger,
        node,
        'application-auto-scaling.PutScheduledActionRequest',
        { describedBy: 'application-auto-scaling.ScheduledAction', path },
      );
      const found = [
        ...diagnostics,
        ...wrongResource(field.get('ResourceId')),
        ...expressionFindings(field.get('Schedule'), field.get('Timezone')),
      ];
      input.scaling.push({ ...item, kind, definition: field, diagnostics: found });
    }
  }
}

/**
 * Cluster and service of a resource id.
 *
 * @example serviceOf('service/prod/web') // { cluster: 'prod', service: 'web' }
 */
export function serviceOf(resourceId: string): { readonly service: string; readonly cluster?: string } {
  const [, cluster, service] = /^service\/([^/]+)\/([^/]+)$/.exec(resourceId) ?? [];
  return cluster === undefined || service === undefined ? { service: shortName(resourceId) } : { service, cluster };
}

function wrongResource(resource: Field<string>): readonly Diagnostic[] {
  const { value, position } = resource;
  if (value === undefined || position === undefined || resource.placeholder !== undefined) return [];
  if (serviceOf(value).cluster !== undefined) return [];
  const message = `${JSON.stringify(value.slice(0, 120))} is not an ECS service`;
  const fix = 'write service/CLUSTER/SERVICE';
  return [{ severity: 'refused', code: 'invalid-value', message, fix, path: resource.path, position }];
}

function wrongRange(target: Field<RegisterScalableTargetCommandInput>): readonly Diagnostic[] {
  const minimum = target.get('MinCapacity');
  const maximum = target.get('MaxCapacity');
  const { position } = minimum;
  if (minimum.value === undefined || maximum.value === undefined || position === undefined) return [];
  if (minimum.value <= maximum.value) return [];
  const message = `MinCapacity ${minimum.value} is greater than MaxCapacity ${maximum.value}`;
  const fix = 'exchange the two, or raise MaxCapacity';
  return [{ severity: 'refused', code: 'invalid-value', message, fix, path: minimum.path, position }];
}

/** What stands beside the lists of an answer says how the call went. */
function markAnswer(root: SourceNode, input: EcsInput): void {
  if (root.kind !== 'object' || !root.members.some(({ key }) => LISTS.has(key.toLowerCase()))) return;
  for (const { key, value } of root.members) {
    if (LISTS.has(key.toLowerCase())) continue;
    input.ledger.mark(value, { fidelity: 'same', kubernetes: [], lost: 'read-only: says how the call was answered' });
  }
}
