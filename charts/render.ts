import { ApiObject } from 'cdk8s';
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

/**
 * Objects as YAML documents, byte for byte as a cdk8s chart of them is synthesized. No chart is made for it: it would only
 * look through the objects for tokens and dependencies, of which plain data has none.
 */
export function renderYaml(manifests: readonly Manifest[], writer = new YamlWriter()): string {
  return writer.write(manifests.map(synthesized));
}

/** An object in the order of cdk8s: apiVersion, kind and metadata, then the other keys sorted; without what is null or empty metadata. */
function synthesized({ apiVersion, kind, metadata, ...rest }: Manifest): object {
  const filled = Object.entries(metadata).filter(
    ([, value]) => typeof value !== 'object' || Object.keys(value).length > 0,
  );
  return { apiVersion, kind, metadata: sorted(Object.fromEntries(filled)), ...(sorted(rest) as object) };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Readonly<Record<string, unknown>>;
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(members).sort()) {
    const member = sorted(members[key]);
    if (member !== undefined && member !== null) result[key] = member;
  }
  return result;
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
