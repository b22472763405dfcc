import type { Construct } from 'constructs';
import { type Diagnostic, InputError } from '../ecs/diagnostic.js';
import type { InputFile } from '../ecs/read.js';
import { readFiles } from '../ecs/read.js';
import type { Manifest } from '../port/manifest.js';
import { type Port, portInput } from '../port/port.js';
import { addManifest } from '../render.js';
import { EcsCluster } from './ecs-cluster.js';

/** An ECS API input as a value, or as the JSON text of one. */
export type EcsJson<T> = T | string;

/** A file for an ECS input given in code, so that findings have a place: the construct's path and the input's name. */
export function inputFile(construct: Construct, name: string, json: EcsJson<object>): InputFile {
  return {
    path: `${construct.node.path}/${name}.json`,
    text: typeof json === 'string' ? json : JSON.stringify(json, null, 2),
  };
}

/**
 * Ports inputs for a construct and adds what comes out of it: its own objects below it, shared ones to its cluster.
 *
 * @throws InputError when ECS would refuse the input, or a part of it is missing
 */
export function portInto(
  construct: Construct,
  files: readonly InputFile[],
  standalone: 'service' | 'task',
): { readonly port: Port; readonly manifests: readonly Manifest[] } {
  const cluster = EcsCluster.clusterOf(construct);
  const { input } = readFiles(files);
  const port = portInput(input, { ...cluster.options, standalone, logAgent: false });
  const findings: Diagnostic[] = [...port.diagnostics, ...port.workloads.flatMap((workload) => workload.diagnostics)];
  const refused = findings.filter((finding) => finding.severity === 'refused');
  if (refused.length > 0) throw new InputError('refused', refused);
  const incomplete = port.workloads.find((workload) => workload.outcome !== 'rendered');
  if (incomplete !== undefined || port.workloads.length === 0) throw new InputError('incomplete', findings);
  const manifests = port.workloads.flatMap((workload) => workload.manifests);
  for (const manifest of manifests) cluster.claim(manifest, construct.node.path);
  for (const manifest of port.shared) cluster.share(manifest);
  for (const manifest of manifests) addManifest(construct, manifest);
  cluster.addLogRoutes(port.logRoutes);
  return { port, manifests };
}
