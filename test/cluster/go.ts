import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClusterFailure } from './failure.js';
import type { Run } from './host.js';
import type { Progress } from './progress.js';
import type { Settings } from './settings.js';
import { goVersion } from './versions.js';

/** A Go that can build the cluster's commands. */
export interface Go {
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Whether a Go found on the machine does: from 1.21 on it fetches the version that a module asks for by itself.
 *
 * @param said what `go version` prints, such as `go version go1.26.8 linux/amd64`
 */
export function canSwitchToolchain(said: string): boolean {
  const minor = /\bgo1\.(\d+)/.exec(said)?.[1];
  return minor !== undefined && Number(minor) >= 21;
}

/**
 * Finds Go, or fetches it: Go's own releases are published as a module, golang.org/toolchain, that any proxy of Go
 * modules serves.
 *
 * @throws ClusterFailure `missing-go` or `download-failed`
 */
export async function findGo(settings: Settings, run: Run, progress: Progress): Promise<Go> {
  const env = {
    CGO_ENABLED: '0',
    GOTOOLCHAIN: `go${goVersion}+auto`,
    GOWORK: 'off',
  };
  try {
    if (canSwitchToolchain(await run(['go', 'version'], { env: { GOTOOLCHAIN: 'local' } })))
      return { program: 'go', env };
  } catch {
    // No Go on this machine.
  }
  const machine = goMachine(process.arch);
  const name = `golang.org/toolchain@v0.0.1-go${goVersion}.${machine}`;
  const folder = join(settings.cache, 'go', goVersion);
  const program = join(folder, name, 'bin', 'go');
  if (!existsSync(program)) {
    progress(`fetching Go ${goVersion}, since none from 1.21 on is on the PATH`);
    await fetchToolchain(settings, folder, machine, run);
  }
  return { program, env: { ...env, GOTOOLCHAIN: 'local', GOROOT: join(folder, name) } };
}

function goMachine(arch: string): string {
  if (arch === 'x64') return 'linux-amd64';
  if (arch === 'arm64') return 'linux-arm64';
  throw new ClusterFailure(
    'missing-go',
    `no Go is on the PATH, and none is known to fetch for ${arch}: install Go ${goVersion}`,
  );
}

async function fetchToolchain(settings: Settings, folder: string, machine: string, run: Run): Promise<void> {
  const url = `${settings.goProxy.replace(/\/$/, '')}/golang.org/toolchain/@v/v0.0.1-go${goVersion}.${machine}.zip`;
  const response = await fetch(url).catch((cause: unknown) => {
    throw new ClusterFailure('download-failed', `${url} cannot be fetched: install Go ${goVersion}, or set GOPROXY`, {
      cause,
    });
  });
  if (!response.ok) {
    throw new ClusterFailure(
      'download-failed',
      `${url} answers ${response.status}: install Go ${goVersion}, or set GOPROXY`,
    );
  }
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const archive = `${part}.zip`;
  await writeFile(archive, Buffer.from(await response.arrayBuffer()));
  await run(['unzip', '-q', archive, '-d', part]);
  // Modules carry no permissions; Go's commands need theirs.
  await run(['chmod', '-R', 'a+x', join(part, `golang.org/toolchain@v0.0.1-go${goVersion}.${machine}`, 'bin')]);
  await run(['chmod', '-R', 'a+x', join(part, `golang.org/toolchain@v0.0.1-go${goVersion}.${machine}`, 'pkg', 'tool')]);
  renameSync(part, folder);
  rmSync(archive);
}
