import type { KubernetesApi } from './api.js';
import { ApiError } from './api-error.js';
import type { Clock } from './clock.js';
import { Elapsed, type Moment } from './elapsed.js';
import type { Leadership } from './leadership.js';
import { heldBy, type Lease, type LeaseSpec, readLease, released, writeLease } from './lease.js';
import { type Log, silentLog } from './log.js';
import { NAME } from './names.js';
import { keyOf, type ObjectName } from './resource.js';

export interface LeaderElectionOptions {
  /** Not the fenced one: the fence asks this election. */
  readonly api: KubernetesApi;
  readonly lease: ObjectName;
  /** Unique to this process, not only to this pod: a restarted container is another candidate. */
  readonly identity: string;
  readonly clock: Clock;
  /** Milliseconds that never go back. @default - `clock.now` */
  readonly monotonicNow?: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** How long others wait after the last renewal that they saw; whole seconds. @default 15000 */
  readonly leaseDurationMs?: number;
  /** How long this process leads after its last confirmed renewal. @default 10000 */
  readonly renewDeadlineMs?: number;
  /** Between renewals, and at most between two looks of a candidate. @default 2000 */
  readonly retryPeriodMs?: number;
  /** How long work may take to stop. @default 15000 */
  readonly drainMs?: number;
  readonly log?: Log;
  readonly onChange?: (change: LeadershipChange) => void;
}

export type LeadershipChange = 'acquired' | 'lost' | 'released';

/** The work of a term went on after it was told to stop: the process must end, since nothing else can stop it. */
export class TermOverrunError extends Error {
  override readonly name = 'TermOverrunError';
  readonly code = 'TermOverrun';
}

/** Candidates look a little more often than the retry period, each at times of its own. */
const JITTER = 1.2;

/**
 * One leader among the processes that share a Lease (`coordination.k8s.io/v1`).
 *
 * Nobody compares clocks. A candidate waits the lease duration from when it *saw* the Lease change; a leader counts the
 * renew deadline from when it *sent* the newest renewal that was confirmed. A renewal is seen after it was sent, and the
 * deadline is shorter than the duration, so a leader has stopped before another can start, however slow the network or the
 * process is, as long as both measure time spans alike. A process that was stopped for a while answers `isLeader()` with
 * false when it wakes, before any timer of it has run. What election alone cannot do is to take back a request that is on
 * its way: preconditions on each write do that.
 *
 * A leader that loses its Lease aborts the term, waits until the work has stopped, and is a candidate again: its caches
 * stay warm, and the fence stops what the abort did not reach. Work that does not stop ends `run` with `TermOverrunError`.
 *
 * Candidates look after 1/1.2 to 1 retry periods, and at the very moment when the Lease expires: a dead leader is replaced
 * within lease duration + retry period. (client-go waits 1 to 2.2 retry periods.)
 *
 * @example
 * const election = new LeaderElection({ api, lease, identity: `${hostname}_${randomUUID()}`, clock, random: Math.random });
 * await election.run(stop, (signal) => controller.run(signal));
 */
export class LeaderElection implements Leadership {
  readonly #options: Required<Omit<LeaderElectionOptions, 'onChange' | 'monotonicNow'>>;
  readonly #onChange: (change: LeadershipChange) => void;
  readonly #elapsed: Elapsed;
  /**
   * The Lease as it was last seen (undefined while there is none) and when it was first seen so. A Lease that somebody
   * deleted counts as held as before: its holder does not know yet.
   */
  #seen: { readonly lease: Lease | undefined; readonly spec: LeaseSpec; readonly since: Moment } | undefined;
  /** Whether what was seen is what this process wrote last, so that it need not look before the next write. */
  #wroteLast = false;
  #confirmed: Moment | undefined;
  #term: AbortController;

