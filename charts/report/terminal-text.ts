/** Takes two columns on a terminal. Source: Unicode Standard Annex 11, the wide and full-width blocks in common use. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;
const COMBINING = /\p{Mn}|\p{Me}|\u200d|\ufe0f/u;
/** Most texts: one column a character, and nothing to hide. */
const PLAIN = /^[\x20-\x7e]*$/;
/** Control characters, and those that turn the direction of text: an input could use them to fake what a terminal shows. */
const CONTROL = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text from an input, safe to print: control characters are shown by their code.
 *
 * @example printable('a\u001b[2Jb') // 'a\\u001b[2Jb'
 */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(CONTROL, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}

/** How many columns a text takes on a terminal. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x300) width++;
    else if (!COMBINING.test(character)) width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/**
 * Breaks a text at spaces into lines of at most `width` columns. A word that is wider has a line of its own and is not
 * cut, so that paths and positions stay whole.
 *
 * @param first columns that are taken on the first line already
 */
export function wrap(text: string, width: number, first = 0): readonly string[] {
  const lines: string[] = [];
  let line = '';
  let used = first;
  for (const word of printable(text).split(/\s+/)) {
    if (word === '') continue;
    const wide = widthOf(word);
    if (line === '') {
      line = word;
      used += wide;
    } else if (used + 1 + wide <= width) {
      line += ` ${word}`;
      used += 1 + wide;
    } else {
      lines.push(line);
      line = word;
      used = wide;
    }
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

/** A text filled with spaces to `width` columns. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/**
 * A count with the noun in its number.
 *
 * @example counted(1, 'workload') // '1 workload'
 * @example counted(2, 'entry', 'entries') // '2 entries'
 */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : plural}`;
}
