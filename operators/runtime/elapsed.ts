/** A moment that `Elapsed` marked. Only it can read one. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

/**
 * How long ago something was, when no clock can be trusted alone: the wall clock is set forward and back, and the monotonic
 * one stands still while a virtual machine is suspended. The truth lies between the two, so whoever gives up a right asks
 * `atMost`, and whoever takes one asks `atLeast`.
 *
 * @example
 * const elapsed = new Elapsed(() => Date.now(), () => performance.now());
 * const renewed = elapsed.mark();
 * if (elapsed.atMost(renewed) >= 10_000) stop();
 */
export class Elapsed {
  /** @param wall milliseconds since 1970 @param monotonic milliseconds since anything; never goes back */
  constructor(
    private readonly wall: () => number,
    private readonly monotonic: () => number,
  ) {}

  mark(): Moment {
    return { wall: this.wall(), monotonic: this.monotonic() };
  }

  /** Milliseconds that have passed by both clocks. */
  atLeast(since: Moment): number {
    return Math.min(this.wall() - since.wall, this.monotonic() - since.monotonic);
  }

  /** Milliseconds that have passed by either clock. */
  atMost(since: Moment): number {
    return Math.max(this.wall() - since.wall, this.monotonic() - since.monotonic);
  }
}
