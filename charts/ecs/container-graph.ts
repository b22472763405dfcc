import type { Field } from './field.js';
import type { ContainerDefinition, TaskDefinition } from './model/ahead-of-sdk.js';

/** When a container may start, seen from the container it depends on. Source: ECS `ContainerDependency.condition`. */
export type Condition = 'START' | 'COMPLETE' | 'SUCCESS' | 'HEALTHY';

/** `dependent` starts when `dependency` fulfils `condition`; both are ECS container names. */
export interface Edge {
  readonly dependent: string;
  readonly dependency: string;
  readonly condition: Condition;
  /** What made the edge: the dependsOn of the input, or what ECS adds by itself. */
  readonly because: 'dependsOn' | 'links' | 'volumesFrom' | 'firelens';
  /** The dependsOn item, for positions and marks; absent for edges that ECS adds. */
  readonly field?: Field<NonNullable<ContainerDefinition['dependsOn']>[number]>;
}

/**
 * All edges of a task: those written, and those that ECS adds: `links` and `volumesFrom` want their container started,
 * and every container that logs through FireLens wants the log router started, unless the router has dependencies itself.
 * Edges to containers that do not exist are left out; validation refuses them.
 *
 * Source: amazon-ecs-agent agent/engine/dependencygraph/graph.go and agent/api/task `addFirelensContainerDependency`.
 */
export function edgesOf(definition: Field<TaskDefinition>): readonly Edge[] {
  const containers = definition.get('containerDefinitions').items();
  const names = new Set(containers.map((container) => container.get('name').value));
  const router = containers.find((container) => container.get('firelensConfiguration').exists);
  const routerName = router?.get('dependsOn').items().length === 0 ? router.get('name').value : undefined;
  const edges: Edge[] = [];
  const add = (edge: Edge): void => {
    const known = names.has(edge.dependency) && names.has(edge.dependent) && edge.dependency !== edge.dependent;
    const twice = edges.some(
      (e) => e.dependent === edge.dependent && e.dependency === edge.dependency && e.because === 'dependsOn',
    );
    if (known && !(twice && edge.because !== 'dependsOn')) edges.push(edge);
  };
  for (const container of containers) {
    const dependent = container.get('name').value ?? '';
    for (const field of container.get('dependsOn').items()) {
      const dependency = field.get('containerName').value ?? '';
      add({ dependent, dependency, condition: field.get('condition').value ?? 'START', because: 'dependsOn', field });
    }
    for (const link of container.get('links').value ?? []) {
      add({ dependent, dependency: link.split(':', 1)[0] ?? '', condition: 'START', because: 'links' });
    }
    for (const from of container.get('volumesFrom').items()) {
      add({
        dependent,
        dependency: from.get('sourceContainer').value ?? '',
        condition: 'START',
        because: 'volumesFrom',
      });
    }
    const driver = container.get('logConfiguration').get('logDriver').value;
    if (driver === 'awsfirelens' && routerName !== undefined) {
      add({ dependent, dependency: routerName, condition: 'START', because: 'firelens' });
    }
  }
  return edges;
}

/** A cycle of dependencies as the names on it, the first one repeated at the end; undefined when there is none. */
export function findCycle(edges: readonly Edge[]): readonly string[] | undefined {
  const next = adjacency(edges);
  const state = new Map<string, 'open' | 'done'>();
  for (const start of next.keys()) {
    const path: string[] = [];
    const stack: { name: string; rest: string[] }[] = [];
    const enter = (name: string): void => {
      state.set(name, 'open');
      path.push(name);
      stack.push({ name, rest: [...(next.get(name) ?? [])] });
    };
    if (!state.has(start)) enter(start);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const name = top.rest.shift();
      if (name === undefined) {
        state.set(top.name, 'done');
        path.pop();
        stack.pop();
      } else if (state.get(name) === 'open') return [...path.slice(path.indexOf(name)), name];
      else if (!state.has(name)) enter(name);
    }
  }
  return undefined;
}

/**
 * Names such that each comes after all that it depends on; ties in the order given. Edges that close a cycle are ignored.
 *
 * @example topologicalOrder(['app', 'db'], [{ dependent: 'app', dependency: 'db', … }]) // ['db', 'app']
 */
export function topologicalOrder(names: readonly string[], edges: readonly Edge[]): readonly string[] {
  const next = adjacency(edges);
  const known = new Set(names);
  const visited = new Set<string>();
  const ordered: string[] = [];
  const visit = (name: string): void => {
    if (visited.has(name)) return;
    visited.add(name);
    for (const dependency of names) if (next.get(name)?.has(dependency) === true) visit(dependency);
    if (known.has(name)) ordered.push(name);
  };
  for (const name of names) visit(name);
  return ordered;
}

/** All that the given containers depend on, directly or not. */
export function dependenciesOf(names: Iterable<string>, edges: readonly Edge[]): ReadonlySet<string> {
  const next = adjacency(edges);
  const found = new Set<string>();
  const pending = [...names];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    for (const dependency of next.get(name) ?? []) {
      if (found.has(dependency)) continue;
      found.add(dependency);
      pending.push(dependency);
    }
  }
  return found;
}

/**
 * The longest sum of weights along a chain of dependencies, such as stop timeouts: ECS stops one container after the other.
 * A cycle counts each of its containers once.
 */
export function longestChain(
  names: readonly string[],
  edges: readonly Edge[],
  weight: (name: string) => number,
): number {
  const next = adjacency(edges);
  const sums = new Map<string, number>();
  for (const name of topologicalOrder(names, edges)) {
    const below = [...(next.get(name) ?? [])].map((dependency) => sums.get(dependency) ?? 0);
    sums.set(name, weight(name) + Math.max(0, ...below));
  }
  return Math.max(0, ...sums.values());
}

function adjacency(edges: readonly Edge[]): ReadonlyMap<string, ReadonlySet<string>> {
  const next = new Map<string, Set<string>>();
  for (const { dependent, dependency } of edges) {
    next.set(dependent, (next.get(dependent) ?? new Set<string>()).add(dependency));
  }
  return next;
}
