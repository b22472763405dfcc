/**
 * The words of a command line by the shell's quoting rules: blanks separate, single quotes keep everything, double quotes
 * keep all but `\"`, `\\`, `` \` `` and `\$`, a backslash keeps the next character. Nothing is expanded. Undefined when a
 * quote is not closed.
 *
 * Copilot and compose take a command given as one string so, and not as an argument of a shell.
 *
 * @example shellWords('sh -c "echo \'hi\'"') // ['sh', '-c', "echo 'hi'"]
 */
export function shellWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let index = 0; index < line.length; index++) {
    const character = line.charAt(index);
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else if (
        quote === '"' &&
        character === '\\' &&
        '"\\`$'.includes(line.charAt(index + 1)) &&
        index + 1 < line.length
      ) {
        word = (word ?? '') + line.charAt(++index);
      } else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === '\\' && index + 1 < line.length) word = (word ?? '') + line.charAt(++index);
    else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (quote !== undefined) return undefined;
  return word === undefined ? words : [...words, word];
}
