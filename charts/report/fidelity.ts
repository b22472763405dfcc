/**
 * How well a field of the input survives the port, from best to worst.
 * - `same`: Kubernetes means the same by the manifest.
 * - `near`: carried with a difference that is stated.
 * - `needs-addon`: carried when an add-on, an operator or a cluster setting is present.
 * - `none`: Kubernetes has nothing for it.
 */
export const FIDELITIES = ['same', 'near', 'needs-addon', 'none'] as const;

export type Fidelity = (typeof FIDELITIES)[number];

/** What a translation says of a field it has dealt with. */
export interface Mark {
  readonly fidelity: Fidelity;
  /** The Kubernetes fields that carry it, such as `Container.resources.limits.memory`; empty when none does. */
  readonly kubernetes: readonly string[];
  /** What is different or lost, in a sentence; absent when nothing is. */
  readonly lost?: string;
  /** What the reader has to do, in a sentence. */
  readonly todo?: string;
  /** True when no translation dealt with the field: a gap in this tool rather than in Kubernetes. */
  readonly untouched?: true;
}

/** The less faithful of two; the first when they are equally faithful, with the Kubernetes fields of both. */
export function worse(first: Mark, second: Mark): Mark {
  const [kept, other] =
    FIDELITIES.indexOf(second.fidelity) > FIDELITIES.indexOf(first.fidelity) ? [second, first] : [first, second];
  if (other.kubernetes.every((field) => kept.kubernetes.includes(field))) return kept;
  return { ...kept, kubernetes: [...new Set([...first.kubernetes, ...second.kubernetes])] };
}
