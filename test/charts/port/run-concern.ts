import type { Field } from '../../../charts/ecs/field.js';
import type { RunTask, TaskDefinition } from '../../../charts/ecs/model/ahead-of-sdk.js';
import { type Manifest, manifestKey } from '../../../charts/port/manifest.js';
import { dnsLabel } from '../../../charts/port/names.js';
import type { PodDraft, PortContext } from '../../../charts/port/pod-draft.js';
import { type Entry, Ledger } from '../../../charts/report/ledger.js';
import { draftOf, rootOf, serviceOf, taskOf, testContext, workloadOf } from './context.js';

type Concern = (definition: Field<TaskDefinition>, pod: PodDraft, context: PortContext) => void;

/** What one concern made of a task definition. */
export interface Outcome {
  readonly pod: PodDraft;
  readonly context: PortContext;
  readonly ledger: Ledger;
  /** The objects it added, each once. */
  readonly manifests: readonly Manifest[];
  /** The one object of a kind. */
  readonly manifest: (kind: string) => Manifest;
  /** Paths of leaves that the concern said nothing about. */
  readonly untouched: () => readonly string[];
  /** What the report says of a leaf. */
  readonly entry: (path: string, document?: string) => Entry;
}

/** Runs a concern on a task, with the service or RunTask call that runs it when the test has one. */
export function runConcern(
  concern: Concern,
  task: object,
  {
    service,
    runTask,
    ...partial
  }: Partial<PortContext> & { readonly service?: object; readonly runTask?: object } = {},
): Outcome {
  const ledger = new Ledger();
  const { definition } = taskOf({ family: 'web', ...task }, ledger);
  const item = { name: 'web', document: 'call.json', ids: [], diagnostics: [] };
  const workload = workloadOf(definition, {
    ...(service === undefined ? {} : { service: { ...item, definition: serviceOf(service, ledger).definition } }),
    ...(runTask === undefined
      ? {}
      : { runTask: { ...item, definition: rootOf<RunTask>(ledger, 'run-task.json', runTask, 'ecs.RunTaskRequest') } }),
  });
  const context = testContext({ workload, label: (_purpose, name) => dnsLabel(name), ...partial });
  const pod = draftOf(definition);
  concern(definition, pod, context);
  const manifests = distinct(context.manifests);
  return {
    pod,
    context,
    ledger,
    manifests,
    manifest: (kind) => {
      const [found, ...others] = manifests.filter((manifest) => manifest.kind === kind);
      if (found === undefined || others.length > 0)
        throw new Error(`${others.length + (found === undefined ? 0 : 1)} objects of kind ${kind}`);
      return found;
    },
    untouched: () =>
      ledger
        .entries()
        .filter((entry) => entry.untouched === true)
        .map(({ path }) => path),
    entry: (path, document) => {
      const found = ledger
        .entries()
        .find((entry) => entry.path === path && (document === undefined || entry.document === document));
      if (found === undefined) throw new Error(`the input has no leaf at ${path}`);
      return found;
    },
  };
}

/** Objects by identity, as a port keeps them; two that differ under one name are a mistake. */
export function distinct(manifests: readonly Manifest[]): readonly Manifest[] {
  const kept = new Map<string, Manifest>();
  for (const manifest of manifests) {
    const earlier = kept.get(manifestKey(manifest));
    if (earlier !== undefined && JSON.stringify(earlier) !== JSON.stringify(manifest)) {
      throw new Error(`two different objects are called ${manifestKey(manifest)}`);
    }
    kept.set(manifestKey(manifest), manifest);
  }
  return [...kept.values()];
}
