import type { IContainer } from 'kubernetes-models/v1';
import type { Field } from '../ecs/field.js';
import type { TaskDefinition } from '../ecs/model/ahead-of-sdk.js';
import { ANNOTATION } from './annotations.js';
import {
  type Condition,
  dependenciesOf,
  type Edge,
  edgesOf,
  longestChain,
  topologicalOrder,
} from '../ecs/container-graph.js';
import { atLeast } from './kubernetes-version.js';
import type { ContainerDraft, PodDraft, PortContext } from './pod-draft.js';
import { applyRestartPolicies } from './restart-policy.js';
import type { Role } from './role.js';

/** The pod's containers, placed. */
export interface Order {
  readonly roles: ReadonlyMap<string, Role>;
  /** ECS names in start order; the order of `initContainers` and of `containers`. */
  readonly sequence: readonly string[];
  readonly edges: readonly Edge[];
}

/**
 * Decides where each container of a task stands.
 *
 * Targets of SUCCESS and COMPLETE are init containers; targets of HEALTHY, non-essential targets of START, and log routers
 * are native sidecars; whatever those depend on is placed before them. The others are regular containers, and an essential
 * target of START among them simply stands first: the kubelet starts regular containers one after the other. On
 * Kubernetes before 1.35 a non-essential container without dependents is a sidecar too, as is every one of a task that
 * runs once: there it must not keep the Job from ending.
 *
 * Source: the ECS agent's dependency graph and KEP-753 (sidecar containers).
 *
 * @param runsOnce whether the workload is a Job or CronJob
 */
export function orderContainers(definition: Field<TaskDefinition>, context: PortContext, runsOnce: boolean): Order {
  const containers = definition.get('containerDefinitions').items();
  const names = containers.map((container) => container.get('name').value ?? '');
  const edges = edgesOf(definition);
  const essential = new Set(
    containers.filter((c) => c.get('essential').value !== false).map((c) => c.get('name').value ?? ''),
  );
  const targetOf = (name: string, conditions: readonly Condition[]): boolean =>
    edges.some((edge) => edge.dependency === name && conditions.includes(edge.condition));

  const roles = new Map<string, Role>();
  for (const container of containers) {
    const name = container.get('name').value ?? '';
    if (!essential.has(name) && targetOf(name, ['SUCCESS', 'COMPLETE'])) roles.set(name, 'init');
    else if (targetOf(name, ['HEALTHY']) || container.get('firelensConfiguration').exists) roles.set(name, 'sidecar');
    else if (!essential.has(name) && (targetOf(name, ['START']) || runsOnce)) roles.set(name, 'sidecar');
    else if (!essential.has(name) && !atLeast(context.options.kubernetes, '1.35')) roles.set(name, 'sidecar');
    else roles.set(name, 'main');
  }
  const early = names.filter((name) => roles.get(name) !== 'main');
  for (const name of dependenciesOf(early, edges)) if (roles.get(name) === 'main') roles.set(name, 'sidecar');
  if (names.length > 0 && ![...roles.values()].includes('main')) {
    const last = topologicalOrder(names, edges).findLast(
      (name) => roles.get(name) === 'sidecar' && essential.has(name),
    );
    roles.set(last ?? names.at(-1) ?? '', 'main');
  }
  const routers = names.filter((name) => containers[names.indexOf(name)]?.get('firelensConfiguration').exists);
  const rest = names.filter((name) => !routers.includes(name));
  return { roles, sequence: topologicalOrder([...routers, ...rest], edges), edges };
}

/** ECS waits so long for a container to stop unless the definition says otherwise. Source: ECS_CONTAINER_STOP_TIMEOUT. */
const DEFAULT_STOP_TIMEOUT_SECONDS = 30;

/**
 * Puts the containers into the pod by their roles, with restart policies, the grace period and the annotations that let an
 * operator keep what a pod cannot say: essential containers, restart attempt periods, stop timeouts, lost dependencies.
 *
 * In a service, an essential container is never given restart policy Never: without an operator its pod would fail and be
 * replaced without any back-off. It restarts in place instead, and from 1.36 its end restarts the whole pod in place.
 *
 * @param drainSeconds how long the pod stays up after it is told to stop, so that load balancers let go of it
 */
