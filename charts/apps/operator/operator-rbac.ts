import type { Manifest } from '../../port/manifest.js';
import { HEALING_POLICY } from './healing-policy-crd.js';
import { LABELS, NAMES, type OperatorOptions } from './names.js';

/** One rule of a role. Source: Kubernetes `PolicyRule`. */
interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** What a cache does. */
const READ = ['list', 'watch'] as const;

/** What the operator does in all namespaces. */
const CLUSTER_RULES: readonly Rule[] = [
  // Patch: quarantine takes labels and the owner away, exec is noted. Delete: pods that have ended.
  { apiGroups: [''], resources: ['pods'], verbs: ['get', ...READ, 'patch', 'delete'] },
  { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
  { apiGroups: [''], resources: ['nodes'], verbs: READ },
  { apiGroups: ['apps'], resources: ['statefulsets', 'daemonsets'], verbs: READ },
  // Get: the template of the revision to go back to, of which the cache has the digest.
  { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['get', ...READ] },
  // Patch: the circuit breaker goes back to the last completed revision.
  { apiGroups: ['apps'], resources: ['deployments'], verbs: [...READ, 'patch'] },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: [...READ, 'create'] },
  // Get: what an earlier leader wrote last, which the cache may not show yet.
  { apiGroups: [HEALING_POLICY.group], resources: [HEALING_POLICY.plural], verbs: ['get', ...READ] },
  { apiGroups: [HEALING_POLICY.group], resources: [`${HEALING_POLICY.plural}/status`], verbs: ['patch'] },
  {
    apiGroups: ['admissionregistration.k8s.io'],
    resources: ['validatingwebhookconfigurations'],
    resourceNames: [NAMES.webhookConfiguration],
    verbs: ['get', 'patch'],
  },
];

/** What it does in its own namespace. A name cannot restrict `create`: the object has none yet. */
const OWN_RULES: readonly Rule[] = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [NAMES.lease], verbs: ['get', 'patch'] },
  { apiGroups: [''], resources: ['configmaps'], verbs: ['create'] },
  { apiGroups: [''], resources: ['configmaps'], resourceNames: [NAMES.outboxCursor], verbs: ['get', 'patch'] },
  { apiGroups: [''], resources: ['secrets'], resourceNames: [NAMES.webhookCertificate], verbs: ['get', 'patch'] },
];

/** The operator's account and its rights: each is a call that it makes, and there is no wildcard. */
export function operatorAccess({ namespace, roleArn }: OperatorOptions): readonly Manifest[] {
  const name = NAMES.operator;
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        name,
        namespace,
        labels: LABELS,
        ...(roleArn === undefined ? {} : { annotations: { 'eks.amazonaws.com/role-arn': roleArn } }),
      },
    },
    rbac('ClusterRole', { name, labels: LABELS }, { rules: CLUSTER_RULES }),
    rbac('ClusterRoleBinding', { name, labels: LABELS }, { roleRef: roleRef('ClusterRole', name), subjects }),
    rbac('Role', { name, namespace, labels: LABELS }, { rules: OWN_RULES }),
    rbac('RoleBinding', { name, namespace, labels: LABELS }, { roleRef: roleRef('Role', name), subjects }),
  ];
}

/** Lets whoever may view or edit a namespace view or edit its policies: Kubernetes adds these rules to its own roles. */
export function peopleAccess(): readonly Manifest[] {
  const rule = { apiGroups: [HEALING_POLICY.group], resources: [HEALING_POLICY.plural] };
  const grant = (role: 'view' | 'edit', verbs: readonly string[]): Manifest =>
    rbac(
      'ClusterRole',
      {
        name: `tranship-healingpolicies-${role}`,
        labels: { ...LABELS, [`rbac.authorization.k8s.io/aggregate-to-${role}`]: 'true' },
      },
      { rules: [{ ...rule, verbs }] },
    );
  return [grant('view', ['get', ...READ]), grant('edit', ['create', 'update', 'patch', 'delete'])];
}

function rbac(kind: string, metadata: Manifest['metadata'], body: object): Manifest {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata, ...body };
}

function roleRef(kind: string, name: string): object {
  return { apiGroup: 'rbac.authorization.k8s.io', kind, name };
}
