import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Binaries, binariesOf, buildBinaries } from './binaries.js';
import { cgroupIsGone, deleteCgroup, deleteEmptyCgroup, makeCgroup, processesIn } from './cgroups.js';
import { Certificates } from './certificates.js';
import {
  type Component,
  type ControlPlaneName,
  controlPlane,
  controlPlaneNames,
  dnsObjects,
  writeControlPlaneFiles,
} from './control-plane.js';
import { ClusterFailure } from './failure.js';
import { answersOk } from './health.js';
import { type Run, succeeds } from './host.js';
import { Images, loadImage } from './images.js';
import { Kubectl } from './kubectl.js';
import type { ClusterLayout, NodeLayout } from './layout.js';
import { unmountBelow } from './mounts.js';
import { deleteNetwork, makeNetwork, setLink } from './network.js';
import { nodeProcesses, shimsOf, writeNodeFiles, containerdSocket } from './nodes.js';
import { installPackages } from './packages.js';
import {
  type ProcessRequest,
  type ProcessTable,
  endProcess,
  isRunning,
  poll,
  sendSignal,
  startProcess,
} from './processes.js';
import type { Progress } from './progress.js';
import { deleteTraces } from './traces.js';
import type { Settings } from './settings.js';
import type { StateFile } from './state.js';

/** What a process cluster works with; injected, so that tests can stand in. */
export interface ClusterTools {
  readonly settings: Settings;
  readonly run: Run;
  readonly table: ProcessTable;
  readonly progress: Progress;
}

/**
 * A cluster of processes on this machine: the control plane on the host, each node in a network namespace.
 *
 * `up` brings about what is missing and leaves what runs alone, so that it goes on where another one was interrupted.
 */
export class ProcessCluster {
  readonly layout: ClusterLayout;
  readonly #minor: string;
  readonly #state: StateFile;
  readonly #tools: ClusterTools;
  readonly #certificates: Certificates;

  constructor(layout: ClusterLayout, minor: string, state: StateFile, tools: ClusterTools) {
    this.layout = layout;
    this.#minor = minor;
    this.#state = state;
    this.#tools = tools;
    this.#certificates = new Certificates(join(layout.folder, 'certificates'));
  }

