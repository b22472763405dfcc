import type { KubernetesObject } from '../runtime/resource.js';

/**
 * Which pods are healed, what counts as a failure, and how much may be done about it at a time. The custom resource
 * `healingpolicies.tranship.dev/v1`; its schema in `charts/apps/operator` says the same to the API server.
 */
export interface HealingPolicy extends KubernetesObject {
  readonly spec: HealingPolicySpec;
  readonly status?: HealingPolicyStatus;
}

/** A share of the selected pods, or a number of them. Rounded as stated where it is used. @example 2, '25%' */
export type IntOrPercent = number | string;

export interface HealingPolicySpec {
  /** Pods of the policy's namespace. It must not be empty: a policy never selects all by accident. Source: Kubernetes `LabelSelector`. */
  readonly selector: LabelSelector;
  /** `DryRun` decides and explains, and touches no pod. @default Enforce */
  readonly mode?: 'Enforce' | 'DryRun';
  /** Do nothing until it is false again. Decisions are still shown in status. @default false */
  readonly paused?: boolean;
  readonly causes?: CausesSpec;
  readonly budget?: BudgetSpec;
  readonly stormGuard?: StormGuardSpec;
  readonly throttle?: ThrottleSpec;
  readonly quarantine?: QuarantineSpec;
  readonly memory?: MemorySpec;
  readonly failedPods?: FailedPodsSpec;
}

/** Source: Kubernetes `LabelSelector`. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

/** Each cause can be switched off. Those that act on healthy pods (`drift`, `exec`, `maximumAge`) respect `budget.maxUnavailable`. */
export interface CausesSpec {
  /** A container of `tranship.dev/essential` ended (all regular containers where the annotation is absent). @default enabled */
  readonly essentialContainerExit?: { readonly enabled?: boolean };
  /** Not Ready for so long after it was, or failed its liveness probe; replaced start-first. @default enabled, 60 s */
  readonly unhealthy?: { readonly enabled?: boolean; readonly afterSeconds?: number; readonly startFirst?: boolean };
  /** A container was killed for memory. @default enabled */
  readonly outOfMemory?: { readonly enabled?: boolean };
  /**
   * Restart intensity (OTP): more than `maxRestarts` replacements of a workload's pods in `periodSeconds` end the healing
   * of this workload revision: further replacements make it worse. @default enabled, 5 in 600 s
   */
  readonly crashLoop?: { readonly enabled?: boolean; readonly maxRestarts?: number; readonly periodSeconds?: number };
  /** Image, command or environment differ from the owner's template, changed after creation. @default enabled */
  readonly drift?: { readonly enabled?: boolean };
  /** Somebody ran exec or attach, or added an ephemeral container; the pod stays so long for them. @default disabled, 3600 s */
  readonly exec?: { readonly enabled?: boolean; readonly afterSeconds?: number };
  /** The pod's node is not Ready for so long. @default enabled, 60 s */
  readonly unhealthyNode?: { readonly enabled?: boolean; readonly afterSeconds?: number };
  /** @default - pods may get as old as they like */
  readonly maximumAge?: { readonly seconds: number };
  /** Cannot start: the image or the configuration. Transient causes are retried elsewhere after so long; terminal ones are only reported. @default enabled, 300 s */
  readonly cannotStart?: { readonly enabled?: boolean; readonly afterSeconds?: number };
}

/** One budget for all causes. Percentages are of the pods that the owners want (spec.replicas), not of those seen. */
export interface BudgetSpec {
  /** Pods seen unavailable plus pods this operator makes unavailable never exceed this because of it. Percent rounds down, at least 1. @default 25% */
  readonly maxUnavailable?: IntOrPercent;
  /** Replacements under way at a time (from the call until the new pod is Ready). Percent rounds up. @default 25% */
  readonly maxReplacements?: IntOrPercent;
}

/** Stops all healing while so much is wrong that pods are not the cause. */
export interface StormGuardSpec {
  /** Hold when more than this share of the selected pods is unhealthy. Percent rounds up (2 of 3 at 50 %). @default 50% */
  readonly maxUnhealthy?: IntOrPercent;
  /** With fewer pods than this the share says nothing and the guard is off. @default 3 */
  readonly minimumPods?: number;
  /** Hold in a zone where more than this share of nodes is not Ready. @default 55%, kube-controller-manager's own */
  readonly zoneUnhealthy?: string;
}

