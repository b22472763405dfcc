import type { Position } from '../ecs/source/position.js';
import { leavesOf, type SourceNode } from '../ecs/source/source-node.js';
import type { PortedWorkload } from '../port/port.js';
import type { Workload } from '../port/workload.js';
import type { Entry } from './ledger.js';

/**
 * Which workloads each input field bears on, found by the field's place: the trees that a workload is translated from
 * know the places of the leaves they were made of. A field may bear on several workloads, as when two services share a
 * task definition, or on none, as a template's outputs do.
 */
export class Attribution {
  private readonly owners = new Map<string, Map<number, readonly number[]>>();
  private readonly unions = new Map<readonly number[], Map<readonly number[], readonly number[]>>();

  /** @param workloads all of the port; the numbers that {@link of} answers are indexes into it */
  constructor(workloads: readonly PortedWorkload[]) {
    const users = new Map<SourceNode, number[]>();
    for (const [index, { workload }] of workloads.entries()) {
      for (const root of new Set(rootsOf(workload))) {
        const list = users.get(root);
        if (list === undefined) users.set(root, [index]);
        else list.push(index);
      }
    }
    for (const [root, indexes] of users) this.claim(root, indexes);
  }

  /** Indexes of the workloads that a field bears on, in their order. */
  of(entry: Entry): readonly number[] {
    return this.owners.get(entry.document)?.get(placeOf(entry.position)) ?? [];
  }

  private claim(root: SourceNode, indexes: readonly number[]): void {
    for (const leaf of leavesOf(root)) {
      for (const { file, offset } of originsOf(leaf)) {
        let places = this.owners.get(file.path);
        if (places === undefined) this.owners.set(file.path, (places = new Map()));
        const place = placeOf(file.position(offset));
        const earlier = places.get(place);
        places.set(place, earlier === undefined ? indexes : this.union(earlier, indexes));
      }
    }
  }

  /** Fields with the same users share one list, so that a template with many users of one part stays small. */
  private union(first: readonly number[], second: readonly number[]): readonly number[] {
    if (first === second) return first;
    let ofFirst = this.unions.get(first);
    if (ofFirst === undefined) this.unions.set(first, (ofFirst = new Map()));
    let result = ofFirst.get(second);
    if (result === undefined) {
      const merged = [...new Set([...first, ...second])].sort((a, b) => a - b);
      result = merged.length === first.length ? first : merged;
      ofFirst.set(second, result);
    }
    return result;
  }
}

function rootsOf(workload: Workload): readonly SourceNode[] {
  const { taskDefinition, service, runTask, schedule, scaling, targetGroups, appSpec } = workload;
  const fields = [
    ...(workload.stub ? [] : [taskDefinition.definition]),
    service?.definition,
    runTask?.definition,
    ...(schedule === undefined
      ? []
      : schedule.kind === 'rule'
        ? [schedule.rule, schedule.target]
        : [schedule.schedule]),
    ...scaling.map(({ definition }) => definition),
    ...targetGroups.flatMap(({ definition, attributes }) => [definition, ...attributes.values()]),
    appSpec?.root,
  ];
  return fields.flatMap((field) => field?.node ?? []);
}

/** The leaves of documents that a node stands for. */
function* originsOf(node: SourceNode): Generator<SourceNode> {
  if (node.origins === undefined || node.origins.length === 0) yield* leavesOf(node);
  else for (const origin of node.origins) yield* originsOf(origin);
}

/** A line and a column as one number; there are fewer than 2^21 lines in a text that JavaScript can hold and AWS would take. */
function placeOf({ line, column }: Pick<Position, 'line' | 'column'>): number {
  return line * 2 ** 32 + column;
}