  get binaries(): Binaries {
    return binariesOf(this.#tools.settings, this.#minor);
  }

  get kubectl(): Kubectl {
    return new Kubectl(this.binaries.kubectl, this.layout.kubeconfig, this.#tools.run);
  }

  /** Brings the cluster up, and waits until its nodes are Ready and DNS answers. */
  async up(): Promise<void> {
    const { run, progress, settings } = this.#tools;
    await installPackages(run, progress);
    await buildBinaries(settings, this.#minor, run, progress);
    for (const folder of ['logs', 'etcd'])
      mkdirSync(join(this.layout.folder, folder), { recursive: true, mode: 0o700 });
    progress('network, certificates and configuration');
    await this.#certificates.make(this.layout, run);
    await makeNetwork(this.layout, run);
    writeControlPlaneFiles(this.layout, this.#certificates);
    const fileSystem = (await run(['stat', '--file-system', '--format=%T', this.layout.folder])).trim();
    for (const node of this.layout.nodes) {
      makeCgroup(node.cgroup);
      // The kernel stacks no overlay on another one, as in a CI job that is a container itself.
      writeNodeFiles(this.layout, node, this.#certificates, fileSystem === 'overlayfs' ? 'native' : 'overlayfs');
    }
    await this.startControlPlane('etcd');
    await this.startControlPlane('kube-apiserver');
    await Promise.all([
      this.startControlPlane('kube-controller-manager'),
      this.startControlPlane('kube-scheduler'),
      this.kubectl.apply(dnsObjects(this.layout)),
      this.startControlPlane('coredns'),
      this.#startNodes(),
    ]);
    progress('waiting for the nodes to be Ready');
    await this.kubectl.text([
      'wait',
      '--for=condition=Ready',
      '--timeout=120s',
      ...this.layout.nodes.map((node) => `node/${node.name}`),
    ]);
  }

  async #startNodes(): Promise<void> {
    await Promise.all(this.layout.nodes.map((node) => this.startNode(node)));
    await this.loadImages();
  }

  /** Loads the images that every cluster has: that of sandboxes, and the stub. */
  async loadImages(): Promise<void> {
    const { run, settings } = this.#tools;
    const images = new Images(settings, run);
    for (const archive of [await images.pause(), await images.stub()])
      await loadImage(this.layout.nodes, archive, [], run);
  }

  /** Starts a component of the control plane, unless it runs, and waits until it serves. */
  async startControlPlane(name: ControlPlaneName): Promise<void> {
    const component = controlPlane(this.layout, this.#certificates, this.binaries)[name];
    await this.startComponent(component);
  }

  /** Starts a process, unless it runs, and waits until its health address answers. */
  async startComponent(component: Component): Promise<void> {
    await this.#start(component);
    const serves = () => answersOk(component.health, this.#certificates.authority.certificate);
    await this.#until(component, serves);
  }

  /** Starts a node's processes, those that do not run. */
  async startNode(node: NodeLayout): Promise<void> {
    await setLink(node, true, this.#tools.run);
    for (const request of nodeProcesses(this.layout, node, this.binaries)) {
      await this.#start(request);
      if (request.component.startsWith('containerd ')) {
        await this.#until(request, () =>
          succeeds(this.#tools.run, ['ctr', '--address', containerdSocket(node), 'version']),
        );
      }
    }
  }

  /**
   * Ends a node as a power failure does: the link goes down first, so that nobody hears from it again, and then every
   * process ends without notice.
   */
  async stopNode(node: NodeLayout): Promise<void> {
    await setLink(node, false, this.#tools.run);
    for (const request of nodeProcesses(this.layout, node, this.binaries).toReversed())
      await this.end(request.component, 0);
    await this.#endPods(node);
  }

  /** Ends a process of the cluster. */
  async end(component: string, graceSeconds: number): Promise<void> {
    const record = this.#state.find(component);
    if (record === undefined) return;
    await endProcess(record, this.#tools.table, graceSeconds);
    this.#state.forget(component);
  }

  /** Whether a process of the cluster runs. */
  runs(component: string): boolean {
    const record = this.#state.find(component);
    return record !== undefined && isRunning(record, this.#tools.table);
  }

  /** Ends everything and deletes everything that `up` made, but for what is in the cache. */
  async down(): Promise<void> {
    const { run, progress } = this.#tools;
    progress('ending processes');
    const records = this.#state.read()?.processes ?? [];
    const ofNodes = records.filter((record) =>
      this.layout.nodes.some((node) => record.component.endsWith(` ${node.name}`)),
    );
    for (const record of ofNodes.toReversed()) await this.end(record.component, 0);
    await Promise.all(this.layout.nodes.map((node) => this.#endPods(node)));
    for (const record of records.filter((one) => !ofNodes.includes(one)).toReversed())
      await this.end(record.component, 5);
    progress('deleting network, cgroups and files');
    await deleteNetwork(this.layout, run);
    await unmountBelow([this.layout.runtimeFolder, this.layout.folder], run);
    for (const node of this.layout.nodes) await this.#deleteCgroup(node.cgroup);
    await this.#deleteCgroup(dirname(this.layout.nodes[0]?.cgroup ?? '/tranship/none/node'));
    deleteTraces(this.layout);
    deleteEmptyCgroup('/tranship'); // of other clusters too, which keep it
    rmSync(this.layout.folder, { recursive: true, force: true });
    rmSync(this.layout.runtimeFolder, { recursive: true, force: true });
  }

  /** Deletes what a cluster of this name left that was not ended, as when the machine was switched off. */
  async clear(): Promise<void> {
    await unmountBelow([this.layout.runtimeFolder, this.layout.folder], this.#tools.run);
    rmSync(this.layout.folder, { recursive: true, force: true });
  }

  async #endPods(node: NodeLayout): Promise<void> {
    const left = () => [...shimsOf(node), ...processesIn(node.cgroup)];
    const gone = await poll(
      () => {
        // A shim that is killed may leave a child for another round.
        for (const pid of left()) sendSignal(pid, 'SIGKILL');
        return left().length === 0;
      },
      20,
      50,
    );
    if (!gone)
      throw new ClusterFailure('not-ready', `processes ${left().join(', ')} of ${node.name} still run after SIGKILL`);
  }

  async #deleteCgroup(path: string): Promise<void> {
    const gone = await poll(
      () => {
        deleteCgroup(path);
        return cgroupIsGone(path);
      },
      5,
      50,
    );
    if (!gone)
      throw new ClusterFailure(
        'not-ready',
        `the cgroup ${path} cannot be deleted: a process that is none of this cluster is in it`,
      );
  }

  async #start(request: ProcessRequest): Promise<void> {
    if (this.runs(request.component)) return;
    this.#tools.progress(`starting ${request.component}`);
    this.#state.record(await startProcess(request, this.#tools.table));
  }

  async #until(request: ProcessRequest, serves: () => Promise<boolean>): Promise<void> {
    const ready = await poll(async () => (await serves()) || !this.runs(request.component), 90);
    if (ready && this.runs(request.component)) return;
    if (ready) this.#state.forget(request.component);
    const how = ready ? 'ended' : 'does not serve after 90 s';
    const end = readFileSync(request.log, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
    throw new ClusterFailure('not-ready', `${request.component} ${how}; the end of ${request.log}:\n${end}`);
  }
}

/** Components of the control plane and of the nodes, for `status`. */
export function componentNames(layout: ClusterLayout): readonly string[] {
  const ofNodes = layout.nodes.flatMap((node) =>
    ['containerd', 'kubelet', 'kube-proxy'].map((name) => `${name} ${node.name}`),
  );
  return [...controlPlaneNames, ...ofNodes];
}
