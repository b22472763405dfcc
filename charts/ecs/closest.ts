/**
 * The allowed word nearest to what was written, for "did you mean": at most a third of its letters differ.
 *
 * @example closest('containerPrt', ['containerPort', 'hostPort']) // 'containerPort'
 */
export function closest(written: string, allowed: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.floor(Math.min(written.length, 40) / 3) + 1;
  for (const word of allowed) {
    const distance = editDistance(written.slice(0, 40).toLowerCase(), word.slice(0, 40).toLowerCase());
    if (distance < bestDistance) {
      best = word;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance by one row of the table. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
