/** A Kubernetes object as plain data, ready for YAML. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** `Deployment shop/web`, the form in which messages name an object. */
export function describeManifest(manifest: Pick<Manifest, 'kind' | 'metadata'>): string {
  const { name, namespace } = manifest.metadata;
  return `${manifest.kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** Identity of an object in a cluster: group, kind, namespace and name. */
export function manifestKey(manifest: Manifest): string {
  const group = manifest.apiVersion.includes('/') ? manifest.apiVersion.split('/', 1)[0] : '';
  return [group, manifest.kind, manifest.metadata.namespace ?? '', manifest.metadata.name].join('|');
}