export function placeContainers(
  definition: Field<TaskDefinition>,
  pod: PodDraft,
  context: PortContext,
  order: Order,
  options: { readonly runsOnce: boolean; readonly drainSeconds: number },
): { readonly containers: IContainer[]; readonly initContainers: IContainer[] } {
  const drafts = new Map(pod.containers.map((draft) => [draft.ecsName, draft]));
  const inOrder = order.sequence.flatMap((name) => drafts.get(name) ?? []);
  const main = inOrder.filter((draft) => order.roles.get(draft.ecsName) === 'main');
  const early = inOrder.filter((draft) => order.roles.get(draft.ecsName) !== 'main');
  for (const draft of inOrder) applyEssential(draft, pod, context, order, options.runsOnce);
  markDependencies(pod, order, drafts);
  applyStop(pod, order, main, options.drainSeconds);
  applyRestartPolicies(pod, context, order.roles, options.runsOnce);
  if (definition.get('containerDefinitions').items().length > 1) {
    const essential = inOrder.filter((draft) => isEssential(draft)).map((draft) => draft.spec.name);
    pod.annotations.set(ANNOTATION.essential, essential.join(','));
  }
  return { containers: main.map((d) => d.spec), initContainers: [...pod.setup, ...early.map((d) => d.spec)] };
}

function isEssential(draft: ContainerDraft): boolean {
  return draft.definition.get('essential').value !== false;
}

function applyEssential(
  draft: ContainerDraft,
  pod: PodDraft,
  context: PortContext,
  order: Order,
  runsOnce: boolean,
): void {
  const essential = draft.definition.get('essential');
  const role = order.roles.get(draft.ecsName) ?? 'main';
  const alone = pod.containers.length === 1;
  const restarts = draft.definition.get('restartPolicy').get('enabled').value === true;
  if (role === 'sidecar') draft.spec.restartPolicy = 'Always';
  if (!isEssential(draft)) {
    applyNonEssential(draft, role, context);
    return;
  }
  if (runsOnce) {
    if (role === 'main') essential.same(['PodSpec.restartPolicy', 'Job.spec.backoffLimit'], 'its end ends the Job');
    else
      essential.near(
        'PodSpec.initContainers',
        'others wait for it, so it is a sidecar: its end restarts it and does not end the Job',
      );
    return;
  }
  const kubernetes = [`metadata.annotations["${ANNOTATION.essential}"]`, 'PodSpec.restartPolicy'];
  if (alone) {
    essential.near(
      kubernetes,
      'when it ends, Kubernetes restarts the container on the same node instead of replacing the task',
      'install the tranship operator to have the pod replaced as ECS does',
    );
  } else if (atLeast(context.options.kubernetes, '1.36') && !restarts) {
    const code = 'Container.restartPolicyRules';
    draft.spec.restartPolicy = 'Always';
    draft.spec.restartPolicyRules = restartAll();
    essential.near(
      [...kubernetes, code],
      'when it ends, all containers restart in place at once, without SIGTERM, on the same node',
      'install the tranship operator to have the pod replaced as ECS does',
    );
    return;
  } else {
    essential.needsAddon(
      kubernetes,
      'when it ends, only this container restarts; its siblings go on with what they had',
      'install the tranship operator, or render for Kubernetes 1.36, so that the whole task restarts',
    );
  }
  context.findings.require('tranship-operator', `${context.title}: replaces the pod when an essential container ends`);
}

/** ECS stops the task whatever the exit code of an essential container is. Source: KEP-5532. */
function restartAll(): NonNullable<IContainer['restartPolicyRules']> {
  return [{ action: 'RestartAllContainers', exitCodes: { operator: 'NotIn', values: [] } }];
}

