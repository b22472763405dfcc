import type { Clock } from './clock.js';

/** Where the operators say what happens, for people and for a log store. Messages are constant (see `names.ts`), values are fields. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log that adds these fields to every line. */
  with(fields: LogFields): Log;
}

/**
 * Named values of a line. Text, numbers, booleans, lists of them and errors are written; any other object is written as the
 * name of its class, so that nobody logs a Secret by handing over what holds one.
 */
export type LogFields = Readonly<Record<string, unknown>>;

/** What a log writes to, as `process.stderr`. */
export interface LogStream {
  write(line: string): unknown;
}

/**
 * A log of JSON lines: `time` (RFC 3339), `level`, `message`, then the fields.
 *
 * @example
 * const log = jsonLog({ stream: process.stderr, clock: systemClock });
 * log.warn(NAME.log.leadershipLost, { lease: 'tranship-system/tranship-operator', error });
 */
export function jsonLog(options: { stream: LogStream; clock: Clock; fields?: LogFields }): Log {
  const { stream, clock, fields: common = {} } = options;
  const write = (level: string, message: string, fields: LogFields = {}): void => {
    const line = new Map<string, unknown>([
      ['time', new Date(clock.now()).toISOString()],
      ['level', level],
      ['message', message],
    ]);
    for (const [name, value] of [...Object.entries(common), ...Object.entries(fields)]) {
      if (value === undefined || RESERVED.has(name)) continue;
      line.set(name, SECRET_NAME.test(name) ? REDACTED : plain(value));
    }
    stream.write(`${JSON.stringify(Object.fromEntries(line))}\n`);
  };
  return {
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
    with: (fields) => jsonLog({ stream, clock, fields: { ...common, ...fields } }),
  };
}

/** A log that says nothing. */
export const silentLog: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silentLog,
};

const RESERVED: ReadonlySet<string> = new Set(['time', 'level', 'message']);
const REDACTED = '[redacted]';
const SECRET_NAME = /authorization|password|secret|credential|^token$|private_?key/i;
const SECRET_VALUE = /(bearer\s+)[\w.~+/=-]+|(:\/\/[^/\s:@]+:)[^/\s@]+(?=@)/gi;
const DEEPEST_CAUSE = 4;
const LONGEST_TEXT = 8192;

function plain(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Error) return plainError(value, depth);
  if (Array.isArray(value)) return value.map((item) => (typeof item === 'object' ? nameOfClass(item) : plain(item)));
  return nameOfClass(value);
}

function plainError(error: Error, depth: number): Record<string, unknown> {
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: text(error.message),
    ...(depth === 0 && error.stack !== undefined ? { stack: text(error.stack) } : {}),
    ...(error.cause === undefined || depth >= DEEPEST_CAUSE ? {} : { cause: plain(error.cause, depth + 1) }),
  };
}

function text(value: string): string {
  const whole = value.replace(
    SECRET_VALUE,
    (_, bearer?: string, user?: string) => `${bearer ?? user ?? ''}${REDACTED}`,
  );
  return whole.length <= LONGEST_TEXT ? whole : `${whole.slice(0, LONGEST_TEXT)}…`;
}

function nameOfClass(value: unknown): string {
  if (value === null || typeof value !== 'object') return `[${typeof value}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  const constructor: unknown =
    typeof prototype === 'object' && prototype !== null ? Reflect.get(prototype, 'constructor') : undefined;
  const name = typeof constructor === 'function' ? constructor.name : '';
  return `[${name === '' ? 'object' : name}]`;
}
