import type { Comparison } from '../../ecs/query-language/ast.js';
import { customLabelKey, labelValue } from './node-label.js';
import { complement, either } from './normal-form.js';
import { PatternError, shapes } from './pattern.js';
import type { Disjunction, PodRequirement } from './term.js';

/** Finds the pod labels of an ECS service; `undefined` for one that is not in the input. */
export type ServiceLabels = (serviceName: string) => Readonly<Record<string, string>> | undefined;

const SERVICE_PREFIX = 'service:';
/** The label of the recommended set that names the application; this tool selects pods by it. */
const NAME_LABEL = 'app.kubernetes.io/name';

/**
 * The nodes on which tasks of the group run: `service:NAME` is the group of a service, any other one is a label that the
 * pods of that group have to carry.
 *
 * `!=` is read as "no task of the group runs there", as `not(task:group == …)` is.
 *
 * @throws PatternError when pods cannot express the comparison
 */
export function taskGroupNodes(
  comparison: Comparison,
  serviceLabels: ServiceLabels,
  prefix: string,
  maximumTerms: number,
): Disjunction {
  const { operator } = comparison;
  const hosting = either(
    groups(comparison).map((group) => [{ node: [], pods: [pods(group, comparison.column, serviceLabels, prefix)] }]),
    maximumTerms,
  );
  const negative = operator === '!=' || operator === '!in' || operator === '!~';
  return negative ? complement(hosting, maximumTerms) : hosting;
}

/** The groups of the comparison that are services which the input does not have. */
export function unknownServices(comparison: Comparison, serviceLabels: ServiceLabels): readonly string[] {
  const services = groups(comparison).filter((group) => group.startsWith(SERVICE_PREFIX));
  return services
    .map((group) => group.slice(SERVICE_PREFIX.length))
    .filter((name) => serviceLabels(name) === undefined);
}

/** The groups of the comparison that are not services: `family:NAME` or a name given to `RunTask`. */
export function otherGroups(comparison: Comparison): readonly string[] {
  return groups(comparison).filter((group) => !group.startsWith(SERVICE_PREFIX));
}

function groups({ operator, values }: Comparison): readonly string[] {
  switch (operator) {
    case '==':
    case '!=':
    case 'in':
    case '!in':
      return values;
    case '=~':
    case '!~':
      return shapes(values[0] ?? '').map((shape) => {
        const [first = ''] = shape;
        if (shape.length < 2 && typeof first === 'string') return first;
        throw new PatternError(
          'pods are found by whole group names, found a wildcard',
          'list the groups with in [...]',
        );
      });
    default:
      throw new PatternError(`pods cannot express ${operator} of a task group`, 'name the groups with == or in [...]');
  }
}

function pods(group: string, column: number, serviceLabels: ServiceLabels, prefix: string): PodRequirement {
  const labels = group.startsWith(SERVICE_PREFIX)
    ? servicePods(group.slice(SERVICE_PREFIX.length), serviceLabels)
    : { [taskGroupLabelKey(prefix)]: labelValue(group) };
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { anti: false, labels: sorted.map(([key, value]) => ({ key, values: [value] })), column };
}

function servicePods(name: string, serviceLabels: ServiceLabels): Readonly<Record<string, string>> {
  return serviceLabels(name) ?? { [NAME_LABEL]: labelValue(name) };
}

/** The pod label of a task group that is no service, such as `ecs.tranship.dev/task-group`. */
export function taskGroupLabelKey(prefix: string): string {
  return customLabelKey('task-group', prefix);
}
