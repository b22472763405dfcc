import type { INodeSelectorTerm, IPodAffinityTerm } from 'kubernetes-models/v1';
import type { Expression } from '../ecs/query-language/ast.js';
import { comparisonNodes } from './placement/comparison.js';
import { Findings, type PlacementNote, type PlacementRefusal, type RequiredNodeLabel } from './placement/findings.js';
import { DEFAULT_LABEL_PREFIX } from './placement/node-label.js';
import { all, disjunctiveForm, TooManyTermsError } from './placement/normal-form.js';
import { simplify } from './placement/simplify.js';
import type { ServiceLabels } from './placement/task-group.js';
import { ALWAYS, type Disjunction, type NodeRequirement, type PodRequirement } from './placement/term.js';

export type { PlacementNote, PlacementRefusal, RequiredNodeLabel, ServiceLabels };

/** More terms than anyone reads, and few enough for the scheduler to try on every node. */
const DEFAULT_MAXIMUM_TERMS = 64;

export interface AffinityOptions {
  /** Finds the pod labels of an ECS service that `task:group == service:NAME` names. */
  readonly serviceLabels: ServiceLabels;
  /** The prefix of labels for attributes that Kubernetes does not know; `ecs.tranship.dev` unless given. */
  readonly labelPrefix?: string;
  /** How many `nodeSelectorTerms` there may be; 64 unless given. */
  readonly maximumTerms?: number;
}

/** What a pod needs in the place of its placement expressions; a part without content is absent. */
export interface AffinityResult {
  /** `requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms` of the node affinity. */
  readonly nodeAffinity?: INodeSelectorTerm[];
  /** `requiredDuringSchedulingIgnoredDuringExecution` of the pod affinity. */
  readonly podAffinity?: IPodAffinityTerm[];
  /** `requiredDuringSchedulingIgnoredDuringExecution` of the pod anti-affinity. */
  readonly podAntiAffinity?: IPodAffinityTerm[];
  /** What became of each comparison, in the order of the input. */
  readonly notes: readonly PlacementNote[];
  readonly refusals: readonly PlacementRefusal[];
  /** Labels that the node groups have to carry. */
  readonly nodeLabels: readonly RequiredNodeLabel[];
}

/**
 * Turns the `memberOf` expressions of a service and of its task definition into required affinity. All of them hold
 * together. Without refusals and dropped parts a node is allowed exactly when ECS would allow the container instance
 * with these attributes; a part that is left out allows more nodes, never fewer.
 *
 * @example
 * const zones = parseExpression('attribute:ecs.availability-zone in [us-east-1a, us-east-1b]');
 * expressionToAffinity([zones], { serviceLabels: () => undefined }).nodeAffinity
 * // [{ matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['us-east-1a', 'us-east-1b'] }] }]
 */
export function expressionToAffinity(expressions: readonly Expression[], options: AffinityOptions): AffinityResult {
  const findings = new Findings();
  const maximumTerms = options.maximumTerms ?? DEFAULT_MAXIMUM_TERMS;
  const pods: PodRequirement[] = [];
  let nodes = ALWAYS;
  expressions.forEach((expression, index) => {
    const meaning = attempt(expression, index, maximumTerms, findings, () => {
      const context = {
        ...options,
        index,
        maximumTerms,
        findings,
        prefix: options.labelPrefix ?? DEFAULT_LABEL_PREFIX,
      };
      const form = disjunctiveForm(expression, (each) => comparisonNodes(each, context), maximumTerms);
      const wanted = commonPods(form, index, findings);
      const product = all([nodes, simplify(form.map(({ node }) => ({ node, pods: [] })))], maximumTerms);
      return { wanted, product };
    });
    if (meaning === undefined) return;
    if (meaning.product.length === 0) {
      findings.refuse({
        index,
        column: expression.column,
        reason: 'no node can meet the constraint, so ECS would leave the tasks waiting',
        fix: 'remove what contradicts itself or another constraint',
      });
      return;
    }
    nodes = meaning.product;
    pods.push(...meaning.wanted);
  });
  const distinctPods = simplify([{ node: [], pods }])[0]?.pods ?? [];
  const podAffinity = distinctPods.filter((pod) => !pod.anti).map(podAffinityTerm);
  const podAntiAffinity = distinctPods.filter((pod) => pod.anti).map(podAffinityTerm);
  return {
    ...(nodes.some((term) => term.node.length === 0) ? {} : { nodeAffinity: nodes.map(nodeSelectorTerm) }),
    ...(podAffinity.length === 0 ? {} : { podAffinity }),
    ...(podAntiAffinity.length === 0 ? {} : { podAntiAffinity }),
    notes: findings.notes,
    refusals: findings.refusals,
    nodeLabels: findings.nodeLabels,
  };
}

/** Runs `translate`; an expression that would need too many terms is refused and left out. */
function attempt<Result>(
  { column }: Expression,
  index: number,
  maximumTerms: number,
  findings: Findings,
  translate: () => Result,
): Result | undefined {
  try {
    return translate();
  } catch (error) {
    if (!(error instanceof TooManyTermsError)) throw error;
    const reason = `the constraints together need more than ${maximumTerms} node selector terms`;
    findings.refuse({
      index,
      column,
      reason,
      fix: 'put one attribute on the nodes that the expression means, and ask for it',
    });
    return undefined;
  }
}

/**
 * The requirements on pods that every term has. Kubernetes holds affinity to pods and to nodes together, so they cannot
 * be an alternative to anything; such an expression is refused.
 */
function commonPods(form: Disjunction, index: number, findings: Findings): readonly PodRequirement[] {
  const signature = (pods: readonly PodRequirement[]) =>
    pods
      .map(({ anti, labels }) => JSON.stringify([anti, labels]))
      .toSorted()
      .join('\n');
  const [first, ...rest] = form;
  if (first === undefined) return [];
  if (rest.every((term) => signature(term.pods) === signature(first.pods))) return first.pods;
  const columns = form.flatMap((term) => term.pods.map((pod) => pod.column));
  findings.refuse({
    index,
    column: Math.min(...columns),
    reason: 'a task group stands beside an alternative, and Kubernetes holds affinity to pods and to nodes together',
    fix: 'join only task groups with or (not negated), or write the group as a constraint of its own',
  });
  return [];
}

function nodeSelectorTerm({ node }: Disjunction[number]): INodeSelectorTerm {
  return { matchExpressions: node.map(selectorRequirement) };
}

function selectorRequirement({ key, operator, values }: NodeRequirement): {
  key: string;
  operator: NodeRequirement['operator'];
  values?: string[];
} {
  return { key, operator, ...(values.length === 0 ? {} : { values: [...values] }) };
}

function podAffinityTerm({ labels }: PodRequirement): IPodAffinityTerm {
  const single = labels.filter(({ values }) => values.length === 1);
  const several = labels.filter(({ values }) => values.length !== 1);
  const matchLabels = Object.fromEntries(single.map(({ key, values }) => [key, values[0] ?? '']));
  const matchExpressions = several.map(({ key, values }) => ({ key, operator: 'In', values: [...values] }));
  return {
    labelSelector: {
      ...(single.length === 0 ? {} : { matchLabels }),
      ...(several.length === 0 ? {} : { matchExpressions }),
    },
    topologyKey: 'kubernetes.io/hostname',
  };
}
