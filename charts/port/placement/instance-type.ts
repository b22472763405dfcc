import { INSTANCE_FAMILIES, INSTANCE_SIZES } from './instance-families.js';
import { attributeLabel, INSTANCE_CATEGORY, INSTANCE_FAMILY, INSTANCE_SIZE } from './node-label.js';
import { type Disjunction, type NodeRequirement } from './term.js';
import { fits, PatternError, type Piece, type Shape } from './pattern.js';

const TYPE = attributeLabel('ecs.instance-type', '').key;
const FIX = 'name the types with in [...], or use patterns such as m5\\..*, (t3|t3a)\\.micro or g4.*';

const CATEGORIES = [...new Set(INSTANCE_FAMILIES.map((family) => /^[a-z]*/.exec(family)?.[0] ?? ''))];

/**
 * The nodes whose instance type is of a shape: `family.size`, with exactly one point.
 *
 * A whole type asks for `node.kubernetes.io/instance-type`; a pattern asks for Karpenter's labels of the family
 * (`m5\..*`, and `m5.*` for every family that begins so), of the category (`t.*`) and of the size (`.*\.micro`).
 *
 * @throws PatternError when it cannot be told which part of the shape is the family and which the size
 */
export function instanceTypeNodes(shape: Shape): Disjunction {
  const split = splitAtPoint(shape);
  if (split === undefined) throw new PatternError('the pattern leaves open where the point of the type is', FIX);
  const [family, size] = split;
  const exactFamily = exact(family);
  const exactSize = exact(size);
  if (exactFamily !== undefined && exactSize !== undefined) {
    return [{ node: [{ key: TYPE, operator: 'In', values: [`${exactFamily}.${exactSize}`] }], pods: [] }];
  }
  const node = [...familyNodes(family, exactFamily), ...sizeNodes(size, exactSize)];
  return [{ node: node.length === 0 ? [{ key: TYPE, operator: 'Exists', values: [] }] : node, pods: [] }];
}

function familyNodes(shape: Shape, exactFamily: string | undefined): readonly NodeRequirement[] {
  if (exactFamily !== undefined) return [{ key: INSTANCE_FAMILY, operator: 'In', values: [exactFamily] }];
  if (isAnything(shape)) return [];
  const [first, second] = shape;
  const prefix = shape.length === 2 && isAnything([second ?? '']) && typeof first === 'string' ? first : undefined;
  if (prefix !== undefined && /^[a-z]+$/.test(prefix)) {
    // A family begins with its category and goes on with a digit or a dash, so letters alone are decided by the category.
    const values = CATEGORIES.filter((category) => category.startsWith(prefix));
    if (values.length > 0) return [{ key: INSTANCE_CATEGORY, operator: 'In', values }];
  }
  const values = INSTANCE_FAMILIES.filter((family) => fits(shape, family));
  if (values.length > 0) return [{ key: INSTANCE_FAMILY, operator: 'In', values }];
  if (prefix !== undefined && fits(shape, prefix) && /^[a-z]+\d[a-z\d-]*$/.test(prefix)) {
    return [{ key: INSTANCE_FAMILY, operator: 'In', values: [prefix] }];
  }
  throw new PatternError('no instance family is known that the pattern accepts', FIX);
}

function sizeNodes(shape: Shape, exactSize: string | undefined): readonly NodeRequirement[] {
  if (exactSize === undefined && isAnything(shape)) return [];
  const values = exactSize === undefined ? INSTANCE_SIZES.filter((size) => fits(shape, size)) : [exactSize];
  if (values.length === 0) throw new PatternError('no instance size is known that the pattern accepts', FIX);
  return [{ key: INSTANCE_SIZE, operator: 'In', values }];
}

/** The shapes of the family and of the size; `undefined` when the point may be in more than one place. */
function splitAtPoint(shape: Shape): readonly [Shape, Shape] | undefined {
  const texts = shape.filter((piece) => typeof piece === 'string');
  const points = texts.join('').split('.').length - 1;
  if (points > 1) throw new PatternError('an instance type has one point, the pattern asks for more', FIX);
  if (points === 1) {
    const at = shape.findIndex((piece) => typeof piece === 'string' && piece.includes('.'));
    const text = shape[at];
    const [before = '', after = ''] = typeof text === 'string' ? text.split('.') : [];
    return [withText(shape.slice(0, at), before), [...(after === '' ? [] : [after]), ...shape.slice(at + 1)]];
  }
  // Without a point of its own, the one wildcard that there is has to hold it.
  const at = shape.findIndex((piece) => typeof piece === 'object');
  const wildcard = shape[at];
  if (typeof wildcard !== 'object' || shape.length - texts.length !== 1) return undefined;
  const before = shape.slice(0, at);
  const after = shape.slice(at + 1);
  if (!wildcard.unbounded) return wildcard.minimum === 1 ? [before, after] : undefined;
  // The point and one character of the size are there in any case; a longer minimum could be met on either side.
  if (wildcard.minimum > (after.length === 0 ? 2 : 1)) return undefined;
  const anything: Piece = { minimum: 0, unbounded: true };
  return [
    [...before, anything],
    [anything, ...after],
  ];
}

function withText(shape: Shape, text: string): Shape {
  return text === '' ? shape : [...shape, text];
}

function exact(shape: Shape): string | undefined {
  const [first] = shape;
  return shape.length === 1 && typeof first === 'string' ? first : undefined;
}

/** Any family or size at all; both have a character at least. */
function isAnything(shape: Shape): boolean {
  const [first] = shape;
  return shape.length === 1 && typeof first === 'object' && first.unbounded && first.minimum <= 1;
}
