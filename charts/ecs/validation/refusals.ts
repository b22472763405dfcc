import type { Diagnostic } from '../diagnostic.js';
import type { Field } from '../field.js';

/** Collects what ECS would refuse, each at the field that causes it. */
export class Refusals {
  readonly diagnostics: Diagnostic[] = [];

  /**
   * @param code stable, such as `dependency-cycle`
   * @param message ECS's reason, with the value
   * @param fix what to write instead
   */
  refuse(field: Field<unknown>, code: string, message: string, fix?: string): void {
    const position = field.position;
    if (position === undefined) return;
    const path = field.path;
    this.diagnostics.push({
      severity: 'refused',
      code,
      message,
      position,
      ...(path === '' ? {} : { path }),
      ...(fix === undefined ? {} : { fix }),
    });
  }

  /** Refuses a number outside of its range; an absent one is fine. */
  range(field: Field<number>, minimum: number, maximum: number, unit = ''): void {
    const value = field.value;
    if (value === undefined || (value >= minimum && value <= maximum)) return;
    this.refuse(field, 'out-of-range', `${value} is not between ${minimum} and ${maximum}${unit}`);
  }
}
