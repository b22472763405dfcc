import { createHash } from 'node:crypto';
import type { Section } from './fluent-bit-config.js';
import { fromGoRegexp, type Pattern } from './go-regexp.js';

/**
 * What each directive of a strftime format matches, as the awslogs driver understands it.
 * Source: Docker documentation, "Amazon CloudWatch Logs logging driver", `awslogs-datetime-format`.
 */
const DIRECTIVES: ReadonlyMap<string, string> = new Map([
  ['a', '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'],
  ['A', '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)'],
  ['w', '[0-6]'],
  ['d', '(?:0[1-9]|[12][0-9]|3[01])'],
  ['b', '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'],
  ['B', '(?:January|February|March|April|May|June|July|August|September|October|November|December)'],
  ['m', '(?:0[1-9]|1[0-2])'],
  ['Y', '[0-9]{4}'],
  ['y', '[0-9]{2}'],
  ['H', '(?:[01][0-9]|2[0-3])'],
  ['I', '(?:0[0-9]|1[0-2])'],
  ['p', '[AP]M'],
  ['M', '[0-5][0-9]'],
  ['S', '[0-5][0-9]'],
  ['L', '[.][0-9]{3}'],
  ['f', '[0-9]{6}'],
  ['z', '[+-][0-9]{4}'],
  ['Z', '[A-Z]{1,4}T'],
  ['j', '(?:[0-2][0-9][0-9]|3[0-5][0-9]|36[0-6])'],
]);

/**
 * The pattern of a record's first line from `awslogs-datetime-format`. As in the driver, text between the directives is a
 * regular expression too, and directives it does not know match nothing.
 *
 * @example datetimePattern('%Y-%m-%d') // { source: '[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])' }
 */
export function datetimePattern(format: string): Pattern {
  return fromGoRegexp(format.replace(/%(.)/gsu, (_, directive: string) => DIRECTIVES.get(directive) ?? ''));
}

/** Name of the parser for a first-line pattern; equal patterns share one. */
export function multilineName(firstLine: string): string {
  return `first-line-${createHash('sha256').update(firstLine).digest('hex').slice(0, 12)}`;
}

/**
 * The parser that joins lines to records: a line that matches begins a record, any other belongs to the record before it.
 * A record also ends when no line follows for a second; the awslogs driver waits five.
 */
export function multilineParser(firstLine: string): Section {
  return {
    name: 'MULTILINE_PARSER',
    properties: [
      ['Name', multilineName(firstLine)],
      ['Type', 'regex'],
      ['Flush_Timeout', '1000'],
      ['Rule', [{ syntax: `"start_state" "/(?:${firstLine})/" "next"` }]],
      ['Rule', [{ syntax: `"next" "/\\A(?!.*(?:${firstLine}))/" "next"` }]],
    ],
  };
}
