import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_OPERATOR_OPTIONS, renderOperator } from '../../../charts/apps/operator/index.js';
import type {
  HealingPolicySpec,
  HealingPolicyStatus,
  ReplacementRecord,
} from '../../../operators/healing/healing-policy.js';
import { Faults, openLocal } from '../../cluster/faults.js';
import { run } from '../../cluster/host.js';
import { stubImage } from '../../cluster/images.js';
import type { Kubectl } from '../../cluster/kubectl.js';
import type { LocalCluster } from '../../cluster/local-cluster.js';
import { namespaceFor } from '../../cluster/namespace.js';
import { productImage } from '../../cluster/product-image.js';
import { ObjectWatch, type WatchedObject } from './object-watch.js';

/** A cluster on which the operator is installed. */
export interface GivenCluster {
  readonly cluster: LocalCluster;
  readonly kubectl: Kubectl;
  readonly faults: Faults;
  /** Ended by `endAll`, whatever became of their cases. */
  readonly workloads: Workload[];
}

const SYSTEM = 'tranship-system';

/**
 * Installs the operator as people do, by `kubectl apply -f` of the rendered folder, and waits until one of its replicas
 * leads. It stays installed for the next file; one that is there already runs the image as it is now afterwards.
 */
export async function givenOperator(): Promise<GivenCluster> {
  const cluster = await openLocal(process.env);
  const { kubectl } = cluster.processes;
  const root = mkdtempSync(join(tmpdir(), 'tranship-operator-'));
  try {
    const folder = join(root, 'operator');
    mkdirSync(folder);
    for (const { path, text } of renderOperator({
      ...DEFAULT_OPERATOR_OPTIONS,
      kubernetes: '1.36',
      image: productImage,
    }))
      writeFileSync(join(folder, path), text);
    const was = await kubectl.text([
      'get',
      'deployment',
      `--namespace=${SYSTEM}`,
      '--output=name',
      '--ignore-not-found',
    ]);
    await kubectl.text(['apply', '--filename', folder]);
    const deployment = ['deployment/tranship-operator', `--namespace=${SYSTEM}`];
    if (was !== '') await kubectl.text(['rollout', 'restart', ...deployment]);
    await kubectl.text(['rollout', 'status', ...deployment, '--timeout=200s']);
    await kubectl.text([
      ...['wait', 'lease/tranship-operator', `--namespace=${SYSTEM}`],
      ...['--for=jsonpath={.spec.holderIdentity}', '--timeout=60s'],
    ]);
  } finally {
    rmSync(root, { recursive: true });
  }
  return { cluster, kubectl, faults: new Faults(cluster.processes), workloads: [] };
}

/** Stops what follows the workloads, and deletes them. */
export async function endAll({ workloads }: GivenCluster): Promise<void> {
  await Promise.all(workloads.splice(0).map((workload) => workload.end()));
}

/** Name of the pod that leads now. */
export async function leaderOf(kubectl: Kubectl): Promise<string> {
  const words = ['get', 'lease/tranship-operator', `--namespace=${SYSTEM}`, '--output=jsonpath={.spec.holderIdentity}'];
  return (await kubectl.text(words)).split('_')[0] ?? '';
}

/** A pod, as far as these tests look at it. */
export interface PodObject extends WatchedObject {
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

interface PolicyObject extends WatchedObject {
  readonly status?: HealingPolicyStatus;
}

export function isReady({ metadata, status }: PodObject): boolean {
  const ready = status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
  return ready && metadata.deletionTimestamp === undefined;
}

/** Whether a ReplicaSet still counts on the pod: one in quarantine has no owner any more. */
function isOwned({ metadata }: PodObject): boolean {
  return (metadata.ownerReferences ?? []).length > 0;
}

/** What a workload of a case is; everything has a default. */
export interface WorkloadOptions {
  readonly replicas?: number;
  /** Of the policy, beside its selector. */
  readonly policy?: Omit<HealingPolicySpec, 'selector'>;
  /** Environment of the stub. */
  readonly env?: Readonly<Record<string, string>>;
  readonly memory?: string;
  readonly deploymentAnnotations?: Readonly<Record<string, string>>;
  /** Without it no policy is made. @default true */
  readonly withPolicy?: boolean;
  /** Wait until all pods are Ready. @default true */
  readonly waits?: boolean;
}

/** The Deployment `web` of stubs in a namespace of its own, with a policy, a budget of one pod, and a watch on its pods. */
export class Workload {
  readonly pods: ObjectWatch<PodObject>;
  readonly #policies: ObjectWatch<PolicyObject>;
  /** Pods that were Ready at a time, at least, once all had been. */
  fewestReady = Number.POSITIVE_INFINITY;
  #watchesBudget = false;

