import type pico from 'picocolors';
import type { Fidelity } from './fidelity.js';

/** What the parts of the tree print with. */
export interface Pen {
  /** Columns of the terminal. */
  readonly width: number;
  readonly colors: ReturnType<typeof pico.createColors>;
  /** At most so many reasons a workload; infinite for all. */
  readonly most: number;
}

/** What a bar of each fidelity is made of; they differ without colours too. */
export const GLYPHS: Readonly<Record<Fidelity, string>> = { same: '█', near: '▓', 'needs-addon': '▒', none: '░' };

/** The colour of a fidelity. */
export function paint(fidelity: Fidelity, { colors }: Pen): (text: string) => string {
  return { same: colors.green, near: colors.yellow, 'needs-addon': colors.magenta, none: colors.red }[fidelity];
}
