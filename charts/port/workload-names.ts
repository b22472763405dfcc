import { allocateNames, dnsLabel, withHash, WORKLOAD_NAME_LENGTH } from './names.js';
import type { PortOptions } from './options.js';
import type { Workload } from './workload.js';

/** Where a workload's objects stand and what they are called. */
export interface WorkloadName {
  readonly namespace: string;
  /** DNS label of at most 52 characters, unique in the namespace. */
  readonly name: string;
  /** The name of another ECS service of the namespace, also of one that is not in the input. */
  readonly nameOfService: (ecsName: string) => string;
}

/**
 * Names all workloads before any is rendered, so that they can refer to each other. A namespace is an ECS cluster. Of
 * several workloads with one ECS name a service keeps it when it is the only service among them; the others get a hash of
 * their kind and document.
 */
export function nameWorkloads(
  workloads: readonly Workload[],
  options: PortOptions,
): (workload: Workload) => WorkloadName {
  const clusters = allocateNames(workloads.flatMap((workload) => workload.cluster ?? []));
  const namespaceOf = (workload: Workload): string =>
    options.namespace ?? clusters.get(workload.cluster ?? '') ?? 'default';
  const members = new Map<string, Workload[]>();
  for (const workload of workloads) {
    const namespace = namespaceOf(workload);
    const inside = members.get(namespace);
    if (inside === undefined) members.set(namespace, [workload]);
    else inside.push(workload);
  }
  const names = new Map<Workload, string>();
  const services = new Map<string, Map<string, string>>();
  for (const [namespace, inside] of members) {
    const inNamespace = nameInside(inside);
    for (const [workload, name] of inNamespace) names.set(workload, name);
    const named = inside.filter((workload) => workload.service !== undefined);
    services.set(
      namespace,
      new Map(named.map((workload) => [workload.name, inNamespace.get(workload) ?? workload.name])),
    );
  }
  return (workload) => {
    const namespace = namespaceOf(workload);
    return {
      namespace,
      name: names.get(workload) ?? dnsLabel(workload.name, WORKLOAD_NAME_LENGTH),
      nameOfService: (ecsName) => services.get(namespace)?.get(ecsName) ?? dnsLabel(ecsName, WORKLOAD_NAME_LENGTH),
    };
  };
}

function nameInside(workloads: readonly Workload[]): ReadonlyMap<Workload, string> {
  const byName = new Map<string, Workload[]>();
  for (const workload of workloads) {
    const sharing = byName.get(workload.name);
    if (sharing === undefined) byName.set(workload.name, [workload]);
    else sharing.push(workload);
  }
  const asked = new Map<Workload, string>();
  const taken = new Set<string>();
  for (const [name, sharing] of byName) {
    const services = sharing.filter((workload) => workload.service !== undefined);
    const keeper = sharing.length === 1 ? sharing[0] : services.length === 1 ? services[0] : undefined;
    for (const workload of sharing) {
      if (workload === keeper) {
        asked.set(workload, name);
        continue;
      }
      const tell = JSON.stringify([
        workload.kind,
        workload.taskDefinition.document,
        workload.taskDefinition.ids,
        workload.service?.document,
      ]);
      let label = withHash(dnsLabel(name, WORKLOAD_NAME_LENGTH), tell, WORKLOAD_NAME_LENGTH);
      for (let round = 1; taken.has(label); round++) label = withHash(label, `${tell}${round}`, WORKLOAD_NAME_LENGTH);
      taken.add(label);
      asked.set(workload, label);
    }
  }
  const labels = allocateNames(asked.values(), WORKLOAD_NAME_LENGTH);
  return new Map([...asked].map(([workload, text]) => [workload, labels.get(text) ?? text]));
}
