import type { Manifest } from '../../port/manifest.js';
import { HEALING_POLICY_SPEC } from './healing-policy-spec.js';
import { HEALING_POLICY_STATUS } from './healing-policy-status.js';
import { LABELS } from './names.js';
import type { StructuralSchema } from './structural-schema.js';

/** Group, version and names of the custom resource. */
export const HEALING_POLICY = {
  group: 'tranship.dev',
  version: 'v1',
  kind: 'HealingPolicy',
  plural: 'healingpolicies',
} as const;

/**
 * Columns of `kubectl get hp`. `Accepted` is a condition; the others are fields.
 */
const COLUMNS = [
  { name: 'Mode', type: 'string', jsonPath: '.spec.mode' },
  { name: 'Pods', type: 'integer', jsonPath: '.status.pods.selected' },
  { name: 'Unhealthy', type: 'integer', jsonPath: '.status.pods.unhealthy' },
  { name: 'Replacing', type: 'integer', jsonPath: '.status.pods.replacing' },
  { name: 'Accepted', type: 'string', jsonPath: '.status.conditions[?(@.type=="Accepted")].status' },
  { name: 'Paused', type: 'boolean', jsonPath: '.spec.paused', priority: 1 },
  {
    name: 'Message',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Accepted")].message',
    priority: 1,
  },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

/** The definition of `HealingPolicy`. */
export function healingPolicyDefinition(): Manifest {
  const { group, version, kind, plural } = HEALING_POLICY;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels: LABELS },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: 'healingpolicy',
        shortNames: ['hp'],
        categories: ['tranship'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: COLUMNS,
          schema: { openAPIV3Schema: healingPolicySchema() },
        },
      ],
    },
  };
}

/**
 * The schema of a policy. Unknown fields of `spec` are kept, not dropped: `healing-policy-fields.ts` then refuses them,
 * where dropping would turn a misspelt budget into the default one without a word.
 */
export function healingPolicySchema(): StructuralSchema {
  return {
    type: 'object',
    description:
      'Which pods are healed, what counts as a failure, and how much may be done about it at a time. Pods that no policy selects are never touched.',
    required: ['spec'],
    'x-kubernetes-preserve-unknown-fields': true,
    properties: { spec: keepUnknown(HEALING_POLICY_SPEC), status: HEALING_POLICY_STATUS },
  };
}

function keepUnknown(schema: StructuralSchema): StructuralSchema {
  const { properties, items } = schema;
  return {
    ...schema,
    ...(properties === undefined
      ? {}
      : {
          'x-kubernetes-preserve-unknown-fields': true,
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, child]): [string, StructuralSchema] => [name, keepUnknown(child)]),
          ),
        }),
    ...(items === undefined ? {} : { items: keepUnknown(items) }),
  };
}
