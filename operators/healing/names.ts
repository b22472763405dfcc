/** Labels and annotations that the healer itself reads and writes; those of the port are in `charts/port/annotations.ts`. */
export const HEALING = {
  /** Field manager of everything that the healer writes. */
  fieldManager: 'tranship-healing',
  /** On pods, written by the exec webhook: RFC 3339 time of the first exec or attach. */
  execAnnotation: 'tranship.dev/exec',
  /** On pods: since when they are in quarantine, as `20260102T030405Z`, for a label must not have colons. */
  quarantinedLabel: 'tranship.dev/quarantined',
  /** On pods in quarantine: JSON of the labels that they had before. */
  formerLabelsAnnotation: 'tranship.dev/former-labels',
  /** On Events: the name of the policy that they are of. */
  policyLabel: 'tranship.dev/policy',
  /** On Events: the trace in which the decision was carried out. */
  traceAnnotation: 'tranship.dev/trace-id',
} as const;

/** @example `labelTime(Date.UTC(2026, 0, 2, 3, 4, 5))` is `20260102T030405Z` */
export function labelTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

/** Reads what `labelTime` made. @returns milliseconds since 1970, or undefined if it is no such time */
export function readLabelTime(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  return readTime(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** Milliseconds since 1970 of an RFC 3339 time. @returns undefined if absent, no time, or the epoch itself, which Go writes for no time */
export function readTime(text: unknown): number | undefined {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isFinite(time) && time > 0 ? time : undefined;
}

/** RFC 3339 with seconds, as Kubernetes has times. */
export function writeTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
