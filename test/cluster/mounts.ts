import { readFileSync } from 'node:fs';
import type { Run } from './host.js';

/**
 * Mount points below a folder, the innermost first.
 *
 * @param mountinfo text of /proc/self/mountinfo (proc(5)), in which blanks of paths are written `\040`
 * @example mountsBelow('31 1 0:9 / /run/a rw - tmpfs t rw\n32 31 0:9 / /run/a/b rw - tmpfs t rw', '/run/a') // ['/run/a/b', '/run/a']
 */
export function mountsBelow(mountinfo: string, folder: string): readonly string[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .map((path) => path.replaceAll(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8))))
    .filter((path) => path === folder || path.startsWith(`${folder}/`))
    .toReversed();
}

/** Unmounts everything below the folders. */
export async function unmountBelow(folders: readonly string[], run: Run): Promise<void> {
  for (const folder of folders) {
    for (const path of mountsBelow(readFileSync('/proc/self/mountinfo', 'utf8'), folder)) {
      await run(['umount', '--lazy', '--no-mtab', path]);
    }
  }
}
