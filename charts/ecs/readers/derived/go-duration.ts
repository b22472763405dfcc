const UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-9],
  ['us', 1e-6],
  ['µs', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
]);

/**
 * Seconds of a duration in Go's form, which Copilot and compose share; fractions are kept. Undefined when the text is none.
 * Source: Go's `time.ParseDuration`.
 *
 * @example durationSeconds('1m30s') // 90
 * @example durationSeconds('250ms') // 0.25
 */
export function durationSeconds(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === '0') return 0;
  if (trimmed === '' || trimmed.length > 64) return undefined;
  const part = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/y;
  let seconds = 0;
  while (part.lastIndex < trimmed.length) {
    const match = part.exec(trimmed);
    if (match === null) return undefined;
    seconds += Number(match[1]) * (UNITS.get(match[2] ?? '') ?? 0);
  }
  return Math.round(seconds * 1e9) / 1e9;
}
