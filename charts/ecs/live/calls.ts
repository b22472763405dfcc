import { LiveAccountError, liveAccountError } from './live-account-error.js';
import { sortedBy, sortedTexts } from './paging.js';
import type { Throttle } from './throttle.js';

/** Something of the account that is not in the documents, and why. */
export interface Unread {
  /** The call as IAM names it. */
  readonly call: string;
  /** Names of what was asked for. */
  readonly of: readonly string[];
  readonly why: string;
  /** What the port lacks for it. */
  readonly lost: string;
  /** What to do; absent when it was left out on purpose. */
  readonly todo?: string;
}

/** What a part of the reading is for, in case that it fails. */
export interface About {
  /** Name of what is asked for; none for a list of everything. */
  readonly of?: string;
  readonly lost: string;
}

/** Without these no further call would succeed either, or the result would depend on luck. */
const FATAL: ReadonlySet<string> = new Set(['no-region', 'no-credentials', 'throttled']);

/**
 * The calls of one reading: those that the port cannot do without, and those whose failure is noted and reported, so that
 * a service is not left unported for want of a permission that only makes the port better.
 */
export class Calls {
  private readonly notes = new Map<string, { note: Unread; of: string[] }>();

  constructor(private readonly throttle: Throttle) {}

  /**
   * Makes one call.
   *
   * @param action the call as IAM names it, such as `ecs:ListServices`
   * @throws LiveAccountError
   */
  async send<T>(action: string, call: () => Promise<T>): Promise<T> {
    try {
      return await this.throttle.run(action, call);
    } catch (cause) {
      throw liveAccountError(action, cause);
    }
  }

  /**
   * Does a part of the reading that the port can do without.
   *
   * @param work calls made by {@link send}
   * @returns undefined when a call failed; that is noted
   * @throws LiveAccountError when the reading as a whole cannot go on
   */
  async optional<T>(about: About, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof LiveAccountError) || error.action === undefined || FATAL.has(error.code)) throw error;
      const of = about.of === undefined ? [] : [about.of];
      this.note({ call: error.action, of, why: error.problem, lost: about.lost, todo: error.fix });
      return undefined;
    }
  }

  /** Notes something that is not read; the same note about several things becomes one. */
  note(note: Unread): void {
    const key = JSON.stringify([note.call, note.why, note.lost]);
    const earlier = this.notes.get(key);
    if (earlier === undefined) this.notes.set(key, { note, of: [...note.of] });
    else earlier.of.push(...note.of);
  }

  /** All notes, in an order that does not depend on which answer came first. */
  get unread(): readonly Unread[] {
    const notes = [...this.notes.values()].map(({ note, of }) => ({ ...note, of: sortedTexts(of) }));
    return sortedBy(notes, ({ call, why, lost }) => JSON.stringify([call, why, lost]));
  }
}
