import { ANNOTATION } from '../../charts/port/annotations.js';
import { HEALING, readLabelTime, readTime } from './names.js';
import type { ObservedPod } from './observation.js';

/** What a pod's annotations say to the healer. */
export type PodAnnotations = Pick<
  ObservedPod,
  'essential' | 'replaceUnhealthy' | 'restartPolicies' | 'execAt' | 'ignored'
>;

/** ECS: an attempt period lies within these. Source: ECS API `ContainerRestartPolicy`. */
const PERIOD_SECONDS = { least: 60, most: 1800, usual: 300 };
const MOST_EXIT_CODES = 50;
/** Longer values are no work of the port, and are not parsed. */
const LONGEST = 16_384;

/**
 * Reads them without trust: whoever may write a pod writes them. What cannot be understood is taken as absent, and named in
 * `ignored`.
 *
 * @param regular names of the regular containers
 * @param lasting names of these and of the native sidecars
 */
export function readPodAnnotations(
  annotations: Readonly<Record<string, string>>,
  regular: readonly string[],
  lasting: readonly string[],
): PodAnnotations {
  const ignored: string[] = [];
  const get = (name: string): string | undefined => {
    const value: unknown = Object.hasOwn(annotations, name) ? annotations[name] : undefined;
    if (typeof value !== 'string') return undefined;
    if (value.length <= LONGEST) return value;
    ignored.push(`${name}: longer than ${LONGEST} characters`);
    return undefined;
  };
  const names = (annotation: string, instead: readonly string[]): readonly string[] => {
    const text = get(annotation);
    if (text === undefined) return instead;
    const wanted = new Set(text.split(',').map((name) => name.trim()));
    const found = lasting.filter((name) => wanted.delete(name));
    if (wanted.size > 0) ignored.push(`${annotation}: the pod has no container ${quoted([...wanted][0])}`);
    return found.length > 0 ? found : instead;
  };
  const essential = names(ANNOTATION.essential, regular);
  const replaceUnhealthy = names(ANNOTATION.replaceUnhealthy, []);
  const restartPolicies = readRestartPolicies(get(ANNOTATION.restartPolicy), lasting, ignored);
  const exec = get(HEALING.execAnnotation);
  const execAt = exec === undefined ? undefined : (readTime(exec) ?? readLabelTime(exec));
  if (exec !== undefined && execAt === undefined) {
    ignored.push(`${HEALING.execAnnotation}: ${quoted(exec)} is not an RFC 3339 time`);
  }
  return {
    essential,
    replaceUnhealthy,
    restartPolicies,
    ...(execAt === undefined ? {} : { execAt }),
    ...(ignored.length === 0 ? {} : { ignored }),
  };
}

/** Says in passing what it does not understand. */
function readRestartPolicies(
  text: string | undefined,
  lasting: readonly string[],
  ignored: string[],
): ObservedPod['restartPolicies'] {
  const policies = new Map<string, { attemptPeriodSeconds: number; ignoredExitCodes: readonly number[] }>();
  if (text === undefined) return policies;
  const refuse = (why: string): void => void ignored.push(`${ANNOTATION.restartPolicy}: ${why}`);
  const root = parse(text);
  if (!isRecord(root)) {
    refuse('it is not a JSON object from container name to restart policy');
    return policies;
  }
  for (const [name, policy] of Object.entries(root)) {
    if (!lasting.includes(name)) {
      refuse(`the pod has no container ${quoted(name)}`);
    } else if (!isRecord(policy)) {
      refuse(`the policy of ${quoted(name)} is not a JSON object`);
    } else {
      const { least, most, usual } = PERIOD_SECONDS;
      const period = Object.hasOwn(policy, 'attemptPeriodSeconds') ? policy['attemptPeriodSeconds'] : usual;
      const codes = Object.hasOwn(policy, 'ignoredExitCodes') ? policy['ignoredExitCodes'] : [];
      if (typeof period !== 'number' || !(period >= least && period <= most)) {
        refuse(`attemptPeriodSeconds of ${quoted(name)} is not a number from ${least} to ${most}`);
      } else if (!isExitCodes(codes)) {
        refuse(`ignoredExitCodes of ${quoted(name)} is not a list of at most ${MOST_EXIT_CODES} integers`);
      } else policies.set(name, { attemptPeriodSeconds: period, ignoredExitCodes: codes });
    }
  }
  return policies;
}

/** Labels that a pod in quarantine had before. @returns undefined if the annotation is absent or no such thing */
export function readFormerLabels(text: string | undefined): Readonly<Record<string, string>> | undefined {
  if (text === undefined || text.length > LONGEST) return undefined;
  const root = parse(text);
  if (!isRecord(root)) return undefined;
  const entries = Object.entries(root);
  // Object.fromEntries defines properties of its own, whatever their names are.
  return entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')
    ? Object.fromEntries(entries)
    : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isExitCodes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length <= MOST_EXIT_CODES && value.every((code) => Number.isInteger(code));
}

function quoted(text: string | undefined): string {
  return JSON.stringify((text ?? '').slice(0, 64));
}
