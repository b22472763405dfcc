import type { IAffinity, ITopologySpreadConstraint } from 'kubernetes-models/v1';
import type { Field } from '../ecs/field.js';
import type { Service, TaskDefinition } from '../ecs/model/ahead-of-sdk.js';
import type { Expression } from '../ecs/query-language/ast.js';
import { QueryLanguageError } from '../ecs/query-language/ast.js';
import { parseExpression } from '../ecs/query-language/parse.js';
import { FIDELITIES, type Fidelity } from '../report/fidelity.js';
import { type AffinityResult, expressionToAffinity } from './affinity.js';
import { ANNOTATION, LABEL } from './annotations.js';
import type { PodDraft, PortContext } from './pod-draft.js';

type Constraint = Field<{ type?: string | undefined; expression?: string | undefined }>;
type Strategy = Field<NonNullable<Service['placementStrategy']>[number]>;

/**
 * Where pods may run: placement constraints and strategies, launch type and capacity providers, platform and
 * compatibilities. ECS strategies are best effort, so they never keep a pod from being scheduled; constraints do.
 */
export function applyPlacement(definition: Field<TaskDefinition>, pod: PodDraft, context: PortContext): void {
  const placed = placedBy(context);
  const constraints: Constraint[] = [
    ...definition.get('placementConstraints').items(),
    ...(placed?.get('placementConstraints').items() ?? []),
  ];
  applyConstraints(constraints, pod, context);
  applyStrategies(placed?.get('placementStrategy').items() ?? [], pod, context, context.workload.service !== undefined);
  applyPlatform(definition, pod, context);
  applyCompute(definition, pod, context);
}

/** The call that places the tasks; CreateService and RunTask name its placement alike. */
function placedBy(context: PortContext): Field<Placed> | undefined {
  const { service, runTask } = context.workload;
  return service?.definition ?? runTask?.definition;
}

type Placed = Pick<Service, 'placementConstraints' | 'placementStrategy' | 'launchType' | 'capacityProviderStrategy'>;

function applyConstraints(constraints: readonly Constraint[], pod: PodDraft, context: PortContext): void {
  const affinity: IAffinity = {};
  const parsed: { field: Field<string>; expression: Expression }[] = [];
  for (const constraint of constraints) {
    const type = constraint.get('type');
    if (type.value === 'distinctInstance') {
      affinity.podAntiAffinity = {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: { matchLabels: { ...context.selector } }, topologyKey: 'kubernetes.io/hostname' },
        ],
      };
      type.same('PodSpec.affinity.podAntiAffinity', 'required, over old and new pods alike');
      constraint.get('expression').none('distinctInstance takes no expression');
      continue;
    }
    const expression = constraint.get('expression');
    type.same('PodSpec.affinity.nodeAffinity');
    try {
      if (expression.value === undefined) expression.none('no expression is given');
      else parsed.push({ field: expression, expression: parseExpression(expression.value) });
    } catch (error) {
      if (!(error instanceof QueryLanguageError)) throw error;
      expression.none(`not an expression of the cluster query language: ${error.message}`);
    }
  }
  const result = expressionToAffinity(
    parsed.map(({ expression }) => expression),
    {
      serviceLabels: (name) => ({ [LABEL.name]: context.nameOfService(name) }),
    },
  );
  markExpressions(
    parsed.map(({ field }) => field),
    result,
    context,
  );
  if (result.nodeAffinity !== undefined) {
    affinity.nodeAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: result.nodeAffinity },
    };
  }
  if (result.podAffinity !== undefined)
    affinity.podAffinity = { requiredDuringSchedulingIgnoredDuringExecution: result.podAffinity };
  if (result.podAntiAffinity !== undefined) {
    const own = affinity.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    affinity.podAntiAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [...own, ...result.podAntiAffinity] };
  }
  if (Object.keys(affinity).length > 0) pod.spec.affinity = { ...pod.spec.affinity, ...affinity };
}

function markExpressions(fields: readonly Field<string>[], result: AffinityResult, context: PortContext): void {
  const fidelities = new Map<number, Fidelity>();
  const texts = new Map<number, string[]>();
  const note = (index: number, fidelity: Fidelity, text: string): void => {
    const worst =
      FIDELITIES.indexOf(fidelities.get(index) ?? 'same') < FIDELITIES.indexOf(fidelity)
        ? fidelity
        : (fidelities.get(index) ?? 'same');
    fidelities.set(index, worst);
    texts.set(index, [...(texts.get(index) ?? []), text]);
  };
  for (const each of result.notes) note(each.index, each.fidelity, `${each.expression}: ${each.text}`);
  for (const refusal of result.refusals)
    note(refusal.index, 'none', `at column ${refusal.column + 1}: ${refusal.reason}; ${refusal.fix}`);
  for (const [index, field] of fields.entries()) {
    const fidelity = fidelities.get(index) ?? 'same';
    const kubernetes = fidelity === 'none' ? [] : ['PodSpec.affinity.nodeAffinity'];
    const lost = texts.get(index)?.join('; ');
    field.mark({ fidelity, kubernetes, ...(lost === undefined ? {} : { lost }) });
  }
  for (const label of result.nodeLabels) {
    const value = label.value === undefined ? label.key : `${label.key}=${label.value}`;
    context.findings.require('node-labels', `${context.title}: ${value}`);
  }
}