  private constructor(
    readonly given: GivenCluster,
    readonly namespace: string,
    readonly replicas: number,
  ) {
    this.pods = new ObjectWatch<PodObject>(watchCommand(given), `/api/v1/namespaces/${namespace}/pods`, (pods) => {
      if (this.#watchesBudget) this.fewestReady = Math.min(this.fewestReady, this.readyOf(pods).length);
    });
    const policies = `/apis/tranship.dev/v1/namespaces/${namespace}/healingpolicies`;
    this.#policies = new ObjectWatch<PolicyObject>(watchCommand(given), policies, () => undefined);
    given.workloads.push(this);
  }

  static async start(given: GivenCluster, what: string, options: WorkloadOptions = {}): Promise<Workload> {
    const { kubectl } = given;
    const { replicas = 2, withPolicy = true, waits = true } = options;
    const namespace = await namespaceFor(kubectl, what);
    const workload = new Workload(given, namespace, replicas);
    await kubectl.apply([
      ...(withPolicy ? [policyObject(namespace, options.policy ?? {})] : []),
      budgetObject(namespace),
      deploymentObject(namespace, replicas, options),
    ]);
    if (waits) {
      await kubectl.text(['rollout', 'status', 'deployment/web', workload.in, '--timeout=150s']);
      await workload.pods.until('all pods are Ready', (pods) => workload.readyOf(pods).length === replicas);
    }
    if (withPolicy) await kubectl.text(['wait', 'hp/web', workload.in, '--for=condition=Accepted', '--timeout=120s']);
    workload.#watchesBudget = waits;
    return workload;
  }

  /** Flag of kubectl's. */
  get in(): string {
    return `--namespace=${this.namespace}`;
  }

  /** A pod that works. */
  get victim(): PodObject {
    const pod = this.readyOf(this.pods.objects)[0];
    if (pod === undefined) throw new Error(`no pod of ${this.namespace} is Ready`);
    return pod;
  }

  readyOf(pods: readonly PodObject[]): readonly PodObject[] {
    return pods.filter((pod) => isReady(pod) && isOwned(pod) && pod.metadata.labels?.['app'] === 'web');
  }

  /** Sends a request to the stub from within the pod. */
  async tell(pod: PodObject, path: string): Promise<void> {
    const program = `fetch('http://127.0.0.1:8080${path}', { method: 'POST' }).then((r) => r.text(), () => '')`;
    // The command itself may end with the container.
    await this.exec(pod, ['node', '--eval', program]).catch(() => '');
  }

  exec(pod: PodObject, command: readonly string[]): Promise<string> {
    return this.given.kubectl.text(['exec', pod.metadata.name, this.in, '--container=app', '--', ...command]);
  }

  kill(pod: PodObject): Promise<void> {
    const name = { namespace: this.namespace, pod: pod.metadata.name, container: 'app' };
    return this.given.faults.killContainer(name, 'SIGKILL');
  }

  /** Resolves when the pods are gone and as many as wanted are Ready, with those that are new. */
  async replacementsOf(victims: readonly PodObject[], before: ReadonlySet<string>): Promise<readonly PodObject[]> {
    const gone = new Set(victims.map(({ metadata }) => metadata.uid));
    const pods = await this.pods.until(
      `${victims.map(({ metadata }) => metadata.name).join(', ')} are replaced`,
      (all) => all.every(({ metadata }) => !gone.has(metadata.uid)) && this.readyOf(all).length === this.replicas,
      240,
    );
    return this.readyOf(pods).filter(({ metadata }) => !before.has(metadata.uid));
  }

  /** The policy's status as soon as it shows something; `what` says what. */
  async status(what: string, shows: (status: HealingPolicyStatus) => boolean): Promise<HealingPolicyStatus> {
    const [policy] = await this.#policies.until(what, ([one]) => one?.status !== undefined && shows(one.status), 200);
    return policy?.status ?? {};
  }

  /** The records of the policy, once it says of so many that the new pod is Ready. */
  async records(count: number): Promise<readonly ReplacementRecord[]> {
    const isReadyOf = ({ readyAt }: ReplacementRecord): boolean => readyAt !== undefined;
    const status = await this.status(
      `${count} replacements are over`,
      ({ replacements = [] }) => replacements.filter(isReadyOf).length >= count,
    );
    return status.replacements ?? [];
  }

  /** What `tranship explain pod/NAME` prints. */
  explain(pod: PodObject): Promise<string> {
    return run([process.execPath, 'build/bin/tranship.js', 'explain', `pod/${pod.metadata.name}`, this.in], {
      env: { KUBECONFIG: this.given.cluster.kubeconfig },
    });
  }

  async end(): Promise<void> {
    this.pods.stop();
    this.#policies.stop();
    await this.given.kubectl.text(['delete', 'namespace', this.namespace, '--wait=false']);
  }
}

/** The start of kubectl's command lines, for a process that goes on. */
export function watchCommand({ cluster }: GivenCluster): readonly string[] {
  return [cluster.processes.binaries.kubectl, `--kubeconfig=${cluster.kubeconfig}`];
}

/** What ECS would have called a healed failure, seen from outside. */
export interface Healed {
  readonly failed: PodObject;
  readonly replacements: readonly PodObject[];
  readonly records: readonly ReplacementRecord[];
  readonly explanation: string;
  readonly workload: Workload;
}

/** Starts a workload, makes one of its pods fail, and waits until it is healed. */
export async function heal(
  given: GivenCluster,
  what: string,
  options: WorkloadOptions,
  fail: (workload: Workload, pod: PodObject) => Promise<void>,
): Promise<Healed> {
  const workload = await Workload.start(given, what, options);
  const before = new Set(workload.pods.everSeen);
  const failed = workload.victim;
  await fail(workload, failed);
  const replacements = await workload.replacementsOf([failed], before);
  const records = await workload.records(1);
  return { failed, replacements, records, explanation: await workload.explain(failed), workload };
}

function policyObject(namespace: string, spec: Omit<HealingPolicySpec, 'selector'>): object {
  return {
    apiVersion: 'tranship.dev/v1',
    kind: 'HealingPolicy',
    metadata: { name: 'web', namespace },
    spec: {
      throttle: { initialSeconds: 1 },
      budget: { maxUnavailable: 1, maxReplacements: 1 },
      stormGuard: { maxUnhealthy: '100%' },
      ...spec,
      selector: { matchLabels: { app: 'web' } },
    },
  };
}

function budgetObject(namespace: string): object {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', namespace },
    spec: {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: { app: 'web' } },
    },
  };
}

function deploymentObject(
  namespace: string,
  replicas: number,
  { env = {}, memory, deploymentAnnotations = {} }: WorkloadOptions,
): object {
  const labels = { app: 'web' };
  const container = {
    image: stubImage,
    imagePullPolicy: 'IfNotPresent',
    env: Object.entries({ PORT: '8080', ...env }).map(([name, value]) => ({ name, value })),
    ...(memory === undefined ? {} : { resources: { limits: { memory } } }),
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace, annotations: deploymentAnnotations },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      strategy: { rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } },
      template: {
        metadata: { labels, annotations: { 'tranship.dev/essential': 'app' } },
        spec: {
          terminationGracePeriodSeconds: 2,
          containers: [
            {
              name: 'app',
              ...container,
              readinessProbe: { httpGet: { path: '/health', port: 8080 }, periodSeconds: 1, timeoutSeconds: 5 },
            },
          ],
        },
      },
    },
  };
}
