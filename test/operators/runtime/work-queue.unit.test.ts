import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { WorkQueue } from '../../../operators/runtime/work-queue.js';
import { ManualClock, settle } from '../../../operators/simulator/manual-clock.js';

const never = new AbortController().signal;

/** What a queue hands out at once, in order, until it has nothing more. */
async function takeAll(queue: WorkQueue): Promise<string[]> {
  const taken: string[] = [];
  while (queue.size > 0) {
    const key = await queue.take(never);
    if (key === undefined) break;
    taken.push(key);
  }
  return taken;
}

describe('the work queue', () => {
  it('hands out a key once however often it was added, in order of arrival', async () => {
    const queue = new WorkQueue({ clock: new ManualClock() });
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
    expect(queue.size).toBe(3);
    expect(await takeAll(queue)).toEqual(['a', 'b', 'c']);
    expect(queue.processing).toBe(3);
  });

  it('keeps a key that is added while a worker has it until that worker is done', async () => {
    const queue = new WorkQueue({ clock: new ManualClock() });
    queue.add('a');
    await queue.take(never);
    queue.add('a');
    queue.add('a');
    const second = queue.take(never);
    queue.add('b');
    expect(await second).toBe('b');
    queue.done('a');
    expect(await takeAll(queue)).toEqual(['a']);
    queue.done('a');
    expect(queue.size).toBe(0);
  });

  it('wakes a worker that waits, the longest waiting first', async () => {
    const queue = new WorkQueue({ clock: new ManualClock() });
    const [first, second] = [queue.take(never), queue.take(never)];
    queue.add('a');
    queue.add('b');
    expect(await Promise.all([first, second])).toEqual(['a', 'b']);
  });

  it('loses no key to a worker that stopped waiting', async () => {
    const queue = new WorkQueue({ clock: new ManualClock() });
    const stop = new AbortController();
    const gone = queue.take(stop.signal);
    const stays = queue.take(never);
    stop.abort();
    queue.add('a');
    expect(await gone).toBeUndefined();
    expect(await stays).toBe('a');
    expect(await queue.take(stop.signal)).toBeUndefined();
  });

  it('adds a delayed key when its time has come, the earliest of several, once', async () => {
    const clock = new ManualClock();
    const queue = new WorkQueue({ clock });
    queue.addAfter('a', 500);
    queue.addAfter('a', 200);
    queue.addAfter('a', 900);
    expect(queue.delayed).toBe(1);
    await clock.advance(199);
    expect(queue.size).toBe(0);
    await clock.advance(1);
    expect(await takeAll(queue)).toEqual(['a']);
    queue.done('a');
    await clock.advance(1000);
    expect(queue.size).toBe(0);
    expect(clock.sleeping).toBe(0);
  });

  it('waits as long as it is told, beyond what one timer of Node can hold', async () => {
    const clock = new ManualClock();
    const longest: number[] = [];
    const queue = new WorkQueue({
      clock: {
        now: () => clock.now(),
        sleep: (milliseconds, signal) => {
          longest.push(milliseconds);
          return clock.sleep(milliseconds, signal);
        },
      },
    });
    const days = 86_400_000;
    queue.addAfter('a', 40 * days);
    await clock.advance(40 * days - 1);
    expect(queue.size).toBe(0);
    await clock.advance(1);
    expect(queue.size).toBe(1);
    expect(Math.max(...longest)).toBeLessThan(2 ** 31);
  });

  it('adds at once what has no delay, and refuses one that is not a number', () => {
    const queue = new WorkQueue({ clock: new ManualClock() });
    queue.addAfter('a', 0);
    queue.addAfter('b', -5);
    expect(queue.size).toBe(2);
    expect(() => queue.addAfter('c', Number.NaN)).toThrow(/delay of c/);
  });

  it('delays a failed key longer each time, until it is forgotten', async () => {
    const clock = new ManualClock();
    const queue = new WorkQueue({ clock });
    const start = clock.now();
    const addedAfter: number[] = [];
    for (let n = 0; n < 3; n++) {
      queue.addRateLimited('a');
      const before = clock.now();
      await clock.advance((clock.nextWake ?? start) - before);
      addedAfter.push(clock.now() - before);
      for (const key of await takeAll(queue)) queue.done(key);
    }
    expect(addedAfter).toEqual([5, 10, 20]);
    expect(queue.failures('a')).toBe(3);
    queue.forget('a');
    expect(queue.failures('a')).toBe(0);
  });

  it('waits at least as long as the server asked for', async () => {
    const clock = new ManualClock();
    const queue = new WorkQueue({ clock });
    queue.addRateLimited('a', 30_000);
    await clock.advance(29_999);
    expect(queue.size).toBe(0);
    await clock.advance(1);
    expect(queue.size).toBe(1);
  });

  it('hands out what waits after it was shut down, takes nothing more, and then lets its workers go', async () => {
    const clock = new ManualClock();
    const queue = new WorkQueue({ clock });
    queue.add('a');
    queue.add('b');
    queue.addAfter('late', 10);
    await queue.take(never);
    queue.add('a');
    queue.shutDown();
    queue.add('c');
    queue.addAfter('d', 1);
    queue.addRateLimited('e');
    expect(await queue.take(never)).toBe('b');
    const last = queue.take(never);
    const nothing = queue.take(never);
    await clock.advance(100);
    queue.done('a');
    expect(await last).toBe('a');
    expect(await nothing).toBeUndefined();
    expect(await queue.take(never)).toBeUndefined();
    expect(queue.delayed).toBe(0);
    expect(clock.sleeping).toBe(0);
  });

  it('says who called it wrongly when a key is done that nobody took', () => {
    const queue = new WorkQueue({ clock: new ManualClock() });
    expect(() => queue.done('a')).toThrow(/a is done, but nobody has taken it/);
  });

  it('tells how long keys waited and were worked on', async () => {
    const clock = new ManualClock();
    const told: [string, number?][] = [];
    const queue = new WorkQueue({
      clock,
      observe: {
        added: () => told.push(['added']),
        taken: (ms) => told.push(['taken', ms]),
        done: (ms) => told.push(['done', ms]),
        retried: (ms) => told.push(['retried', ms]),
      },
    });
    queue.add('a');
    queue.add('a');
    await clock.advance(30);
    await queue.take(never);
    await clock.advance(12);
    queue.addRateLimited('a');
    queue.done('a');
    expect(told).toEqual([['added'], ['taken', 30], ['retried', 5], ['done', 12]]);
  });

  it('keeps its order and loses nothing over many keys', async () => {
    const queue = new WorkQueue({ clock: new ManualClock() });
    const keys = Array.from({ length: 5000 }, (_, n) => `shop/web-${n}`);
    for (const key of keys) queue.add(key);
    expect(await takeAll(queue)).toEqual(keys);
  });
});

