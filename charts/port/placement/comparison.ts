import type { Comparison } from '../../ecs/query-language/ast.js';
import type { Fidelity } from '../../report/fidelity.js';
import { attributeNodes, dividesWindowsEditions, instanceTypeAttributeNodes, osFamilyNodes } from './attribute.js';
import type { Findings } from './findings.js';
import { attributeLabel, customLabelKey, isCapability, labelValue } from './node-label.js';
import { fits, PatternError, shapes } from './pattern.js';
import { otherGroups, type ServiceLabels, taskGroupLabelKey, taskGroupNodes, unknownServices } from './task-group.js';
import { ALWAYS, type Disjunction, NEVER } from './term.js';

/** Translates the comparisons of one expression and says what becomes of each. */
export interface ComparisonContext {
  /** Which expression, from 0. */
  readonly index: number;
  readonly prefix: string;
  readonly maximumTerms: number;
  readonly serviceLabels: ServiceLabels;
  readonly findings: Findings;
}

const DROPPED = {
  agentVersion: 'nodes run no ECS agent; the kubelet version is chosen with the node group',
  registeredAt: 'Kubernetes does not choose nodes by age; expire nodes with the node group or the NodePool instead',
  runningTasksCount: 'Kubernetes does not choose nodes by their number of pods; use a topology spread or maxPods',
};

/**
 * The nodes on which a comparison holds; `undefined` for one that is left out, with a note when Kubernetes has nothing
 * for it, with a refusal when it could be written otherwise.
 */
export function comparisonNodes(comparison: Comparison, context: ComparisonContext): Disjunction | undefined {
  try {
    return translated(comparison, context);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    const { index, findings } = context;
    findings.refuse({ index, column: comparison.column, reason: error.message, fix: error.fix });
    return undefined;
  }
}

function translated(comparison: Comparison, context: ComparisonContext): Disjunction | undefined {
  const { subject } = comparison;
  const { prefix, maximumTerms } = context;
  const say = (fidelity: Fidelity, text: string) =>
    context.findings.note({ index: context.index, expression: comparison.text, fidelity, text });
  switch (subject.kind) {
    case 'attribute':
      return namedAttribute(subject.name, comparison, context, say);
    case 'ec2InstanceId': {
      const label = {
        key: customLabelKey('ec2-instance-id', prefix),
        wellKnown: false,
        always: false,
        value: labelValue,
      };
      const nodes = attributeNodes(label, comparison, maximumTerms);
      const why = 'it stands for the container instance that the expression names';
      requireLabels(nodes, `${comparison.text}: ${why}`, context);
      say('needs-addon', `the container instance stays behind: give its role to a node with the label ${label.key}`);
      return nodes;
    }
    case 'task:group':
      return taskGroup(comparison, context, say);
    case 'agentConnected':
      say('same', 'pods are only placed on nodes that are ready, so this is true of every node');
      return holdsForTrue(comparison) ? ALWAYS : NEVER;
    default:
      say('none', DROPPED[subject.kind]);
      return undefined;
  }
}

type Say = (fidelity: Fidelity, text: string) => void;

function namedAttribute(
  name: string,
  comparison: Comparison,
  context: ComparisonContext,
  say: Say,
): Disjunction | undefined {
  const { prefix, maximumTerms } = context;
  if (isCapability(name)) {
    say('none', 'nodes have no list of what the ECS agent can do; the node group has to offer it');
    return undefined;
  }
  if (name === 'ecs.os-family') {
    const nodes = osFamilyNodes(comparison, maximumTerms);
    const divides = dividesWindowsEditions(comparison);
    say(
      divides ? 'near' : 'same',
      divides
        ? 'the Windows build stands for the family; Core and Full have the same one'
        : 'node labels of the system',
    );
    return nodes;
  }
  const label = attributeLabel(name, prefix);
  if (name === 'ecs.instance-type') {
    const nodes = instanceTypeAttributeNodes(comparison, prefix, maximumTerms);
    const derived = nodes.some((term) => term.node.some(({ key }) => key !== label.key));
    if (derived) {
      requireLabels(nodes, `${comparison.text}: Karpenter sets it, other node groups have to`, context, label.key);
      say(
        'needs-addon',
        'Karpenter labels of the instance types known today; types that EC2 adds later are not among them',
      );
    } else {
      say('same', `node label ${label.key}`);
    }
    return nodes;
  }
  const nodes = attributeNodes(label, comparison, maximumTerms);
  const ordered = ['>', '>=', '<', '<='].includes(comparison.operator);
  const order = ordered ? '; compared as integers' : '';
  if (label.wellKnown) {
    say(ordered ? 'near' : 'same', `node label ${label.key}${order}`);
  } else {
    requireLabels(nodes, `${comparison.text}: it stands for the attribute ${name}`, context);
    say('needs-addon', `node groups have to set the label ${label.key} in the place of the attribute${order}`);
  }
  return nodes;
}

function taskGroup(comparison: Comparison, context: ComparisonContext, say: Say): Disjunction {
  const { serviceLabels, prefix, maximumTerms } = context;
  const nodes = taskGroupNodes(comparison, serviceLabels, prefix, maximumTerms);
  const unknown = unknownServices(comparison, serviceLabels);
  const others = otherGroups(comparison);
  if (others.length > 0) {
    say(
      'needs-addon',
      `pods of the task group have to carry the label ${taskGroupLabelKey(prefix)}: ${others.join(', ')}`,
    );
  }
  if (unknown.length > 0) {
    say('near', `not in the input, so its pods are found by the name alone: ${unknown.join(', ')}`);
  }
  if (comparison.operator === '!=' || comparison.operator === '!in' || comparison.operator === '!~') {
    say('near', 'read as "no task of the group runs there"; ECS also asks for a task of another group to run there');
  }
  say(
    'near',
    'pods of the same namespace on the same node; a pod that must not be near others also keeps those away from itself',
  );
  return nodes;
}

/** Whether a comparison of `agentConnected` accepts the only value that a node that takes pods can have. */
function holdsForTrue({ operator, values }: Comparison): boolean {
  switch (operator) {
    case '=~':
    case '!~':
      return shapes(values[0] ?? '').some((shape) => fits(shape, 'true')) === (operator === '=~');
    case '==':
    case 'in':
      return values.includes('true');
    default:
      return !values.includes('true');
  }
}

function requireLabels(nodes: Disjunction, why: string, { findings }: ComparisonContext, except?: string): void {
  const requirements = nodes.flatMap((term) => term.node).filter(({ key }) => key !== except);
  const listed = requirements.filter(({ operator }) => operator === 'In' || operator === 'NotIn');
  for (const { key, values } of listed) for (const value of values) findings.label({ key, value, why });
  for (const { key } of requirements) {
    if (!listed.some((each) => each.key === key)) findings.label({ key, why });
  }
}
