import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Run } from './host.js';
import type { NodeLayout } from './layout.js';
import { containerdSocket, pauseImage } from './nodes.js';
import type { Settings } from './settings.js';

/** An image in a file that container runtimes import. */
export interface ImageArchive {
  readonly file: string;
  /** The name that it was built under. */
  readonly name: string;
  /** Digest of what it was built from. */
  readonly source: string;
}

/** Name of the stub image: see test/cluster/stub. */
export const stubImage = 'localhost/tranship-test/stub:1';

/** Builds images without a registry: what they start from is taken from this machine. */
export class Images {
  readonly #settings: Settings;
  readonly #run: Run;

  constructor(settings: Settings, run: Run) {
    this.#settings = settings;
    this.#run = run;
  }

  /** The image of pods' sandboxes: busybox that sleeps. */
  pause(): Promise<ImageArchive> {
    const image = { name: pauseImage, entrypoint: ['/bin/sleep', '2147483647'], env: {}, inputs: ['/bin/busybox'] };
    return this.#fromTree(image, installBusybox);
  }

  /**
   * The stub: Node, busybox and one program that fails as it is told.
   *
   * @param env variables of the image, such as STUB_PORTS
   */
  stub(env: Readonly<Record<string, string>> = {}): Promise<ImageArchive> {
    const folder = join(this.#settings.project, 'test', 'cluster', 'stub');
    const [stub, check] = [join(folder, 'stub.ts'), join(folder, 'check.ts')];
    const inputs = ['/bin/busybox', process.execPath, stub, check];
    const variant = createHash('sha256').update(JSON.stringify(env)).digest('hex').slice(0, 8);
    const name = Object.keys(env).length === 0 ? stubImage : `${stubImage}-${variant}`;
    return this.#fromTree({ name, entrypoint: ['/stub/stub.ts'], env, inputs }, (root, libraries) => {
      installBusybox(root);
      installNode(root, libraries);
      mkdirSync(join(root, 'stub'));
      for (const file of [stub, check]) copyFileSync(file, join(root, 'stub', basename(file)));
      // Programs that containers of the example account name, and their health checks call.
      symlinkSync('/stub/stub.ts', join(root, 'bin', 'worker'));
      for (const program of ['curl', 'wget', 'redis-cli'])
        symlinkSync('/stub/check.ts', join(root, 'usr', 'bin', program));
    });
  }

  /** A stand-in for the official image of Node: Node and busybox. */
  async nodeBase(name: string): Promise<void> {
    const inputs = ['/bin/busybox', process.execPath];
    await this.#fromTree({ name, entrypoint: ['/usr/local/bin/node'], env: {}, inputs }, (root, libraries) => {
      installBusybox(root);
      installNode(root, libraries);
    });
  }

  /** An image of one layer, unless it was built from the same inputs before. */
  async #fromTree(image: TreeImage, fill: (root: string, libraries: readonly string[]) => void): Promise<ImageArchive> {
    const hash = createHash('sha256').update(JSON.stringify([image.name, image.entrypoint, image.env, treeForm]));
    for (const input of image.inputs) hash.update(readFileSync(input));
    const source = hash.digest('hex').slice(0, 16);
    const file = join(this.#settings.cache, 'images', `${source}.tar`);
    if (!existsSync(file)) {
      const root = mkdtempSync(join(tmpdir(), 'tranship-image-'));
      try {
        const libraries = image.inputs.includes(process.execPath)
          ? librariesOf(await this.#run(['ldd', process.execPath]))
          : [];
        fill(root, libraries);
        await this.#commit(root, image, file);
      } finally {
        rmSync(root, { recursive: true });
      }
    }
    return { file, name: image.name, source };
  }

  async #commit(root: string, image: TreeImage, file: string): Promise<void> {
    const container = (await this.buildah(['from', 'scratch'])).trim();
    const env = { PATH: '/usr/local/bin:/usr/bin:/bin', ...image.env };
    await this.buildah(['copy', '--quiet', container, root, '/']);
    await this.buildah([
      ...['config', '--entrypoint', JSON.stringify(image.entrypoint)],
      ...Object.entries(env).flatMap((pair) => ['--env', pair.join('=')]),
      container,
    ]);
    await this.buildah(['commit', '--quiet', '--rm', container, image.name]);
    await this.save(image.name, file);
  }

  /** Writes a built image to an archive. */
  async save(name: string, file: string): Promise<void> {
    mkdirSync(dirname(file), { recursive: true });
    rmSync(`${file}.part`, { force: true });
    await this.buildah(['push', '--quiet', name, `docker-archive:${file}.part:${name}`]);
    renameSync(`${file}.part`, file);
  }

  /** Runs buildah on a store of its own. */
  buildah(words: readonly string[]): Promise<string> {
    const store = join(this.#settings.cache, 'images', 'store');
    mkdirSync(store, { recursive: true });
    const policy = join(store, 'policy.json');
    writeFileSync(policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
    const [command = '', ...rest] = words;
    const signed = ['push', 'bud'].includes(command) ? ['--signature-policy', policy] : [];
    return this.#run([
      'buildah',
      '--root',
      join(store, 'root'),
      '--runroot',
      join(store, 'run'),
      command,
      ...signed,
      ...rest,
    ]);
  }
}

