import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageArchive, Images } from './images.js';
import type { Run } from './host.js';
import type { Settings } from './settings.js';

/** Name of this project's image on test clusters. */
export const productImage = 'localhost/tranship/operator:test';

/**
 * Builds this project's Dockerfile without a registry of images. The base is a stand-in of its name, made of this
 * machine's Node and npm; packages come out of npm's cache, where they are since this project was installed. The stage
 * `build` is replaced by the build folder that this command itself came out of: compiling again, with all development
 * dependencies in a layer, takes minutes and gives the same.
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
  writeFileSync(npmrc, `registry=${registry}\ncache=/npm-cache\nprefer-offline=true\ncafile=/authorities.pem\n`);
  const authorities = join(folder, 'authorities.pem');
  writeFileSync(authorities, trustedAuthorities(settings));
  const stage = mkdtempSync(join(tmpdir(), 'tranship-build-'));
  try {
    for (const part of ['bin', 'charts', 'operators']) {
      cpSync(join(settings.project, 'build', part), join(stage, 'app', 'build', part), { recursive: true });
    }
    await images.buildah([
      ...['bud', '--isolation=chroot', '--pull-never', '--layers', '--quiet', '--tag', productImage],
      ...[
        '--secret',
        `id=npmrc,src=${npmrc}`,
        '--volume',
        `${cache}:/npm-cache`,
        ...['--volume', `${authorities}:/authorities.pem:ro`],
        '--build-context',
        `build=${stage}`,
      ],
      ...['--file', join(settings.project, 'Dockerfile'), settings.project],
    ]);
  } finally {
    rmSync(stage, { recursive: true });
  }
  const id = (await images.buildah(['images', '--quiet', '--no-trunc', productImage])).trim();
  const source = id.replace('sha256:', '').slice(0, 16);
  const file = join(folder, `product-${source}.tar`);
  if (!existsSync(file)) {
    for (const name of readdirSync(folder)) if (/^product-.*\.tar$/.test(name)) rmSync(join(folder, name));
    await images.save(productImage, file);
  }
  return { file, name: productImage, source };
}

/** Certificates of who this machine trusts, for what npm has to fetch after all: there may be a proxy with its own. */
function trustedAuthorities(settings: Settings): string {
  const files = ['/etc/ssl/certs/ca-certificates.crt', settings.extraAuthorities];
  return files.map((file) => (file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : '')).join('\n');
}
