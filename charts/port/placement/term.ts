/** One requirement on a node's labels, as `NodeSelectorRequirement` has it. */
export interface NodeRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  /** One or more for `In` and `NotIn`, one integer for `Gt` and `Lt`, none for the others. */
  readonly values: readonly string[];
}

/** That a pod with these labels runs on the node, or, with `anti`, that none does. */
export interface PodRequirement {
  readonly anti: boolean;
  /** All have to match one pod; each takes one of its values. */
  readonly labels: readonly { readonly key: string; readonly values: readonly string[] }[];
  /** Where the expression asks for it, for the error message. */
  readonly column: number;
}

/** One way for a node to be allowed: all these requirements hold. */
export interface Term {
  readonly node: readonly NodeRequirement[];
  readonly pods: readonly PodRequirement[];
}

/** Ways of which one is enough. No way at all never holds; a way without requirements always does. */
export type Disjunction = readonly Term[];

export const NEVER: Disjunction = [];
export const ALWAYS: Disjunction = [{ node: [], pods: [] }];
