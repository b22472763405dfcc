import { homeOf } from '../ecs/region.js';
import { LABEL } from './annotations.js';
import type { Findings } from './findings.js';
import type { Manifest } from './manifest.js';
import { dnsLabel, withHash } from './names.js';
import type { PortOptions } from './options.js';
import type { PortContext } from './pod-draft.js';
import type { Workload } from './workload.js';

/** What a workload's context is made of beside the workload. */
export interface ContextParts {
  readonly options: PortOptions;
  readonly findings: Findings;
  readonly name: string;
  readonly namespace: string;
  /** Name label of another ECS service of the same cluster. */
  readonly nameOfService: (ecsName: string) => string;
  readonly add: (manifest: Manifest) => void;
  readonly share: (manifest: Manifest) => void;
}

/** The kind of object that runs a workload's pods. */
export function kindOf(workload: Workload): 'Deployment' | 'DaemonSet' | 'Job' | 'CronJob' {
  if (workload.kind === 'schedule') return 'CronJob';
  if (workload.kind === 'task') return 'Job';
  return workload.service?.definition.get('schedulingStrategy').value === 'DAEMON' ? 'DaemonSet' : 'Deployment';
}

export function portContext(workload: Workload, parts: ContextParts): PortContext {
  const { options, name, namespace } = parts;
  const { definition } = workload.taskDefinition;
  const home = homeOf([definition.node, workload.service?.definition.node, workload.runTask?.definition.node]);
  const windows = /^WINDOWS/.test(definition.get('runtimePlatform').get('operatingSystemFamily').value ?? '');
  const compatible = definition.get('requiresCompatibilities').value?.includes('FARGATE') === true;
  const launchType =
    workload.service?.definition.get('launchType').value ?? workload.runTask?.definition.get('launchType').value;
  const onFargate = launchType === undefined ? compatible : launchType === 'FARGATE';
  return {
    ...parts,
    workload,
    title: `${kindOf(workload)} ${namespace}/${name}`,
    selector: { [LABEL.name]: name },
    region: home.region ?? options.region,
    account: home.account ?? options.account,
    windows,
    fargate: onFargate && options.fargate === 'fargate-profile',
    label: labels(),
  };
}

/** Labels of one workload: the plain name where it is free, else with its purpose, else with a hash. */
function labels(): (purpose: string, ecsName: string) => string {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  return (purpose, ecsName) => {
    const key = JSON.stringify([purpose, ecsName]);
    const earlier = given.get(key);
    if (earlier !== undefined) return earlier;
    const candidates = [purpose === 'volume' ? ecsName : `${purpose}-${ecsName}`, `${purpose}-${ecsName}`];
    let label = candidates.map((candidate) => dnsLabel(candidate)).find((candidate) => !taken.has(candidate));
    for (let round = 0; label === undefined || taken.has(label); round++)
      label = withHash(dnsLabel(ecsName), `${key}${round}`);
    given.set(key, label);
    taken.add(label);
    return label;
  };
}
