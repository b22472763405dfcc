import type { Diagnostic } from '../ecs/diagnostic.js';
import { validateService } from '../ecs/validation/validate-service.js';
import { validateTaskDefinition } from '../ecs/validation/validate-task-definition.js';
import { ANNOTATION, LABEL } from './annotations.js';
import { kindOf } from './context.js';
import { applyDeployment } from './deployment.js';
import { taskToJob } from './jobs.js';
import type { LogRoute } from './logging.js';
import type { Manifest } from './manifest.js';
import { overriddenDefinition } from './overrides.js';
import { renderPod } from './pod.js';
import type { PortContext } from './pod-draft.js';
import { applyScaling } from './scaling.js';
import { scheduleOverrides, scheduleToCronJobs } from './schedules.js';

/** What a workload became, beside the objects it added to its context. */
export interface PortedPod {
  readonly diagnostics: readonly Diagnostic[];
  readonly routes: readonly LogRoute[];
}

/**
 * Translates one workload: checks it as ECS would, renders its pod, and adds the object that runs it.
 *
 * @param stub true when the task definition stands in for one that the input does not hold; it is not checked then
 * @param partial true when only container definitions are known
 */
export function portWorkload(
  context: PortContext,
  flags: { readonly stub: boolean; readonly partial: boolean },
): PortedPod {
  const { workload } = context;
  const { taskDefinition, service, runTask, schedule } = workload;
  const diagnostics: Diagnostic[] = [
    ...taskDefinition.diagnostics,
    ...((service ?? runTask ?? schedule)?.diagnostics ?? []),
  ];
  if (!flags.stub) diagnostics.push(...validateTaskDefinition(taskDefinition.definition, flags.partial));
  if (service !== undefined)
    diagnostics.push(...validateService(service.definition, taskDefinition.definition, flags.stub));
  let definition = taskDefinition.definition;
  const overrides =
    runTask?.definition.get('overrides') ?? (schedule === undefined ? undefined : scheduleOverrides(schedule));
  if (overrides?.node !== undefined) {
    const overridden = overriddenDefinition(definition.ledger, definition, overrides);
    definition = overridden.definition;
    diagnostics.push(...overridden.diagnostics);
  }
  const { pod, network, routes, template } = renderPod(definition, context);
  const kind = kindOf(workload);
  if (kind === 'CronJob') scheduleToCronJobs(context, template());
  else if (kind === 'Job') taskToJob(context, template());
  else {
    const scaling = applyScaling(context, { apiVersion: 'apps/v1', kind, name: context.name });
    const deployment = applyDeployment(pod, context, network, { autoscaled: scaling.autoscaled });
    const manifest: Manifest = {
      apiVersion: 'apps/v1',
      kind: deployment.kind,
      metadata: metadata(context, deployment.annotations),
      spec: { ...deployment.spec, selector: { matchLabels: { ...context.selector } }, template: template() },
    };
    context.add(manifest);
  }
  return { diagnostics, routes };
}

/** Metadata of the object that runs a workload's pods. */
function metadata(context: PortContext, annotations: Readonly<Record<string, string>>): Manifest['metadata'] {
  const { workload } = context;
  const all: Record<string, string> = { ...annotations };
  if (context.name !== workload.name) all[ANNOTATION.ecsName] = workload.name;
  const arn = workload.service?.ids.find((id) => id.startsWith('arn:'));
  if (arn !== undefined) all[ANNOTATION.ecsArn] = arn;
  const ordered = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    name: context.name,
    namespace: context.namespace,
    labels: { [LABEL.name]: context.name, [LABEL.managedBy]: 'tranship' },
    ...(Object.keys(ordered).length === 0 ? {} : { annotations: ordered }),
  };
}
