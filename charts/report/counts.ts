import { FIDELITIES, type Fidelity } from './fidelity.js';
import type { Entry } from './ledger.js';

/** How many input fields ended with each fidelity. Collapsed parts count with all of their leaves. */
export type Counts = Readonly<Record<Fidelity, number>>;

/** Sums up fidelities, one entry at a time. */
export class Tally {
  private readonly counts: Record<Fidelity, number> = { same: 0, near: 0, 'needs-addon': 0, none: 0 };

  add(entry: Pick<Entry, 'fidelity' | 'leaves'>): void {
    this.counts[entry.fidelity] += entry.leaves;
  }

  get result(): Counts {
    return { ...this.counts };
  }
}

/** All fields of a count. */
export function totalOf(counts: Counts): number {
  return FIDELITIES.reduce((sum, fidelity) => sum + counts[fidelity], 0);
}

/**
 * How each fidelity is called before people.
 *
 * @example FIDELITY_WORDS['needs-addon'] // 'needs add-on'
 */
export const FIDELITY_WORDS: Readonly<Record<Fidelity, string>> = {
  same: 'same',
  near: 'near',
  'needs-addon': 'needs add-on',
  none: 'none',
};

/** What each fidelity means, for legends. */
export const FIDELITY_MEANINGS: Readonly<Record<Fidelity, string>> = {
  same: 'Kubernetes means the same by the manifest',
  near: 'carried, with a difference that is stated',
  'needs-addon': 'carried when an add-on, an operator or a cluster setting is present',
  none: 'Kubernetes has nothing for it',
};

/** Whether `fidelity` is as bad as `limit` or worse. */
export function asBadAs(fidelity: Fidelity, limit: Fidelity): boolean {
  return FIDELITIES.indexOf(fidelity) >= FIDELITIES.indexOf(limit);
}