/** Node labels for the fields that ECS spreads by. Source: ECS placement strategies; Kubernetes well-known labels. */
const SPREAD_KEYS: ReadonlyMap<string, string> = new Map([
  ['instanceid', 'kubernetes.io/hostname'],
  ['host', 'kubernetes.io/hostname'],
  ['attribute:ecs.availability-zone', 'topology.kubernetes.io/zone'],
  ['attribute:ecs.instance-type', 'node.kubernetes.io/instance-type'],
  ['attribute:ecs.os-type', 'kubernetes.io/os'],
  ['attribute:ecs.cpu-architecture', 'kubernetes.io/arch'],
]);

function applyStrategies(
  strategies: readonly Strategy[],
  pod: PodDraft,
  context: PortContext,
  isService: boolean,
): void {
  const daemon = context.workload.service?.definition.get('schedulingStrategy').value === 'DAEMON';
  const keys: string[] = [];
  for (const [index, strategy] of strategies.entries()) {
    const type = strategy.get('type');
    const field = strategy.get('field');
    const order =
      index === 0 ? undefined : 'ECS applies strategies one after the other, the scheduler weighs them together';
    if (type.value === 'spread') {
      const by = field.value ?? 'instanceId';
      const known = SPREAD_KEYS.get(by.toLowerCase());
      const key = known ?? customKey(by);
      if (known === undefined) context.findings.require('node-labels', `${context.title}: ${key}`);
      if (!keys.includes(key)) keys.push(key);
      const kubernetes = 'PodSpec.topologySpreadConstraints';
      type.near(kubernetes, order ?? 'holds when pods are scheduled; scaling in and node failures may unbalance them');
      field.same('PodSpec.topologySpreadConstraints.topologyKey');
    } else if (type.value === 'binpack') {
      const todo =
        'let Karpenter consolidate nodes, or run a second scheduler with MostAllocated scoring and set schedulerName';
      type.needsAddon([], 'the scheduler of EKS spreads pods and cannot be set to pack them', todo);
      field.needsAddon([], 'the scheduler of EKS spreads pods and cannot be set to pack them', todo);
      context.findings.require('binpack-scheduler', context.title);
    } else {
      type.same([], 'no preference, as when nothing is set');
      field.same([], 'no preference, as when nothing is set');
    }
  }
  // Without a strategy ECS spreads the tasks of a service over the zones.
  if (strategies.length === 0 && isService) keys.push('topology.kubernetes.io/zone');
  if (keys.length === 0 || daemon || context.workload.kind !== 'service') return;
  pod.spec.topologySpreadConstraints = keys.map(
    (topologyKey): ITopologySpreadConstraint => ({
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: { ...context.selector } },
      matchLabelKeys: ['pod-template-hash'],
    }),
  );
}

