import type { KubernetesVersion } from './kubernetes-version.js';

/** How a port is to be made; the command line's flags, read once at the edge. */
export interface PortOptions {
  /** Target version. @default '1.35' */
  readonly kubernetes: KubernetesVersion;
  /** AWS region, where ARNs in the input do not say. */
  readonly region?: string;
  /** AWS account id of 12 digits, where ARNs in the input do not say. */
  readonly account?: string;
  /** Name of the EKS cluster, for Pod Identity associations. @default 'CLUSTER', named in the report as a thing to fill in */
  readonly eksCluster: string;
  /** How pods get their task role. Fargate and Windows pods always use IRSA. @default 'pod-identity' */
  readonly identity: 'pod-identity' | 'irsa';
  /** Namespace for everything. @default the name of each ECS cluster, or `default` where the input names none */
  readonly namespace?: string;
  /** What a task definition becomes that no service, schedule or RunTask of the input uses. @default 'service' */
  readonly standalone: 'service' | 'task';
  /** Where FARGATE tasks run on EKS. @default 'nodes' */
  readonly fargate: 'nodes' | 'fargate-profile';
}

/** The defaults of {@link PortOptions}. */
export const DEFAULT_PORT_OPTIONS: PortOptions = {
  kubernetes: '1.35',
  eksCluster: 'CLUSTER',
  identity: 'pod-identity',
  standalone: 'service',
  fargate: 'nodes',
};
