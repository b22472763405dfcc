import type { Fidelity } from '../../report/fidelity.js';

/** What became of one part of a placement expression. */
export interface PlacementNote {
  /** Which of the given expressions, from 0. */
  readonly index: number;
  /** The part as it was written, such as `attribute:stack == prod`. */
  readonly expression: string;
  readonly fidelity: Fidelity;
  readonly text: string;
}

/** A part that cannot be carried; what remains of the constraint allows more nodes than ECS did. */
export interface PlacementRefusal {
  /** Which of the given expressions, from 0. */
  readonly index: number;
  /** Where the part starts: 0-based, in UTF-16 units of that expression. */
  readonly column: number;
  readonly reason: string;
  readonly fix: string;
}

/** A label that nodes have to carry for the constraint to mean what it meant. */
export interface RequiredNodeLabel {
  readonly key: string;
  /** Absent when any value will do, as for `exists`. */
  readonly value?: string;
  readonly why: string;
}

/** Gathers what the translation of expressions has to say, each thing once. */
export class Findings {
  readonly #notes = new Map<string, PlacementNote>();
  readonly #refusals = new Map<string, PlacementRefusal>();
  readonly #labels = new Map<string, RequiredNodeLabel>();

  note(note: PlacementNote): void {
    const key = JSON.stringify([note.index, note.expression, note.text]);
    if (!this.#notes.has(key)) this.#notes.set(key, note);
  }

  refuse(refusal: PlacementRefusal): void {
    const key = JSON.stringify([refusal.index, refusal.column, refusal.reason]);
    if (!this.#refusals.has(key)) this.#refusals.set(key, refusal);
  }

  label(label: RequiredNodeLabel): void {
    const key = JSON.stringify([label.key, label.value]);
    if (!this.#labels.has(key)) this.#labels.set(key, label);
  }

  get notes(): readonly PlacementNote[] {
    return [...this.#notes.values()];
  }

  get refusals(): readonly PlacementRefusal[] {
    return [...this.#refusals.values()];
  }

  get nodeLabels(): readonly RequiredNodeLabel[] {
    return [...this.#labels.values()];
  }
}
