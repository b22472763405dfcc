import type { Manifest } from '../../../charts/port/manifest.js';
import type { PortContext } from '../../../charts/port/pod-draft.js';
import { applyVolumes } from '../../../charts/port/volumes.js';
import { type Outcome, runConcern } from './run-concern.js';

/** How a task is run in a test of its volumes. */
export type Run = Partial<PortContext> & { readonly service?: object; readonly runTask?: object };

/** Translates volumes of a task definition; `more` is the rest of it. */
export function port(volumes: readonly object[], run: Run = {}, more: object = {}): Outcome {
  return runConcern(applyVolumes, { volumes, ...more }, run);
}

/** Source of the first pod volume. */
export function source(outcome: Outcome): object {
  const { name: _, ...rest } = outcome.pod.volumes[0] ?? { name: '' };
  return rest;
}

/** Ids of what the cluster must have. */
export function prerequisites({ context }: Outcome): readonly string[] {
  return context.findings.prerequisites.map(({ id }) => id);
}

export function spec(manifest: Manifest): Record<string, unknown> {
  return manifest['spec'] as Record<string, unknown>;
}
