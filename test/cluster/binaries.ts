import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Go, findGo } from './go.js';
import { type BuildModule, companionsModule, kubernetesModule, kwokStages } from './go-modules.js';
import type { Run } from './host.js';
import type { Progress } from './progress.js';
import type { Settings } from './settings.js';
import { companionVersions, kubernetesCommands, kubernetesVersion } from './versions.js';

/** Paths of the programs of a cluster. */
export interface Binaries {
  readonly etcd: string;
  readonly apiServer: string;
  readonly controllerManager: string;
  readonly scheduler: string;
  readonly kubelet: string;
  readonly proxy: string;
  readonly kubectl: string;
  readonly coredns: string;
  readonly kwok: string;
  /** Configuration of kwok. */
  readonly kwokStages: string;
}

/** Where the programs of a Kubernetes version are, or will be; nothing is built. */
export function binariesOf(settings: Settings, minor: string): Binaries {
  const kubernetes = join(settings.cache, 'bin', `kubernetes-${kubernetesVersion(minor)}`);
  const companions = companionsFolder(settings);
  const assets = readyMade(settings, minor);
  const preferred = (name: string) =>
    assets !== undefined && existsSync(join(assets, name)) ? join(assets, name) : join(kubernetes, name);
  return {
    etcd: preferred('etcd'),
    apiServer: preferred('kube-apiserver'),
    controllerManager: join(kubernetes, 'kube-controller-manager'),
    scheduler: join(kubernetes, 'kube-scheduler'),
    kubelet: join(kubernetes, 'kubelet'),
    proxy: join(kubernetes, 'kube-proxy'),
    kubectl: preferred('kubectl'),
    coredns: join(companions, 'coredns'),
    kwok: join(companions, 'kwok'),
    kwokStages: join(companions, kwokStages),
  };
}

/**
 * Builds what is missing. Each set of programs comes to its place by one rename, when all of it is built; a build that
 * was interrupted goes on from Go's own cache.
 */
export async function buildBinaries(
  settings: Settings,
  minor: string,
  run: Run,
  progress: Progress,
): Promise<Binaries> {
  const version = kubernetesVersion(minor);
  const kubernetes = join(settings.cache, 'bin', `kubernetes-${version}`);
  const companions = companionsFolder(settings);
  if (existsSync(kubernetes) && existsSync(companions)) return binariesOf(settings, minor);
  const go = await findGo(settings, run, progress);
  const upstream = await upstreamGoMod(go, version, run);
  if (!existsSync(kubernetes)) {
    await build(
      go,
      kubernetesModule(version, upstream, kubernetesCommands),
      kubernetes,
      `Kubernetes ${version} and etcd`,
      run,
      progress,
    );
  }
  if (!existsSync(companions)) {
    await build(
      go,
      companionsModule(version, upstream, companionVersions),
      companions,
      'CoreDNS and kwok',
      run,
      progress,
    );
  }
  return binariesOf(settings, minor);
}

function companionsFolder(settings: Settings): string {
  return join(settings.cache, 'bin', `coredns-${companionVersions.coredns}-kwok-${companionVersions.kwok}`);
}

/** The folder of KUBEBUILDER_ASSETS, if its API server is of the wanted minor version: setup-envtest names folders so. */
function readyMade(settings: Settings, minor: string): string | undefined {
  const assets = settings.kubebuilderAssets;
  return assets?.split('/').some((part) => part.startsWith(`${minor}.`)) === true ? assets : undefined;
}

async function upstreamGoMod(go: Go, version: string, run: Run): Promise<string> {
  // `go mod download` outside of any module prints where it put the module's go.mod.
  const said = await run([go.program, 'mod', 'download', '-json', `k8s.io/kubernetes@${version}`], {
    env: go.env,
    cwd: '/',
  });
  const { GoMod } = JSON.parse(said) as { readonly GoMod: string };
  return readFileSync(GoMod, 'utf8');
}

async function build(
  go: Go,
  module: BuildModule,
  target: string,
  what: string,
  run: Run,
  progress: Progress,
): Promise<void> {
  const source = `${target}.source`;
  const part = `${target}.part`;
  rmSync(source, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  for (const [path, text] of [['go.mod', module.goMod] as const, ...module.files]) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), text);
  }
  progress(`building ${what} from Go modules; the first time takes minutes`);
  const at = { env: go.env, cwd: source };
  const all = await run([go.program, 'list', '-mod=mod', '-deps', ...module.packages], at);
  const total = all.trim().split('\n').length;
  const linked = [...module.variables].map(([name, value]) => `-X ${name}=${value}`);
  let compiled = 0;
  let told = performance.now();
  // One invocation compiles what the commands share once. Without debug information it compiles and links faster.
  const command = [go.program, 'build', '-v', '-mod=mod', '-trimpath', '-buildvcs=false', '-gcflags=all=-dwarf=false'];
  await run([...command, '-ldflags', ['-s', '-w', ...linked].join(' '), '-o', `${part}/`, ...module.packages], {
    ...at,
    onLine: () => {
      compiled += 1;
      if (performance.now() - told < 15_000) return;
      told = performance.now();
      progress(`building ${what}: ${compiled} of at most ${total} packages`);
    },
  });
  if (existsSync(join(part, 'server'))) renameSync(join(part, 'server'), join(part, 'etcd'));
  if (module.documents !== undefined) {
    const { file, module: from, paths } = module.documents;
    const folder = (await run([go.program, 'list', '-mod=mod', '-m', '-f', '{{.Dir}}', from], at)).trim();
    writeFileSync(join(part, file), paths.map((path) => readFileSync(join(folder, path), 'utf8')).join('\n---\n'));
  }
  renameSync(part, target);
  rmSync(source, { recursive: true });
  progress(`built ${what}`);
}
