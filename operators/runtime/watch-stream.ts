import type { WatchEvent } from './api.js';
import { errorOfEvent } from './api-answer.js';
import { ApiError } from './api-error.js';
import type { ApiCall } from './api-call.js';
import { describeCall } from './api-call.js';
import type { Clock } from './clock.js';
import type { KubernetesObject } from './resource.js';

/** Bytes of one event. An object of etcd has at most 1.5 MiB there; as JSON it grows, but not tenfold. */
export const MAX_EVENT_BYTES = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

/**
 * The lines of a stream of bytes, without holding more than one of them.
 *
 * @throws ApiError `ConnectionLost`: a line is longer than allowed, or the stream ended within one
 */
export async function* linesOf(
  call: ApiCall,
  chunks: AsyncIterable<Uint8Array>,
  maxBytes = MAX_EVENT_BYTES,
): AsyncGenerator<string, void, undefined> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      const line = Buffer.concat([...pieces, chunk.subarray(from, end)]).toString('utf8');
      pieces = [];
      size = 0;
      from = end + 1;
      if (line.trim() !== '') yield line;
    }
    if (from === chunk.length) continue;
    size += chunk.length - from;
    if (size > maxBytes) throw lost(call, `an event is larger than ${maxBytes} bytes`);
    pieces.push(chunk.subarray(from));
  }
  if (size > 0) throw lost(call, `the stream ended within an event, after ${size} bytes of it`);
}

/**
 * The event of one line.
 *
 * Source: apimachinery `metav1.WatchEvent`.
 * @throws ApiError what an ERROR event says (`Gone` for 410), or `ConnectionLost` for what is no event
 */
export function parseEvent(call: ApiCall, line: string): WatchEvent<KubernetesObject> {
  let event: { type?: unknown; object?: unknown } | null;
  try {
    event = JSON.parse(line) as typeof event;
  } catch (error) {
    throw lost(call, `a line of ${line.length} characters is no JSON`, error);
  }
  const { type, object } = event ?? {};
  if (type === 'ERROR') throw errorOfEvent(call, object);
  if (!isKubernetesObject(object)) throw lost(call, `an event of type ${JSON.stringify(type)} has no object`);
  if (type === 'BOOKMARK') return { type, resourceVersion: object.metadata.resourceVersion ?? '' };
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') return { type, object };
  throw lost(call, `an event has the type ${JSON.stringify(type)}, which is none of a watch`);
}

/**
 * The chunks of a stream as long as it is not silent: a connection that has died without a word looks like one on which
 * nothing happens, but for the bookmarks.
 *
 * Only the waiting counts, not the time that the reader takes; and only its length, so that a wall clock that is set
 * does no harm.
 * @param silenceMs the longest time between two chunks
 * @param cut ends the stream underneath; called when it was silent for too long
 * @throws ApiError `ConnectionLost` after so long a silence
 */
export async function* untilSilent(
  call: ApiCall,
  chunks: AsyncIterable<Uint8Array>,
  { clock, silenceMs, cut }: { readonly clock: Clock; readonly silenceMs: number; readonly cut: () => void },
): AsyncGenerator<Uint8Array, void, undefined> {
  let silent = false;
  const cutAfterSilence = async (heard: AbortSignal): Promise<void> => {
    await clock.sleep(silenceMs, heard);
    if (heard.aborted) return;
    silent = true;
    cut();
  };
  const iterator = chunks[Symbol.asyncIterator]();
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    const heard = new AbortController();
    void cutAfterSilence(heard.signal);
    try {
      return await iterator.next();
    } finally {
      heard.abort();
    }
  };
  try {
    for (let chunk = await next(); chunk.done !== true; chunk = await next()) yield chunk.value;
    if (silent) throw lost(call, silence(silenceMs));
  } catch (error) {
    throw silent ? lost(call, silence(silenceMs), error) : error;
  } finally {
    await iterator.return?.();
  }
}

function silence(milliseconds: number): string {
  return `the server was silent for ${milliseconds / 1000} s, without even a bookmark`;
}

function lost(call: ApiCall, what: string, cause?: unknown): ApiError {
  return new ApiError('ConnectionLost', `${describeCall(call)}: ${what}`, cause === undefined ? {} : { cause });
}

function isKubernetesObject(value: unknown): value is KubernetesObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    'metadata' in value &&
    typeof value.metadata === 'object' &&
    value.metadata !== null
  );
}
