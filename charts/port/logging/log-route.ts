import type { IEnvVar } from 'kubernetes-models/v1';
import { kindOf } from '../context.js';
import type { ContainerDraft, PortContext } from '../pod-draft.js';
import type { Value, ValuePart } from './fluent-bit-config.js';

/** A fact about the pod that the log agent knows of each record. */
export interface PodFact {
  readonly pod: 'uid' | 'container';
}

/** A value of an agent's plugin: as in a configuration, and facts about the pod. */
export type RouteValue = string | readonly (ValuePart | PodFact)[];

/** An output or filter of the log agent, without what it matches: the routes that use it say that. */
export interface RoutePlugin {
  /** Name of the Fluent Bit plugin, such as `cloudwatch_logs`. */
  readonly plugin: string;
  readonly properties: readonly (readonly [key: string, value: RouteValue])[];
}

/** A variable that the log agent's container needs. */
export interface AgentVariable {
  readonly name: string;
  readonly source: NonNullable<IEnvVar['valueFrom']>;
}

/** Where the log agent sends what one container of one workload writes to its standard output and error. */
export interface LogRoute {
  readonly namespace: string;
  /** Name of the object that runs the pods. */
  readonly workload: string;
  /** Kubernetes name of the container. */
  readonly container: string;
  /** Regular expression that the names of the workload's pods match as a whole. */
  readonly pods: string;
  /** Whether the pods run on EKS Fargate, where AWS runs the log agent. */
  readonly fargate: boolean;
  /** Whether the output calls AWS, for which the agent needs a role. */
  readonly aws: boolean;
  /** AWS account of the workload, where it is known. */
  readonly account?: string;
  /** Regular expression (Onigmo syntax) of the first line of a record that spans lines. */
  readonly firstLine?: string;
  readonly filters: readonly RoutePlugin[];
  readonly output: RoutePlugin;
  readonly variables: readonly AgentVariable[];
}

/** What a log driver's options come to; the rest of a {@link LogRoute} is the same for all drivers. */
export interface Routing {
  readonly output: RoutePlugin;
  readonly aws: boolean;
  readonly filters?: readonly RoutePlugin[];
  readonly firstLine?: string;
}

/** Completes a route with the workload it belongs to. */
export function logRoute(
  draft: ContainerDraft,
  context: PortContext,
  routing: Routing,
  variables: readonly AgentVariable[],
): LogRoute {
  return {
    namespace: context.namespace,
    workload: context.name,
    container: draft.spec.name,
    pods: podNames(context),
    fargate: context.fargate,
    aws: routing.aws,
    ...(context.account === undefined ? {} : { account: context.account }),
    ...(routing.firstLine === undefined ? {} : { firstLine: routing.firstLine }),
    filters: routing.filters ?? [],
    output: routing.output,
    variables,
  };
}

/** The container's name in ECS, or in Kubernetes when that is not one that ECS would take. */
export function plainName(draft: ContainerDraft): string {
  return /^[\w-]{1,255}$/.test(draft.ecsName) ? draft.ecsName : draft.spec.name;
}

/** The letters of generated names: no vowels, so no words. Source: k8s.io/apimachinery `util/rand`. */
const SAFE = '[b-df-hj-np-tv-xz24-9]';

/** Longest part of a pod's name before its five random characters. Source: k8s.io/apiserver `storage/names`. */
const PREFIX_LENGTH = 58;

/**
 * Regular expression of the names that controllers give a workload's pods; anchored by who uses it. The classes are narrow
 * so that `web` does not take what belongs to `web-api`.
 *
 * @example podNames for Deployment web: web-[b-d…]{5,10}-[b-d…]{5}
 */
function podNames(context: PortContext): string {
  const { name } = context;
  switch (kindOf(context.workload)) {
    case 'DaemonSet':
      return `${name}-${SAFE}{5}`;
    case 'Job':
      return `${name}-(?:[0-9]+-)?${SAFE}{5}`;
    case 'CronJob':
      // A Job's name ends in the minute it is for, of which the pod of a long name keeps fewer digits. A schedule that
      // needs several CronJobs numbers them.
      return `(?:${name}|${name.slice(0, 43).replace(/-+$/, '')}-+[0-9]+-[0-9a-f]{6})-[0-9]{1,10}-?${SAFE}{5}`;
    default:
      return name.length + 12 <= PREFIX_LENGTH
        ? `${name}-${SAFE}{5,10}-${SAFE}{5}`
        : `${name}-${SAFE}{1,10}-?${SAFE}{5}`;
  }
}

/** A route's value with the pod's facts as the accessors of an agent. */
export function withAccessors(value: RouteValue, accessors: Readonly<Record<PodFact['pod'], string>>): Value {
  if (typeof value === 'string') return value;
  return value.map((part) => (typeof part !== 'string' && 'pod' in part ? { accessor: accessors[part.pod] } : part));
}
