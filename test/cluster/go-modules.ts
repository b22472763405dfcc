/** A Go module made for building commands of other modules. */
export interface BuildModule {
  /** Text of go.mod. */
  readonly goMod: string;
  /** Further files by their path. */
  readonly files: ReadonlyMap<string, string>;
  /** Packages to build. */
  readonly packages: readonly string[];
  /** Files of required modules that go to the programs, joined into one: YAML documents. */
  readonly documents?: { readonly file: string; readonly module: string; readonly paths: readonly string[] };
  /** For -X of the linker. */
  readonly variables: ReadonlyMap<string, string>;
}

/**
 * The module that builds Kubernetes' commands, and etcd at the version that Kubernetes was tested with.
 *
 * Kubernetes' own go.mod replaces its staging modules by folders that the published module leaves out; here each is
 * replaced by the module published from that folder, whose version is v0.X.Y for Kubernetes v1.X.Y. All other versions
 * follow from Kubernetes' requirements, and Go checks every download against the checksum database.
 *
 * @param version such as `v1.36.3`
 * @param upstream text of Kubernetes' go.mod
 */
export function kubernetesModule(version: string, upstream: string, commands: readonly string[]): BuildModule {
  const [, minor = ''] = version.split('.');
  const variables = new Map<string, string>();
  for (const holder of ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']) {
    variables.set(`${holder}.gitVersion`, version);
    variables.set(`${holder}.gitMajor`, '1');
    variables.set(`${holder}.gitMinor`, minor);
    variables.set(`${holder}.gitTreeState`, 'clean');
  }
  return {
    goMod: [
      'module tranship.test/kubernetes',
      goLines(upstream),
      `require k8s.io/kubernetes ${version}`,
      stagingReplacements(version, upstream),
    ].join('\n\n'),
    files: new Map(),
    packages: [...commands.map((command) => `k8s.io/kubernetes/cmd/${command}`), etcdPackage],
    variables,
  };
}

/** Package of etcd's server. Go names the command `server`. */
export const etcdPackage = 'go.etcd.io/etcd/server/v3';

/** File of what kwok's nodes and pods go through, beside the program. */
export const kwokStages = 'kwok-stages.yaml';

const stageFiles = [
  'node/fast/node-initialize.yaml',
  'node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
  'pod/fast/pod-ready.yaml',
  'pod/fast/pod-complete.yaml',
  'pod/fast/pod-delete.yaml',
];

/**
 * The module that builds kwok and CoreDNS. It takes Kubernetes' modules at the same version as `kubernetesModule`, so
 * that what both use is compiled once. Of CoreDNS' plugins only those of the cluster's Corefile are built in: the others
 * bring the SDKs of four clouds.
 */
export function companionsModule(
  version: string,
  upstream: string,
  versions: { readonly kwok: string; readonly coredns: string },
): BuildModule {
  const plugins = ['bind', 'cache', 'errors', 'kubernetes', 'ready'];
  const imports = plugins.map((plugin) => `\t_ "github.com/coredns/coredns/plugin/${plugin}"`).join('\n');
  return {
    goMod: [
      'module tranship.test/companions',
      goLines(upstream),
      `require (\n\tk8s.io/kubernetes ${version}\n\tsigs.k8s.io/kwok ${versions.kwok}\n\tgithub.com/coredns/coredns ${versions.coredns}\n)`,
      stagingReplacements(version, upstream),
    ].join('\n\n'),
    files: new Map([
      [
        'coredns/main.go',
        `package main\n\nimport (\n\t"github.com/coredns/coredns/coremain"\n${imports}\n)\n\nfunc main() { coremain.Run() }\n`,
      ],
    ]),
    packages: ['./coredns', 'sigs.k8s.io/kwok/cmd/kwok'],
    documents: {
      file: kwokStages,
      module: 'sigs.k8s.io/kwok',
      paths: stageFiles.map((path) => `kustomize/stage/${path}`),
    },
    variables: new Map(),
  };
}

function goLines(upstream: string): string {
  return upstream
    .split('\n')
    .filter((line) => /^(go|godebug) /.test(line))
    .join('\n');
}

function stagingReplacements(version: string, upstream: string): string {
  const staged = version.replace(/^v1\./, 'v0.');
  const lines = [...upstream.matchAll(/^\t(k8s\.io\/[a-z0-9-]+) => \.\/staging\//gm)].map(
    ([, module = '']) => `\t${module} => ${module} ${staged}`,
  );
  return `replace (\n${lines.join('\n')}\n)\n`;
}
