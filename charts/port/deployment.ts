import type { IDaemonSetSpec, IDeploymentSpec } from 'kubernetes-models/apps/v1';
import type { Field } from '../ecs/field.js';
import type { Service } from '../ecs/model/ahead-of-sdk.js';
import { ANNOTATION } from './annotations.js';
import { carryDeployment } from './deployment-configuration.js';
import { daemonUpdate, disruptionBudget, rollingUpdate, rounds } from './deployment-percent.js';
import type { NetworkResult } from './network.js';
import { defaulted } from './not-known.js';
import type { PodDraft, PortContext } from './pod-draft.js';
import { applyServiceMetadata } from './service-metadata.js';

/** Kubernetes' own default, which is added to the time that the pods need. Source: `Deployment.spec.progressDeadlineSeconds`. */
const PROGRESS_SECONDS = 600;
/** ECS counts a task that nothing checks as healthy this long after it runs. Source: ECS developer guide, rolling updates. */
const STEADY_SECONDS = 40;
const INT32 = 2 ** 31 - 1;

/** The fields of the workload object that concern its replicas and updates, ready to be spread into its spec. */
export type DeploymentResult =
  | {
      readonly kind: 'Deployment';
      readonly spec: Pick<IDeploymentSpec, 'replicas' | 'strategy' | 'minReadySeconds' | 'progressDeadlineSeconds'>;
      /** For the metadata of the Deployment itself. */
      readonly annotations: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'DaemonSet';
      readonly spec: Pick<IDaemonSetSpec, 'updateStrategy' | 'minReadySeconds'>;
      readonly annotations: Readonly<Record<string, string>>;
    };

/**
 * How a service's pods are counted and replaced: desired count, deployment percentages, strategy, circuit breaker, and the
 * service's tags. Adds a PodDisruptionBudget, since ECS holds to `minimumHealthyPercent` when it drains instances too.
 *
 * Everything that only an operator can do stands in the annotation `tranship.dev/deployment-configuration`, in ECS's
 * names; with no operator the update is a rolling one.
 *
 * @param network what {@link applyNetwork} returned for the same pod
 * @param options.autoscaled whether an autoscaler sets the replicas; the manifest then leaves them out
 * @example
 * const { kind, spec, annotations } = applyDeployment(pod, context, network, { autoscaled: false });
 */
export function applyDeployment(
  pod: PodDraft,
  context: PortContext,
  network: Pick<NetworkResult, 'hasLoadBalancer' | 'healthCheckGracePeriodSeconds'>,
  options: { readonly autoscaled: boolean },
): DeploymentResult {
  const service = context.workload.service?.definition;
  const daemon = service?.get('schedulingStrategy').value === 'DAEMON';
  const configuration = service?.get('deploymentConfiguration');
  const percents = {
    maximumPercent: configuration?.get('maximumPercent').value ?? (daemon ? 100 : 200),
    minimumHealthyPercent: configuration?.get('minimumHealthyPercent').value ?? (daemon ? 0 : 100),
  };
  const duties = carryDeployment(context.workload, percents);
  if (duties.features.length > 0)
    context.findings.require('tranship-operator', `${context.title}: ${duties.features.join(', ')}`);
  const annotations = {
    ...Object.fromEntries(applyServiceMetadata(pod, context)),
    ...(service === undefined ? {} : { [ANNOTATION.deployment]: duties.annotation }),
  };
  const minReadySeconds = network.hasLoadBalancer || isHealthChecked(pod) ? undefined : STEADY_SECONDS;
  const ready = minReadySeconds === undefined ? {} : { minReadySeconds };
  if (daemon && service !== undefined) {
    return {
      kind: 'DaemonSet',
      spec: { ...daemonSpec(service, pod, context, percents.minimumHealthyPercent), ...ready },
      annotations,
    };
  }
  const desired = desiredCount(service, context, options.autoscaled);
  const fixed = options.autoscaled ? undefined : desired;
  const { maxSurge, maxUnavailable, stuck } = rollingUpdate(
    fixed,
    percents.minimumHealthyPercent,
    percents.maximumPercent,
  );
  if (service !== undefined) {
    markPercents(service, context, { stuck, fixed, ...percents });
    service.get('schedulingStrategy').same('Deployment.spec.replicas');
    addDisruptionBudget(context, fixed, percents.minimumHealthyPercent);
  }
  const perRound = (network.healthCheckGracePeriodSeconds ?? 0) + (minReadySeconds ?? 0);
  const waiting = perRound * rounds(desired, percents.minimumHealthyPercent, percents.maximumPercent);
  return {
    kind: 'Deployment',
    spec: {
      ...(fixed === undefined ? {} : { replicas: fixed }),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
      ...ready,
      progressDeadlineSeconds: Math.min(INT32, PROGRESS_SECONDS + waiting),
    },
    annotations,
  };
}

