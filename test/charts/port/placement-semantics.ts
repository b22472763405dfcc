import type { INodeSelectorTerm } from 'kubernetes-models/v1';
import type { Comparison, Expression } from '../../../charts/ecs/query-language/ast.js';

/** A container instance as ECS's placement sees it. */
export interface ContainerInstance {
  readonly attributes: ReadonlyMap<string, string>;
  readonly taskGroups: ReadonlySet<string>;
}

/** What ECS answers for an expression on an instance, written down independently of the translation. */
export function ecsAllows(expression: Expression, instance: ContainerInstance): boolean {
  switch (expression.kind) {
    case 'and':
      return expression.operands.every((operand) => ecsAllows(operand, instance));
    case 'or':
      return expression.operands.some((operand) => ecsAllows(operand, instance));
    case 'not':
      return !ecsAllows(expression.operand, instance);
    default:
      return holdsOn(expression, instance);
  }
}

function holdsOn(comparison: Comparison, instance: ContainerInstance): boolean {
  if (comparison.subject.kind === 'task:group') return runsGroup(comparison, instance);
  if (comparison.subject.kind !== 'attribute') throw new Error(`no meaning for ${comparison.text}`);
  return holds(comparison, instance.attributes.get(comparison.subject.name));
}

function runsGroup({ operator, values }: Comparison, { taskGroups }: ContainerInstance): boolean {
  const runs = values.some((group) => taskGroups.has(group));
  return operator === '!=' || operator === '!in' ? !runs : runs;
}

/** An attribute that is absent meets `!exists` only. */
function holds({ operator, values }: Comparison, attribute: string | undefined): boolean {
  if (attribute === undefined) return operator === '!exists';
  const [value = ''] = values;
  switch (operator) {
    case 'exists':
      return true;
    case '!exists':
      return false;
    case '==':
    case 'in':
      return values.includes(attribute);
    case '!=':
    case '!in':
      return !values.includes(attribute);
    case '=~':
      return new RegExp(`^(?:${value})$`).test(attribute);
    case '!~':
      return !new RegExp(`^(?:${value})$`).test(attribute);
    case '>':
      return Number(attribute) > Number(value);
    case '>=':
      return Number(attribute) >= Number(value);
    case '<':
      return Number(attribute) < Number(value);
    default:
      return Number(attribute) <= Number(value);
  }
}

/** What the scheduler answers for the node selector terms on a node; no terms at all allow every node. */
export function kubernetesAllows(
  terms: readonly INodeSelectorTerm[] | undefined,
  labels: ReadonlyMap<string, string>,
): boolean {
  if (terms === undefined) return true;
  return terms.some((term) => {
    const requirements = term.matchExpressions ?? [];
    return (
      requirements.length > 0 && requirements.every((requirement) => meets(requirement, labels.get(requirement.key)))
    );
  });
}

type Requirement = NonNullable<INodeSelectorTerm['matchExpressions']>[number];

function meets({ operator, values = [] }: Requirement, label: string | undefined): boolean {
  const number = label !== undefined && /^\d+$/.test(label) ? Number(label) : undefined;
  switch (operator) {
    case 'In':
      return label !== undefined && values.includes(label);
    case 'NotIn':
      return label === undefined || !values.includes(label);
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    case 'Gt':
      return number !== undefined && number > Number(values[0]);
    default:
      return number !== undefined && number < Number(values[0]);
  }
}
