import type { Cached } from '../runtime/cached.js';

/** A pod as the healer sees it: projected once when it enters the cache. Times are milliseconds since 1970. */
export interface ObservedPod extends Cached {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The controlling owner. */
  readonly owner?: { readonly kind: string; readonly name: string; readonly uid: string };
  /** `pod-template-hash` or `controller-revision-hash`; empty where there is none. */
  readonly revision: string;
  readonly node?: string;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  /** `status.reason`, as for evicted pods. */
  readonly reason?: string;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly deletingSince?: number;
  /** Condition Ready and since when. */
  readonly ready: boolean;
  readonly readySince?: number;
  /** Increments when the spec changed after creation (image, ephemeral containers). Source: KEP-5067. */
  readonly generation: number;
  /** Names, from `tranship.dev/essential`; all regular containers where it is absent. */
  readonly essential: readonly string[];
  /** Names, from `tranship.dev/replace-unhealthy`. */
  readonly replaceUnhealthy: readonly string[];
  /** From `tranship.dev/restart-policy`: what ECS lets restart in place. */
  readonly restartPolicies: ReadonlyMap<
    string,
    { readonly attemptPeriodSeconds: number; readonly ignoredExitCodes: readonly number[] }
  >;
  /** Regular containers and native sidecars; initialization containers that run to their end are not in it. */
  readonly containers: readonly ObservedContainer[];
  readonly ephemeralContainers: number;
  /** When the first ephemeral container started. @default - not known: the pod is then never replaced for it, only reported */
  readonly ephemeralSince?: number;
  /** From `tranship.dev/exec`, which the admission webhook writes. */
  readonly execAt?: number;
  /** From the label `tranship.dev/quarantined`. Such a pod has here the labels that it had before. */
  readonly quarantinedAt?: number;
  /** Annotations of this project that cannot be understood and are taken as absent, with the reason. @default - none */
  readonly ignored?: readonly string[];
}

export interface ObservedContainer {
  readonly name: string;
  readonly image: string;
  /**
   * Digest of command, args and environment in the spec. In an observation, a pod's is that of its template where they
   * agree in all that the template names: admission adds variables of its own.
   */
  readonly configDigest: string;
  /** What the digest is of, for that comparison. */
  readonly config?: ContainerConfig;
  readonly restartCount: number;
  /** State now. `waiting` carries the reason, as CrashLoopBackOff or ImagePullBackOff. */
  readonly state: 'waiting' | 'running' | 'terminated' | 'unknown';
  readonly waitingReason?: string;
  readonly waitingMessage?: string;
  readonly runningSince?: number;
  /** The newest end of it: of this state, or of the one before. */
  readonly lastExit?: ContainerExit;
}

/** Command, args and environment of a container as digests; shared by all containers that have the same. */
export interface ContainerConfig {
  readonly digest: string;
  /** Of command and args. */
  readonly command: string;
  /** Of each variable by name, and of each `envFrom` source. */
  readonly environment: ReadonlyMap<string, string>;
}

export interface ContainerExit {
  readonly exitCode: number;
  readonly signal?: number;
  /** As OOMKilled, Error, Completed. */
  readonly reason?: string;
  readonly startedAt?: number;
  readonly finishedAt: number;
  /** `terminated.message`, cut; StartError says there what could not be run. */
  readonly message?: string;
}

/** A node as the healer sees it. */
export interface ObservedNode extends Cached {
  readonly zone?: string;
  readonly ready: boolean;
  /** Since when `ready` is as it is. */
  readonly readySince: number;
  readonly unschedulable: boolean;
}

/** What a workload wants, from its ReplicaSet, StatefulSet or DaemonSet and the Deployment above it. */
export interface ObservedWorkload {
  /** @example `Deployment/web` */
  readonly id: string;
  readonly desired: number;
  /** Template revision that is wanted now. */
  readonly revision: string;
  /** A rollout is under way: the workload's own controller is replacing pods. */
  readonly rolling: boolean;
  /** Containers of the template by name. */
  readonly template: ReadonlyMap<string, TemplateContainer>;
}

/** A container as its owner's template has it. */
export interface TemplateContainer {
  readonly image: string;
  readonly configDigest: string;
  readonly config?: ContainerConfig;
}

/** The server's answer to a replacement that was asked for. */
export interface ServerRefusal {
  readonly reason: 'DisruptionBudget' | 'Refused';
  readonly message: string;
  /** Not asked again before, milliseconds since 1970. */
  readonly until: number;
}

/** Everything a decision may look at. A decision is a pure function of this. */
export interface Observation {
  readonly now: number;
  /** Pods that the policy selects, Failed and quarantined ones included. */
  readonly pods: readonly ObservedPod[];
  /** By name. */
  readonly nodes: ReadonlyMap<string, ObservedNode>;
  /** By id. */
  readonly workloads: ReadonlyMap<string, ObservedWorkload>;
  /** Workload id of a pod, by owner uid. */
  readonly workloadOfOwner: ReadonlyMap<string, string>;
  /** Keys of pods that another policy selects too. */
  readonly contested: ReadonlySet<string>;
  /** Pods that the server has just refused to take down, by uid. They must not keep the budget from the others. @default - none */
  readonly refused?: ReadonlyMap<string, ServerRefusal>;
}
