import type { IContainer, IPodSpec, IVolume } from 'kubernetes-models/v1';
import type { Field } from '../ecs/field.js';
import type { ContainerDefinition } from '../ecs/model/ahead-of-sdk.js';
import type { Findings } from './findings.js';
import type { Manifest } from './manifest.js';
import type { PortOptions } from './options.js';
import type { Workload } from './workload.js';

/** A container of the pod in the making, beside the definition it comes from. */
export interface ContainerDraft {
  readonly definition: Field<ContainerDefinition>;
  /** The container's name in ECS. */
  readonly ecsName: string;
  /** What will be rendered; `spec.name` is the Kubernetes name. Concerns set their own fields and append to its lists. */
  readonly spec: IContainer;
}

/** The pod in the making. Each concern of the translation adds its part; `order` then places the containers. */
export interface PodDraft {
  /** In the order of the task definition. */
  readonly containers: readonly ContainerDraft[];
  /** Init containers that concerns add of their own, to run before everything else, such as one that fetches a file. */
  readonly setup: IContainer[];
  readonly volumes: IVolume[];
  /** Pod-level fields except the container lists and volumes. */
  readonly spec: Omit<IPodSpec, 'containers' | 'initContainers' | 'volumes'>;
  readonly labels: Map<string, string>;
  readonly annotations: Map<string, string>;
}

/** What a concern may use and add to beside the pod. */
export interface PortContext {
  readonly options: PortOptions;
  readonly workload: Workload;
  /** Name of the workload's objects: DNS label, at most 52 characters, unique in its namespace. */
  readonly name: string;
  readonly namespace: string;
  /** `Deployment shop/web`, for findings. */
  readonly title: string;
  /** Labels that select the workload's pods; never a revision. */
  readonly selector: Readonly<Record<string, string>>;
  /** Region and account for names that lack them: from the input's ARNs, else from the options. */
  readonly region: string | undefined;
  readonly account: string | undefined;
  /** Name label of an ECS service's pods, also of a service that is not in the input. */
  nameOfService(ecsName: string): string;
  /** Whether the pods run on Windows, or on EKS Fargate. */
  readonly windows: boolean;
  readonly fargate: boolean;
  readonly findings: Findings;
  /** Adds an object of the workload, such as a PersistentVolumeClaim. */
  add(manifest: Manifest): void;
  /**
   * Adds an object that workloads may share, such as a SecretStore or StorageClass: kept once when the content is equal.
   * @throws Error when an object of that identity with another content was added: a naming mistake in a translation
   */
  share(manifest: Manifest): void;
  /** A DNS label for an ECS name within the workload, unique per purpose: `label('volume', 'My_Data')`. */
  label(purpose: string, ecsName: string): string;
}
