import { type Diagnostic } from '../ecs/diagnostic.js';
import type { EcsInput } from '../ecs/input.js';
import { positionOf } from '../ecs/source/source-node.js';
import type { Entry } from '../report/ledger.js';
import { kindOf, portContext } from './context.js';
import { Findings, type Prerequisite, type TrustChange } from './findings.js';
import { linkWorkloads } from './link.js';
import { type LogRoute, renderLogAgent } from './logging.js';
import { describeManifest, type Manifest, manifestKey } from './manifest.js';
import { namespaceManifest } from './namespace.js';
import { DEFAULT_PORT_OPTIONS, type PortOptions } from './options.js';
import { portWorkload } from './port-workload.js';
import { nameWorkloads } from './workload-names.js';
import type { Workload } from './workload.js';

/** What one ECS service, task or schedule became. */
export interface PortedWorkload {
  readonly workload: Workload;
  readonly kind: 'Deployment' | 'DaemonSet' | 'Job' | 'CronJob';
  readonly namespace: string;
  readonly name: string;
  /** In the order in which they should be applied; empty when the workload was refused or is incomplete. */
  readonly manifests: readonly Manifest[];
  /** Findings about this workload; it was refused when one has that severity. */
  readonly diagnostics: readonly Diagnostic[];
  /** `rendered`, `refused` as ECS would refuse it, or `incomplete` because the input lacks a part of it. */
  readonly outcome: 'rendered' | 'refused' | 'incomplete';
}

/** The result of a port. */
export interface Port {
  readonly options: PortOptions;
  readonly workloads: readonly PortedWorkload[];
  /** Objects that workloads share: namespaces, secret stores, storage classes, the log agent. To be applied first. */
  readonly shared: readonly Manifest[];
  /** What became of every input field, in document order. */
  readonly entries: readonly Entry[];
  /** Findings that belong to no workload. */
  readonly diagnostics: readonly Diagnostic[];
  readonly prerequisites: readonly Prerequisite[];
  readonly trustChanges: readonly TrustChange[];
  readonly assumptions: readonly string[];
  readonly placeholders: EcsInput['placeholders'];
  /** Where the containers' logs go; the node agent in {@link Port.shared} is rendered from them. */
  readonly logRoutes: readonly LogRoute[];
}

/** How a port runs, as opposed to what it yields. */
export interface PortControls {
  /** Called after each workload, for progress: how many are done, of how many. */
  readonly onWorkload?: (done: number, total: number) => void;
  /** Whether to render the node agent that routes the logs. @default true */
  readonly logAgent?: boolean;
}

/** All objects of a port, shared ones first. */
export function manifestsOf(port: Port): readonly Manifest[] {
  return [...port.shared, ...port.workloads.flatMap((workload) => workload.manifests)];
}

/**
 * Translates everything that was read. A workload that ECS would refuse, or whose task definition is not in the input,
 * is accounted for field by field like the others, but its manifests are withheld.
 *
 * @example portInput(readFiles(files).input, { kubernetes: '1.35' }).workloads[0]?.manifests
 */
