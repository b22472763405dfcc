/** Something the cluster or the account must have before the manifests work. */
export interface Prerequisite {
  /** Stable id; the catalogue of `report/prerequisites.ts` says what each means and how to get it. */
  readonly id: PrerequisiteId;
  /** Why this port needs it, in a phrase: `secrets of 3 containers`. Several reasons are joined. */
  readonly why: string;
}

/** The prerequisites that translations may name. */
export type PrerequisiteId =
  | 'kubernetes-version'
  | 'tranship-operator'
  | 'aws-load-balancer-controller'
  | 'readiness-gate-namespace-label'
  | 'external-secrets'
  | 'pod-identity-agent'
  | 'ack-eks-controller'
  | 'oidc-provider'
  | 'efs-csi-driver'
  | 'ebs-csi-driver'
  | 'smb-csi-driver'
  | 'snapshot-controller'
  | 'metrics-server'
  | 'keda'
  | 'log-agent'
  | 'security-groups-for-pods'
  | 'external-dns'
  | 'karpenter'
  | 'node-labels'
  | 'nvidia-device-plugin'
  | 'neuron-device-plugin'
  | 'windows-nodes'
  | 'gmsa-webhook'
  | 'unsafe-sysctls'
  | 'pod-security-privileged'
  | 'fargate-profile'
  | 'hybrid-nodes'
  | 'descheduler'
  | 'service-mesh'
  | 'gateway-api-controller'
  | 'lattice-controller'
  | 'binpack-scheduler'
  | 'fault-injection'
  | 'rbac-exec';

/** An IAM role whose trust or permissions must change. */
export interface TrustChange {
  /** Role name or ARN, as the input writes it. */
  readonly role: string;
  /** What to change, in a sentence. */
  readonly change: string;
  /** The trust statement to add, as IAM JSON; absent when it is about permissions. */
  readonly statement?: Readonly<Record<string, unknown>>;
}

/** What translations find beside the manifests. Collected per port, in the order of discovery, without duplicates. */
export class Findings {
  private readonly whys = new Map<PrerequisiteId, Set<string>>();
  private readonly changes = new Map<string, TrustChange>();
  private readonly assumed = new Set<string>();

  /** @param why a phrase that says for what: `Deployment shop/web: container restart policy` */
  require(id: PrerequisiteId, why: string): void {
    const whys = this.whys.get(id) ?? new Set<string>();
    this.whys.set(id, whys.add(why));
  }

  trust(change: TrustChange): void {
    this.changes.set(`${change.role}\n${change.change}`, change);
  }

  /** Something that was taken for granted because the input does not say, such as `desiredCount 1`. */
  assume(text: string): void {
    this.assumed.add(text);
  }

  /** Takes over what another collection found. */
  include(other: Findings): void {
    for (const [id, whys] of other.whys) for (const why of whys) this.require(id, why);
    for (const [key, change] of other.changes) this.changes.set(key, change);
    for (const text of other.assumed) this.assumed.add(text);
  }

  get prerequisites(): readonly Prerequisite[] {
    return [...this.whys].flatMap(([id, whys]) => [...whys].map((why) => ({ id, why })));
  }

  get trustChanges(): readonly TrustChange[] {
    return [...this.changes.values()];
  }

  get assumptions(): readonly string[] {
    return [...this.assumed];
  }
}