/** Delay between replacements of one workload whose new pods fail as well; a new template resets it. Source: ECS service throttling. */
export interface ThrottleSpec {
  /** Before the second one. @default 10 */
  readonly initialSeconds?: number;
  /** Doubles up to this. @default 1620 (27 minutes) */
  readonly maximumSeconds?: number;
  /** Healthy for so long: forgotten. @default 600 */
  readonly resetAfterSeconds?: number;
}

/** Keeps failed pods for inspection: out of their Service and ReplicaSet, still on their node. */
export interface QuarantineSpec {
  /** @default - none */
  readonly causes?: readonly Cause[];
  /** @default 3600 */
  readonly keepSeconds?: number;
  /** At a time; further ones are replaced without. @default 1 */
  readonly maxPods?: number;
}

/** Lets replacements avoid the node that failed them, as a preference that the scheduler weighs. */
export interface MemorySpec {
  /** @default 1800; 0 remembers nothing */
  readonly avoidNodeSeconds?: number;
}

/** Pods in phase Failed that their owner left. */
export interface FailedPodsSpec {
  /** The newest ones stay for a look. @default 1 */
  readonly keep?: number;
  /** @default 3600 */
  readonly keepSeconds?: number;
}

/** Why a pod is replaced, in the order in which they are looked for: the first that holds is the cause. */
export const CAUSES = [
  'UnhealthyNode',
  'OutOfMemory',
  'EssentialContainerExited',
  'CrashLoop',
  'ImageCannotBePulled',
  'CannotBeConfigured',
  'Unhealthy',
  'Drift',
  'Exec',
  'MaximumAge',
] as const;
export type Cause = (typeof CAUSES)[number];

/** Why nothing is done, or not yet. */
export type HoldReason =
  | 'DryRun'
  | 'Paused'
  | 'PolicyConflict'
  | 'PolicyInvalid'
  | 'NoOwner'
  | 'Terminating'
  | 'WaitingForTolerance'
  | 'RestartPolicyAllows'
  | 'Throttled'
  | 'RestartIntensityExceeded'
  | 'Terminal'
  | 'BudgetExhausted'
  | 'DisruptionBudget'
  | 'Refused'
  | 'Storm'
  | 'ZoneOutage'
  | 'RolloutInProgress';

/** What is remembered between reconciles, in the policy's status: it survives the operator, and the API server's admission reads it. */
export interface HealingPolicyStatus {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  /** Selected, ready and unhealthy pods, replacements under way. */
  readonly pods?: {
    readonly selected: number;
    readonly ready: number;
    readonly unhealthy: number;
    readonly replacing: number;
  };
  /** Per workload (`Kind/name`), only those that have something to remember. */
  readonly workloads?: readonly WorkloadMemory[];
  /** The newest replacements, at most 20, oldest first. */
  readonly replacements?: readonly ReplacementRecord[];
  /** Pods that are wrong and held, at most 20. */
  readonly held?: readonly {
    readonly pod: string;
    readonly cause: Cause;
    readonly reason: HoldReason;
    readonly message: string;
    readonly retryAt?: string;
  }[];
}

/** Source: Kubernetes `metav1.Condition`. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

export interface WorkloadMemory {
  /** @example `ReplicaSet/web-6d4cf56db6` is remembered under its template hash: `Deployment/web` */
  readonly workload: string;
  /** Template hash these counts are of; another hash starts anew. */
  readonly revision: string;
  /** Replacements whose new pod failed as well, in a row. */
  readonly failures: number;
  /** RFC 3339 times of the replacements within the crash-loop period. */
  readonly restarts: readonly string[];
  /** RFC 3339. Not before this is the next one. */
  readonly notBefore?: string;
  /** RFC 3339. Since then healing of this revision is over: its new pods failed more often than `causes.crashLoop` allows. */
  readonly endedAt?: string;
  /** Nodes to avoid, and until when (RFC 3339). */
  readonly avoidNodes: readonly { readonly node: string; readonly until: string }[];
}

export interface ReplacementRecord {
  readonly pod: string;
  readonly uid: string;
  readonly workload: string;
  readonly revision: string;
  readonly node?: string;
  readonly cause: Cause;
  readonly evidence: string;
  readonly action: 'Evict' | 'DeleteFailed' | 'Quarantine';
  /** RFC 3339 times of the path: signal seen, decided, asked for, new pod there, new pod Ready. */
  readonly signalAt: string;
  readonly decidedAt: string;
  readonly actedAt?: string;
  readonly replacement?: string;
  readonly replacementNode?: string;
  readonly readyAt?: string;
  readonly traceId?: string;
}
