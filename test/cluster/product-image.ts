import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageArchive, Images } from './images.js';
import type { Run } from './host.js';
import type { Settings } from './settings.js';

/** Name of this project's image on test clusters. */
export const productImage = 'localhost/tranship/operator:test';

/**
 * Builds this project's Dockerfile without a registry of images. The base is a stand-in of its name, made of this
 * machine's Node and npm; packages come out of npm's cache, where they are since this project was installed.
 */
export async function buildProduct(images: Images, settings: Settings, run: Run): Promise<ImageArchive> {
  const npm = join((await run(['npm', 'root', '--global'])).trim(), 'npm');
  await images.nodeBase('localhost/node:24-bookworm-slim', npm);
  const [cache = '', registry = ''] = await Promise.all(
    ['cache', 'registry'].map(async (key) => (await run(['npm', 'config', 'get', key])).trim()),
  );
  const folder = join(settings.cache, 'images');
  mkdirSync(cache, { recursive: true });
  mkdirSync(folder, { recursive: true });
  const npmrc = join(folder, 'npmrc');
  writeFileSync(npmrc, `registry=${registry}\ncache=/npm-cache\nprefer-offline=true\naudit=false\nfund=false\n`);
  await images.buildah([
    ...['bud', '--isolation=chroot', '--pull-never', '--layers', '--quiet', '--tag', productImage],
    ...['--secret', `id=npmrc,src=${npmrc}`, '--volume', `${cache}:/npm-cache`],
    ...['--file', join(settings.project, 'Dockerfile'), settings.project],
  ]);
  const source = (await images.buildah(['images', '--quiet', '--no-trunc', productImage]))
    .trim()
    .replace('sha256:', '')
    .slice(0, 16);
  const file = join(folder, `product-${source}.tar`);
  if (!existsSync(file)) {
    for (const name of readdirSync(folder)) if (/^product-.*\.tar$/.test(name)) rmSync(join(folder, name));
    await images.save(productImage, file);
  }
  return { file, name: productImage, source };
}
