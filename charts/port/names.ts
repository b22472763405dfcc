import { createHash } from 'node:crypto';

/** RFC 1123 label length; also the limit of label values. */
const LABEL_LENGTH = 63;

/**
 * The longest workload name: CronJobs append 11 characters to theirs, and pods of a Deployment 17 to a label that they
 * may truncate. Source: kubernetes pkg/apis/batch/validation, `ValidateCronJobCreate`.
 */
export const WORKLOAD_NAME_LENGTH = 52;

/**
 * A DNS label (RFC 1123: `[a-z0-9-]`, at most `maximum` characters) as near to an ECS name as it can be. A name that is
 * too long is cut and ends in a hash of the whole, so that two long names do not become one.
 *
 * @param maximum length in characters. @default 63
 * @example dnsLabel('My_App') // 'my-app'
 */
export function dnsLabel(name: string, maximum = LABEL_LENGTH): string {
  const label = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '')
    .replace(/-+$/, '');
  if (label === '') return withHash('x', name, maximum);
  return label.length <= maximum ? label : withHash(label, name, maximum);
}

/** As {@link dnsLabel}, but begins with a letter, as the names of Services must (RFC 1035). */
export function serviceLabel(name: string): string {
  const label = dnsLabel(name);
  return /^[a-z]/.test(label) ? label : dnsLabel(`s-${name}`);
}

/** A label with six hexadecimal digits of the original name's SHA-256 at its end. */
export function withHash(label: string, original: string, maximum = LABEL_LENGTH): string {
  const hash = createHash('sha256').update(original).digest('hex').slice(0, 6);
  return `${label.slice(0, maximum - 7).replace(/-+$/, '')}-${hash}`;
}

/**
 * DNS labels for several ECS names of one scope, without collisions and whatever their order: a name that is a DNS label
 * already keeps it; of other names that would become the same label, each gets a hash of itself.
 *
 * @returns the label of each distinct name
 * @example allocateNames(['my-app', 'My_App']) // Map { 'my-app' => 'my-app', 'My_App' => 'my-app-5f2f0a' }
 */
export function allocateNames(names: Iterable<string>, maximum = LABEL_LENGTH): ReadonlyMap<string, string> {
  const distinct = [...new Set(names)];
  const exact = new Set(distinct.filter((name) => dnsLabel(name, maximum) === name));
  const claims = new Map<string, string[]>();
  for (const name of distinct) {
    if (exact.has(name)) continue;
    const label = dnsLabel(name, maximum);
    claims.set(label, [...(claims.get(label) ?? []), name]);
  }
  const taken = new Set(exact);
  const result = new Map<string, string>();
  for (const [label, claimants] of [...claims].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [only] = claimants;
    if (claimants.length === 1 && only !== undefined && !taken.has(label)) {
      result.set(only, label);
      taken.add(label);
      continue;
    }
    for (const name of claimants.sort()) {
      let candidate = withHash(label, name, maximum);
      for (let round = 1; taken.has(candidate); round++) candidate = withHash(label, `${name}/${round}`, maximum);
      taken.add(candidate);
      result.set(name, candidate);
    }
  }
  for (const name of exact) result.set(name, name);
  return result;
}

/** Whether a text can be a label's value: at most 63 of `[A-Za-z0-9._-]`, alphanumeric at both ends, or empty. */
export function isLabelValue(text: string): boolean {
  return text.length <= LABEL_LENGTH && /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)?$/.test(text);
}

/** The name part of an annotation or label key for an arbitrary text; two different texts never share one. */
export function keyName(text: string): string {
  const name = text
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .replace(/[^A-Za-z0-9]+$/, '');
  return name === text && text.length <= LABEL_LENGTH && text !== ''
    ? text
    : withHash(name === '' ? 'tag' : name, text);
}
