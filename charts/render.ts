import { ApiObject, App, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Manifest } from './port/manifest.js';
import { YamlWriter } from './yaml.js';
import type { Port, PortedWorkload } from './port/port.js';

/** A file of manifests, ready to be written. */
export interface RenderedFile {
  /** `shop/web.yaml`, relative to the output folder; `shared.yaml` for what workloads share. */
  readonly path: string;
  readonly text: string;
}

/**
 * Renders a port: one file a workload, in a folder a namespace, and `0-shared.yaml`, which sorts and so applies first.
 *
 * Each chart gets an app of its own: an app walks and validates all of its charts for each one that it synthesizes,
 * which for many workloads is quadratic.
 *
 * @example for (const { path, text } of renderFiles(port)) writeFileSync(join(out, path), text)
 */
export function renderFiles(port: Port): readonly RenderedFile[] {
  const files: RenderedFile[] = [];
  const writer = new YamlWriter();
  if (port.shared.length > 0) files.push({ path: '0-shared.yaml', text: renderYaml(port.shared, writer) });
  for (const workload of port.workloads) {
    const { name, manifests } = workload;
    if (manifests.length > 0)
      files.push({ path: `${folderOf(workload)}/${name}.yaml`, text: renderYaml(manifests, writer) });
  }
  return files;
}

/**
 * The folder of a workload's file. Jobs that run once have one of their own, so that nobody starts them by applying a
 * folder of services.
 */
export function folderOf({ kind, namespace }: Pick<PortedWorkload, 'kind' | 'namespace'>): string {
  return kind === 'Job' ? `${namespace}/jobs` : namespace;
}

/** Objects as YAML documents, as cdk8s synthesizes them: apiVersion, kind and metadata first, other keys sorted. */
export function renderYaml(manifests: readonly Manifest[], writer = new YamlWriter()): string {
  const chart = new ManifestChart(new App(), 'manifests', manifests);
  return writer.write(chart.toJson() as unknown[]);
}

/** The objects of one workload, or the shared ones, as a chart: one file when it is synthesized. */
export class ManifestChart extends Chart {
  constructor(scope: Construct, id: string, manifests: readonly Manifest[]) {
    super(scope, id, { disableResourceNameHashes: true });
    for (const manifest of manifests) addManifest(this, manifest);
  }
}

/**
 * Adds one object to a construct. Its id is its kind and name, so that the tree reads like the output.
 *
 * @example addManifest(chart, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } })
 */
export function addManifest(scope: Construct, manifest: Manifest): ApiObject {
  const { name, namespace } = manifest.metadata;
  const id = [manifest.kind, ...(namespace === undefined ? [] : [namespace]), name].join('-').toLowerCase();
  return new ApiObject(scope, id, { ...manifest, metadata: { ...manifest.metadata } });
}
