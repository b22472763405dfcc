import type { Comparison } from '../../ecs/query-language/ast.js';
import { instanceTypeNodes } from './instance-type.js';
import { type AttributeLabel, attributeLabel, OPERATING_SYSTEM, OS_FAMILIES, WINDOWS_BUILD } from './node-label.js';
import { all, atLeast, below, complement, either, labelled } from './normal-form.js';
import { fits, PatternError, type Shape, shapes } from './pattern.js';
import { ALWAYS, type Disjunction, NEVER } from './term.js';

/** The largest integer that `Gt` and `Lt` read. */
const MAXIMUM_INTEGER = 2n ** 63n - 1n;

const NEGATIVE = new Set<Comparison['operator']>(['!=', '!in', '!~']);

/**
 * The nodes on which a comparison of an attribute holds.
 *
 * An attribute that a container instance does not have meets `!exists` and nothing else, not even `!=`: ECS lists only
 * instances that have the attribute with another value (aws/containers-roadmap#486), while `not(attribute:x == y)` does
 * take those without it. `NotIn` of Kubernetes takes nodes without the label, so `!=`, `!in` and `!~` also ask for the
 * label to exist.
 *
 * @throws PatternError when the label cannot express the comparison
 */
export function attributeNodes(
  label: AttributeLabel,
  comparison: Comparison,
  maximumTerms: number,
  pattern: (shape: Shape) => Disjunction = (shape) => valueNodes(label, exactValue(shape)),
): Disjunction {
  const { operator, values } = comparison;
  const present = label.always ? ALWAYS : labelled(label.key, 'Exists');
  switch (operator) {
    case 'exists':
      return present;
    case '!exists':
      return complement(present, maximumTerms);
    case '>':
      return atLeast(label.key, integer(comparison) + 1n);
    case '>=':
      return atLeast(label.key, integer(comparison));
    case '<':
      return below(label.key, integer(comparison));
    case '<=':
      return below(label.key, integer(comparison) + 1n);
    default: {
      const matches =
        operator === '=~' || operator === '!~'
          ? shapes(values[0] ?? '').map((shape) => (acceptsAll(shape) ? present : pattern(shape)))
          : values.map((value) => valueNodes(label, value));
      const positive = either(matches, maximumTerms);
      return NEGATIVE.has(operator) ? all([present, complement(positive, maximumTerms)], maximumTerms) : positive;
    }
  }
}

/** As {@link attributeNodes}, for `ecs.instance-type`, whose patterns become labels of the family and of the size. */
export function instanceTypeAttributeNodes(comparison: Comparison, prefix: string, maximumTerms: number): Disjunction {
  return attributeNodes(attributeLabel('ecs.instance-type', prefix), comparison, maximumTerms, instanceTypeNodes);
}

/**
 * As {@link attributeNodes}, for `ecs.os-family`: Linux is the operating system's label, a Windows release its build.
 * Every node runs some system, so the attribute always exists.
 */
export function osFamilyNodes(comparison: Comparison, maximumTerms: number): Disjunction {
  const { operator, values } = comparison;
  const named = (families: readonly string[]) => either(families.map(osFamily), maximumTerms);
  switch (operator) {
    case 'exists':
      return ALWAYS;
    case '!exists':
      return NEVER;
    case '==':
    case 'in':
      return named(values);
    case '!=':
    case '!in':
      return complement(named(values), maximumTerms);
    case '=~':
    case '!~': {
      const accepted = shapes(values[0] ?? '');
      const families = [...OS_FAMILIES.keys()].filter((family) => accepted.some((shape) => fits(shape, family)));
      return operator === '=~' ? named(families) : complement(named(families), maximumTerms);
    }
    default:
      throw new PatternError('operating system families have no order', 'name the families with in [...]');
  }
}

/** Whether the comparison tells the Core edition of a Windows release from the Full one, which nodes do not say. */
export function dividesWindowsEditions({ values }: Comparison): boolean {
  return values.some((value) => {
    const other = value.endsWith('_CORE') ? value.replace(/_CORE$/, '_FULL') : value.replace(/_FULL$/, '_CORE');
    return other !== value && OS_FAMILIES.has(other) && !values.includes(other);
  });
}

function osFamily(family: string): Disjunction {
  if (!OS_FAMILIES.has(family)) {
    const known = [...OS_FAMILIES.keys()].join(', ');
    throw new PatternError(
      `found ${JSON.stringify(family)}, which is no operating system family`,
      `use one of ${known}`,
    );
  }
  const build = OS_FAMILIES.get(family);
  return build === undefined ? labelled(OPERATING_SYSTEM, 'In', ['linux']) : labelled(WINDOWS_BUILD, 'In', [build]);
}

function valueNodes(label: AttributeLabel, attributeValue: string): Disjunction {
  const value = label.value(attributeValue);
  return value === undefined ? NEVER : labelled(label.key, 'In', [value]);
}

function acceptsAll(shape: Shape): boolean {
  const [first] = shape;
  return shape.length === 1 && typeof first === 'object' && first.unbounded && first.minimum <= 1;
}

function exactValue(shape: Shape): string {
  const [first = ''] = shape;
  if (shape.length < 2 && typeof first === 'string') return first;
  throw new PatternError(
    'a node label has whole values, found a pattern with a wildcard',
    'list the values with in [...]',
  );
}

function integer({ operator, values }: Comparison): bigint {
  const [text = ''] = values;
  const value = /^[+-]?\d{1,19}$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
  if (value === undefined || value >= MAXIMUM_INTEGER || value <= -MAXIMUM_INTEGER) {
    throw new PatternError(
      `node labels are ordered as integers of 64 bits, found ${operator} ${JSON.stringify(text)}`,
      'compare with an integer, or list the values with in [...]',
    );
  }
  return value;
}
