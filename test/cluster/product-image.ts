import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ImageArchive, Images } from './images.js';
import type { Settings } from './settings.js';

/** Name of this project's image on test clusters. */
export const productImage = 'localhost/tranship/operator:test';

/** What npm records of an installed package in node_modules/.package-lock.json. */
interface InstalledPackage {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
}

/**
 * Folders of the packages that `npm ci --omit=dev --omit=optional` installs.
 *
 * @param packages by folder, such as `node_modules/yaml`
 */
export function productionPackages(packages: Readonly<Record<string, InstalledPackage>>): readonly string[] {
  return Object.entries(packages)
    .filter(([, of]) => of.dev !== true && of.optional !== true && of.devOptional !== true)
    .map(([folder]) => folder);
}

/**
 * Builds this project's Dockerfile without any registry. The base is a stand-in of its name, made of this machine's Node.
 * Its stages `packages` and `build` are replaced by what is there: the installed packages that production needs, and the
 * compiled folder that this command itself came out of. Installing and compiling again inside takes minutes and gives
 * the same.
 */
export async function buildProduct(images: Images, settings: Settings): Promise<ImageArchive> {
  const folder = join(settings.cache, 'images');
  const installed = join(settings.project, 'node_modules', '.package-lock.json');
  const compiled = ['bin', 'charts', 'operators'].map((part) => join(settings.project, 'build', part));
  const inputs = [
    join(settings.project, 'Dockerfile'),
    join(settings.project, 'package.json'),
    installed,
    process.execPath,
  ];
  const source = hashOf([...inputs, ...compiled.flatMap(filesBelow)]);
  const file = join(folder, `product-${source}.tar`);
  if (existsSync(file)) return { file, name: productImage, source };

  await images.nodeBase('localhost/node:24-bookworm-slim');
  const stage = mkdtempSync(join(tmpdir(), 'tranship-build-'));
  try {
    const app = join(stage, 'app');
    for (const from of compiled) cpSync(from, join(app, 'build', basename(from)), { recursive: true });
    const { packages } = JSON.parse(readFileSync(installed, 'utf8')) as {
      readonly packages: Readonly<Record<string, InstalledPackage>>;
    };
    for (const path of productionPackages(packages)) copyPackage(join(settings.project, path), join(app, path));
    await images.buildah([
      ...['bud', '--isolation=chroot', '--pull-never', '--layers', '--quiet', '--tag', productImage],
      ...['--build-context', `packages=${stage}`, '--build-context', `build=${stage}`],
      ...['--file', join(settings.project, 'Dockerfile'), settings.project],
    ]);
  } finally {
    rmSync(stage, { recursive: true });
  }
  for (const name of readdirSync(folder)) if (/^product-.*\.tar$/.test(name)) rmSync(join(folder, name));
  await images.save(productImage, file);
  return { file, name: productImage, source };
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted((a, b) => (a < b ? -1 : 1));
}

function hashOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\n`).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** Copies a package without the packages below it, which are listed for themselves. */
function copyPackage(from: string, to: string): void {
  cpSync(from, to, {
    recursive: true,
    preserveTimestamps: true,
    filter: (path) => path !== join(from, 'node_modules'),
  });
}
