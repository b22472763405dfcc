import { describe, expect, it } from '@jest/globals';
import { canSwitchToolchain } from './go.js';
import { companionsModule, kubernetesModule } from './go-modules.js';

const upstream = `module k8s.io/kubernetes

go 1.26.0

godebug default=go1.26

require (
	github.com/blang/semver/v4 v4.0.0
)

replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/kube-proxy => ./staging/src/k8s.io/kube-proxy
)
`;

describe('the module that builds Kubernetes', () => {
  const module = kubernetesModule('v1.36.3', upstream, ['kubelet']);

  it('replaces each staging module by the one published from it', () => {
    expect(module.goMod).toContain(
      'replace (\n\tk8s.io/api => k8s.io/api v0.36.3\n\tk8s.io/kube-proxy => k8s.io/kube-proxy v0.36.3\n)',
    );
  });

  it('takes over which Go and which of its defaults Kubernetes is built with', () => {
    expect(module.goMod).toContain('go 1.26.0\ngodebug default=go1.26');
  });

  it('requires nothing but Kubernetes, so that all versions are those of Kubernetes', () => {
    expect(module.goMod.match(/^require .*$/gm)).toEqual(['require k8s.io/kubernetes v1.36.3']);
  });

  it('builds the etcd that Kubernetes was tested with beside the commands', () => {
    expect(module.packages).toEqual(['k8s.io/kubernetes/cmd/kubelet', 'go.etcd.io/etcd/server/v3']);
  });

  it('makes the commands tell their version, which is v0.0.0 otherwise', () => {
    expect(module.variables.get('k8s.io/component-base/version.gitVersion')).toBe('v1.36.3');
    expect(module.variables.get('k8s.io/client-go/pkg/version.gitMinor')).toBe('36');
  });
});

describe('the module that builds CoreDNS and kwok', () => {
  const module = companionsModule('v1.36.3', upstream, { kwok: 'v0.8.0', coredns: 'v1.15.0' });

  it('has no plugin of CoreDNS but those that the Corefile names', () => {
    const plugins = [...(module.files.get('coredns/main.go') ?? '').matchAll(/coredns\/plugin\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(plugins).toEqual(['bind', 'cache', 'errors', 'kubernetes', 'ready']);
  });

  it('shares the staging modules with Kubernetes', () => {
    expect(module.goMod).toContain('k8s.io/api => k8s.io/api v0.36.3');
  });
});

describe('a Go on the machine', () => {
  it('does from 1.21 on, because from then on it fetches the version that a module asks for', () => {
    expect(['go version go1.21.0 linux/amd64', 'go version go1.26.8 linux/arm64'].map(canSwitchToolchain)).toEqual([
      true,
      true,
    ]);
    expect(['go version go1.19.8 linux/amd64', 'gccgo 12'].map(canSwitchToolchain)).toEqual([false, false]);
  });
});
