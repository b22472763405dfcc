import { printable } from '../../charts/report/terminal-text.js';
import type { Explanation, HeldView, PolicyView, ReplacementView } from './explanation.js';

/** Colours of picocolors, or functions that leave text as it is. */
export interface Ink {
  bold(text: string): string;
  dim(text: string): string;
}

/**
 * An explanation for people, line by line. It holds names and messages of others, made safe to print.
 *
 * @example for (const line of explanationText(explanation, pico)) console.log(line);
 */
export function* explanationText(explanation: Explanation, ink: Ink): Generator<string> {
  const { pod, summary, policies, replacements, held, events, gaps } = explanation;
  const where = pod.node === undefined ? '' : ` on ${printable(pod.node)}`;
  yield `${ink.bold(`pod ${printable(pod.namespace)}/${printable(pod.name)}`)}  ${pod.state}${where}`;
  yield printable(summary);
  for (const replacement of replacements) yield* replacementText(replacement, ink);
  for (const hold of held) yield* heldText(hold, ink);
  if (replacements.length === 0 && events.length > 0) {
    yield '';
    yield ink.bold('events of the operator');
    for (const { at, reason, action, note } of events) {
      yield `  ${timeOf(at)}  ${printable(`${reason} · ${action} · ${note}`)}`;
    }
  }
  yield* policiesText(policies, ink);
  for (const gap of gaps) yield ink.dim(printable(gap));
}

function* replacementText(
  { policy, record, role, steps, state, totalMs }: ReplacementView,
  ink: Ink,
): Generator<string> {
  const from = record.node === undefined ? '' : ` on ${record.node}`;
  const title =
    role === 'replaced'
      ? `replaced${from}: ${record.cause}`
      : `came in the place of ${record.pod}${from}: ${record.cause}`;
  yield '';
  yield `${ink.bold(printable(title))}  ${ink.dim(printable(`policy ${policy}, workload ${record.workload}`))}`;
  for (const { step, at, afterMs, text } of steps) {
    const after = (afterMs === undefined ? '' : `+${spanOf(afterMs)}`).padStart(9);
    yield `  ${timeOf(at)} ${after}  ${step.padEnd(8)}  ${printable(text)}`;
  }
  if (state === 'decided') yield '  not asked for yet';
  if (state === 'asked') yield '  asked for; no new pod is known yet';
  if (state === 'starting') yield `  ${printable(record.replacement ?? '')} is not Ready yet`;
  if (totalMs !== undefined) yield `  ${spanOf(totalMs)} from the signal to the new pod being Ready`;
  if (record.traceId !== undefined) yield ink.dim(`  trace ${printable(record.traceId)}`);
}

function* heldText({ policy, cause, reason, message, retryAt, inMs }: HeldView, ink: Ink): Generator<string> {
  yield '';
  yield `${ink.bold(printable(`held: ${reason}`))}  ${ink.dim(printable(`policy ${policy}`))}`;
  yield `  ${printable(`${cause}: ${message}`)}`;
  yield retryAt === undefined
    ? '  looked at again when something changes'
    : `  looked at again at ${timeOf(retryAt)}${inMs === undefined || inMs === 0 ? '' : `, in ${spanOf(inMs)}`}`;
}

function* policiesText(policies: readonly PolicyView[], ink: Ink): Generator<string> {
  if (policies.length === 0) return;
  yield '';
  for (const { name, selects, whyNot, conditions, memory } of policies) {
    const title = ink.bold(printable(`policy ${name}`));
    if (!selects) {
      yield `${title}  ${printable(whyNot === undefined ? 'has no record of it' : `does not select it: ${whyNot}`)}`;
      continue;
    }
    yield `${title}  selects it`;
    for (const { type, status, reason, message } of conditions) {
      yield `  ${printable(`${type} ${status} (${reason}): ${message}`)}`;
    }
    if (conditions.length === 0) yield '  has no status: the operator has not looked at it, or does not run';
    const nodes = memory?.avoidNodes ?? [];
    if (nodes.length > 0) {
      yield `  ${printable(`new pods avoid ${nodes.map(({ node, until }) => `${node} until ${timeOf(until)}`).join(', ')}`)}`;
    }
    if (memory?.notBefore !== undefined) yield `  no replacement before ${timeOf(memory.notBefore)}`;
  }
}

/** @example `2026-01-02 03:04:05Z` */
function timeOf(text: string): string {
  const time = Date.parse(text);
  if (!Number.isFinite(time)) return printable(text);
  return new Date(time)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}

/** @example `0.4 s`, `42 s`, `3 min 5 s` */
export function spanOf(milliseconds: number): string {
  if (milliseconds < 9950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
