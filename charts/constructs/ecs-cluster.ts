import { type ApiObject, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { type LogRoute, renderLogAgent } from '../port/logging.js';
import { describeManifest, type Manifest, manifestKey } from '../port/manifest.js';
import { dnsLabel } from '../port/names.js';
import { DEFAULT_PORT_OPTIONS, type PortOptions } from '../port/options.js';
import { addManifest } from '../render.js';

/** Marks clusters; `instanceof` would not do, since cdk8s' Chart answers it for every chart. */
const CLUSTER = Symbol.for('tranship.EcsCluster');

/** How the services of a cluster are rendered. */
export interface EcsClusterProps extends Partial<PortOptions> {
  /** Name of the ECS cluster; the namespace is named after it. @default the construct's id */
  readonly clusterName?: string;
}

/**
 * An ECS cluster as a chart: a namespace with the services and tasks in it, and what they share, such as secret stores,
 * storage classes and the node agent that routes their logs.
 *
 * @example
 * const cluster = new EcsCluster(app, 'shop', { kubernetes: '1.35' });
 * new EcsService(cluster, 'web', { taskDefinition, service: { serviceName: 'web', desiredCount: 2 } });
 */
export class EcsCluster extends Chart {
  /** The cluster that a construct stands in. @throws Error when it stands in none */
  static clusterOf(construct: Construct): EcsCluster {
    for (let scope: Construct | undefined = construct; scope !== undefined; scope = scope.node.scope) {
      if (CLUSTER in scope) return scope as EcsCluster;
    }
    throw new Error(
      `${construct.node.path || 'the app'} stands in no EcsCluster; create it with an EcsCluster as an ancestor`,
    );
  }

  readonly [CLUSTER] = true;
  readonly options: PortOptions & { readonly namespace: string };
  private readonly shared = new Map<string, { readonly text: string; readonly object: ApiObject }>();
  private readonly names = new Map<string, string>();
  private readonly routes: LogRoute[] = [];

  constructor(scope: Construct, id: string, props: EcsClusterProps = {}) {
    const { clusterName = id, ...options } = props;
    super(scope, id, { disableResourceNameHashes: true });
    this.options = { ...DEFAULT_PORT_OPTIONS, namespace: dnsLabel(clusterName), ...options };
  }

  /**
   * Adds an object that several services share; an equal one is kept once. A namespace is rendered anew when a later
   * service needs another label on it.
   *
   * @throws Error when two services want different objects of one name
   */
  share(manifest: Manifest): void {
    const key = manifestKey(manifest);
    const text = JSON.stringify(manifest);
    const earlier = this.shared.get(key);
    if (earlier?.text === text) return;
    if (earlier !== undefined && manifest.kind !== 'Namespace') {
      throw new Error(
        `two different objects want to be ${describeManifest(manifest)} in cluster ${this.node.id}; rename one of the services`,
      );
    }
    if (earlier !== undefined) this.node.tryRemoveChild(earlier.object.node.id);
    const merged = earlier === undefined ? manifest : mergeNamespaces(JSON.parse(earlier.text) as Manifest, manifest);
    this.shared.set(key, { text: JSON.stringify(merged), object: addManifest(this, merged) });
  }

  /** Reserves an object's identity for a workload. @throws Error when another workload of the cluster has it */
  claim(manifest: Manifest, owner: string): void {
    const key = manifestKey(manifest);
    const other = this.names.get(key);
    if (other !== undefined)
      throw new Error(
        `${describeManifest(manifest)} is rendered by ${other} and by ${owner}; give one of them another name`,
      );
    this.names.set(key, owner);
  }

  /** Adds log routes; the node agent is rendered from all of them when the chart is synthesized. */
  addLogRoutes(routes: readonly LogRoute[]): void {
    this.routes.push(...routes);
  }

  /** Renders the chart, with the node agent that all of its services need. */
  override toJson(): ReturnType<Chart['toJson']> {
    for (const manifest of renderLogAgent(this.routes, this.options)) this.share(manifest);
    return super.toJson();
  }
}

/** The union of two namespaces' labels; of two Pod Security levels the more permissive one counts. */
function mergeNamespaces(first: Manifest, second: Manifest): Manifest {
  const level = 'pod-security.kubernetes.io/enforce';
  const labels = { ...first.metadata.labels, ...second.metadata.labels };
  if (first.metadata.labels?.[level] === 'privileged') labels[level] = 'privileged';
  return { ...second, metadata: { ...second.metadata, labels } };
}