/** An image of one layer, described. */
interface TreeImage {
  readonly name: string;
  readonly entrypoint: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Files whose contents decide whether it has to be built again. */
  readonly inputs: readonly string[];
}

/** Raised when the form of trees below changes, so that none is taken from the cache. */
const treeForm = 2;

/** A root file system with busybox for every common command. */
export function installBusybox(root: string): void {
  for (const folder of ['bin', 'usr/bin', 'usr/local/bin', 'etc', 'tmp', 'proc', 'sys', 'dev', 'root']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  copyFileSync('/bin/busybox', join(root, 'bin', 'busybox'));
  for (const applet of [
    'sh',
    'cat',
    'chmod',
    'chown',
    'cp',
    'date',
    'dd',
    'df',
    'echo',
    'env',
    'false',
    'grep',
    'head',
    'hostname',
    'id',
    'kill',
    'ln',
    'ls',
    'mkdir',
    'mv',
    'nc',
    'nslookup',
    'ps',
    'pwd',
    'rm',
    'sed',
    'sleep',
    'stat',
    'tail',
    'test',
    'touch',
    'tr',
    'true',
    'uname',
  ]) {
    symlinkSync('/bin/busybox', join(root, 'bin', applet));
  }
  symlinkSync('/bin/busybox', join(root, 'usr', 'bin', 'env'));
  writeFileSync(join(root, 'etc', 'passwd'), 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000:node:/tmp:/bin/sh\n');
  writeFileSync(join(root, 'etc', 'group'), 'root:x:0:\nnode:x:1000:\n');
}

/** Node and the libraries it loads. */
export function installNode(root: string, libraries: readonly string[]): void {
  for (const library of libraries) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
  copyFileSync(process.execPath, join(root, 'usr', 'local', 'bin', 'node'));
}

/**
 * Paths of libraries out of what ldd(1) prints.
 *
 * @example librariesOf('\tlibm.so.6 => /lib/libm.so.6 (0x1)\n\t/lib64/ld.so.2 (0x2)') // ['/lib/libm.so.6', '/lib64/ld.so.2']
 */
export function librariesOf(ldd: string): readonly string[] {
  return [...ldd.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map(([, path = '']) => path);
}

/**
 * Loads an image on nodes under the given names; afterwards pods that name it run with `imagePullPolicy: IfNotPresent`
 * or `Never`. What a node has already is not loaded again.
 *
 * @param names such as `111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/web:1`; a name with a digest works too
 */
export async function loadImage(
  nodes: readonly NodeLayout[],
  archive: ImageArchive,
  names: readonly string[],
  run: Run,
): Promise<void> {
  await Promise.all(
    nodes.map(async (node) => {
      const ctr = ['ctr', '--address', containerdSocket(node), '--namespace', 'k8s.io', 'images'];
      const marker = join(node.folder, 'images', encodeURIComponent(archive.name));
      if (!existsSync(marker) || readFileSync(marker, 'utf8') !== archive.source) {
        await run([...ctr, 'import', archive.file]);
        mkdirSync(dirname(marker), { recursive: true });
        writeFileSync(marker, archive.source);
      }
      for (const name of names) {
        if (name !== archive.name) await run([...ctr, 'tag', '--force', archive.name, name]);
      }
    }),
  );
}
