import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Writes a file for its owner alone, unless it holds the text already: kube-proxy ends when its file is written anew. */
export function writeChanged(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  writeFileSync(path, text, { mode: 0o600 });
}