function desiredCount(service: Field<Service> | undefined, context: PortContext, autoscaled: boolean): number {
  const field = service?.get('desiredCount');
  if (field !== undefined && defaulted(field, autoscaled ? 'autoscaling sets the replicas' : 'replicas is 1')) {
    if (!autoscaled)
      context.findings.assume(
        `${context.title}: 1 replica, since the value of ${field.placeholder ?? ''} is not known`,
      );
  } else if (autoscaled) {
    field?.near(
      'HorizontalPodAutoscaler.spec.minReplicas',
      'left out of the Deployment: an autoscaler sets the replicas, starting from its minimum',
    );
  } else if (field?.value === undefined) {
    context.findings.assume(`${context.title}: 1 replica, since the input names no desired count`);
  } else field.same('Deployment.spec.replicas');
  return Math.min(INT32, Math.max(0, field?.value ?? 1));
}

function daemonSpec(
  service: Field<Service>,
  pod: PodDraft,
  context: PortContext,
  minimum: number,
): Pick<IDaemonSetSpec, 'updateStrategy'> {
  const { maxUnavailable, stuck } = daemonUpdate(minimum);
  // ECS starts daemon tasks before the others of an instance and stops them last; this class is scheduled first and evicted last.
  pod.spec.priorityClassName = 'system-node-critical';
  service.get('schedulingStrategy').same(['DaemonSet', 'PodSpec.priorityClassName']);
  service.get('desiredCount').same([], 'not used by ECS either: a daemon runs once on each node');
  const configuration = service.get('deploymentConfiguration');
  const lower = configuration.get('minimumHealthyPercent');
  if (stuck) {
    const lost = 'a daemon of which none may stop can never be updated on ECS; here one pod at a time may';
    lower.near(
      'DaemonSet.spec.updateStrategy.rollingUpdate.maxUnavailable',
      lost,
      'lower minimumHealthyPercent to say how many may stop at once',
    );
    context.findings.assume(
      `${context.title}: maxUnavailable 1, since minimumHealthyPercent ${minimum} lets no daemon task be replaced`,
    );
  } else if (!defaulted(lower, 'the default of a daemon, 0, is used')) {
    lower.near(
      'DaemonSet.spec.updateStrategy.rollingUpdate.maxUnavailable',
      'Kubernetes rounds the pods that may stop up, ECS rounds them down',
    );
  }
  configuration.get('maximumPercent').same([], 'a daemon never runs twice on a node, in ECS nor in Kubernetes');
  return { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable } } };
}

/** How a Deployment's bounds were reached, for the report. */
interface Percents {
  readonly stuck: boolean;
  readonly fixed: number | undefined;
  readonly maximumPercent: number;
  readonly minimumHealthyPercent: number;
}

function markPercents(service: Field<Service>, context: PortContext, percents: Percents): void {
  const configuration = service.get('deploymentConfiguration');
  const upper = configuration.get('maximumPercent');
  const lower = configuration.get('minimumHealthyPercent');
  const surge = 'Deployment.spec.strategy.rollingUpdate.maxSurge';
  const unavailable = 'Deployment.spec.strategy.rollingUpdate.maxUnavailable';
  const count = percents.fixed === undefined ? 'an autoscaled number of' : percents.fixed;
  if (percents.stuck) {
    const pair = `${percents.minimumHealthyPercent}% and ${percents.maximumPercent}%`;
    const lost = `${pair} of ${count} tasks leave no room for an update: ECS would wait for ever, here one pod is taken down at a time`;
    const todo = 'raise maximumPercent to start new pods first, or lower minimumHealthyPercent';
    upper.near(surge, lost, todo);
    lower.near(unavailable, lost, todo);
    context.findings.assume(
      `${context.title}: maxUnavailable 1, since ${pair} of ${count} tasks leave no room for an update`,
    );
    return;
  }
  const rounding =
    percents.fixed === undefined ? 'a percentage, of which Kubernetes rounds the surge up where ECS rounds down; ' : '';
  if (!defaulted(upper, 'the default, 200, is used')) {
    upper.near(surge, `${rounding}it bounds updates only; ECS also starts replacements of unhealthy tasks within it`);
  }
  if (defaulted(lower, 'the default, 100, is used')) return;
  const budget = disruptionBudget(percents.fixed, percents.minimumHealthyPercent);
  const drained =
    budget === undefined
      ? 'no pod need stay while a node is drained, as on ECS'
      : 'maxUnavailable' in budget
        ? 'while a node is drained one pod at a time may be missing, since Kubernetes cannot start its replacement first'
        : 'while a node is drained the eviction API keeps this share, but starts no replacement first';
  lower.near(
    [unavailable, ...(budget === undefined ? [] : [`PodDisruptionBudget.spec.${Object.keys(budget).join('')}`])],
    drained,
  );
}

function addDisruptionBudget(context: PortContext, fixed: number | undefined, minimum: number): void {
  const budget = disruptionBudget(fixed, minimum);
  if (budget === undefined) return;
  context.add({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: context.name, namespace: context.namespace },
    // A pod that is not healthy does not keep a node from being drained, as on ECS.
    spec: { ...budget, selector: { matchLabels: { ...context.selector } }, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
  });
}

/** Whether ECS knows the health of the task from one of its containers; only essential ones count. */
function isHealthChecked(pod: PodDraft): boolean {
  return pod.containers.some(({ definition }) => {
    const [form, ...words] = definition.get('healthCheck').get('command').value ?? [];
    return definition.get('essential').value !== false && form !== undefined && form !== 'NONE' && words.length > 0;
  });
}
