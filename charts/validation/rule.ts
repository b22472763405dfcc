import type { KubernetesVersion } from '../port/kubernetes-version.js';
import { quoted, type Report } from './finding.js';
import type { NameCheck } from './names.js';

/** What a rule is given. */
export interface RuleContext {
  /** The whole object. */
  readonly manifest: unknown;
  readonly version: KubernetesVersion;
  readonly report: Report;
}

/** What the parts of a rule are given that depend on the target; the others take the report alone. */
export type CheckContext = Pick<RuleContext, 'version' | 'report'>;

/** One of the API server's own checks; it copes with any JSON, since it also runs on what the schema refused. */
export type Rule = (context: RuleContext) => void;

/** Reports a text that does not follow a grammar; what is no text is the schema's business. */
export function expectName(report: Report, path: string, text: unknown, check: NameCheck): void {
  const problem = typeof text === 'string' ? check(text) : undefined;
  if (problem !== undefined) report(path, `${quoted(text)} ${problem}`);
}

/** Reports a text that must be there and is not, or is empty. */
export function expectText(
  report: Report,
  path: string,
  text: unknown,
  why = 'is required and must not be empty',
): void {
  if (text === undefined || text === '') report(path, why);
}

/** Reports a number below `minimum` or above `maximum`. */
export function expectRange(
  report: Report,
  path: string,
  value: unknown,
  minimum: number,
  maximum = Number.POSITIVE_INFINITY,
): void {
  if (typeof value !== 'number' || (value >= minimum && value <= maximum)) return;
  report(
    path,
    `${value} is out of range, must be ${maximum === Number.POSITIVE_INFINITY ? `at least ${minimum}` : `from ${minimum} to ${maximum}`}`,
  );
}

/** Reports a text that is none of `allowed`. */
export function expectOneOf(report: Report, path: string, text: unknown, allowed: readonly string[]): void {
  if (typeof text === 'string' && !allowed.includes(text))
    report(path, `${quoted(text)} is not allowed; allowed: ${allowed.join(', ')}`);
}
