import type { Diagnostic } from '../ecs/diagnostic.js';
import { rawOf } from '../ecs/field.js';
import type { Position } from '../ecs/source/position.js';
import { positionOf } from '../ecs/source/source-node.js';
import type { TrustChange } from '../port/findings.js';
import type { KubernetesVersion } from '../port/kubernetes-version.js';
import type { Manifest } from '../port/manifest.js';
import { manifestsOf, type Port, type PortedWorkload } from '../port/port.js';
import { Attribution } from './attribution.js';
import { type Counts, Tally } from './counts.js';
import { type LeftBehind, leftBehind } from './left-behind.js';
import type { Entry } from './ledger.js';
import { type ExplainedPrerequisite, explainPrerequisites } from './prerequisites.js';

/** What became of a port's input, ready for a renderer. Holds names and places of fields, never their values. */
export interface Report {
  /** The target version. */
  readonly kubernetes: KubernetesVersion;
  readonly counts: Counts;
  /** How many objects were rendered, shared ones included. */
  readonly objects: number;
  readonly workloads: readonly ReportWorkload[];
  /** Objects that workloads share. */
  readonly shared: readonly ReportObject[];
  /** Every document with every one of its fields, once. */
  readonly documents: readonly ReportDocument[];
  readonly prerequisites: readonly ExplainedPrerequisite[];
  readonly trustChanges: readonly TrustChange[];
  readonly placeholders: readonly ReportPlaceholder[];
  readonly assumptions: readonly string[];
  readonly leftBehind: readonly LeftBehind[];
  /** Findings that belong to no workload. */
  readonly diagnostics: readonly Diagnostic[];
}

/** One ECS service, task or schedule and what it became. */
export interface ReportWorkload {
  /** `Deployment shop/web`. */
  readonly title: string;
  /** `service`, `task` or `schedule`. */
  readonly kind: PortedWorkload['workload']['kind'];
  /** Name in ECS. */
  readonly name: string;
  readonly cluster?: string;
  /** `family:revision`, or the family alone; absent when the input lacks the task definition. */
  readonly taskDefinition?: string;
  readonly outcome: PortedWorkload['outcome'];
  readonly objects: readonly ReportObject[];
  /** Of all fields that bear on it, also of those listed under another workload. */
  readonly counts: Counts;
  /** Fields listed under this workload: those that bear on it and on no earlier one. In document order. */
  readonly fields: readonly ReportField[];
  /** Titles of earlier workloads that list fields which bear on this one too, such as those of a shared task definition. */
  readonly sharesWith: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** One input field and what became of it. */
export interface ReportField extends Entry {
  /** Title of the workload that lists it; absent when it bears on none. */
  readonly workload?: string;
}

export interface ReportDocument {
  readonly path: string;
  readonly counts: Counts;
  readonly fields: readonly ReportField[];
}

export interface ReportObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** A value that the input leaves open, everywhere it is wanted. */
export interface ReportPlaceholder {
  readonly name: string;
  readonly fix: string;
  readonly positions: readonly Position[];
}

/**
 * Builds the report of a port. Takes time in proportion to the input.
 *
 * @example renderTree(buildReport(portInput(readFiles(files).input)), { width: 100, color: false })
 */
export function buildReport(port: Port): Report {
  const titles = port.workloads.map(titleOf);
  const tallies = titles.map(() => new Tally());
  const listed = titles.map((): ReportField[] => []);
  const sharing = titles.map(() => new Set<string>());
  const attribution = new Attribution(port.workloads);
  const all = new Tally();
  const documents = new Map<string, { readonly tally: Tally; readonly fields: ReportField[] }>();
  for (const entry of port.entries) {
    const users = attribution.of(entry);
    const [owner, ...others] = users;
    const title = owner === undefined ? undefined : titles[owner];
    const field: ReportField = title === undefined ? entry : { ...entry, workload: title };
    if (owner !== undefined) listed[owner]?.push(field);
    for (const user of users) tallies[user]?.add(entry);
    if (title !== undefined) for (const other of others) sharing[other]?.add(title);
    all.add(entry);
    let document = documents.get(entry.document);
    if (document === undefined) documents.set(entry.document, (document = { tally: new Tally(), fields: [] }));
    document.tally.add(entry);
    document.fields.push(field);
  }
  return {
    kubernetes: port.options.kubernetes,
    counts: all.result,
    objects: manifestsOf(port).length,
    workloads: port.workloads.map((ported, index): ReportWorkload => {
      const { workload, outcome, manifests, diagnostics } = ported;
      const { family, revision } = workload.taskDefinition;
      return {
        title: titles[index] ?? '',
        kind: workload.kind,
        name: workload.name,
        ...(workload.cluster === undefined ? {} : { cluster: workload.cluster }),
        ...(workload.stub ? {} : { taskDefinition: revision === undefined ? family : `${family}:${revision}` }),
        outcome,
        objects: manifests.map(objectOf),
        counts: (tallies[index] ?? new Tally()).result,
        fields: listed[index] ?? [],
        sharesWith: [...(sharing[index] ?? [])],
        diagnostics,
      };
    }),
    shared: port.shared.map(objectOf),
    documents: [...documents].map(([path, { tally, fields }]) => ({ path, counts: tally.result, fields })),
    prerequisites: explainPrerequisites(port.prerequisites),
    trustChanges: port.trustChanges,
    placeholders: placeholdersOf(port),
    assumptions: port.assumptions,
    leftBehind: leftBehind(port.workloads, titleOf),
    diagnostics: port.diagnostics,
  };
}

/** All findings of a report, each once: workloads that share a task definition share what is wrong with it. */
export function findingsOf(report: Report): readonly Diagnostic[] {
  const findings = [...report.diagnostics, ...report.workloads.flatMap(({ diagnostics }) => diagnostics)];
  const key = ({ severity, position, path, message }: Diagnostic): string =>
    JSON.stringify([severity, position.file, position.line, position.column, path, message]);
  return [...new Map(findings.map((finding) => [key(finding), finding])).values()];
}

function titleOf({ kind, namespace, name }: PortedWorkload): string {
  return `${kind} ${namespace}/${name}`;
}

function objectOf({ apiVersion, kind, metadata }: Manifest): ReportObject {
  const { name, namespace } = metadata;
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

function placeholdersOf(port: Port): readonly ReportPlaceholder[] {
  const byName = new Map<string, { readonly fix: string; readonly positions: Position[] }>();
  for (const { name, node, fix } of port.placeholders) {
    const position = positionOf(rawOf(node));
    const known = byName.get(name);
    if (known === undefined) byName.set(name, { fix, positions: [position] });
    else known.positions.push(position);
  }
  return [...byName].map(([name, { fix, positions }]) => ({ name, fix, positions }));
}
