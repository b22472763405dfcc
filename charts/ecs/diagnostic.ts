import type { Position } from './source/position.js';
import { formatPosition } from './source/position.js';

/**
 * How a finding about the input is to be taken.
 * - `refused`: ECS would not accept this; what it belongs to is not rendered.
 * - `warning`: accepted, but probably not what was meant, such as an unknown field.
 * - `note`: a fact the reader should know, such as a placeholder that was kept.
 */
export type Severity = 'refused' | 'warning' | 'note';

/** One finding about the input, placed where it was found. */
export interface Diagnostic {
  readonly severity: Severity;
  /** Stable, for machines: `unknown-field`, `dependency-cycle`, `invalid-json`, … */
  readonly code: string;
  /** What is wrong, with the value, in lower case and without a final period. */
  readonly message: string;
  /** What to do, when there is something to do. */
  readonly fix?: string;
  /** The field's path, such as `containerDefinitions[0].dependsOn[0].condition`. */
  readonly path?: string;
  readonly position: Position;
}

/** Base of the errors this package throws for input that cannot be read at all. */
export class InputError extends Error {
  override readonly name: string = 'InputError';

  /** @param diagnostics at least one, the first is the cause named in `message` */
  constructor(
    readonly code: string,
    readonly diagnostics: readonly Diagnostic[],
    options?: ErrorOptions,
  ) {
    const first = diagnostics[0];
    super(first === undefined ? code : formatDiagnostic(first), options);
  }
}

/** One line: where, what, and what to do. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const path = diagnostic.path === undefined ? '' : `${diagnostic.path}: `;
  const fix = diagnostic.fix === undefined ? '' : ` (${diagnostic.fix})`;
  return `${formatPosition(diagnostic.position)}: ${path}${diagnostic.message}${fix}`;
}
