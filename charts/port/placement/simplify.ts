import type { Disjunction, NodeRequirement, PodRequirement, Term } from './term.js';

/**
 * The same disjunction with fewer, smaller terms: terms that cannot hold and terms that another one covers go, and terms
 * that differ in one list of values become one.
 *
 * @example `zone In [a]` or `zone In [b]` is `zone In [a, b]`
 */
export function simplify(disjunction: Disjunction): Disjunction {
  let terms = distinct(disjunction.flatMap((term) => simplifiedTerm(term) ?? []));
  for (;;) {
    const merged = mergedByValues(terms);
    if (merged.length === terms.length) break;
    terms = distinct(merged);
  }
  const parts = terms.map((term) => new Set(partsOf(term)));
  return terms.filter((_, index) => !parts.some((other, at) => at !== index && covers(other, parts[index] ?? other)));
}

/** `undefined` when the requirements contradict each other. */
function simplifiedTerm(term: Term): Term | undefined {
  const byKey = new Map<string, NodeRequirement[]>();
  for (const requirement of term.node) {
    byKey.set(requirement.key, [...(byKey.get(requirement.key) ?? []), requirement]);
  }
  const node: NodeRequirement[] = [];
  for (const [key, requirements] of byKey) {
    const simple = simplifiedKey(key, requirements);
    if (simple === undefined) return undefined;
    node.push(...simple);
  }
  const pods = new Map(term.pods.map((pod) => [podPart(pod), pod]));
  return { node, pods: [...pods.values()] };
}

function simplifiedKey(key: string, requirements: readonly NodeRequirement[]): readonly NodeRequirement[] | undefined {
  const of = (operator: NodeRequirement['operator']) => requirements.filter((each) => each.operator === operator);
  const excluded = new Set(of('NotIn').flatMap((each) => each.values));
  const lists = of('In').map((each) => each.values);
  const above = bounds(of('Gt')).reduce<bigint | undefined>((a, b) => (a === undefined || b > a ? b : a), undefined);
  const below = bounds(of('Lt')).reduce<bigint | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
  const bounded = above !== undefined || below !== undefined;

  if (of('DoesNotExist').length > 0) {
    const present = lists.length > 0 || of('Exists').length > 0 || bounded;
    return present ? undefined : [{ key, operator: 'DoesNotExist', values: [] }];
  }
  if (above !== undefined && below !== undefined && above + 1n >= below) return undefined;

  const simple: NodeRequirement[] = [];
  const [first, ...rest] = lists;
  if (first !== undefined) {
    const kept = new Set(first.filter((value) => !excluded.has(value) && rest.every((list) => list.includes(value))));
    if (kept.size === 0) return undefined;
    simple.push({ key, operator: 'In', values: [...kept] });
  } else {
    if (of('Exists').length > 0 && !bounded) simple.push({ key, operator: 'Exists', values: [] });
    if (excluded.size > 0) simple.push({ key, operator: 'NotIn', values: [...excluded] });
  }
  if (above !== undefined) simple.push({ key, operator: 'Gt', values: [String(above)] });
  if (below !== undefined) simple.push({ key, operator: 'Lt', values: [String(below)] });
  return simple;
}

function bounds(requirements: readonly NodeRequirement[]): readonly bigint[] {
  return requirements.flatMap((each) => each.values.map(BigInt));
}

function distinct(terms: Disjunction): Disjunction {
  const bySignature = new Map<string, Term>();
  for (const term of terms) {
    const signature = partsOf(term).toSorted().join('\n');
    if (!bySignature.has(signature)) bySignature.set(signature, term);
  }
  return [...bySignature.values()];
}

/** One pass of joining terms that are equal but for the values of one `In`, or of one label of one pod that has to run. */
function mergedByValues(terms: Disjunction): Disjunction {
  const merged: Term[] = [];
  const places = new Map<string, number>();
  for (const term of terms) {
    const openings = openingsOf(term);
    const opening = openings.find(({ signature }) => places.has(signature));
    const place = opening === undefined ? undefined : places.get(opening.signature);
    const earlier = place === undefined ? undefined : merged[place];
    if (opening === undefined || place === undefined || earlier === undefined) {
      for (const { signature } of openings) places.set(signature, merged.length);
      merged.push(term);
      continue;
    }
    const values = openingsOf(earlier).find(({ signature }) => signature === opening.signature)?.values ?? [];
    merged[place] = opening.fill([...new Set([...values, ...opening.values])]);
    // The joined term has other signatures than the ones stored for its place; the next pass sees them.
    for (const [signature, at] of places) if (at === place) places.delete(signature);
  }
  return merged;
}

interface Opening {
  /** The term with a gap where the values are. */
  readonly signature: string;
  readonly values: readonly string[];
  fill(values: readonly string[]): Term;
}

function openingsOf(term: Term): readonly Opening[] {
  const parts = partsOf(term);
  const gap = (index: number, part: string) =>
    parts
      .map((each, at) => (at === index ? part : each))
      .toSorted()
      .join('\n');
  const nodes = term.node.flatMap((requirement, index): Opening[] =>
    requirement.operator === 'In'
      ? [
          {
            signature: gap(index, nodePart({ ...requirement, values: ['\0'] })),
            values: requirement.values,
            fill: (values) => ({ ...term, node: term.node.with(index, { ...requirement, values }) }),
          },
        ]
      : [],
  );
  const pods = term.pods.flatMap((pod, index): Opening[] =>
    pod.anti
      ? []
      : pod.labels.map((label, at) => {
          const filled = (values: readonly string[]) => ({ ...pod, labels: pod.labels.with(at, { ...label, values }) });
          return {
            signature: gap(term.node.length + index, podPart(filled(['\0']))),
            values: label.values,
            fill: (values) => ({ ...term, pods: term.pods.with(index, filled(values)) }),
          };
        }),
  );
  return [...nodes, ...pods];
}

function partsOf(term: Term): readonly string[] {
  return [...term.node.map(nodePart), ...term.pods.map(podPart)];
}

function nodePart({ key, operator, values }: NodeRequirement): string {
  return JSON.stringify([key, operator, values.toSorted()]);
}

function podPart({ anti, labels }: PodRequirement): string {
  return JSON.stringify([anti, labels.map(({ key, values }) => [key, values.toSorted()])]);
}

/** Whether a term with `fewer` parts holds wherever one with `more` parts does. */
function covers(fewer: ReadonlySet<string>, more: ReadonlySet<string>): boolean {
  if (fewer.size >= more.size) return false;
  for (const part of fewer) if (!more.has(part)) return false;
  return true;
}
