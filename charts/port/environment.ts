import type { PodDraft, PortContext } from './pod-draft.js';

/** Kubernetes expands `$(NAME)` in values and arguments; ECS does not. `$$(` stands for a literal `$(`. */
export function literal(text: string): string {
  return text.replaceAll('$(', () => '$$(');
}

/**
 * Environment variables, with what Fargate adds. A name that is given twice counts once, with its last value, as Docker
 * does; Kubernetes would refuse the list.
 *
 * Source: ECS API `ContainerDefinition.environment`; KEP-4369 for names, which may hold any printable ASCII but `=` since 1.32.
 */
export function applyEnvironment(pod: PodDraft, context: PortContext): void {
  for (const draft of pod.containers) {
    const last = new Map<string, string>();
    for (const item of draft.definition.get('environment').items()) {
      const name = item.get('name');
      const value = item.get('value');
      if (name.value === undefined || name.value === '') {
        item.none('a variable without a name');
        continue;
      }
      if (!isVariableName(name.value)) {
        item.none('the name holds characters that no Kubernetes version takes', 'rename the variable');
        continue;
      }
      if (last.has(name.value)) name.same('Container.env.name', 'given twice; the last value counts');
      else name.same('Container.env.name');
      value.same('Container.env.value');
      last.set(name.value, literal(value.value ?? ''));
    }
    if (isFargate(context) && context.region !== undefined) {
      for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) if (!last.has(name)) last.set(name, context.region);
    }
    // Secrets of the same name were added before; ECS refuses the pair, and a list keyed by name takes one.
    const own = new Set(draft.spec.env?.map((variable) => variable.name));
    const env = [...last].filter(([name]) => !own.has(name)).map(([name, value]) => ({ name, value }));
    if (env.length > 0) draft.spec.env = [...env, ...(draft.spec.env ?? [])];
  }
}

/**
 * Whether a pod may have a variable of this name: printable ASCII without `=`, as Kubernetes takes it since 1.32 (KEP-4369).
 *
 * @example isVariableName('my.key') // true
 */
export function isVariableName(name: string): boolean {
  return /^[\x20-\x3c\x3e-\x7e]+$/.test(name);
}

/** Whether ECS ran the tasks on Fargate, which sets the region variables for every container. */
function isFargate(context: PortContext): boolean {
  const { service, runTask, taskDefinition } = context.workload;
  const launchType = service?.definition.get('launchType').value ?? runTask?.definition.get('launchType').value;
  if (launchType !== undefined) return launchType === 'FARGATE';
  return taskDefinition.definition.get('requiresCompatibilities').value?.includes('FARGATE') === true;
}