/** What can happen to a queue; a worker is named by its number. */
type Step =
  | { readonly do: 'add'; readonly key: string }
  | { readonly do: 'addAfter'; readonly key: string; readonly ms: number }
  | { readonly do: 'take'; readonly worker: number }
  | { readonly do: 'leave'; readonly worker: number }
  | { readonly do: 'done'; readonly worker: number; readonly failed: boolean }
  | { readonly do: 'pass'; readonly ms: number };

const key = fc.constantFrom('a', 'b', 'c', 'd');
const worker = fc.nat({ max: 2 });
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('add' as const), key }),
    fc.record({ do: fc.constant('addAfter' as const), key, ms: fc.nat({ max: 50 }) }),
    fc.record({ do: fc.constant('take' as const), worker }),
    fc.record({ do: fc.constant('leave' as const), worker }),
    fc.record({ do: fc.constant('done' as const), worker, failed: fc.boolean() }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.nat({ max: 60 }) }),
  ),
  { maxLength: 60 },
);

/** Workers that take and finish as they are told, beside a count of what each key is still owed. */
class Workers {
  readonly clock = new ManualClock();
  readonly queue = new WorkQueue({ clock: this.clock });
  readonly #has = new Map<number, string>();
  readonly #waits = new Map<number, AbortController>();
  /** Keys that were added (or are due to be), and that nobody took since. */
  readonly owed = new Set<string>();
  /** Keys that two workers had at once. */
  readonly twice: string[] = [];

  async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'add':
        this.owed.add(step.key);
        this.queue.add(step.key);
        break;
      case 'addAfter':
        this.owed.add(step.key);
        this.queue.addAfter(step.key, step.ms);
        break;
      case 'take':
        if (!this.#has.has(step.worker) && !this.#waits.has(step.worker)) this.#take(step.worker);
        break;
      case 'leave':
        this.#waits.get(step.worker)?.abort();
        break;
      case 'done':
        this.#done(step.worker, step.failed);
        break;
      case 'pass':
        await this.clock.advance(step.ms);
    }
    await settle();
  }

  /** Lets all workers work until nothing is left. */
  async finish(): Promise<void> {
    for (let rounds = 0; rounds < 40; rounds++) {
      for (const each of [0, 1, 2]) {
        this.#done(each, false);
        await this.step({ do: 'take', worker: each });
      }
      await this.clock.advance(1000);
    }
  }

  #take(number: number): void {
    const stop = new AbortController();
    this.#waits.set(number, stop);
    void this.#wait(number, stop.signal);
  }

  async #wait(number: number, signal: AbortSignal): Promise<void> {
    const taken = await this.queue.take(signal);
    this.#waits.delete(number);
    if (taken === undefined) return;
    if ([...this.#has.values()].includes(taken)) this.twice.push(taken);
    this.owed.delete(taken);
    this.#has.set(number, taken);
  }

  #done(number: number, failed: boolean): void {
    const had = this.#has.get(number);
    if (had === undefined) return;
    this.#has.delete(number);
    if (failed) {
      this.owed.add(had);
      this.queue.addRateLimited(had);
    } else this.queue.forget(had);
    this.queue.done(had);
  }
}

describe('in every order of adding, taking, leaving and finishing, the work queue', () => {
  it('gives a key to one worker at a time and owes none in the end', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const workers = new Workers();
        for (const step of sequence) await workers.step(step);
        await workers.finish();
        expect(workers.twice).toEqual([]);
        expect([...workers.owed]).toEqual([]);
        expect([workers.queue.size, workers.queue.processing, workers.queue.delayed]).toEqual([0, 0, 0]);
      }),
      { numRuns: 200 },
    );
  });
});