function applyNonEssential(draft: ContainerDraft, role: Role, context: PortContext): void {
  const essential = draft.definition.get('essential');
  const restarts = draft.definition.get('restartPolicy').get('enabled').value === true;
  if (role === 'init') essential.same('PodSpec.initContainers', 'runs to its end before the others');
  else if (role === 'main' && !restarts) {
    draft.spec.restartPolicy = 'Never';
    essential.same('Container.restartPolicy', 'its end changes nothing for the others, and it stays stopped');
    context.findings.require(
      'kubernetes-version',
      `${context.title}: restart policy of container ${draft.spec.name} (1.35)`,
    );
  } else if (restarts) essential.same('Container.restartPolicy', 'its end changes nothing for the others');
  else
    essential.near(
      'Container.restartPolicy',
      'its end changes nothing for the others, but unlike on ECS it is started again',
    );
}

function markDependencies(pod: PodDraft, order: Order, drafts: ReadonlyMap<string, ContainerDraft>): void {
  const lost: { container: string; dependsOn: string; condition: Condition }[] = [];
  for (const edge of order.edges) {
    const role = order.roles.get(edge.dependency) ?? 'main';
    const place = role === 'main' ? 'PodSpec.containers' : 'PodSpec.initContainers';
    const item = edge.field;
    item?.get('containerName').same(place);
    const condition = item?.get('condition');
    if (edge.condition === 'START') {
      if (role === 'main')
        condition?.near(place, 'starts after it, in the order of the list, as the kubelet does without promising it');
      else condition?.same(place, 'started before, as a sidecar');
    } else if (role === 'init') {
      condition?.near(
        'PodSpec.initContainers',
        edge.condition === 'SUCCESS'
          ? 'all containers wait for it, and when it fails it is tried again instead of failing the task'
          : 'all containers wait for it',
      );
    } else if (edge.condition === 'HEALTHY' && role === 'sidecar') {
      condition?.near('Container.startupProbe', 'all later containers wait for its startup probe');
    } else {
      condition?.needsAddon(
        `metadata.annotations["${ANNOTATION.dependsOn}"]`,
        'a pod cannot wait for this among its main containers',
        'let the application retry until the other container answers',
      );
      lost.push({
        container: drafts.get(edge.dependent)?.spec.name ?? edge.dependent,
        dependsOn: drafts.get(edge.dependency)?.spec.name ?? edge.dependency,
        condition: edge.condition,
      });
    }
  }
  for (const draft of pod.containers)
    for (const item of draft.definition.get('dependsOn').items()) {
      if (!order.edges.some((edge) => edge.field?.node === item.node))
        item.none('names no other container of the task');
    }
  if (lost.length > 0) pod.annotations.set(ANNOTATION.dependsOn, JSON.stringify(lost));
}

function applyStop(pod: PodDraft, order: Order, main: readonly ContainerDraft[], drainSeconds: number): void {
  const seconds = new Map(
    pod.containers.map((d) => [d.ecsName, d.definition.get('stopTimeout').value ?? DEFAULT_STOP_TIMEOUT_SECONDS]),
  );
  const weight = (name: string): number => seconds.get(name) ?? 0;
  const names = main.map((draft) => draft.ecsName);
  const inner = order.edges.filter((edge) => names.includes(edge.dependent) && names.includes(edge.dependency));
  const sidecars = pod.containers.filter((draft) => order.roles.get(draft.ecsName) === 'sidecar');
  const grace =
    drainSeconds + longestChain(names, inner, weight) + sidecars.reduce((sum, d) => sum + weight(d.ecsName), 0) + 2;
  pod.spec.terminationGracePeriodSeconds = grace;
  if (drainSeconds > 0)
    for (const draft of main)
      draft.spec.lifecycle = { ...draft.spec.lifecycle, preStop: { sleep: { seconds: drainSeconds } } };
  const own: Record<string, number> = {};
  for (const draft of pod.containers) {
    const stop = draft.definition.get('stopTimeout');
    if (!stop.exists) continue;
    if (pod.containers.length === 1) stop.same('PodSpec.terminationGracePeriodSeconds', 'beside the time for draining');
    else {
      own[draft.spec.name] = weight(draft.ecsName);
      stop.near(
        ['PodSpec.terminationGracePeriodSeconds', `metadata.annotations["${ANNOTATION.stopTimeout}"]`],
        `the pod has one clock for all its containers: ${grace} s`,
      );
    }
  }
  if (Object.keys(own).length > 0) pod.annotations.set(ANNOTATION.stopTimeout, JSON.stringify(own));
}
