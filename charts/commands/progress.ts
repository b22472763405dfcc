import { performance } from 'node:perf_hooks';
import { printable, widthOf } from '../report/terminal-text.js';
import type { Output } from './terminal.js';

/** Milliseconds of work before anything is shown: a short run stays silent. */
const PATIENCE = 500;
/** Milliseconds between redraws, so that nothing flickers. */
const INTERVAL = 100;
const CELLS = 24;

/**
 * One line on a terminal that says how far a long run is. Shows nothing where nobody watches, and nothing of a short run.
 *
 * @example
 * const progress = new Progress(terminal.err);
 * progress.step('porting', 17, 1000);
 * progress.clear();
 */
export class Progress {
  private readonly started: number;
  private drawn = Number.NEGATIVE_INFINITY;
  private visible = false;

  /** @param now milliseconds on a clock that only goes forward */
  constructor(
    private readonly output: Output,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.started = now();
  }

  /** How many steps of how many are done. */
  step(what: string, done: number, total: number): void {
    const cells = total === 0 ? CELLS : Math.floor((done / total) * CELLS);
    this.draw(`${what} ${'█'.repeat(cells)}${'░'.repeat(CELLS - cells)} ${done}/${total}`);
  }

  /** What is being done, where nobody knows how much there is. */
  say(what: string): void {
    this.draw(`${what} …`);
  }

  /** Takes the line away, before something else is written. */
  clear(): void {
    if (!this.visible) return;
    this.visible = false;
    void this.output.write('\r\u001b[K');
  }

  private draw(text: string): void {
    if (!this.output.interactive) return;
    const now = this.now();
    if (now - this.started < PATIENCE || now - this.drawn < INTERVAL) return;
    this.drawn = now;
    this.visible = true;
    void this.output.write(`\r\u001b[K${fitted(printable(text), this.output.width - 1)}`);
  }
}

function fitted(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let cut = text;
  while (widthOf(cut) > width - 1 && cut !== '') cut = cut.slice(0, -1);
  return `${cut}…`;
}
