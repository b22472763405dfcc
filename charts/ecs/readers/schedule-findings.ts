import type { Diagnostic } from '../diagnostic.js';
import { type Field, rawOf } from '../field.js';
import { parseScheduleExpression, ScheduleExpressionError } from '../schedule-expression.js';
import type { Position } from '../source/position.js';

/**
 * What AWS would refuse of a schedule: an expression that it does not accept, with the column inside the expression, and
 * a time zone that does not exist. An expression whose value is not known is not judged.
 *
 * @param timeZone IANA name, where the schedule has one
 */
export function expressionFindings(
  expression: Field<string>,
  timeZone: Field<string> | undefined,
): readonly Diagnostic[] {
  return [...wrongExpression(expression), ...(timeZone === undefined ? [] : wrongZone(timeZone))];
}

function wrongExpression(expression: Field<string>): readonly Diagnostic[] {
  const text = expression.value;
  if (text === undefined || expression.placeholder !== undefined) return [];
  try {
    parseScheduleExpression(text);
    return [];
  } catch (error) {
    if (!(error instanceof ScheduleExpressionError)) throw error;
    const position = within(expression, text, error.column);
    if (position === undefined) return [];
    const message = error.message.replace(/^column \d+: /, '');
    return [{ severity: 'refused', code: `schedule-${error.code}`, message, path: expression.path, position }];
  }
}

function wrongZone(timeZone: Field<string>): readonly Diagnostic[] {
  const { value, position } = timeZone;
  if (value === undefined || position === undefined || timeZone.placeholder !== undefined || isTimeZone(value))
    return [];
  const message = `${JSON.stringify(value.slice(0, 60))} is not a time zone`;
  const fix = 'use a name of the IANA database, such as Europe/Berlin';
  return [{ severity: 'refused', code: 'invalid-value', message, fix, path: timeZone.path, position }];
}

/** Whether the IANA time zone database has the name; offsets such as `+02:00` are not names. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** The place inside a string, when the document writes it as it reads; else where the string starts. */
function within(field: Field<string>, text: string, column: number): Position | undefined {
  if (field.node === undefined) return undefined;
  const { file, offset } = rawOf(field.node);
  const quote = /["']/.test(file.text.charAt(offset)) ? 1 : 0;
  const verbatim = file.text.startsWith(text, offset + quote);
  return file.position(verbatim ? offset + quote + column : offset);
}
