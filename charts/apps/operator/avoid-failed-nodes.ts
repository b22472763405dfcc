import { atLeast, type KubernetesVersion } from '../../port/kubernetes-version.js';
import type { Manifest } from '../../port/manifest.js';
import { HEALING_POLICY } from './healing-policy-crd.js';
import { LABELS } from './names.js';

const NAME = 'avoid-failed-nodes.tranship.dev';

/** The first version that serves `admissionregistration.k8s.io/v1` MutatingAdmissionPolicy. */
const SINCE: KubernetesVersion = '1.36';

/** Whether a version can make new pods avoid nodes. */
export function canAvoidNodes(version: KubernetesVersion): boolean {
  return atLeast(version, SINCE);
}

/** One requirement of `matchExpressions`, in CEL, against `variables.labels`. */
const REQUIREMENT_HOLDS = `
  r.operator == 'In' ? r.key in variables.labels && variables.labels[r.key] in r.values :
  r.operator == 'NotIn' ? !(r.key in variables.labels) || !(variables.labels[r.key] in r.values) :
  r.operator == 'Exists' ? r.key in variables.labels :
  !(r.key in variables.labels)`;

const SELECTED = `
(!has(params.spec.selector.matchLabels) || params.spec.selector.matchLabels.all(key,
  key in variables.labels && variables.labels[key] == params.spec.selector.matchLabels[key])) &&
(!has(params.spec.selector.matchExpressions) || params.spec.selector.matchExpressions.all(r, ${REQUIREMENT_HOLDS}))`;

/** A ReplicaSet of a Deployment is named after both, so the Deployment's name is what stands before the template hash. */
const WORKLOAD = `
variables.owners.size() == 0 ? '' :
variables.owners[0].kind == 'ReplicaSet' && variables.revision != '' && variables.owners[0].name.endsWith('-' + variables.revision)
  ? 'Deployment/' + variables.owners[0].name.substring(0, variables.owners[0].name.size() - variables.revision.size() - 1)
  : variables.owners[0].kind + '/' + variables.owners[0].name`;

const REVISION = `
'pod-template-hash' in variables.labels ? variables.labels['pod-template-hash'] :
'controller-revision-hash' in variables.labels ? variables.labels['controller-revision-hash'] : ''`;

const NODES = `
!variables.selected || !has(params.status) || !has(params.status.workloads) ? [] :
params.status.workloads.exists(w, w.workload == variables.workload && w.revision == variables.revision)
  ? params.status.workloads.filter(w, w.workload == variables.workload && w.revision == variables.revision)[0].avoidNodes.map(n, n.node)
  : []`;

const AFFINITY = 'Object.spec.affinity';
const TERM = `${AFFINITY}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution`;
const TERMS_PATH = '/spec/affinity/nodeAffinity/preferredDuringSchedulingIgnoredDuringExecution';

/**
 * Adds the preference behind those that the pod has; before it what is missing on the way there, which a JSON patch does
 * not make. No value is a list with objects in it: such a one makes the API server of 1.36 panic, and the request fail
 * (`reflect.Set: value of type *structpb.Struct is not assignable to type *structpb.Value`).
 */
const PATCH = `
variables.nodes.size() == 0 ? [] :
(has(object.spec.affinity) ? [] : [JSONPatch{op: 'add', path: '/spec/affinity', value: ${AFFINITY}{}}]) +
(has(object.spec.affinity) && has(object.spec.affinity.nodeAffinity) ? [] :
  [JSONPatch{op: 'add', path: '/spec/affinity/nodeAffinity', value: ${AFFINITY}.nodeAffinity{}}]) +
(has(object.spec.affinity) && has(object.spec.affinity.nodeAffinity) &&
  has(object.spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution) ? [] :
  [JSONPatch{op: 'add', path: '${TERMS_PATH}', value: []}]) +
[JSONPatch{op: 'add', path: '${TERMS_PATH}/-', value: ${TERM}{
  weight: 100,
  preference: ${TERM}.preference{
    matchExpressions: [${TERM}.preference.matchExpressions{
      key: 'kubernetes.io/hostname', operator: 'NotIn', values: variables.nodes
    }]
  }
}}]`;

/**
 * Lets a new pod prefer other nodes than those that failed its predecessors. The API server does it by itself, from what
 * the operator wrote into the status of the namespace's policies: nothing of ours has to run when a pod is made, and
 * whatever goes wrong here leaves the pod as it is.
 *
 * It is a preference, so a pod that fits nowhere else still runs. Pods of DaemonSets have no choice of node and get none.
 */
export function avoidFailedNodes(): readonly Manifest[] {
  const { group, version, kind } = HEALING_POLICY;
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicy',
      metadata: { name: NAME, labels: LABELS },
      spec: {
        paramKind: { apiVersion: `${group}/${version}`, kind },
        failurePolicy: 'Ignore',
        reinvocationPolicy: 'Never',
        matchConstraints: {
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        },
        matchConditions: [
          {
            name: 'owned-and-not-of-a-daemonset',
            expression:
              "has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(o, has(o.controller) && o.controller && o.kind != 'DaemonSet')",
          },
          {
            name: 'policy-acts',
            expression: "params.spec.mode == 'Enforce' && !(has(params.spec.paused) && params.spec.paused)",
          },
        ],
        variables: [
          { name: 'labels', expression: 'has(object.metadata.labels) ? object.metadata.labels : {}' },
          {
            name: 'owners',
            expression: 'object.metadata.ownerReferences.filter(o, has(o.controller) && o.controller)',
          },
          { name: 'selected', expression: SELECTED.trim() },
          { name: 'revision', expression: REVISION.trim() },
          { name: 'workload', expression: WORKLOAD.trim() },
          { name: 'nodes', expression: NODES.trim() },
        ],
        mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: PATCH.trim() } }],
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicyBinding',
      metadata: { name: NAME, labels: LABELS },
      spec: {
        policyName: NAME,
        // Policies of the pod's own namespace, all of them.
        paramRef: { selector: {}, parameterNotFoundAction: 'Allow' },
      },
    },
  ];
}
