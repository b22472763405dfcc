import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseAllDocuments } from 'yaml';
import { DEFAULT_OPERATOR_OPTIONS, renderOperator } from '../../charts/apps/operator/index.js';
import { NAME } from '../../operators/runtime/names.js';
import type { Kubectl } from '../cluster/kubectl.js';
import { poll } from '../cluster/processes.js';

const SYSTEM = 'tranship-system';
const ACCOUNT = 'tranship-operator';
/** What only the operator's own pods need. */
const LEFT_OUT = new Set(['Deployment', 'PodDisruptionBudget', 'NetworkPolicy', 'ValidatingWebhookConfiguration']);

interface Installed {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/**
 * Installs what the operator needs on a cluster, its role and its policies as they are delivered, but not its pods.
 *
 * @throws Error its pods are there: they would be a third and a fourth replica
 */
export async function installWithoutPods(kubectl: Kubectl): Promise<void> {
  const there = await kubectl.text(['get', `deployment/${ACCOUNT}`, `--namespace=${SYSTEM}`, '--ignore-not-found']);
  if (there !== '') throw new Error(`the operator is installed on this cluster: take another with --name`);
  const objects = renderOperator({ ...DEFAULT_OPERATOR_OPTIONS, kubernetes: '1.36', image: 'localhost/unused:1' })
    .flatMap(({ text }) => parseAllDocuments(text).map((document) => document.toJS() as Installed))
    .filter(({ kind }) => !LEFT_OUT.has(kind));
  const first = objects.filter(({ kind }) => kind === 'Namespace' || kind === 'CustomResourceDefinition');
  await kubectl.apply(first);
  await kubectl.text(['wait', '--for=condition=Established', 'crd/healingpolicies.tranship.dev', '--timeout=60s']);
  await kubectl.apply(objects);
}

/** What a process in a pod has of its service account, made for processes of this machine. */
export class PodIdentity {
  readonly #folder = mkdtempSync(join(tmpdir(), 'operator-bench-'));
  readonly #server: URL;

  private constructor(server: string, ca: string, token: string) {
    this.#server = new URL(server);
    writeFileSync(join(this.#folder, 'ca.crt'), ca);
    writeFileSync(join(this.#folder, 'token'), token, { mode: 0o600 });
  }

  static async of(kubectl: Kubectl): Promise<PodIdentity> {
    const { clusters } = await kubectl.json<{
      readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
    }>(['config', 'view', '--raw', '--minify', '--flatten']);
    const { server = '', 'certificate-authority-data': ca = '' } = clusters[0]?.cluster ?? {};
    const token = await kubectl.text(['create', 'token', ACCOUNT, `--namespace=${SYSTEM}`, '--duration=2h']);
    return new PodIdentity(server, Buffer.from(ca, 'base64').toString(), token);
  }

  get env(): Record<string, string> {
    const { hostname, port } = this.#server;
    return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port, HOME: this.#folder };
  }

  /** Words of a command that runs as in a pod: the files are where the kubelet puts them, and only this process sees them. */
  command(words: readonly string[]): readonly string[] {
    const script =
      'mount -t tmpfs tmpfs /var/run && mkdir -p /var/run/secrets/kubernetes.io && ' +
      'cp -r "$0" /var/run/secrets/kubernetes.io/serviceaccount && exec "$@"';
    return ['unshare', '--mount', 'sh', '-c', script, this.#folder, ...words];
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** One replica, a process of this machine. */
export class OperatorReplica {
  readonly #child: ChildProcess;
  readonly #port: Promise<string>;
  readonly #ended: Promise<unknown>;

  constructor(
    readonly name: string,
    identity: PodIdentity,
  ) {
    const main = join(import.meta.dirname, '../../operators/main.js');
    const ports = ['--health-port=0', '--metrics-port=0', '--webhook-port=0'];
    const [program = '', ...words] = identity.command([process.execPath, ...flags(), main, ...ports]);
    const { PATH = '' } = process.env;
    this.#child = spawn(program, words, {
      env: { PATH, NODE_ENV: 'production', POD_NAME: name, POD_NAMESPACE: SYSTEM, ...identity.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const port = Promise.withResolvers<string>();
    const tail: string[] = [];
    this.#port = port.promise;
    this.#port.catch(() => undefined);
    if (this.#child.stderr !== null) {
      createInterface(this.#child.stderr).on('line', (line) => {
        tail.splice(0, tail.length - 20);
        tail.push(line);
        if (!line.startsWith('{')) return;
        const { message, ports: listening } = JSON.parse(line) as { message: string; ports?: readonly string[] };
        if (message === NAME.log.listening) port.resolve(listening?.[0] ?? '');
      });
    }
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        port.reject(new Error(`${name} ended with ${code}: ${tail.join('\n')}`));
        resolve(code);
      });
    });
  }

  async whenReady(): Promise<void> {
    const port = await this.#port;
    const isReady = (): Promise<boolean> => fetch(`http://127.0.0.1:${port}/readyz`).then(({ ok }) => ok);
    if (!(await poll(isReady, 120, 500))) throw new Error(`${this.name} is not ready after 120 s`);
  }

  /** Writes so far, by `verb resource`, but those of leases. */
  async writes(): Promise<ReadonlyMap<string, number>> {
    const answer = await fetch(`http://127.0.0.1:${await this.#port}/metrics`);
    const counts = new Map<string, number>();
    for (const line of (await answer.text()).split('\n')) {
      if (!line.startsWith(`${NAME.metric.apiCalls}{`)) continue;
      const labels = new Map([...line.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]));
      const verb = labels.get('verb') ?? '';
      const resource = labels.get('resource') ?? '';
      if (['get', 'list', 'watch'].includes(verb) || resource.startsWith('leases')) continue;
      const key = `${verb} ${resource}`;
      counts.set(key, (counts.get(key) ?? 0) + Number(line.slice(line.lastIndexOf(' '))));
    }
    return counts;
  }

  /** Resident memory in MiB: now, and the most that it was. */
  memory(): { readonly now: number; readonly peak: number } {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    const mebibytes = (field: string): number =>
      Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024;
    return { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') };
  }

  /** CPU time so far, user and system, in seconds. Source: proc_pid_stat(5), in ticks of 10 ms. */
  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8');
    const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
    return (user + system) / 100;
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#child.kill(signal);
    await this.#ended;
  }
}

/** Node's, as the Dockerfile has them. */
function flags(): readonly string[] {
  const dockerfile = readFileSync(join(import.meta.dirname, '../../../Dockerfile'), 'utf8');
  const [, words = ''] = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile) ?? [];
  return (JSON.parse(words) as readonly string[]).slice(1);
}

/** Name of the replica that the Lease names. */
export async function leaderName(kubectl: Kubectl): Promise<string> {
  const holder = '--output=jsonpath={.spec.holderIdentity}';
  const words = ['get', 'lease/tranship-operator', `--namespace=${SYSTEM}`, '--ignore-not-found', holder];
  return (await kubectl.text(words)).split('_')[0] ?? '';
}