export function portInput(input: EcsInput, options: Partial<PortOptions> & PortControls = {}): Port {
  const { onWorkload, logAgent = true, ...given } = options;
  const settings: PortOptions = { ...DEFAULT_PORT_OPTIONS, ...given };
  const linked = linkWorkloads(input, settings);
  const findings = new Findings();
  const shared = new Map<string, Manifest>();
  const taken = new Map<string, Manifest>();
  const clashes: Diagnostic[] = [];
  const names = nameWorkloads(linked.workloads, settings);
  const routes: LogRoute[] = [];
  const workloads = linked.workloads.map((workload, index): PortedWorkload => {
    const { namespace, name, nameOfService } = names(workload);
    const own: Manifest[] = [];
    const sharedByThis: Manifest[] = [];
    const ownFindings = new Findings();
    const context = portContext(workload, {
      options: settings,
      findings: ownFindings,
      namespace,
      name,
      nameOfService,
      add: (manifest) => own.push(manifest),
      share: (manifest) => sharedByThis.push(manifest),
    });
    const ported = portWorkload(context, { stub: workload.stub, partial: isPartial(workload) });
    onWorkload?.(index + 1, linked.workloads.length);
    const refused = ported.diagnostics.some((diagnostic) => diagnostic.severity === 'refused');
    const outcome = workload.stub ? 'incomplete' : refused ? 'refused' : 'rendered';
    const base = {
      workload,
      kind: kindOf(workload),
      namespace,
      name,
      outcome,
      diagnostics: ported.diagnostics,
    } as const;
    if (outcome !== 'rendered') return { ...base, manifests: [] };
    findings.include(ownFindings);
    routes.push(...ported.routes);
    for (const manifest of sharedByThis) addShared(shared, manifest);
    const manifests = own.filter((manifest) => claim(taken, manifest, workload, clashes));
    return { ...base, manifests: inApplyOrder(manifests) };
  });
  for (const [namespace, inside] of Map.groupBy(workloads, (workload) => workload.namespace)) {
    if (namespace === 'default' || !inside.some(({ outcome }) => outcome === 'rendered')) continue;
    addShared(
      shared,
      namespaceManifest(
        namespace,
        inside.flatMap(({ manifests }) => manifests),
      ),
    );
  }
  if (logAgent) for (const manifest of renderLogAgent(routes, settings)) addShared(shared, manifest);
  return {
    options: settings,
    workloads,
    shared: inApplyOrder([...shared.values()]),
    entries: input.ledger.entries(),
    diagnostics: [...input.diagnostics, ...linked.diagnostics, ...clashes],
    prerequisites: findings.prerequisites,
    trustChanges: findings.trustChanges,
    assumptions: findings.assumptions,
    placeholders: input.placeholders,
    logRoutes: routes,
  };
}

function isPartial(workload: Workload): boolean {
  return workload.taskDefinition.diagnostics.some((diagnostic) => diagnostic.code === 'containers-only');
}

function addShared(shared: Map<string, Manifest>, manifest: Manifest): void {
  const key = manifestKey(manifest);
  const earlier = shared.get(key);
  if (earlier === undefined) shared.set(key, manifest);
  else if (JSON.stringify(earlier) !== JSON.stringify(manifest)) {
    throw new Error(
      `two different objects want to be ${describeManifest(manifest)}; this is a fault of tranship, please report it`,
    );
  }
}

/** Whether the workload may have this object: the first to claim a name keeps it, as with two Service Connect aliases. */
function claim(taken: Map<string, Manifest>, manifest: Manifest, workload: Workload, clashes: Diagnostic[]): boolean {
  const key = manifestKey(manifest);
  const earlier = taken.get(key);
  if (earlier === undefined) {
    taken.set(key, manifest);
    return true;
  }
  const node = workload.service?.definition.node ?? workload.taskDefinition.definition.node;
  if (JSON.stringify(earlier) !== JSON.stringify(manifest) && node !== undefined) {
    clashes.push({
      severity: 'warning',
      code: 'name-taken',
      message: `${describeManifest(manifest)} is wanted by more than one workload; ${workload.name} goes without it`,
      fix: 'give the services different names or aliases, or port them into different namespaces',
      position: positionOf(node),
    });
  }
  return false;
}

/** Kinds that others need, in the order in which `kubectl apply` should meet them; what is not named comes last. */
const APPLY_ORDER = [
  'Namespace',
  'PriorityClass',
  'StorageClass',
  'ServiceAccount',
  'PodIdentityAssociation',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  'SecretStore',
  'ClusterSecretStore',
  'ExternalSecret',
  'ConfigMap',
  'Secret',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'VolumeSnapshotContent',
  'VolumeSnapshot',
  'NetworkPolicy',
  'SecurityGroupPolicy',
  'Service',
  'TargetGroupBinding',
  'DaemonSet',
  'Deployment',
  'Job',
  'CronJob',
  'PodDisruptionBudget',
  'TriggerAuthentication',
  'HorizontalPodAutoscaler',
  'ScaledObject',
];

function inApplyOrder(manifests: readonly Manifest[]): readonly Manifest[] {
  const rank = (manifest: Manifest): number => {
    const index = APPLY_ORDER.indexOf(manifest.kind);
    return index < 0 ? APPLY_ORDER.length : index;
  };
  const key = (manifest: Manifest): string => `${manifest.metadata.namespace ?? ''}/${manifest.metadata.name}`;
  return [...manifests].sort((a, b) => rank(a) - rank(b) || (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
