/** A place in an input file; line and column count from 1, columns in UTF-16 units as editors do. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One input text and its name; turns offsets into positions on demand, since most are never asked for. */
export class SourceFile {
  private lineStarts: number[] | undefined;

  /**
   * @param path how the user named the file; `aws:` names are used for a live account
   * @param text the whole text, without a byte-order mark
   */
  constructor(
    readonly path: string,
    readonly text: string,
  ) {}

  /** @param offset UTF-16 offset into `text`; values beyond the end give the last position */
  position(offset: number): Position {
    const starts = (this.lineStarts ??= lineStartsOf(this.text));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.path, line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let index = text.indexOf('\n'); index >= 0; index = text.indexOf('\n', index + 1)) starts.push(index + 1);
  return starts;
}

/** `file:line:column`, the form editors and terminals turn into a link. */
export function formatPosition(position: Position): string {
  return `${position.file}:${position.line}:${position.column}`;
}