function customKey(field: string): string {
  const name = field
    .replace(/^attribute:/i, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  return `${LABEL.nodeAttributePrefix}${name === '' ? 'attribute' : name.slice(0, 63)}`;
}

/** Builds of Windows Server that EKS has images for. Source: EKS documentation, "Enable Windows support". */
const WINDOWS_BUILDS: ReadonlyMap<string, string> = new Map([
  ['2019', '10.0.17763'],
  ['2022', '10.0.20348'],
  ['2025', '10.0.26100'],
]);

function applyPlatform(definition: Field<TaskDefinition>, pod: PodDraft, context: PortContext): void {
  const platform = definition.get('runtimePlatform');
  const family = platform.get('operatingSystemFamily');
  const architecture = platform.get('cpuArchitecture');
  const selector: Record<string, string> = { ...pod.spec.nodeSelector };
  if (context.windows) {
    selector['kubernetes.io/os'] = 'windows';
    pod.spec.os = { name: 'windows' };
    pod.spec.tolerations = [
      ...(pod.spec.tolerations ?? []),
      { key: 'os', operator: 'Equal', value: 'windows', effect: 'NoSchedule' },
    ];
    const year = /20\d\d/.exec(family.value ?? '')?.[0] ?? '';
    const build = WINDOWS_BUILDS.get(year);
    if (build !== undefined) selector['node.kubernetes.io/windows-build'] = build;
    if (build === undefined)
      family.near(
        ['PodSpec.os', 'PodSpec.nodeSelector'],
        `EKS has no nodes for ${family.value ?? ''}`,
        'rebuild the image for Windows Server 2022',
      );
    else family.same(['PodSpec.os', 'PodSpec.nodeSelector']);
    context.findings.require('windows-nodes', context.title);
  } else if (family.value !== undefined) {
    selector['kubernetes.io/os'] = 'linux';
    pod.spec.os = { name: 'linux' };
    family.same(['PodSpec.os', 'PodSpec.nodeSelector']);
  }
  if (architecture.value !== undefined) {
    selector['kubernetes.io/arch'] = architecture.value === 'ARM64' ? 'arm64' : 'amd64';
    if (context.fargate && architecture.value === 'ARM64')
      architecture.none('EKS Fargate runs amd64 only', 'run it on nodes: leave out --fargate fargate-profile');
    else architecture.same('PodSpec.nodeSelector["kubernetes.io/arch"]');
  } else if (ranOnFargate(definition)) selector['kubernetes.io/arch'] = 'amd64';
  if (Object.keys(selector).length > 0) pod.spec.nodeSelector = selector;
}

function ranOnFargate(definition: Field<TaskDefinition>): boolean {
  return definition.get('requiresCompatibilities').value?.includes('FARGATE') === true;
}

function applyCompute(definition: Field<TaskDefinition>, pod: PodDraft, context: PortContext): void {
  for (const item of definition.get('requiresCompatibilities').items()) markCompute(item, context);
  const placed = placedBy(context);
  const launchType = placed?.get('launchType');
  if (launchType !== undefined) markCompute(launchType, context);
  const strategy = placed?.get('capacityProviderStrategy').items() ?? [];
  if (strategy.length === 0) return;
  const names = strategy.map((item) => item.get('capacityProvider').value ?? '');
  const spot = names.length > 0 && names.every((name) => name === 'FARGATE_SPOT');
  if (spot) {
    pod.spec.nodeSelector = { ...pod.spec.nodeSelector, 'karpenter.sh/capacity-type': 'spot' };
    context.findings.require('karpenter', `${context.title}: Spot capacity`);
  }
  pod.annotations.set(
    ANNOTATION.capacityProviders,
    JSON.stringify(placed?.get('capacityProviderStrategy').value ?? []),
  );
  for (const item of strategy) {
    const provider = item.get('capacityProvider');
    if (spot) provider.near('PodSpec.nodeSelector["karpenter.sh/capacity-type"]', 'Spot nodes instead of Fargate Spot');
    else if (/^FARGATE/.test(provider.value ?? ''))
      provider.near(
        `metadata.annotations["${ANNOTATION.capacityProviders}"]`,
        'the nodes of the cluster take the place of Fargate',
      );
    else
      provider.near(
        `metadata.annotations["${ANNOTATION.capacityProviders}"]`,
        'a node group or NodePool takes its place; nothing pins the pods to it',
        'add a nodeSelector on its label where it matters',
      );
    const lost = 'Kubernetes does not divide the pods of one workload over capacities by number';
    const todo = 'use two NodePools with weights, or OpenKruise WorkloadSpread';
    if (strategy.length === 1) {
      item.get('weight').same([], 'the only provider has all tasks');
      item.get('base').same([], 'the only provider has all tasks');
    } else {
      item.get('weight').none(lost, todo);
      item.get('base').none(lost, todo);
    }
  }
}

function markCompute(field: Field<string>, context: PortContext): void {
  switch (field.value) {
    case 'FARGATE':
      if (context.fargate) {
        field.near(
          [],
          'an EKS Fargate profile selects the pods by namespace and labels; it has no DaemonSets, EBS, GPU, arm64 or Spot',
          `make a profile for namespace ${context.namespace}`,
        );
        context.findings.require('fargate-profile', context.title);
      } else
        field.near(
          [],
          'the pods run on the nodes of the cluster, several on one',
          'pods of tenants that must not share a kernel need a Fargate profile: --fargate fargate-profile',
        );
      break;
    case 'EXTERNAL':
      field.needsAddon([], 'ECS Anywhere instances are EKS Hybrid Nodes', 'join them to the cluster as hybrid nodes');
      context.findings.require('hybrid-nodes', context.title);
      break;
    case 'MANAGED_INSTANCES':
      field.near([], 'EKS Auto Mode or Karpenter provides the nodes');
      break;
    default:
      field.same([], 'nodes are EC2 instances');
  }
}
