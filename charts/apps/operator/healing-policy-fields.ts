import type { Manifest } from '../../port/manifest.js';
import { HEALING_POLICY, healingPolicySchema } from './healing-policy-crd.js';
import { LABELS } from './names.js';
import type { StructuralSchema } from './structural-schema.js';

const NAME = 'healing-policy-fields.tranship.dev';

interface FieldCheck {
  readonly expression: string;
  readonly messageExpression: string;
  readonly reason: 'Invalid';
}

/**
 * Refuses a HealingPolicy with a field that the schema does not have, whoever sends it. `kubectl` does so by itself, but
 * most other clients do not ask for it (`fieldValidation=Strict`), and then the API server drops the field in silence.
 */
export function healingPolicyFields(): readonly Manifest[] {
  const { group, version, plural } = HEALING_POLICY;
  const schema = healingPolicySchema();
  const top: StructuralSchema = {
    ...schema,
    properties: { apiVersion: {}, kind: {}, metadata: {}, ...schema.properties },
  };
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: NAME, labels: LABELS },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [
            { apiGroups: [group], apiVersions: [version], operations: ['CREATE', 'UPDATE'], resources: [plural] },
          ],
        },
        validations: checksOf(top, ['object'], ''),
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: NAME, labels: LABELS },
      spec: { policyName: NAME, validationActions: ['Deny'] },
    },
  ];
}

/**
 * One check for each object of the schema that has fields; `status` has another writer and no part in it.
 *
 * @param path CEL's way to the object, `['object', 'spec', 'budget']`
 * @param shown the same for people
 */
function checksOf(schema: StructuralSchema, path: readonly string[], shown: string): readonly FieldCheck[] {
  const { properties, items } = schema;
  if (items !== undefined) return items.properties === undefined ? [] : [itemCheck(items.properties, path, shown)];
  if (properties === undefined) return [];
  const names = Object.keys(properties);
  const here: FieldCheck = {
    expression: guarded(path, `${path.join('.')}.all(name, name in ${celList(names)})`),
    messageExpression: `'${shown === '' ? 'the policy' : shown} has no field ' + ${path.join('.')}.filter(name, !(name in ${celList(names)})).join(', ') + '; it has ${names.join(', ')}'`,
    reason: 'Invalid',
  };
  const inner = Object.entries(properties)
    .filter(([name]) => name !== 'status')
    .flatMap(([name, child]) => checksOf(child, [...path, name], shown === '' ? name : `${shown}.${name}`));
  return [here, ...inner];
}

function itemCheck(
  properties: Readonly<Record<string, StructuralSchema>>,
  path: readonly string[],
  shown: string,
): FieldCheck {
  const names = celList(Object.keys(properties));
  const place = path.join('.');
  return {
    expression: guarded(path, `${place}.all(item, item.all(name, name in ${names}))`),
    messageExpression: `'an item of ${shown} has a field that is not one of ${Object.keys(properties).join(', ')}'`,
    reason: 'Invalid',
  };
}

/** Holds where the object is absent. `object` itself always is there. */
function guarded(path: readonly string[], expression: string): string {
  const steps = path.slice(1).map((_, index) => `has(${path.slice(0, index + 2).join('.')})`);
  return steps.length === 0 ? expression : `!(${steps.join(' && ')}) || ${expression}`;
}

function celList(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(', ')}]`;
}
