/** A time span as people say it. @example `duration(42_300)` is `42 s`, `duration(600_000)` is `10 min` */
export function duration(span: number): string {
  const seconds = Math.max(0, Math.round(span / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** Somebody else's words, on one line and cut to 200 characters: they go into Events and the status. */
export function quoted(text: string): string {
  const line = text
    .slice(0, 400)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
  return line.length <= 200 ? line : `${line.slice(0, 199)}…`;
}

/** RFC 3339 of a time in milliseconds. @throws RangeError not a time */
export function timestamp(time: number): string {
  return new Date(time).toISOString();
}

/** Milliseconds of an RFC 3339 time, or undefined where it is none. */
export function milliseconds(text: string | undefined): number | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isFinite(time) ? time : undefined;
}
