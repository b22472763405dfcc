import { shortName } from '../ecs/arn.js';
import type { Diagnostic } from '../ecs/diagnostic.js';
import { Field } from '../ecs/field.js';
import type { EcsInput, RunTaskInput, ScheduleInput, ServiceInput, TaskDefinitionInput } from '../ecs/input.js';
import type { Service } from '../ecs/model/ahead-of-sdk.js';
import { scheduledRunTask } from '../ecs/scheduled-call.js';
import { positionOf, type SourceNode } from '../ecs/source/source-node.js';
import { parseTaskDefinitionName } from '../ecs/arn.js';
import type { PortOptions } from './options.js';
import { stubDefinition } from './stub.js';
import type { Workload } from './workload.js';

/** Workloads, and what could not become one. */
export interface Linked {
  readonly workloads: readonly Workload[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Joins the items of the input: each service, one-off task and schedule with its task definition, services with their
 * scaling and target groups. A task definition that nothing uses becomes a workload of its own.
 */
export function linkWorkloads(input: EcsInput, options: PortOptions): Linked {
  const diagnostics: Diagnostic[] = [];
  const find = taskDefinitionFinder(input.taskDefinitions);
  const used = new Set<TaskDefinitionInput>();
  const workloads: Workload[] = [];
  const only = onlyOf(input.taskDefinitions);
  /** The item's task definition, or a stand-in with the containers that it mentions. */
  const definitionOf = (
    what: string,
    item: Item,
    node: SourceNode,
    containers: readonly string[],
    otherwise = only,
  ): Pick<Workload, 'taskDefinition' | 'stub'> => {
    const taskDefinition = find(item) ?? otherwise;
    if (taskDefinition !== undefined) {
      used.add(taskDefinition);
      return { taskDefinition, stub: false };
    }
    diagnostics.push(withoutDefinition(what, item, node));
    return { taskDefinition: stubDefinition(input, item.document, node, item.name, containers), stub: true };
  };
  const services = completeServices(input);
  const definitionsIn = groupBy(input.taskDefinitions, (definition) => definition.document);
  const scalingOf = scalingFinder(input.scaling);
  const targets = new Map<string, EcsInput['targetGroups']>();
  for (const group of input.targetGroups)
    for (const id of group.ids) targets.set(id, [...(targets.get(id) ?? []), group]);
  for (const service of services) {
    const { node } = service.definition;
    if (node === undefined) continue;
    const balancers = service.definition.get('loadBalancers').items();
    const registries = service.definition.get('serviceRegistries').items();
    const containers = [
      ...balancers.map((item) => item.get('containerName')),
      ...registries.map((item) => item.get('containerName')),
    ].flatMap((field) => field.value ?? []);
    const near = onlyOf(definitionsIn.get(service.document) ?? []) ?? (services.length === 1 ? only : undefined);
    const appSpec = input.appSpecs.find(
      (spec) => spec.containerName !== undefined && containers.includes(spec.containerName),
    );
    workloads.push({
      kind: 'service',
      name: service.name,
      ...clusterOf(service),
      ...definitionOf(`service ${service.name}`, service, node, containers, near),
      service,
      scaling: scalingOf(service),
      targetGroups: balancers
        .flatMap((balancer) => [
          balancer.get('targetGroupArn'),
          balancer.get('advancedConfiguration').get('alternateTargetGroupArn'),
        ])
        .flatMap((arn) => ownFirst(targets.get(arn.value ?? '') ?? [], service).slice(0, 1)),
      ...(appSpec === undefined ? {} : { appSpec }),
    });
  }
  for (const runTask of input.runTasks) {
    const { node } = runTask.definition;
    if (node === undefined) continue;
    const definition = definitionOf(`task ${runTask.name}`, runTask, node, overridden(runTask));
    workloads.push({
      kind: 'task',
      name: runTask.name,
      ...clusterOf(runTask),
      ...definition,
      runTask,
      scaling: [],
      targetGroups: [],
    });
  }
  for (const schedule of input.schedules) {
    const { node } = schedule.kind === 'rule' ? schedule.target : schedule.schedule;
    if (node === undefined) continue;
    const runTask = scheduledRunTask(schedule);
    const definition = definitionOf(`schedule ${schedule.name}`, schedule, node, overridden(runTask));
    workloads.push({
      kind: 'schedule',
      name: schedule.name,
      ...clusterOf(schedule),
      ...definition,
      schedule,
      runTask,
      scaling: [],
      targetGroups: [],
    });
  }
  for (const taskDefinition of input.taskDefinitions) {
    if (used.has(taskDefinition)) continue;
    workloads.push({
      kind: options.standalone,
      name: taskDefinition.family,
      taskDefinition,
      stub: false,
      scaling: [],
      targetGroups: [],
    });
  }
  markUnused(input, workloads);
  return { workloads, diagnostics };
}

/** Names of the containers that a task's overrides are for. */
function overridden(runTask: RunTaskInput): readonly string[] {
  return runTask.definition
    .get('overrides')
    .get('containerOverrides')
    .items()
    .flatMap((override) => override.get('name').value ?? []);
}

/** What no service of the input refers to is said to be left out, field by field. */
function markUnused(input: EcsInput, workloads: readonly Workload[]): void {
  const used = new Set<object>(workloads.flatMap((workload) => [...workload.scaling, ...workload.targetGroups]));
  const leave = (field: { none(lost: string): unknown }, what: string): unknown =>
    field.none(`no service of the input uses this ${what}`);
  for (const group of input.targetGroups) {
    if (used.has(group)) continue;
    leave(group.definition, 'target group');
    for (const attribute of group.attributes.values()) leave(attribute, 'target group');
  }
  for (const item of input.scaling) if (!used.has(item)) leave(item.definition, 'scaling');
}

type Item = ServiceInput | RunTaskInput | ScheduleInput;

function clusterOf(item: Item): { cluster?: string } {
  return item.cluster === undefined ? {} : { cluster: item.cluster };
}

/** Finds by ARN, logical id, `family:revision` or family (then the highest revision), first in the item's own document. */
function taskDefinitionFinder(
  definitions: readonly TaskDefinitionInput[],
): (item: Item) => TaskDefinitionInput | undefined {
  const byId = new Map<string, TaskDefinitionInput[]>();
  for (const definition of definitions) {
    for (const id of definition.ids) byId.set(id, [...(byId.get(id) ?? []), definition]);
  }
  return (item) => {
    const reference = item.taskDefinition;
    if (reference === undefined) return undefined;
    const { family, revision } = parseTaskDefinitionName(reference);
    const keys = [reference, ...(revision === undefined ? [] : [`${family}:${revision}`]), family];
    for (const key of keys) {
      const found = byId.get(key);
      if (found === undefined) continue;
      const near = found.filter((definition) => definition.document === item.document);
      const candidates = near.length > 0 ? near : found;
      return candidates.reduce((best, next) => ((next.revision ?? 0) > (best.revision ?? 0) ? next : best));
    }
    return undefined;
  };
}

function onlyOf<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}

/** Logical ids repeat from template to template: what stands in the service's own document is meant, where there is any. */
function ownFirst<T extends { readonly document: string }>(found: readonly T[], service: ServiceInput): readonly T[] {
  const own = found.filter((item) => item.document === service.document);
  return own.length > 0 ? own : found;
}

/**
 * Finds a service's scaling by its names: in its own document whatever the cluster is called there, else in its cluster,
 * or where the scaling does not tell the cluster.
 */
function scalingFinder(items: EcsInput['scaling']): (service: ServiceInput) => Workload['scaling'] {
  const inDocument = groupBy(items, (item) => JSON.stringify([item.document, item.service]));
  const inCluster = groupBy(items, (item) => JSON.stringify([item.cluster ?? '', item.service]));
  const anywhere = groupBy(items, (item) => item.service);
  return (service) =>
    [...new Set([service.name, ...service.ids])].flatMap((id) => {
      const own = inDocument.get(JSON.stringify([service.document, id]));
      if (own !== undefined) return own;
      if (service.cluster === undefined) return anywhere.get(id) ?? [];
      return ['', service.cluster].flatMap((cluster) => inCluster.get(JSON.stringify([cluster, id])) ?? []);
    });
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** Services with what `describe-service-revisions` adds to them; a revision without its service stands for it. */
function completeServices(input: EcsInput): readonly ServiceInput[] {
  const services = input.services.filter((service) => service.revision === undefined);
  const revisions = input.services.filter((service) => service.revision === true);
  const byArn = new Map(revisions.flatMap((revision) => revision.ids.map((id) => [id, revision] as const)));
  const used = new Set<ServiceInput>();
  const result = services.map((service) => {
    const revision = service.ids.map((id) => byArn.get(id)).find((found) => found !== undefined);
    if (revision === undefined) return service;
    used.add(revision);
    return complete(service, revision);
  });
  return [...result, ...revisions.filter((revision) => !used.has(revision))];
}

function complete(service: ServiceInput, revision: ServiceInput): ServiceInput {
  const node = service.definition.node;
  const extra = revision.definition.node;
  if (node?.kind !== 'object' || extra?.kind !== 'object') return service;
  const own = new Set(node.members.map((member) => member.key));
  for (const member of extra.members) {
    if (own.has(member.key))
      service.definition.ledger.mark(member.value, { fidelity: 'same', kubernetes: [], lost: 'as the service says' });
  }
  const merged = { ...node, members: [...node.members, ...extra.members.filter((member) => !own.has(member.key))] };
  return {
    ...service,
    definition: Field.root<Service>(service.definition.ledger, merged),
    diagnostics: [...service.diagnostics, ...revision.diagnostics],
    ...(revision.imageDigests === undefined ? {} : { imageDigests: revision.imageDigests }),
  };
}

function withoutDefinition(what: string, item: Item, node: SourceNode): Diagnostic {
  const reference =
    item.taskDefinition === undefined ? 'none is named' : JSON.stringify(shortName(item.taskDefinition));
  return {
    severity: 'warning',
    code: 'missing-task-definition',
    message: `${what} has no task definition in the input (${reference}), so nothing can be rendered for it`,
    fix: 'give its file too: `aws ecs describe-task-definition --task-definition NAME > task-definition.json`',
    position: positionOf(node),
  };
}
