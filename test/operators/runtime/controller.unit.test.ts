import { describe, expect, it } from '@jest/globals';
import { ApiError } from '../../../operators/runtime/api-error.js';
import { Controller, type ControllerOptions } from '../../../operators/runtime/controller.js';
import type { ReconcileResult } from '../../../operators/runtime/reconciler.js';
import { WorkQueue } from '../../../operators/runtime/work-queue.js';
import { ManualClock, settle } from '../../../operators/simulator/manual-clock.js';

type Reconcile = (key: string, signal: AbortSignal) => Promise<ReconcileResult>;

/** A controller with a reconcile that a test gives, and what it told. */
class Bench {
  readonly clock = new ManualClock();
  readonly queue = new WorkQueue({ clock: this.clock });
  readonly stop = new AbortController();
  readonly calls: string[] = [];
  readonly told: unknown[][] = [];
  readonly controller: Controller;

  constructor(reconcile: Reconcile, options: Partial<ControllerOptions> = {}) {
    this.controller = new Controller({
      reconciler: {
        name: 'test',
        reconcile: (key, signal) => {
          this.calls.push(key);
          return reconcile(key, signal);
        },
      },
      queue: this.queue,
      clock: this.clock,
      observe: {
        reconciled: (key, outcome, ms) => this.told.push([key, outcome, ms]),
        overdue: (key) => this.told.push([key, 'overdue']),
      },
      ...options,
    });
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

describe('the controller', () => {
  it('reconciles nothing before all of its caches are complete', async () => {
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const bench = new Bench(() => Promise.resolve({}), {
      caches: [{ whenSynced: () => first.promise }, { whenSynced: () => second.promise }],
    });
    bench.queue.add('a');
    const run = bench.controller.run(bench.stop.signal);
    first.resolve();
    await settle();
    expect(bench.calls).toEqual([]);
    second.resolve();
    await settle();
    expect(bench.calls).toEqual(['a']);
    bench.stop.abort();
    await run;
  });

  it('ends quietly when it is stopped before its caches are complete', async () => {
    const bench = new Bench(() => Promise.resolve({}), { caches: [{ whenSynced: untilAborted }] });
    bench.queue.add('a');
    const run = bench.controller.run(bench.stop.signal);
    bench.stop.abort(new ApiError('Aborted', 'stopped'));
    await run;
    expect(bench.calls).toEqual([]);
  });

  it('calls again when the reconcile wished so, and not before', async () => {
    const bench = new Bench((key) => Promise.resolve(key === 'again' ? { requeueAfterMs: 5000 } : {}));
    bench.queue.add('again');
    bench.queue.add('once');
    const run = bench.controller.run(bench.stop.signal);
    await bench.clock.advance(4999);
    expect(bench.calls).toEqual(['again', 'once']);
    await bench.clock.advance(1);
    expect(bench.calls).toEqual(['again', 'once', 'again']);
    expect(bench.told.map(([key, outcome]) => [key, outcome])).toEqual([
      ['again', 'again'],
      ['once', 'done'],
      ['again', 'again'],
    ]);
    bench.stop.abort();
    await run;
  });

  it('tries a key that failed with back-off until it succeeds, while the others go on', async () => {
    let failures = 3;
    const bench = new Bench(async (key) => {
      if (key === 'bad' && failures-- > 0) throw new Error('no');
      return {};
    });
    const run = bench.controller.run(bench.stop.signal);
    bench.queue.add('bad');
    bench.queue.add('good');
    await bench.clock.advance(5 + 10 + 20);
    expect(bench.calls).toEqual(['bad', 'good', 'bad', 'bad', 'bad']);
    expect(bench.queue.failures('bad')).toBe(0);
    expect(bench.told.at(-1)).toEqual(['bad', 'done', 0]);
    bench.stop.abort();
    await run;
  });

  it('survives a reconciler that throws instead of rejecting, and a wish that is no number', async () => {
    const bench = new Bench((key) => {
      if (key === 'throws') throw new Error('at once');
      return Promise.resolve({ requeueAfterMs: Number.NaN });
    });
    const run = bench.controller.run(bench.stop.signal);
    bench.queue.add('throws');
    bench.queue.add('nan');
    await settle();
    expect(bench.told.map(([key, outcome]) => [key, outcome])).toEqual([
      ['throws', 'error'],
      ['nan', 'error'],
    ]);
    bench.stop.abort();
    await run;
  });

  it('waits as long as the server asked for', async () => {
    let busy = true;
    const bench = new Bench(async () => {
      if (busy) throw new ApiError('TooManyRequests', 'busy', { status: 429, retryAfterSeconds: 7 });
      return {};
    });
    const run = bench.controller.run(bench.stop.signal);
    bench.queue.add('a');
    await settle();
    busy = false;
    await bench.clock.advance(6999);
    expect(bench.calls).toEqual(['a']);
    await bench.clock.advance(1);
    expect(bench.calls).toEqual(['a', 'a']);
    bench.stop.abort();
    await run;
  });

  it('aborts a reconcile after its time and tries again', async () => {
    let slow = true;
    const bench = new Bench((_key, signal) => (slow ? untilAborted(signal) : Promise.resolve({})), { timeoutMs: 1000 });
    const run = bench.controller.run(bench.stop.signal);
    bench.queue.add('a');
    await bench.clock.advance(999);
    expect(bench.told).toEqual([]);
    slow = false;
    await bench.clock.advance(6);
    expect(bench.told).toEqual([
      ['a', 'overdue'],
      ['a', 'timeout', 1000],
      ['a', 'done', 0],
    ]);
    bench.stop.abort();
    await run;
  });

  it('goes on with other keys when a reconcile never ends, and begins no second one of that key', async () => {
    const bench = new Bench((key) => (key === 'stuck' ? new Promise(() => undefined) : Promise.resolve({})));
    void bench.controller.run(bench.stop.signal);
    bench.queue.add('stuck');
    await bench.clock.advance(60_000);
    bench.queue.add('stuck');
    bench.queue.add('other');
    await bench.clock.advance(60_000);
    expect(bench.calls).toEqual(['stuck', 'other']);
    bench.stop.abort();
  });

  it('works on as many keys at once as it has workers', async () => {
    const ends = new Map<string, () => void>();
    const bench = new Bench(
      (key) =>
        new Promise((resolve) => {
          ends.set(key, () => resolve({}));
        }),
      { workers: 2 },
    );
    const run = bench.controller.run(bench.stop.signal);
    for (const key of ['a', 'b', 'c']) bench.queue.add(key);
    await settle();
    expect(bench.calls).toEqual(['a', 'b']);
    ends.get('b')?.();
    await settle();
    expect(bench.calls).toEqual(['a', 'b', 'c']);
    ends.get('a')?.();
    ends.get('c')?.();
    bench.stop.abort();
    await run;
  });

  it('takes no more keys when it is stopped, lets the running reconcile finish, and may be run again', async () => {
    let finish = (): void => undefined;
    const bench = new Bench(
      () =>
        new Promise((resolve) => {
          finish = () => resolve({});
        }),
    );
    let ended = false;
    const run = bench.controller.run(bench.stop.signal).finally(() => {
      ended = true;
    });
    bench.queue.add('a');
    bench.queue.add('b');
    await settle();
    bench.stop.abort();
    await bench.clock.advance(5000);
    expect([bench.calls, ended]).toEqual([['a'], false]);
    finish();
    await run;
    expect(bench.told).toEqual([['a', 'done', 5000]]);

    const term = new AbortController();
    const again = bench.controller.run(term.signal);
    await settle();
    expect(bench.calls).toEqual(['a', 'b']);
    finish();
    term.abort();
    await again;
    expect(bench.clock.sleeping).toBe(0);
  });

  it('aborts what still runs some time after it was stopped, and ends when that has ended', async () => {
    const reasons: unknown[] = [];
    const bench = new Bench(async (_key, signal) => {
      await untilAborted(signal).catch((error: unknown) => reasons.push(error));
      return {};
    });
    const run = bench.controller.run(bench.stop.signal);
    bench.queue.add('a');
    await settle();
    bench.stop.abort();
    await bench.clock.advance(9999);
    expect(reasons).toEqual([]);
    await bench.clock.advance(1);
    await run;
    expect(reasons).toMatchObject([{ code: 'ControllerStopped' }]);
  });

  it.each([0, 1.5, -1, Number.NaN])('refuses %p workers', (workers) => {
    expect(() => new Bench(() => Promise.resolve({}), { workers })).toThrow(/controller test: workers must be/);
  });
});