  /** @throws RangeError the three times do not leave a leader room to stop */
  constructor(options: LeaderElectionOptions) {
    const { onChange = () => undefined, monotonicNow = () => options.clock.now(), ...given } = options;
    this.#options = {
      leaseDurationMs: 15_000,
      renewDeadlineMs: 10_000,
      retryPeriodMs: 2_000,
      drainMs: 15_000,
      log: silentLog,
      ...given,
    };
    const { leaseDurationMs, renewDeadlineMs, retryPeriodMs } = this.#options;
    if (leaseDurationMs % 1000 !== 0 || leaseDurationMs <= renewDeadlineMs) {
      throw new RangeError(
        `leaseDurationMs ${leaseDurationMs}: whole seconds, and more than renewDeadlineMs ${renewDeadlineMs}, or another could lead before this one has stopped`,
      );
    }
    if (retryPeriodMs <= 0 || renewDeadlineMs <= JITTER * retryPeriodMs) {
      throw new RangeError(
        `renewDeadlineMs ${renewDeadlineMs}: more than ${JITTER} times retryPeriodMs ${retryPeriodMs}, or a renewal comes too late`,
      );
    }
    this.#onChange = onChange;
    this.#elapsed = new Elapsed(() => options.clock.now(), monotonicNow);
    this.#term = new AbortController();
    this.#term.abort(new Error('not leading yet'));
  }

  isLeader(): boolean {
    return this.#confirmed !== undefined && this.#elapsed.atMost(this.#confirmed) < this.#options.renewDeadlineMs;
  }

  get term(): AbortSignal {
    return this.#term.signal;
  }

  /** Who holds the Lease, as last seen. @default - nobody, or not seen yet */
  get holder(): string | undefined {
    return this.#seen?.spec.holderIdentity;
  }

  /**
   * Stands for election until the signal is aborted, and works while it leads. When the signal is aborted, the work is
   * told to stop, and still leads while it does: the Lease is renewed until then, and released after it. Work that ends by
   * itself ends this too.
   *
   * @param onStarted its signal is aborted when it shall stop: with the term, or before it when this process stops. It
   *   settles when nothing of the work goes on.
   * @throws TermOverrunError work did not stop in time; and whatever the work throws
   */
  async run(signal: AbortSignal, onStarted: (signal: AbortSignal) => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      const start = await this.#acquire(signal);
      if (start === undefined) return;
      const lost = await this.#lead(start, signal, onStarted);
      if (!lost) return;
    }
  }

  /** @returns when the request that acquired was sent; undefined when the signal is aborted */
  async #acquire(signal: AbortSignal): Promise<Moment | undefined> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      const start = await this.#attempt(signal);
      if (start !== undefined && this.#elapsed.atMost(start) < this.#options.renewDeadlineMs) return start;
      await clock.sleep(this.#candidateWait(), signal);
    }
    return undefined;
  }

  #candidateWait(): number {
    const { retryPeriodMs, random } = this.#options;
    const wait = (retryPeriodMs / JITTER) * (1 + (JITTER - 1) * random());
    return Math.max(1, Math.ceil(Math.min(wait, this.#untilExpiry() || wait)));
  }

  /** Milliseconds until the Lease that another holds may be taken; 0 if it may be now. */
  #untilExpiry(): number {
    const { leaseDurationMs } = this.#options;
    const { leaseDurationSeconds = 0 } = this.#seen?.spec ?? {};
    if (this.#seen === undefined || !this.#heldByAnother()) return 0;
    // The holder may have been given longer than this process would take.
    const duration = Math.max(leaseDurationMs, leaseDurationSeconds * 1000);
    return Math.max(0, duration - this.#elapsed.atLeast(this.#seen.since));
  }

  /** Takes or renews the Lease if that is allowed. @returns when the request was sent that did it */
  async #attempt(signal?: AbortSignal): Promise<Moment | undefined> {
    const { log, lease } = this.#options;
    try {
      return await this.#withinTime((timed) => this.#takeOrRenew(timed), signal);
    } catch (error) {
      this.#wroteLast = false;
      if (signal?.aborted !== true) log.warn(NAME.log.leaseCallFailed, { lease: keyOf(lease), error });
      return undefined;
    }
  }

  async #takeOrRenew(signal: AbortSignal): Promise<Moment | undefined> {
    const { api, clock, identity, leaseDurationMs, lease: name } = this.#options;
    if (!this.#wroteLast) {
      const lease = await readLease(api, name, signal);
      if (signal.aborted) return undefined;
      this.#see(lease);
    }
    if (this.#untilExpiry() > 0) return undefined;
    const before = this.#seen?.lease;
    const start = this.#elapsed.mark();
    const spec = heldBy(identity, leaseDurationMs, this.#seen?.spec ?? {}, clock.now());
    const after = await writeLease(api, name, before, spec, signal);
    if (signal.aborted) return undefined;
    // A write that changed nothing was not seen by the others: their count goes on from an earlier one.
    const changed = after.metadata.resourceVersion !== before?.metadata.resourceVersion;
    this.#see(after);
    this.#wroteLast = true;
    return changed ? start : undefined;
  }

  #see(lease: Lease | undefined): void {
    const same =
      this.#seen !== undefined &&
      this.#seen.lease?.metadata.uid === lease?.metadata.uid &&
      this.#seen.lease?.metadata.resourceVersion === lease?.metadata.resourceVersion;
    if (!same) this.#seen = { lease, spec: lease?.spec ?? this.#seen?.spec ?? {}, since: this.#elapsed.mark() };
  }

  /** @returns true when leadership was lost, false when the work ended or was stopped */
  async #lead(start: Moment, stop: AbortSignal, onStarted: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    const { drainMs, log, lease, identity } = this.#options;
    const term = new AbortController();
    const working = new AbortController();
    const lost = new AbortController();
    const ended = new AbortController();
    this.#term = term;
    this.#confirmed = start;
    log.info(NAME.log.leadershipAcquired, { lease: keyOf(lease), identity });
    this.#onChange('acquired');

    const end = AbortSignal.any([lost.signal, ended.signal]);
    const onStop = (): void => working.abort(new Error('stopping'));
    const onLost = (): void => {
      this.#confirmed = undefined;
      term.abort(new Error('leadership lost'));
      working.abort(term.signal.reason);
      log.warn(NAME.log.leadershipLost, { lease: keyOf(lease), identity, holder: this.holder });
      this.#onChange('lost');
    };
    lost.signal.addEventListener('abort', onLost, { once: true });
    stop.addEventListener('abort', onStop, { once: true });
    if (stop.aborted) onStop();

    const work = (async () => onStarted(working.signal))().finally(() => ended.abort());
    const renewing = Promise.all([this.#renew(end, lost), this.#watchDeadline(end, lost)]);
    try {
      await Promise.race([work, this.#overrun(working.signal, ended.signal, drainMs)]);
    } finally {
      const workEnded = ended.signal.aborted;
      ended.abort();
      stop.removeEventListener('abort', onStop);
      lost.signal.removeEventListener('abort', onLost);
      this.#confirmed = undefined;
      term.abort(new Error('the work has ended'));
      working.abort(term.signal.reason);
      await renewing;
      if (workEnded && !lost.signal.aborted) await this.#release();
    }
    return lost.signal.aborted;
  }

  /** Rejects when the work has not ended so long after it was told to. */
  async #overrun(working: AbortSignal, ended: AbortSignal, drainMs: number): Promise<void> {
    const { clock, lease, log } = this.#options;
    await aborted(working);
    if (!ended.aborted) await clock.sleep(drainMs, ended);
    if (ended.aborted) return;
    log.error(NAME.log.drainTimeout, { lease: keyOf(lease), drainMs });
    throw new TermOverrunError(
      `work under lease ${keyOf(lease)} did not stop within ${drainMs} ms; the process must end, or two would work`,
    );
  }

  async #renew(end: AbortSignal, lost: AbortController): Promise<void> {
    const { clock, retryPeriodMs } = this.#options;
    for (;;) {
      await clock.sleep(retryPeriodMs, end);
      if (end.aborted) return;
      const start = await this.#attempt(end);
      if (end.aborted) return;
      // A confirmation after the deadline does not bring the term back: what was begun under it may be half stopped.
      if (start !== undefined && this.isLeader()) this.#confirmed = start;
      else if (this.#heldByAnother()) lost.abort();
    }
  }

  #heldByAnother(): boolean {
    const holder = this.holder ?? '';
    return holder !== '' && holder !== this.#options.identity;
  }

  async #watchDeadline(end: AbortSignal, lost: AbortController): Promise<void> {
    const { clock, renewDeadlineMs } = this.#options;
    while (!end.aborted) {
      const confirmed = this.#confirmed;
      const left = confirmed === undefined ? 0 : renewDeadlineMs - this.#elapsed.atMost(confirmed);
      if (left <= 0) lost.abort();
      else await clock.sleep(Math.ceil(left), end);
    }
  }

  async #release(): Promise<void> {
    const { api, clock, identity, lease: name, log } = this.#options;
    try {
      await this.#withinTime(async (signal) => {
        if (!this.#wroteLast) this.#see(await readLease(api, name, signal));
        const before = this.#seen?.lease;
        if (before?.spec?.holderIdentity !== identity) return;
        this.#see(await writeLease(api, name, before, released(before.spec, clock.now()), signal));
        log.info(NAME.log.leadershipReleased, { lease: keyOf(name), identity });
        this.#onChange('released');
      });
    } catch (error) {
      // The others wait the lease duration, as after a crash.
      log.warn(NAME.log.leaseCallFailed, { lease: keyOf(name), error });
    }
    this.#wroteLast = false;
  }

  /** Half the deadline: a call that hangs leaves time for another. */
  async #withinTime<T>(work: (signal: AbortSignal) => Promise<T>, outer?: AbortSignal): Promise<T> {
    const { clock, renewDeadlineMs } = this.#options;
    const over = new AbortController();
    const done = new AbortController();
    const signal = outer === undefined ? over.signal : AbortSignal.any([over.signal, outer]);
    const limit = Math.ceil(renewDeadlineMs / 2);
    const timeout = clock.sleep(limit, done.signal).then(() => over.abort());
    try {
      const late = aborted(signal).then((): never => {
        throw new ApiError(outer?.aborted === true ? 'Aborted' : 'Timeout', `no answer within ${limit} ms`);
      });
      return await Promise.race([work(signal), late]);
    } finally {
      done.abort();
      await timeout;
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
