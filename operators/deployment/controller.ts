import type { Counter } from '@opentelemetry/api';
import type { ObservedPod } from '../healing/observation.js';
import type { JsonPatchOperation, KubernetesApi } from '../runtime/api.js';
import { isApiError } from '../runtime/api-error.js';
import type { CacheReader } from '../runtime/cached.js';
import type { Clock } from '../runtime/clock.js';
import type { EventRecorder } from '../runtime/event-recorder.js';
import { NAME } from '../runtime/names.js';
import type { ReconcileResult, Reconciler } from '../runtime/reconciler.js';
import { RESOURCE } from '../runtime/resource.js';
import type { Telemetry } from '../runtime/telemetry.js';
import { WrittenVersions } from '../runtime/written-versions.js';
import { readConfiguration } from './configuration.js';
import { type DeploymentPlan, decideDeployment, withoutTarget } from './decide-deployment.js';
import { type DeploymentState, readState, writeState } from './deployment-state.js';
import { eventsOf } from './events.js';
import { DEPLOYMENT } from './names.js';
import {
  digestOf,
  type ObservedDeployment,
  type ObservedReplicaSet,
  type PodTemplate,
  type RawWorkload,
  templateOf,
} from './project-deployment.js';

/** The cache lags behind a write of this process: milliseconds until another look. A change of the cache comes before. */
const LAG_MS = 250;
/** Names of Events that were told; after that the server says that they are there. */
const MOST_TOLD = 5000;
const STATE_PATH = `/metadata/annotations/${DEPLOYMENT.stateAnnotation.replaceAll('/', '~1')}`;

export interface DeploymentCaches {
  readonly deployments: CacheReader<ObservedDeployment>;
  /** Indexed by `deployment`. */
  readonly replicaSets: CacheReader<ObservedReplicaSet>;
  /** Indexed by `namespace`. */
  readonly pods: CacheReader<ObservedPod>;
}

export interface DeploymentReconcilerOptions {
  readonly api: KubernetesApi;
  readonly caches: DeploymentCaches;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly telemetry: Telemetry;
}

/**
 * Follows the rollouts of one Deployment a step further. Each step is at most one patch, which holds only for the very
 * Deployment that was decided on and carries the state with it; then it tells what the state says that is news.
 *
 * One instance serves one term of leadership.
 */
export class DeploymentReconciler implements Reconciler {
  readonly name = 'deployment';
  readonly #options: DeploymentReconcilerOptions;
  readonly #written = new WrittenVersions();
  readonly #told = new Set<string>();
  readonly #failures: Counter;
  readonly #rollbacks: Counter;

  constructor(options: DeploymentReconcilerOptions) {
    this.#options = options;
    const { meter } = options.telemetry;
    this.#failures = meter.createCounter(NAME.metric.deploymentFailures, {
      description: 'Deployments that the circuit breaker failed',
    });
    this.#rollbacks = meter.createCounter(NAME.metric.deploymentRollbacks, {
      description: 'Deployments that were taken back to the last revision that completed',
    });
  }

  /** @throws ApiError a call failed; it is decided anew from what is then seen */
  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult> {
    const { caches, clock } = this.#options;
    const deployment = caches.deployments.get(key);
    const breaker = readConfiguration(deployment?.configuration);
    if (deployment === undefined || breaker === undefined || deployment.deleting) {
      this.#written.forget(key);
      return {};
    }
    if (this.#written.pending(key, caches.deployments)) return { requeueAfterMs: LAG_MS };
    const now = clock.now();
    const before = readState(deployment.state);
    let plan = decideDeployment(this.#observe(deployment, now), breaker, before);
    let template: PodTemplate | undefined;
    if (plan.action === 'Rollback' && plan.to !== undefined) {
      template = await this.#templateOf(deployment, plan, signal);
      if (template === undefined && before !== undefined) plan = withoutTarget(plan, before, now);
    }
    const { state } = plan;
    if (state !== undefined && plan.action !== 'Nothing') {
      await this.#write(key, deployment, plan.action, state, template, signal);
      this.#count(plan.action, state);
    }
    if (state !== undefined) await this.#tell(deployment, state, now);
    return plan.nextLookAt === undefined ? {} : { requeueAfterMs: Math.max(LAG_MS, plan.nextLookAt - now) };
  }

  #observe(deployment: ObservedDeployment, now: number) {
    const { caches } = this.#options;
    const replicaSets = caches.replicaSets.byIndex('deployment', deployment.uid);
    const newest = new Set(
      replicaSets.filter(({ template }) => template === deployment.template).map(({ uid }) => uid),
    );
    const pods = caches.pods
      .byIndex('namespace', deployment.namespace)
      .filter(({ owner }) => owner !== undefined && newest.has(owner.uid));
    return { now, deployment, replicaSets, pods };
  }

  /** The template of the revision to go back to, if its ReplicaSet is still the one that was recorded. */
  async #templateOf(
    { namespace }: ObservedDeployment,
    { to }: DeploymentPlan,
    signal: AbortSignal,
  ): Promise<PodTemplate | undefined> {
    if (to === undefined) return undefined;
    try {
      const { spec } = await this.#options.api.get<RawWorkload>(
        RESOURCE.replicaSet,
        { namespace, name: to.replicaSet },
        { signal },
      );
      return digestOf(spec?.template) === to.template ? templateOf(spec?.template) : undefined;
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #write(
    key: string,
    { namespace, name, uid, resourceVersion }: ObservedDeployment,
    action: DeploymentPlan['action'],
    state: DeploymentState,
    template: PodTemplate | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const operations: JsonPatchOperation[] = [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      // The annotation that makes the Deployment ours is there, so there are annotations.
      { op: 'add', path: STATE_PATH, value: writeState(state) },
    ];
    if (action === 'Rollback' && template !== undefined)
      operations.push({ op: 'replace', path: '/spec/template', value: template });
    if (action === 'Pause') operations.push({ op: 'add', path: '/spec/paused', value: true });
    if (action === 'Resume') operations.push({ op: 'add', path: '/spec/paused', value: false });
    const answer = await this.#options.api.patch(RESOURCE.deployment, { namespace, name }, operations, {
      fieldManager: DEPLOYMENT.fieldManager,
      signal,
    });
    this.#written.record(key, answer);
  }

  #count(action: DeploymentPlan['action'], state: DeploymentState): void {
    if (action === 'Rollback') this.#rollbacks.add(1);
    if (action === 'Rollback' || (action === 'Pause' && state.rolloutState === 'FAILED')) this.#failures.add(1);
  }

  async #tell({ namespace, name, uid }: ObservedDeployment, state: DeploymentState, now: number): Promise<void> {
    const regarding = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name, uid };
    for (const event of eventsOf(state, regarding, now)) {
      if (this.#told.has(event.name)) continue;
      await this.#options.events.record(event);
      if (this.#told.size >= MOST_TOLD) this.#told.clear();
      this.#told.add(event.name);
    }
  }
}
