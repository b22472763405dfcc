import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of this package: the nearest one above this file that has a package.json, built or not. */
export function packageRoot(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json above ${import.meta.dirname}`);
  }
}

/** The version in package.json. */
export function packageVersion(): string {
  const description = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return description.version;
}

/** Where the example account lies that `tranship demo` ports. */
export function exampleAccount(): string {
  return join(packageRoot(), 'charts', 'apps', 'example-account');
}
