import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { callOn } from '../../../operators/runtime/api-call.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import { linesOf, parseEvent, untilSilent } from '../../../operators/runtime/watch-stream.js';
import { ManualClock, settle } from '../../../operators/simulator/manual-clock.js';

const call = callOn('watch', RESOURCE.pod, { namespace: 'shop' });

async function* from(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}

describe('lines', () => {
  test('are the same however the stream is cut into chunks', async () => {
    const line = fc.string({ unit: 'binary' }).map((words) => `x${words.replaceAll(/\s/gu, '_')}`);
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.integer({ min: 0, max: 400 })), async (lines, cuts) => {
        const bytes = Buffer.from(lines.map((words) => `${words}\n`).join(''), 'utf8');
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
        expect(await collect(linesOf(call, from(chunks)))).toEqual(lines);
      }),
    );
  });

  test('that grow beyond the limit end the stream, so that memory is bounded', async () => {
    const endless = from(Array.from({ length: 100 }, () => Buffer.alloc(100, 'x')));
    await expect(collect(linesOf(call, endless, 1000))).rejects.toMatchObject({
      code: 'ConnectionLost',
      message: 'watch pods in shop: an event is larger than 1000 bytes',
    });
  });

  test('that the stream breaks off within are an error, after those that were whole', async () => {
    const seen: string[] = [];
    const reading = async (): Promise<void> => {
      for await (const line of linesOf(call, from([Buffer.from('one\ntw')]))) seen.push(line);
    };
    await expect(reading()).rejects.toMatchObject({ code: 'ConnectionLost' });
    expect(seen).toEqual(['one']);
  });
});

describe('an event', () => {
  test.each([
    ['no JSON', '{"type":'],
    ['null', 'null'],
    ['no object', '{"type":"ADDED"}'],
    ['an unknown type', '{"type":"MOVED","object":{"metadata":{}}}'],
    ['an object without metadata', '{"type":"ADDED","object":{}}'],
  ])('that is %s ends the watch as ConnectionLost', (_what, line) => {
    expect(() => parseEvent(call, line)).toThrow(expect.objectContaining({ code: 'ConnectionLost' }));
  });

  test('of type BOOKMARK carries the version alone', () => {
    const line = '{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"42"}}}';
    expect(parseEvent(call, line)).toEqual({ type: 'BOOKMARK', resourceVersion: '42' });
  });

  test.each([
    [410, 'Expired', 'Gone'],
    [500, 'InternalError', 'Unavailable'],
    [403, 'Forbidden', 'Forbidden'],
    [429, 'TooManyRequests', 'TooManyRequests'],
  ])('of type ERROR with %d %s is thrown as %s', (code, reason, expected) => {
    const line = JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code, reason, message: 'why' } });
    expect(() => parseEvent(call, line)).toThrow(
      expect.objectContaining({ code: expected, message: 'watch pods in shop: why' }),
    );
  });
});

describe('silence', () => {
  /** A stream of which a test sends the chunks one by one, and that fails when it is cut. */
  function connection() {
    const queue: Uint8Array[] = [];
    let wake = Promise.withResolvers<void>();
    let isCut = false;
    const cut = (): void => {
      isCut = true;
      wake.resolve();
    };
    const send = (words: string): void => {
      queue.push(Buffer.from(words));
      wake.resolve();
    };
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (;;) {
        const chunk = queue.shift();
        if (chunk !== undefined) yield chunk;
        else if (isCut) throw new Error('terminated');
        else {
          await wake.promise;
          wake = Promise.withResolvers();
        }
      }
    }
    return { send, cut, chunks: chunks(), isCut: () => isCut };
  }

  test('of 90 s ends the watch; anything that comes before starts the time anew', async () => {
    const clock = new ManualClock(0);
    const { send, cut, chunks, isCut } = connection();
    const heard = untilSilent(call, chunks, { clock, silenceMs: 90_000, cut });
    for (let minute = 0; minute < 10; minute += 1) {
      const next = heard.next();
      await clock.advance(60_000);
      send('bookmark');
      expect((await next).done).toBe(false);
    }
    const failure = heard.next().catch((error: unknown) => error);
    await clock.advance(89_999);
    expect(isCut()).toBe(false);
    await clock.advance(1);
    expect(isCut()).toBe(true);
    expect(await failure).toMatchObject({
      code: 'ConnectionLost',
      message: 'watch pods in shop: the server was silent for 90 s, without even a bookmark',
    });
    expect(clock.sleeping).toBe(0);
  });

  test('is noticed in time although the wall clock was set back by an hour meanwhile', async () => {
    const clock = new ManualClock();
    let setBack = 0;
    const wall = {
      now: () => clock.now() - setBack,
      sleep: (milliseconds: number, signal?: AbortSignal) => clock.sleep(milliseconds, signal),
    };
    const { cut, chunks, isCut } = connection();
    const failure = untilSilent(call, chunks, { clock: wall, silenceMs: 90_000, cut })
      .next()
      .catch((error: unknown) => error);
    await clock.advance(10_000);
    setBack = 3_600_000;
    await clock.advance(80_000);
    expect(isCut()).toBe(true);
    expect(await failure).toMatchObject({ code: 'ConnectionLost' });
  });

  test('does not count while the reader is busy with a chunk', async () => {
    const clock = new ManualClock(0);
    const { send, cut, chunks, isCut } = connection();
    const heard = untilSilent(call, chunks, { clock, silenceMs: 90_000, cut });
    send('one');
    await heard.next();
    await clock.advance(600_000);
    expect(isCut()).toBe(false);
    send('two');
    expect((await heard.next()).done).toBe(false);
    await heard.return(undefined);
    await settle();
    expect(clock.sleeping).toBe(0);
  });
});
