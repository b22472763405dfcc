import { FIDELITIES, type Fidelity } from './fidelity.js';
import type { ReportField } from './report.js';

/** Fields that met the same fate for the same reason. */
export interface FieldGroup {
  readonly fidelity: Fidelity;
  readonly lost?: string;
  readonly todo?: string;
  readonly untouched: boolean;
  readonly fields: readonly ReportField[];
}

const WORST_FIRST: readonly Fidelity[] = FIDELITIES.toReversed();

/** Groups fields by what is lost and what to do: the worst fidelity first, then in document order. */
export function groupFields(fields: readonly ReportField[]): readonly FieldGroup[] {
  const groups = new Map<string, { readonly head: ReportField; readonly fields: ReportField[] }>();
  for (const field of fields) {
    const key = JSON.stringify([field.fidelity, field.lost, field.todo, field.untouched]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { head: field, fields: [field] });
    else group.fields.push(field);
  }
  return [...groups.values()]
    .map(
      ({ head, fields: members }): FieldGroup => ({
        fidelity: head.fidelity,
        untouched: head.untouched === true,
        fields: members,
        ...(head.lost === undefined ? {} : { lost: head.lost }),
        ...(head.todo === undefined ? {} : { todo: head.todo }),
      }),
    )
    .toSorted((a, b) => WORST_FIRST.indexOf(a.fidelity) - WORST_FIRST.indexOf(b.fidelity));
}

/**
 * Items of one kind with their number, kinds in the order in which they first come.
 *
 * @example tallied(['Service', 'Service', 'Job']) // ['Service ×2', 'Job']
 */
export function tallied(words: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => (count === 1 ? word : `${word} ×${count}`));
}
