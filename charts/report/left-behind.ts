import { rawOf } from '../ecs/field.js';
import type { Position } from '../ecs/source/position.js';
import { leavesOf, positionOf } from '../ecs/source/source-node.js';
import type { PortedWorkload } from '../port/port.js';

/** A variable or an address that ECS gives to containers and Kubernetes does not. */
export interface LeftBehind {
  readonly name: string;
  /** What it was good for. */
  readonly was: string;
  /** What takes its place. */
  readonly instead: string;
  /** Titles of the workloads that lose it. */
  readonly workloads: readonly string[];
  /** Where the input itself names it, in a command, a health check or a variable: there something will surely break. */
  readonly mentions: readonly { readonly workload: string; readonly position: Position }[];
}

/** What decides whether a workload loses a name. */
interface Facts {
  readonly fargate: boolean;
  readonly taskRole: boolean;
  readonly logRouter: boolean;
  /** Whether the rendered objects set a variable of that name. */
  readonly sets: (name: string) => boolean;
}

interface Known extends Pick<LeftBehind, 'name' | 'was' | 'instead'> {
  readonly lost: (facts: Facts) => boolean;
}

const METADATA = 'the downward API: pod name, namespace, IP, node and labels as variables or files';

/** Source: ECS developer guide, "Task metadata endpoint", "Task IAM role", "Task scale-in protection endpoint", "FireLens". */
const KNOWN: readonly Known[] = [
  {
    name: 'ECS_CONTAINER_METADATA_URI_V4',
    was: 'the task metadata endpoint: task ARN, containers, limits, statistics',
    instead: METADATA,
    lost: () => true,
  },
  {
    name: 'ECS_CONTAINER_METADATA_URI',
    was: 'version 3 of the task metadata endpoint',
    instead: METADATA,
    lost: () => true,
  },
  {
    name: 'ECS_CONTAINER_METADATA_FILE',
    was: 'the metadata file of container instances',
    instead: METADATA,
    lost: ({ fargate }) => !fargate,
  },
  {
    name: 'ECS_AGENT_URI',
    was: 'the endpoint by which a task protects itself from scale-in',
    instead: 'a PodDisruptionBudget, and the annotation karpenter.sh/do-not-disrupt on nodes of Karpenter',
    lost: () => true,
  },
  {
    name: 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    was: 'the address of the task role’s credentials',
    instead: 'the default credential chain of an AWS SDK, which knows Pod Identity and IRSA',
    lost: ({ taskRole }) => taskRole,
  },
  {
    name: '169.254.170.2',
    was: 'the host of the credentials and of version 2 of the task metadata',
    instead: 'the default credential chain of an AWS SDK, and the downward API',
    lost: () => true,
  },
  {
    name: 'AWS_EXECUTION_ENV',
    was: 'AWS_ECS_EC2 or AWS_ECS_FARGATE, by which libraries tell where they run',
    instead: 'resource detectors for EKS or Kubernetes instead of those for ECS',
    lost: () => true,
  },
  {
    name: 'AWS_REGION',
    was: 'the region, which Fargate sets',
    instead: 'port with --region, and the manifests set it',
    lost: ({ fargate, sets }) => fargate && !sets('AWS_REGION'),
  },
  {
    name: 'FLUENT_HOST',
    was: 'the log router, for containers that write to it themselves (FLUENT_PORT goes with it)',
    instead: 'standard output, which the log agent of the node reads',
    lost: ({ logRouter, sets }) => logRouter && !sets('FLUENT_HOST'),
  },
  {
    name: 'HOSTNAME',
    was: 'the container id, or the host name of the task’s address',
    instead: 'it is set, to the name of the pod',
    lost: () => true,
  },
];

/** Settings that say "this is ECS" to a library; they matter only where the input has them. */
const TELLTALES: readonly Known[] = [
  {
    name: 'ECS_FARGATE',
    was: 'tells the Datadog agent that it runs beside one task',
    instead: 'the agent of the node',
    lost: () => false,
  },
  { name: 'ECSPlugin', was: 'adds ECS details to X-Ray segments', instead: 'EKSPlugin', lost: () => false },
];

const ALL = [...KNOWN, ...TELLTALES];
// Longer names stand first, so that none is found within another.
const ANY = new RegExp(
  `(?<![\\w.])(?:${ALL.map(({ name }) => name.replaceAll('.', '\\.'))
    .toSorted((a, b) => b.length - a.length)
    .join('|')})(?![\\w])`,
  'g',
);

/**
 * What the workloads lose of the surroundings that ECS gave them; names that the input mentions come first.
 *
 * @param titleOf how the report calls a workload
 */
export function leftBehind(
  workloads: readonly PortedWorkload[],
  titleOf: (workload: PortedWorkload) => string,
): readonly LeftBehind[] {
  const losers = new Map<string, string[]>();
  const mentions = new Map<string, { workload: string; position: Position }[]>();
  const push = <T>(lists: Map<string, T[]>, name: string, item: T): void => {
    const list = lists.get(name);
    if (list === undefined) lists.set(name, [item]);
    else list.push(item);
  };
  for (const ported of workloads) {
    const title = titleOf(ported);
    const facts = factsOf(ported);
    for (const { name, lost } of KNOWN) if (lost(facts)) push(losers, name, title);
    for (const { name, position } of mentionsIn(ported)) push(mentions, name, { workload: title, position });
  }
  return ALL.map(({ name, was, instead }): LeftBehind => {
    const mentioned = mentions.get(name) ?? [];
    const all = [...new Set([...(losers.get(name) ?? []), ...mentioned.map(({ workload }) => workload)])];
    return { name, was, instead, workloads: all, mentions: mentioned };
  })
    .filter((item) => item.workloads.length > 0)
    .toSorted((a, b) => Number(b.mentions.length > 0) - Number(a.mentions.length > 0));
}

function factsOf({ workload, manifests }: PortedWorkload): Facts {
  const { definition } = workload.taskDefinition;
  const launchType = workload.service?.definition.get('launchType').value;
  const compatible = definition.get('requiresCompatibilities').value?.includes('FARGATE') === true;
  const set = new Set(manifests.flatMap((manifest) => [...variablesOf(manifest)]));
  return {
    fargate: launchType === undefined ? compatible : launchType === 'FARGATE',
    taskRole: definition.get('taskRoleArn').exists,
    logRouter: definition
      .get('containerDefinitions')
      .items()
      .some((item) => item.get('firelensConfiguration').exists),
    sets: (name) => set.has(name),
  };
}

/** Names of all variables that the containers of an object set, wherever its pod stands. */
function* variablesOf(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* variablesOf(item);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      if (key !== 'env' || !Array.isArray(member)) yield* variablesOf(member);
      else
        for (const item of member as { readonly name?: unknown }[]) if (typeof item?.name === 'string') yield item.name;
    }
  }
}

function* mentionsIn({ workload }: PortedWorkload): Generator<{ readonly name: string; readonly position: Position }> {
  const containers = workload.taskDefinition.definition.get('containerDefinitions').node;
  if (containers === undefined) return;
  for (const leaf of leavesOf(containers)) {
    if (leaf.kind !== 'scalar' || typeof leaf.value !== 'string') continue;
    for (const name of new Set(leaf.value.match(ANY))) {
      const position = positionOf(rawOf(leaf));
      yield { name, position };
    }
  }
}
