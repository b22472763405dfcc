import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ClusterFailure } from './failure.js';
import type { Run } from './host.js';
import type { Progress } from './progress.js';

/** Debian packages that the nodes need, each with a file or program that shows it is there. */
const needed: readonly (readonly [name: string, shownBy: string])[] = [
  ['containerd', 'containerd'],
  ['runc', 'runc'],
  ['containernetworking-plugins', '/usr/lib/cni/bridge'],
  ['iptables', 'iptables'],
  ['conntrack', 'conntrack'],
  ['iproute2', 'ip'],
  ['buildah', 'buildah'],
  ['busybox-static', '/bin/busybox'],
  ['openssl', 'openssl'],
  ['util-linux', 'nsenter'],
  ['ca-certificates', '/etc/ssl/certs/ca-certificates.crt'],
];

/**
 * Names of the Debian packages that are missing.
 *
 * @param has whether a file is there
 * @param path the PATH to find programs on
 */
export function missingPackages(has: (file: string) => boolean, path: string, needsUnzip: boolean): readonly string[] {
  const folders = path.split(delimiter);
  const found = (shownBy: string) =>
    shownBy.startsWith('/') ? has(shownBy) : folders.some((folder) => has(join(folder, shownBy)));
  const all = needsUnzip ? [...needed, ['unzip', 'unzip'] as const] : needed;
  return all.filter(([, shownBy]) => !found(shownBy)).map(([name]) => name);
}

/**
 * Installs what is missing with apt-get.
 *
 * @throws ClusterFailure `not-linux`, `not-root` or `missing-package`, with what to do
 */
export async function installPackages(run: Run, progress: Progress): Promise<void> {
  if (process.platform !== 'linux') {
    throw new ClusterFailure(
      'not-linux',
      `${process.platform}: without Docker a test cluster needs Linux. Start Docker and install kind, or pass --context NAME`,
    );
  }
  const path = process.env['PATH'] ?? '';
  const hasGo = path.split(delimiter).some((folder) => existsSync(join(folder, 'go')));
  const missing = missingPackages(existsSync, path, !hasGo);
  if (process.getuid?.() !== 0) {
    throw new ClusterFailure(
      'not-root',
      'a test cluster without Docker needs root, for network namespaces and containers. Run this with sudo, start Docker and install kind, or pass --context NAME',
    );
  }
  if (missing.length === 0) return;
  const advice = `install ${missing.join(' ')}, or start Docker and install kind, or pass --context NAME`;
  if (!path.split(delimiter).some((folder) => existsSync(join(folder, 'apt-get')))) {
    throw new ClusterFailure(
      'missing-package',
      `this machine lacks what Debian calls ${missing.join(', ')}, and has no apt-get: ${advice}`,
    );
  }
  progress(`installing ${missing.join(' ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['apt-get', 'install', '-qq', '-y', '--no-install-recommends', ...missing];
  try {
    await run(install, { env });
  } catch {
    // The lists of packages may be missing or old.
    await run(['apt-get', 'update', '-qq'], { env });
    await run(install, { env }).catch((cause: unknown) => {
      throw new ClusterFailure('missing-package', `apt-get cannot install ${missing.join(', ')}: ${advice}`, { cause });
    });
  }
}
